"""One transaction of headquarters on one stream (core.sync.ports.HqWork).

Locks are taken in one order: the author's device row, the stream row, then headquarters' own chain, which is written
under the stream's lock alone. Everything a push changes, the digest of the leaves too, is written here together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from core.domain.shared_state import DeviceStatus
from core.hq import numbers, sql, upkeep
from core.hq import tables as t
from core.hq.receipts import RECEIPT_START, fork_receipt, next_receipt
from core.kernel.records import changed
from core.sync.digest import NOTHING
from core.sync.entries import CHAIN_START
from core.sync.ports import DeviceHead, Found, LogRow, StreamHead
from core.sync.runs import CheckedRun, Run, RunHeader, encode_run
from core.sync.streams import STREAM_START, hq_device, is_hq

EPOCH, HQ_PUBLIC, HQ_PAST_PUBLICS = "epoch", "hq_public", "hq_past_publics"

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
_ADD_RUN = sa.insert(t.push_run)
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
        receipt=sa.bindparam("said"),
    )
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
        self._totals = upkeep.Totals()
        self._receipt = RECEIPT_START

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
        families = msgspec.json.decode(row.families)
        self._totals = upkeep.Totals(leaves=row.leaves, families=families, awaited=row.awaited)
        self._receipt = row.receipt
        self._end = StreamHead(seq=row.seq, head=row.head, epoch=row.epoch)
        return self._end

    def _add_stream(self) -> None:
        start = {
            "seq": 0,
            "head": STREAM_START,
            "leaves": NOTHING,
            "families": "{}",
            "awaited": 0,
            "receipt": RECEIPT_START,
        }
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
        return upkeep.known(self.connection, self.stream, identifiers)

    def find(self, family: str, entity: str) -> Found | None:
        row = self.connection.execute(_FIND, {"stream": self.stream, "family": family, "entity": entity}).first()
        return Found(entry=row.entry, body=msgspec.json.decode(row.body)) if row else None

    def lease(self, *, body: str, kind: str, year: int, size: int, station: str) -> tuple[int, int] | None:
        self.lock_stream()
        series = numbers.Series(stream=self.stream, body=body, kind=kind, year=year)
        return numbers.lease(self.connection, series, size=size, now=self.now)

    # Writing.

    def append(self, run: RunHeader, rows: Sequence[LogRow], *, first_seq: int) -> None:
        stream, device = self.lock_stream(), self.lock_device(run.device)
        assert device is not None, "a run is appended to a chain that is held"
        assert first_seq == stream.seq + 1, "numbers of a stream are gapless"
        sql.bulk(self.connection, t.change_log, [_log_row(self.stream, row) for row in rows])
        inside = upkeep.take_in(self.connection, self.stream, rows)
        taken = [(row.device, row.entry) for row in rows if row.effect] + inside
        entries = [entry for _, entry in taken]
        self._totals = upkeep.move_leaves(self.connection, self.stream, entries, self._totals)
        written = [(row.device, row.entry) for row in rows]
        upkeep.add_blobs(self.connection, self.stream, [*written, *inside])
        upkeep.keep_records(self.connection, self.stream, rows, taken, now=self.now)
        upkeep.keep_numbers_clear(self.connection, self.stream, taken, now=self.now)
        arrival = self._arrival(run, rows, first_seq, device.status)
        sql.together(self.connection, [arrival, *self._moves(run, rows)])
        self._devices[run.device] = changed(device, n=run.last, chain=run.head, hlc=_clock(run, rows))
        self._end = changed(stream, seq=rows[-1].seq, head=rows[-1].stream_head)

    def _arrival(
        self, run: RunHeader, rows: Sequence[LogRow], first_seq: int, status: str
    ) -> tuple[Any, dict[str, Any]]:
        size = sum(len(row.line) for row in rows)
        self._receipt = next_receipt(
            self._receipt, run, first_seq=first_seq, size=size, received_at=self.now, device_status=status
        )
        values = {name: getattr(run, name) for name in ("first", "prev", "head", "seal", "suite")}
        return _ADD_RUN, values | {
            "stream_id": self.stream,
            "device_id": run.device,
            "entries": run.count,
            "first_seq": first_seq,
            "bytes": size,
            "received_at": self.now,
            "device_status": status,
            "receipt": self._receipt,
        }

    def _moves(self, run: RunHeader, rows: Sequence[LogRow]) -> Iterator[tuple[Any, dict[str, Any]]]:
        last, clock = rows[-1], _clock(run, rows)
        yield (
            _MOVE_DEVICE,
            {"of": self.stream, "device": run.device, "last": run.last, "end": run.head, "clock": clock},
        )
        yield (
            _MOVE_STREAM,
            {
                "of": self.stream,
                "last": last.seq,
                "end": last.stream_head,
                "sum": self._totals.leaves,
                "counts": msgspec.json.encode(self._totals.families, order="sorted").decode(),
                "waiting": self._totals.awaited,
                "said": self._receipt,
            },
        )

    def keep_fork(self, run: CheckedRun) -> None:
        self.lock_stream()
        name = fork_name(run.header)
        self.connection.execute(
            sql.insert_new(t.chain_fork, self._dialect),
            {
                "stream_id": self.stream,
                "device_id": run.header.device,
                "first": run.header.first,
                "run_hash": name,
                "entries": run.header.count,
                "run": encode_run(Run(header=run.header, lines=run.lines)),
                "received_at": self.now,
                "receipt": fork_receipt(name, self.now),
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


def fork_name(header: RunHeader) -> str:
    """Return the name of a run that parted: where it begins, where it ends, and its seal."""
    return hashlib.sha256(header.prev + header.head + header.seal).hexdigest()


def _clock(run: RunHeader, rows: Sequence[LogRow]) -> str:
    return rows[-1].entry.hlc if is_hq(run.device) else ""


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
