"""Checking everything that headquarters holds, from the first entry on, and naming the first position that is bad.

Three layers: what authors sealed (chains and seals), what headquarters ordered (numbers, stream hash, receipts), and
what it keeps beside the log and could work out anew. Invariant 12. An auditor's script that shares no code with this is
packaging/verify_log.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa

from core.hq import tables as t
from core.hq import verify_beside
from core.hq.checkpoints import bad_checkpoints
from core.hq.reading import header_of
from core.hq.receipts import RECEIPT_START, next_receipt
from core.hq.replay import Replayed
from core.hq.store import HqStore
from core.kernel.records import Record
from core.sync.entries import CHAIN_START, Entry, decode
from core.sync.judge import GOOD, ID_CLASH, LATER_PROGRAM, judge
from core.sync.runs import Run, RunHeader, Verify
from core.sync.streams import STREAM_START, is_hq, next_stream

DAMAGED_MAX = 200
"""Bad positions after which the rest of a stream is not told any more."""

Watch = Callable[[str, int], None]
"""(stream, entries so far)."""


class Damage(Record):
    """Something that does not hold: in which stream, at which number (0: at none), in what, and why."""

    stream: str
    at: int
    what: str
    why: str


class VerifyReport(Record):
    """What was found; `bad` is empty exactly when everything holds. The first of a stream is its earliest."""

    verdict: str
    streams: int
    entries: int
    bad: tuple[Damage, ...]


def verify(store: HqStore, check: Verify, *, watch: Watch) -> VerifyReport:
    """Check every stream.

    Args:
        check: Whether a signature is good (core.crypto.signing.verify).
        watch: Told after every run; may raise Cancelled.

    Raises:
        Trouble: "hq.database_unreachable", "hq.database_damaged".
    """
    bad: list[Damage] = []
    entries = 0
    streams = store.read.streams()
    keys = store.hq_keys()
    for stream in streams:
        with store.read.reading() as connection:
            walk = StreamWalk(connection, stream, check, keys)
            bad += _readable(walk, stream, watch)
            entries += walk.seq
    with store.read.reading() as connection:
        bad += [
            Damage(stream=stream, at=0, what=table, why="no_stream")
            for table, stream in verify_beside.strays(connection, streams)
        ]
        bad += [
            Damage(stream="", at=0, what=f"checkpoint {name}", why=why)
            for name, why in bad_checkpoints(connection, keys=keys, verify=check)
        ]
    return VerifyReport(
        verdict="broken" if bad else "intact", streams=len(streams), entries=entries, bad=tuple(bad[:DAMAGED_MAX])
    )


def _readable(walk: StreamWalk, stream: str, watch: Watch) -> list[Damage]:
    """Return the first bad places of a stream; a value that cannot be read at all is one of them."""
    found: list[Damage] = []
    try:
        found.extend(islice(walk.damages(watch), DAMAGED_MAX))
    except (ValueError, TypeError, OverflowError) as error:
        found.append(Damage(stream=stream, at=walk.seq + 1, what="row", why=type(error).__name__))
    return found


class StreamWalk:
    """One pass over one stream. After a bad place it goes on from what is stored, so that later ones are named too."""

    def __init__(self, connection: sa.Connection, stream: str, check: Verify, hq_keys: Sequence[bytes]) -> None:
        self._connection = connection
        self._stream = stream
        self._check = check
        self._hq_keys = hq_keys
        self._chains: dict[str, tuple[int, bytes]] = {}
        self._clocks: dict[str, str] = {}
        self._replayed = Replayed()
        self._head, self._receipt = STREAM_START, RECEIPT_START
        self.seq = 0

    def damages(self, watch: Watch) -> Iterator[Damage]:
        """Yield what does not hold, in the order of the stream."""
        self._publics = verify_beside.public_keys(self._connection, self._stream)
        query = sa.select(t.push_run).where(t.push_run.c.stream_id == self._stream).order_by(t.push_run.c.first_seq)
        for row in self._connection.execute(query).all():
            yield from self._run(row)
            watch(self._stream, self.seq)
        for row in self._rows(self.seq + 1, None):
            yield self._bad(row.seq, "change_log", "in_no_run")
        yield from self._ends()

    def _bad(self, at: int, what: str, why: str) -> Damage:
        return Damage(stream=self._stream, at=at, what=what, why=why)

    def _rows(self, first: int, last: int | None) -> Sequence[sa.Row[Any]]:
        log = t.change_log
        query = sa.select(log).where(log.c.stream_id == self._stream, log.c.seq >= first).order_by(log.c.seq)
        return self._connection.execute(query if last is None else query.where(log.c.seq <= last)).all()

    def _run(self, row: sa.Row[Any]) -> Iterator[Damage]:
        header = header_of(row)
        if row.first_seq != self.seq + 1:
            yield self._bad(self.seq + 1, "push_run", "missing" if row.first_seq > self.seq + 1 else "order")
        rows = self._rows(row.first_seq, row.first_seq + row.entries - 1)
        for place, found in enumerate(rows):
            yield from self._entry(found, header, row.first_seq + place, header.first + place)
        yield from self._sealed(header, rows, row.first_seq)
        yield from self._received(row, header, rows)
        self.seq = max(self.seq, row.first_seq + row.entries - 1)

    def _entry(self, row: sa.Row[Any], header: RunHeader, seq: int, n: int) -> Iterator[Damage]:
        if (row.seq, row.device_id, row.dev_seq) != (seq, header.device, n):
            yield self._bad(seq, "change_log", "missing" if row.seq != seq else "place")
        if next_stream(self._head, row.seq, row.device_id, row.dev_seq, row.raw) != row.head:
            yield self._bad(row.seq, "change_log", "changed")
        self._head = row.head
        entry = _entry_of(row.raw)
        if entry is None:
            yield self._bad(row.seq, "change_log", "line")
            return
        if (entry.id, entry.n, entry.fam, entry.ent) != (row.change_id, row.dev_seq, row.fam, row.ent):
            yield self._bad(row.seq, "change_log", "column")
        effect, clashes = self._replayed.take(row.device_id, entry, row.raw)
        if effect != row.effect:
            yield self._bad(row.seq, "change_log", "effect")
        if not _may_stand(row.verdict, entry, by_hq=is_hq(row.device_id), clashes=clashes):
            yield self._bad(row.seq, "change_log", "verdict")
        self._clocks[row.device_id] = entry.hlc

    def _sealed(self, header: RunHeader, rows: Sequence[sa.Row[Any]], seq: int) -> Iterator[Damage]:
        n, chain = self._chains.get(header.device, (0, CHAIN_START))
        if (header.first, header.prev) != (n + 1, chain):
            yield self._bad(seq, "push_run", "does_not_follow")
        self._chains[header.device] = (header.last, header.head)
        run = Run(header=header, lines=tuple(row.raw for row in rows))
        why = verify_beside.why_unsealed(run, self._keys_of(header.device), self._check)
        if why:
            yield self._bad(seq, "push_run", why)

    def _keys_of(self, device: str) -> Sequence[bytes]:
        return self._hq_keys if is_hq(device) else [self._publics[device]] if device in self._publics else []

    def _received(self, row: sa.Row[Any], header: RunHeader, rows: Sequence[sa.Row[Any]]) -> Iterator[Damage]:
        if row.bytes != sum(len(found.raw) for found in rows):
            yield self._bad(row.first_seq, "push_run", "bytes")
        receipt = next_receipt(
            self._receipt,
            header,
            first_seq=row.first_seq,
            size=row.bytes,
            received_at=row.received_at,
            device_status=row.device_status,
        )
        if receipt != row.receipt:
            yield self._bad(row.first_seq, "push_run", "receipt")
        self._receipt = row.receipt

    def _ends(self) -> Iterator[Damage]:
        """Yield what differs between the log and what stands beside it."""
        end = self._connection.execute(sa.select(t.stream_head).where(t.stream_head.c.stream_id == self._stream)).one()
        if (end.seq, end.head, end.receipt) != (self.seq, self._head, self._receipt):
            yield self._bad(min(end.seq, self.seq), "stream_head", "cut_off" if end.seq != self.seq else "end")
        totals = self._replayed.totals()
        stored = (end.leaves, msgspec.json.decode(end.families), end.awaited)
        if stored != (totals.leaves, totals.families, totals.awaited):
            yield self._bad(0, "stream_head", "totals")
        clocks = {device: clock for device, clock in self._clocks.items() if is_hq(device)}
        beside = verify_beside.differences(
            self._connection,
            self._stream,
            self._replayed,
            chains=self._chains,
            clocks=clocks,
            epoch=end.epoch,
            hq_keys=self._hq_keys,
        )
        yield from (self._bad(0, what, why) for what, why in beside)
        forks = verify_beside.bad_forks(self._connection, self._stream, self._keys_of, self._check)
        yield from (self._bad(at, "chain_fork", why) for at, why in forks)


def _entry_of(line: bytes) -> Entry | None:
    try:
        return decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _may_stand(verdict: str, entry: Entry, *, by_hq: bool, clashes: bool) -> bool:
    """Tell whether an entry may stand with this verdict; a later program may know what an earlier one did not."""
    now = ID_CLASH if clashes else judge(entry, by_hq=by_hq)
    return verdict == now or (now == GOOD and verdict in LATER_PROGRAM)
