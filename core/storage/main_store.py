"""main.db opened: its engines, its device, its journal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.storage import journal, migrate, tables
from core.storage.engine import copy_file, reader_engine, spoken_troubles, writer_engine
from core.storage.foreign_chain import public_of
from core.storage.own_chain import read_own, read_seen, unconfirmed
from core.storage.work import Device, Horizon, WorkOpener


class MainStore:
    """The encrypted main.db of one station home."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open the file and bring it to this program's schema.

        Raises:
            Trouble: "storage.unreachable", "storage.damaged", "storage.read_only", "storage.disk_full".
            Refusal: "storage.newer_version".
        """
        self.path = path
        self._writer = writer_engine(path, key)
        self._reader = reader_engine(path, key)
        with spoken_troubles(path):
            migrate.upgrade(self._writer, path)
        self.horizon = Horizon()
        self.look_around()

    def look_around(self) -> None:
        """Read again which devices this station was and is, and how far it has read headquarters' order."""
        with spoken_troubles(self.path), self._reader.begin() as connection:
            self.horizon.own = own = read_own(connection)
            self.horizon.seen = read_seen(connection, own.home)

    @property
    def writer(self) -> sa.Engine:
        """The engine whose transactions write; for the other half of the room (sync_store.py)."""
        return self._writer

    @property
    def reading(self) -> sa.Engine:
        """The engine that only reads."""
        return self._reader

    def value(self, key: str) -> bytes | None:
        """Return a value that belongs to this device, such as its key."""
        with spoken_troubles(self.path), self._reader.begin() as connection:
            row = connection.execute(sa.select(tables.me.c.value).where(tables.me.c.key == key)).first()
            return row.value if row else None

    def set_value(self, key: str, value: bytes) -> None:
        """Keep a value that belongs to this device; not an entry, never synced."""
        with spoken_troubles(self.path), self._writer.begin() as connection:
            connection.execute(sa.delete(tables.me).where(tables.me.c.key == key))
            connection.execute(sa.insert(tables.me).values(key=key, value=value))

    def opener(self, device: Device, *, clock: Clock, actor: str) -> WorkOpener:
        """Return the opener of transactions for one person."""
        return self._opener(self._writer, device, clock, actor)

    def reader(self, device: Device, *, clock: Clock, actor: str) -> WorkOpener:
        """Return an opener whose transactions only read; writing in one is Trouble "storage.read_only"."""
        return self._opener(self._reader, device, clock, actor)

    def _opener(self, engine: sa.Engine, device: Device, clock: Clock, actor: str) -> WorkOpener:
        return WorkOpener(engine=engine, path=self.path, device=device, clock=clock, actor=actor, horizon=self.horizon)

    def drop_values(self, *keys: str) -> None:
        """Forget values that belong to this device."""
        with spoken_troubles(self.path), self._writer.begin() as connection:
            connection.execute(sa.delete(tables.me).where(tables.me.c.key.in_(keys)))

    def verify_log(self, *, check: journal.Verify, expected_head: str = "") -> journal.LogReport:
        """Check the chains and their seals; see core.storage.journal.verify."""
        with spoken_troubles(self.path), self._reader.begin() as connection:
            own = read_own(connection)
            return journal.verify(
                connection,
                device=own.living,
                home=own.home,
                public_of=lambda owner: public_of(connection, owner) or b"",
                check=check,
                expected_head=expected_head,
            )

    def differing_rows(self) -> tuple[str, ...]:
        """Return the rows that differ from what the entries give; empty when all is equal."""
        with spoken_troubles(self.path), self._reader.begin() as connection:
            return journal.differing_rows(connection, read_own(connection))

    def unsynced_count(self) -> int:
        """Return the number of own entries that headquarters is not known to hold."""
        with spoken_troubles(self.path), self._reader.begin() as connection:
            return unconfirmed(connection)

    def head(self) -> journal.Head:
        """Return the end of the chain."""
        with spoken_troubles(self.path), self._reader.begin() as connection:
            return journal.read_head(connection)

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy of the whole file, encrypted with the same key, while others go on working."""
        with spoken_troubles(target):
            copy_file(self._writer, target)

    def open_new_chain(self, *, device: str, private: bytes, public: bytes) -> None:
        """Set the chain of the old device aside and begin an empty one under a new device and key.

        Rows stay as they are; their entries become past entries. Source: design.md section 3 (restore).
        """
        past, live, me = tables.past_entry, tables.entry, tables.me
        with spoken_troubles(self.path), self._writer.begin() as connection:
            old = connection.execute(sa.select(me.c.value).where(me.c.key == "device")).scalar_one_or_none()
            if old is not None:
                names = ("n", "id", "raw", "chain", "fam", "ent", "confirmed_seq")
                columns = sa.select(sa.literal(old.decode()), *(live.c[name] for name in names))
                connection.execute(sa.insert(past).from_select(["device", *names], columns))
                connection.execute(sa.delete(live))
                connection.execute(sa.delete(me).where(me.c.key.in_(("device", "device_key"))))
            values = {"device": device.encode(), "device_key": private, f"public:{device}": public}
            connection.execute(sa.insert(me), [{"key": key, "value": value} for key, value in values.items()])
        self.look_around()

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()


def new_device_id() -> str:
    """Return a new device id: `d-` and 12 hex digits of randomness."""
    return f"d-{uuid.uuid4().hex[:12]}"


def device_of(store: MainStore, *, sign: Callable[[bytes, bytes], bytes]) -> Device:
    """Return the device that the store belongs to."""
    identifier, private = store.value("device"), store.value("device_key")
    assert identifier is not None, "a store always knows its device"
    assert private is not None, "a store always holds its device's key"
    public = store.value(f"public:{identifier.decode()}") or b""
    return Device(id=identifier.decode(), public=public, sign=lambda message: sign(private, message))
