"""The directory of devices: who they are, which stream is their home, what they may read.

The row is headquarters' own; what the other stations of a body hear of it is a `station_device` entry in their stream,
written by headquarters' pen in the same transaction.
"""

from __future__ import annotations

import base64
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from core.domain.shared_state import DeviceStatus, StationDevice
from core.hq import tables as t
from core.hq.engine import Engines, spoken
from core.hq.work import SqlWork
from core.kernel.records import Record, changed
from core.sync.hq_pen import HqPen, draft
from core.sync.streams import home_stream


class DeviceRow(Record):
    """One enrolled device, as headquarters holds it."""

    device: str
    station: str
    subject: str
    home_stream: str
    public: bytes
    seal_recipient: str
    officer: str
    enrolled_at: datetime
    streams: tuple[str, ...]
    """Streams that it reads, its home first."""
    streets: tuple[str, ...] = ()
    certificate: bytes = b""
    status: DeviceStatus = DeviceStatus.ACTIVE
    status_at: datetime | None = None
    status_reason: str = ""
    seen_at: datetime | None = None


def new_row(
    told: StationDevice, *, reads: tuple[str, ...] = (), streets: tuple[str, ...] = (), certificate: bytes = b""
) -> DeviceRow:
    """Return the row of a device that is about to be admitted; it reads its home and the streams of `reads`."""
    home = home_stream(told.subject)
    return DeviceRow(
        device=told.id,
        station=told.station,
        subject=told.subject,
        home_stream=home,
        public=bytes.fromhex(told.public),
        seal_recipient=told.seal_recipient,
        officer=told.officer,
        enrolled_at=told.enrolled_at,
        streams=(home, *reads),
        streets=streets,
        certificate=certificate,
        status=told.status,
        status_at=told.status_at,
        status_reason=told.status_reason,
    )


def told_of(row: DeviceRow) -> StationDevice:
    """Return what the stations of the body hear of a device."""
    return StationDevice(
        id=row.device,
        station=row.station,
        subject=row.subject,
        public=row.public.hex(),
        seal_recipient=row.seal_recipient,
        officer=row.officer,
        status=row.status,
        enrolled_at=row.enrolled_at,
        status_at=row.status_at,
        status_reason=row.status_reason,
        certificate=base64.b64encode(row.certificate).decode(),
    )


def admit(work: SqlWork, pen: HqPen, row: DeviceRow) -> DeviceRow:
    """Take a device in and tell its body, in the work on its home stream; one that is there already stays.

    Raises:
        ValueError: the work is on another stream.
    """
    if work.stream != row.home_stream:
        raise ValueError(work.stream)
    held = find_in(work.connection, row.device)
    if held is not None:
        return held
    # The stream first: two enrolments of one key must not both find nothing.
    work.lock_stream()
    work.connection.execute(sa.insert(t.device).values(**_columns(row)))
    work.add_device(row.device, row.public)
    pen.write(work, (draft(told_of(row)),))
    return row


def set_status(work: SqlWork, pen: HqPen, device: str, status: DeviceStatus, *, reason: str) -> DeviceRow | None:
    """Retire a device, declare it lost or forked, or take it back; tells its body. None for an unknown one."""
    row = find_in(work.connection, device)
    if row is None or row.home_stream != work.stream:
        return None
    work.lock_device(device)
    work.lock_stream()
    work.set_status(device, status, reason=reason)
    moved = changed(row, status=status, status_at=work.now, status_reason=reason)
    told = work.find("station_device", device)
    pen.write(work, (draft(told_of(moved), parents=(told.entry,) if told else ()),))
    return moved


class Directory:
    """Reading the directory; and who was seen when."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def find(self, device: str) -> DeviceRow | None:
        """Return a device."""
        with self._reading() as connection:
            return find_in(connection, device)

    def of_station(self, station: str) -> tuple[DeviceRow, ...]:
        """Return the devices that a station was, oldest first."""
        return self._where(t.device.c.station == station)

    def of_subject(self, subject: str) -> tuple[DeviceRow, ...]:
        """Return the devices of one body, oldest first."""
        return self._where(t.device.c.subject == subject)

    def every(self) -> tuple[DeviceRow, ...]:
        """Return every device, oldest first."""
        return self._where(sa.true())

    def note_seen(self, device: str, at: datetime) -> None:
        """Note that a device was heard of."""
        statement = sa.update(t.device).where(t.device.c.device_id == device).values(seen_at=at)
        with spoken(self._engines.where), self._engines.writer.begin() as connection:
            connection.execute(statement)

    def _where(self, condition: sa.ColumnElement[bool]) -> tuple[DeviceRow, ...]:
        query = sa.select(t.device).where(condition).order_by(t.device.c.enrolled_at, t.device.c.device_id)
        with self._reading() as connection:
            return tuple(_row(found) for found in connection.execute(query))

    @contextmanager
    def _reading(self) -> Generator[sa.Connection]:
        with spoken(self._engines.where), self._engines.reader.begin() as connection:
            yield connection


def find_in(connection: sa.Connection, device: str) -> DeviceRow | None:
    """Return a device, within a transaction."""
    found = connection.execute(sa.select(t.device).where(t.device.c.device_id == device)).first()
    return _row(found) if found else None


_LISTS = ("streams", "streets")


def _row(found: sa.Row[Any]) -> DeviceRow:
    values: dict[str, Any] = found._asdict()
    values |= {name: tuple(msgspec.json.decode(values[name])) for name in _LISTS}
    values["device"] = values.pop("device_id")
    values["status"] = DeviceStatus(found.status)
    return DeviceRow(**values)


def _columns(row: DeviceRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in row.__struct_fields__}
    values |= {name: msgspec.json.encode(values[name]).decode() for name in _LISTS}
    values["device_id"] = values.pop("device")
    return values | {"status": row.status.value}
