"""What people at headquarters look at: stations and their silence, what waits for a person, forks, checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.crypto.signing import fingerprint
from core.domain.shared_state import DeviceStatus
from core.hq import tables as t
from core.hq.duties import DutyLine, duty_lines
from core.hq.engine import spoken
from core.hq.store import HqStore
from core.kernel.records import Record

LINES_MAX = 200


class StationLine(Record):
    """One key of one station."""

    station: str
    device: str
    subject: str
    officer: str
    status: DeviceStatus
    enrolled_at: datetime
    seen_at: datetime | None
    is_overdue: bool
    """Not heard of for longer than headquarters puts up with."""
    entries: int
    durable: int
    fingerprint: str


class QuarantinedLine(Record):
    """An entry that made no rows and waits for a person."""

    stream: str
    seq: int
    device: str
    n: int
    family: str
    entity: str
    verdict: str


class ForkLine(Record):
    """A device whose chain parted, and how many entries were kept beside it."""

    stream: str
    device: str
    entries: int
    received_at: datetime


class CheckpointLine(Record):
    """One signed note over everything that was there."""

    name: str
    root: str
    at: datetime


class Overview(Record):
    """Everything the status page shows."""

    at: datetime
    epoch: str
    stations: tuple[StationLine, ...]
    quarantined: tuple[QuarantinedLine, ...]
    forks: tuple[ForkLine, ...]
    checkpoints: tuple[CheckpointLine, ...]
    duties: tuple[DutyLine, ...] = ()


def overview(store: HqStore, now: datetime, *, overdue_days: int) -> Overview:
    """Return what people look at, as of one moment."""
    duties = duty_lines(store.engines)
    with spoken(store.engines.where), store.engines.reader.begin() as connection:
        return Overview(
            at=now,
            epoch=store.epoch(),
            stations=tuple(_stations(connection, now, overdue_days)),
            quarantined=tuple(_quarantined(connection)),
            forks=tuple(_forks(connection)),
            checkpoints=tuple(_checkpoints(connection)),
            duties=duties,
        )


def stations(store: HqStore, now: datetime, *, overdue_days: int) -> tuple[StationLine, ...]:
    """Return every key of every station, by body."""
    with spoken(store.engines.where), store.engines.reader.begin() as connection:
        return tuple(_stations(connection, now, overdue_days))


def named_blobs(store: HqStore) -> frozenset[str]:
    """Return every blob that an entry names."""
    with spoken(store.engines.where), store.engines.reader.begin() as connection:
        return frozenset(connection.execute(sa.select(t.blob_ref.c.sha256).distinct()).scalars())


def _stations(connection: sa.Connection, now: datetime, overdue_days: int) -> Sequence[StationLine]:
    device, head = t.device, t.device_head
    query = (
        sa.select(device, head.c.n, head.c.durable)
        .outerjoin(head, sa.and_(head.c.stream_id == device.c.home_stream, head.c.device_id == device.c.device_id))
        .order_by(device.c.subject, device.c.station, device.c.enrolled_at, device.c.device_id)
    )
    return [_station(row, now - timedelta(days=overdue_days)) for row in connection.execute(query)]


def _station(row: Any, silent_since: datetime) -> StationLine:
    status = DeviceStatus(row.status)
    return StationLine(
        station=row.station,
        device=row.device_id,
        subject=row.subject,
        officer=row.officer,
        status=status,
        enrolled_at=row.enrolled_at,
        seen_at=row.seen_at,
        is_overdue=status is DeviceStatus.ACTIVE and (row.seen_at or row.enrolled_at) < silent_since,
        entries=row.n or 0,
        durable=row.durable or 0,
        fingerprint=fingerprint(row.public),
    )


def _quarantined(connection: sa.Connection) -> Sequence[QuarantinedLine]:
    log = t.change_log
    # In these words: only so does SQLite use the index of what waits.
    waits = sa.text(f"change_log.{t.WAITS}")
    columns = (log.c.stream_id, log.c.seq, log.c.device_id, log.c.dev_seq, log.c.fam, log.c.ent, log.c.verdict)
    query = sa.select(*columns).where(waits).order_by(log.c.stream_id, log.c.seq.desc()).limit(LINES_MAX)
    return [
        QuarantinedLine(
            stream=row.stream_id,
            seq=row.seq,
            device=row.device_id,
            n=row.dev_seq,
            family=row.fam,
            entity=row.ent,
            verdict=row.verdict,
        )
        for row in connection.execute(query)
    ]


def _forks(connection: sa.Connection) -> Sequence[ForkLine]:
    fork = t.chain_fork
    query = (
        sa.select(
            fork.c.stream_id,
            fork.c.device_id,
            sa.func.count().label("lines"),
            sa.func.max(fork.c.received_at).label("at"),
        )
        .group_by(fork.c.stream_id, fork.c.device_id)
        .order_by(fork.c.stream_id, fork.c.device_id)
        .limit(LINES_MAX)
    )
    return [
        ForkLine(stream=row.stream_id, device=row.device_id, entries=row.lines, received_at=row.at)
        for row in connection.execute(query)
    ]


def _checkpoints(connection: sa.Connection) -> Sequence[CheckpointLine]:
    query = sa.select(t.checkpoint).order_by(t.checkpoint.c.at.desc()).limit(LINES_MAX)
    return [CheckpointLine(name=row.name, root=row.root.hex(), at=row.at) for row in connection.execute(query)]
