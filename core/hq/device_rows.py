"""The rows of the directory of devices, and how one comes back from headquarters' own word after a restore."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from core.domain.lists import ListKind
from core.domain.shared_state import DeviceStatus, StationDevice
from core.hq import sql
from core.hq import tables as t
from core.kernel.records import Record
from core.sync.entries import CHAIN_START
from core.sync.streams import home_stream, reference_stream

REFERENCES = tuple(reference_stream(kind.value) for kind in ListKind)
"""Streams of published lists, which every station reads beside its home."""


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


def find_in(connection: sa.Connection, device: str) -> DeviceRow | None:
    """Return a device, within a transaction."""
    found = connection.execute(sa.select(t.device).where(t.device.c.device_id == device)).first()
    return row_from(found) if found else None


_LISTS = ("streams", "streets")


def row_from(found: sa.Row[Any]) -> DeviceRow:
    """Return the row of the columns."""
    values: dict[str, Any] = found._asdict()
    values |= {name: tuple(msgspec.json.decode(values[name])) for name in _LISTS}
    values["device"] = values.pop("device_id")
    values["status"] = DeviceStatus(found.status)
    return DeviceRow(**values)


def columns_of(row: DeviceRow) -> dict[str, Any]:
    """Return the columns of a row."""
    values = {name: getattr(row, name) for name in row.__struct_fields__}
    values |= {name: msgspec.json.encode(values[name]).decode() for name in _LISTS}
    values["device_id"] = values.pop("device")
    return values | {"status": row.status.value}


def keep_told(connection: sa.Connection, told: StationDevice) -> None:
    """Take a device, or what became of it, from an entry of headquarters' own.

    Where headquarters itself is writing, the row says so already. After a restore from an older backup the entry comes
    back from a station that had read it, and the device is known again without a new code (invariant 17).
    """
    held = find_in(connection, told.id)
    if held is None:
        row = new_row(told, reads=REFERENCES, certificate=base64.b64decode(told.certificate))
        connection.execute(sa.insert(t.device).values(**columns_of(row)))
        connection.execute(sql.insert_new(t.device_head, connection.dialect.name), chain_start(row))
    elif held.status is not told.status:
        values = {"status": told.status.value, "status_at": told.status_at, "status_reason": told.status_reason}
        connection.execute(sa.update(t.device).where(t.device.c.device_id == told.id).values(**values))
        head = t.device_head
        connection.execute(
            sa.update(head)
            .where(head.c.stream_id == held.home_stream, head.c.device_id == told.id)
            .values(status=told.status.value)
        )


def chain_start(row: DeviceRow) -> dict[str, Any]:
    """Return the columns of the chain that a device begins in its home stream."""
    return {
        "stream_id": row.home_stream,
        "device_id": row.device,
        "n": 0,
        "chain": CHAIN_START,
        "durable": 0,
        "status": row.status.value,
        "public": row.public,
        "hlc": "",
    }
