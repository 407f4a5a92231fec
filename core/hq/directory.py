"""The directory of devices: who they are, which stream is their home, what they may read.

The row is headquarters' own; what the other stations of a body hear of it is a `station_device` entry in their stream,
written by headquarters' pen in the same transaction.
"""

from __future__ import annotations

import base64
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from core.domain.shared_state import DeviceStatus, StationDevice
from core.hq import tables as t
from core.hq.device_rows import DeviceRow, columns_of, find_in, row_from
from core.hq.engine import Engines, spoken
from core.hq.work import SqlWork
from core.kernel.records import changed
from core.sync.hq_pen import HqPen, draft


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
    work.connection.execute(sa.insert(t.device).values(**columns_of(row)))
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


def tell_status(work: SqlWork, pen: HqPen, device: str) -> None:
    """Tell a body what became of a device, where the record that its stations hold says otherwise."""
    row, told = find_in(work.connection, device), work.find("station_device", device)
    if row is None or told is None or told.body.get("status", DeviceStatus.ACTIVE.value) == row.status.value:
        return
    pen.write(work, (draft(told_of(row), parents=(told.entry,)),))


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
            return tuple(row_from(found) for found in connection.execute(query))

    @contextmanager
    def _reading(self) -> Generator[sa.Connection]:
        with spoken(self._engines.where), self._engines.reader.begin() as connection:
            yield connection
