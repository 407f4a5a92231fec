"""One transaction of headquarters on one stream (core.sync.ports.HqWork).

Locks are taken in one order: the author's device row, the stream row, then headquarters' own chain, which is written
under the stream's lock alone. Everything a push changes, the digest of the leaves too, is written here together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa

from core.domain.families import BY_NAME, Scope
from core.domain.shared_state import DeviceStatus, KeptEntry, Outcome
from core.hq import numbers, sql
from core.hq import tables as t
from core.hq.leaves import Node, moved, parents_of
from core.kernel.records import changed, from_plain
from core.sync.digest import NOTHING, added
from core.sync.entries import CHAIN_START, Entry, decode
from core.sync.judge import GOOD, judge
from core.sync.ports import DeviceHead, Found, LogRow, StreamHead
from core.sync.runs import CheckedRun, Run, RunHeader, encode_run
from core.sync.streams import STREAM_START, hq_device, is_hq

KEPT = "kept_entry"
EPOCH, HQ_PUBLIC = "epoch", "hq_public"
_HEX = frozenset("0123456789abcdef")

_DEVICE = (
    sa.select(t.device_head)
    .where(t.device_head.c.stream_id == sa.bindparam("stream"), t.device_head.c.device_id == sa.bindparam("device"))
    .with_for_update()
)
_STREAM = sa.select(t.stream_head).where(t.stream_head.c.stream_id == sa.bindparam("stream")).with_for_update()
_SETTING = sa.select(t.setting.c.value).where(t.setting.c.key == sa.bindparam("key"))
_LINES = (
    sa.select(t.change_log.c.raw)
    .where(
        t.change_log.c.stream_id == sa.bindparam("stream"),
        t.change_log.c.device_id == sa.bindparam("device"),
        t.change_log.c.dev_seq.between(sa.bindparam("first"), sa.bindparam("last")),
    )
    .order_by(t.change_log.c.dev_seq)
)
_FIND = sa.select(t.hq_record.c.entry, t.hq_record.c.body).where(
    t.hq_record.c.stream_id == sa.bindparam("stream"),
    t.hq_record.c.fam == sa.bindparam("family"),
    t.hq_record.c.ent == sa.bindparam("entity"),
)
_MOVE_DEVICE = (
    sa.update(t.device_head)
    .where(t.device_head.c.stream_id == sa.bindparam("of"), t.device_head.c.device_id == sa.bindparam("device"))
    .values(n=sa.bindparam("last"), chain=sa.bindparam("end"), hlc=sa.bindparam("clock"))
)
_MOVE_STREAM = (
    sa.update(t.stream_head)
    .where(t.stream_head.c.stream_id == sa.bindparam("of"))
    .values(
        seq=sa.bindparam("last"),
        head=sa.bindparam("end"),
        leaves=sa.bindparam("sum"),
        families=sa.bindparam("counts"),
        awaited=sa.bindparam("waiting"),
    )
)


def _held(dialect: str, *columns: str) -> Any:
    """Return the query for entries with effect by their ids, those too that came inside others."""
    log, kept = t.change_log, t.kept_entry
    return sa.union_all(
        sa.select(*(log.c[name] for name in columns)).where(
            log.c.stream_id == sa.bindparam("stream"),
            # Written as the partial index has it: SQLite compares the words.
            sa.text("effect"),
            sql.among(log.c.change_id, dialect),
        ),
        sa.select(*(kept.c[name] for name in columns)).where(
            kept.c.stream_id == sa.bindparam("stream"), sql.among(kept.c.change_id, dialect)
        ),
    )


@cache
def _known_query(dialect: str) -> Any:
    return _held(dialect, "change_id", "raw")


@cache
def _node_query(which: str, dialect: str) -> Any:
    if which == "here":
        return _held(dialect, "change_id", "fam", "ent")
    named = t.named_parent
    return sa.select(named.c.change_id, named.c.fam, named.c.ent).where(
        named.c.stream_id == sa.bindparam("stream"), sql.among(named.c.change_id, dialect)
    )


class SqlWork:
    """The transaction. Made by core.hq.store; not used after it ended."""

    def __init__(self, connection: sa.Connection, stream: str, now: datetime) -> None:
        self.stream = stream
        self.connection = connection
        self.now = now
        self._dialect = connection.dialect.name
        self._devices: dict[str, DeviceHead] = {}
        self._end: StreamHead | None = None
        self._leaves = NOTHING
        self._families: dict[str, int] = {}
        self._awaited = 0

    # Locks.

    def lock_device(self, device: str) -> DeviceHead | None:
        if device in self._devices:
            return self._devices[device]
        if is_hq(device) and device != hq_device(self.stream):
            return None
        if is_hq(device):
            self.lock_stream()
        where = {"stream": self.stream, "device": device}
        row = self.connection.execute(_DEVICE, where).first()
        if row is None and is_hq(device):
            self.add_device(device, self.setting(HQ_PUBLIC))
            row = self.connection.execute(_DEVICE, where).one()
        if row is None:
            return None
        head = DeviceHead(
            n=row.n, chain=row.chain, durable=row.durable, status=row.status, public=row.public, hlc=row.hlc
        )
        self._devices[device] = head
        return head

    def lock_stream(self) -> StreamHead:
        if self._end is not None:
            return self._end
        row = self.connection.execute(_STREAM, {"stream": self.stream}).first()
        if row is None:
            self._add_stream()
            row = self.connection.execute(_STREAM, {"stream": self.stream}).one()
        self._leaves = row.leaves
        self._families = msgspec.json.decode(row.families)
        self._awaited = row.awaited
        self._end = StreamHead(seq=row.seq, head=row.head, epoch=row.epoch)
        return self._end

    def _add_stream(self) -> None:
        start = {"seq": 0, "head": STREAM_START, "leaves": NOTHING, "families": "{}", "awaited": 0}
        self.connection.execute(
            sql.insert_new(t.stream_head, self._dialect),
            start | {"stream_id": self.stream, "epoch": self.setting(EPOCH).decode()},
        )

    def add_device(self, device: str, public: bytes) -> None:
        """Begin a chain; one that is there already stays as it is."""
        self.connection.execute(
            sql.insert_new(t.device_head, self._dialect),
            {
                "stream_id": self.stream,
                "device_id": device,
                "n": 0,
                "chain": CHAIN_START,
                "durable": 0,
                "status": DeviceStatus.ACTIVE.value,
                "public": public,
                "hlc": "",
            },
        )

    def setting(self, key: str) -> bytes:
        """Return a value that belongs to the whole headquarters."""
        value: bytes = self.connection.execute(_SETTING, {"key": key}).scalar_one()
        return value

    # Reading.

    def lines(self, device: str, first: int, last: int) -> tuple[bytes, ...]:
        rows = self.connection.execute(_LINES, {"stream": self.stream, "device": device, "first": first, "last": last})
        return tuple(row.raw for row in rows)

    def known(self, identifiers: Sequence[str]) -> dict[str, bytes]:
        if not identifiers:
            return {}
        rows = self.connection.execute(
            _known_query(self._dialect), {"stream": self.stream, "ids": sql.ids_value(identifiers)}
        )
        return {row.change_id: row.raw for row in rows}

    def find(self, family: str, entity: str) -> Found | None:
        row = self.connection.execute(_FIND, {"stream": self.stream, "family": family, "entity": entity}).first()
        return Found(entry=row.entry, body=msgspec.json.decode(row.body)) if row else None

    def lease(self, *, body: str, kind: str, year: int, size: int, station: str) -> tuple[int, int]:
        self.lock_stream()
        series = numbers.Series(stream=self.stream, body=body, kind=kind, year=year)
        return numbers.lease(self.connection, series, size=size, now=self.now)

    # Writing.

    def append(self, run: RunHeader, rows: Sequence[LogRow], *, first_seq: int) -> None:
        stream, device = self.lock_stream(), self.lock_device(run.device)
        assert device is not None, "a run is appended to a chain that is held"
        assert first_seq == stream.seq + 1, "numbers of a stream are gapless"
        sql.bulk(self.connection, t.change_log, [_log_row(self.stream, row) for row in rows])
        self._add_run(run, rows, first_seq, device.status)
        taken = [(row.device, row.entry) for row in rows if row.effect] + self._taken_in(rows)
        self._move_leaves([entry for _, entry in taken])
        self._add_blobs(taken)
        self._keep_records(rows, taken)
        self._move_ends(run, rows)

    def _add_run(self, run: RunHeader, rows: Sequence[LogRow], first_seq: int, status: str) -> None:
        values = {name: getattr(run, name) for name in ("first", "prev", "head", "seal", "suite")}
        self.connection.execute(
            sa.insert(t.push_run),
            values
            | {
                "stream_id": self.stream,
                "device_id": run.device,
                "entries": run.count,
                "first_seq": first_seq,
                "bytes": sum(len(row.line) for row in rows),
                "received_at": self.now,
                "device_status": status,
            },
        )

    def _taken_in(self, rows: Sequence[LogRow]) -> list[tuple[str, Entry]]:
        """Keep the entries that came inside entries of headquarters' own; return author and entry of the new ones."""
        carriers = [row for row in rows if is_hq(row.device) and row.entry.fam == KEPT and _makes_rows(row)]
        if not carriers:
            return []
        inside = [(row.entry, from_plain(KeptEntry, row.entry.body)) for row in carriers]
        before = self.known([kept.id for _, kept in inside])
        taken: list[tuple[str, Entry]] = []
        kept_rows: list[tuple[Any, ...]] = []
        for carrier, kept in inside:
            if kept.id in before:
                continue
            line = kept.line.encode()
            before[kept.id] = line
            entry = decode(line)
            kept_rows.append((self.stream, kept.id, carrier.id, kept.device, entry.fam, entry.ent, line))
            taken.append((kept.device, entry))
        sql.bulk(self.connection, t.kept_entry, kept_rows)
        return taken

    def _move_leaves(self, entries: Sequence[Entry]) -> None:
        parents = parents_of(entries)
        wanted = [node.entry for node in parents]
        if self._awaited:
            wanted += [entry.id for entry in entries]
        named = self._nodes("named", wanted)
        own = {entry.id for entry in entries}
        here = [node for node in self._nodes("here", [node.entry for node in parents]) if node.entry not in own]
        change = moved(entries, named=named, here=here)
        sql.bulk(
            self.connection,
            t.named_parent,
            [(self.stream, node.entry, node.family, node.entity) for node in change.named],
        )
        self._awaited += change.awaited
        self._leaves = added(self._leaves, change.digest)
        for entry in entries:
            self._families[entry.fam] = self._families.get(entry.fam, 0) + 1

    def _nodes(self, which: str, identifiers: Sequence[str]) -> set[Node]:
        if not identifiers:
            return set()
        rows = self.connection.execute(
            _node_query(which, self._dialect), {"stream": self.stream, "ids": sql.ids_value(identifiers)}
        )
        return {Node(family=row.fam, entity=row.ent, entry=row.change_id) for row in rows}

    def _add_blobs(self, taken: Iterable[tuple[str, Entry]]) -> None:
        rows = [
            (self.stream, sha256, entry.id, device)
            for device, entry in taken
            for sha256 in dict.fromkeys(entry.blobs)
            if is_address(sha256)
        ]
        sql.bulk(self.connection, t.blob_ref, rows)

    def _keep_records(self, rows: Sequence[LogRow], taken: Iterable[tuple[str, Entry]]) -> None:
        in_chain = {row.entry.id for row in rows}
        for device, entry in taken:
            if not is_hq(device) or entry.op != "put" or entry.fam == KEPT or judge(entry, by_hq=True) != GOOD:
                continue
            if BY_NAME[entry.fam].scope is not Scope.HQ:
                continue
            # What was lost and came back beside the chain replaces nothing that was decided since.
            write = sql.upsert if entry.id in in_chain else sql.insert_new
            values = {"stream_id": self.stream, "fam": entry.fam, "ent": entry.ent, "entry": entry.id}
            body = msgspec.json.encode(entry.body).decode()
            self.connection.execute(write(t.hq_record, self._dialect), values | {"body": body})
            if entry.fam == "outcome":
                numbers.keep_clear(self.connection, self.stream, from_plain(Outcome, entry.body), now=self.now)

    def _move_ends(self, run: RunHeader, rows: Sequence[LogRow]) -> None:
        last = rows[-1]
        clock = last.entry.hlc if is_hq(run.device) else ""
        self.connection.execute(
            _MOVE_DEVICE,
            {"of": self.stream, "device": run.device, "last": run.last, "end": run.head, "clock": clock},
        )
        self.connection.execute(
            _MOVE_STREAM,
            {
                "of": self.stream,
                "last": last.seq,
                "end": last.stream_head,
                "sum": self._leaves,
                "counts": msgspec.json.encode(self._families, order="sorted").decode(),
                "waiting": self._awaited,
            },
        )
        self._devices[run.device] = changed(self._devices[run.device], n=run.last, chain=run.head, hlc=clock)
        self._end = changed(self.lock_stream(), seq=last.seq, head=last.stream_head)

    def keep_fork(self, run: CheckedRun) -> None:
        self.lock_stream()
        body = encode_run(Run(header=run.header, lines=run.lines))
        self.connection.execute(
            sql.insert_new(t.chain_fork, self._dialect),
            {
                "stream_id": self.stream,
                "device_id": run.header.device,
                "first": run.header.first,
                "run_hash": hashlib.sha256(run.header.prev + run.header.head).hexdigest(),
                "entries": run.header.count,
                "run": body,
                "received_at": self.now,
            },
        )
        if not is_hq(run.header.device):
            self.set_status(run.header.device, DeviceStatus.FORKED, reason="fork")

    def set_status(self, device: str, status: DeviceStatus, *, reason: str) -> None:
        """Note what a device is now; a fork does not make a retired or lost one come back."""
        only = [DeviceStatus.ACTIVE.value] if status is DeviceStatus.FORKED else list(DeviceStatus)
        head, known = t.device_head, t.device
        self.connection.execute(
            sa.update(head)
            .where(head.c.stream_id == self.stream, head.c.device_id == device, head.c.status.in_(only))
            .values(status=status.value)
        )
        self.connection.execute(
            sa.update(known)
            .where(known.c.device_id == device, known.c.status.in_(only))
            .values(status=status.value, status_at=self.now, status_reason=reason)
        )
        self._devices.pop(device, None)


def is_address(sha256: str) -> bool:
    """Tell whether a text is a SHA-256 in hex, as blobs are named."""
    return len(sha256) == 64 and _HEX.issuperset(sha256)


def _makes_rows(row: LogRow) -> bool:
    return row.effect and row.verdict == GOOD and row.entry.op == "put"


def _log_row(stream: str, row: LogRow) -> tuple[Any, ...]:
    entry = row.entry
    return (
        stream,
        row.seq,
        entry.id,
        row.device,
        row.n,
        entry.fam,
        entry.ent,
        row.line,
        row.stream_head,
        row.verdict,
        row.effect,
    )
