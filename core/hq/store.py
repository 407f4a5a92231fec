"""Headquarters' database opened: its engines, its lineage, transactions on streams.

Embedded it is one SQLite file; with a `postgresql+psycopg://` URL several workers share it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from core.hq import migrate, numbers, sql
from core.hq import tables as t
from core.hq.directory import Directory
from core.hq.engine import Engines, again, open_engines, spoken
from core.hq.reading import HqReading
from core.hq.work import EPOCH, HQ_PAST_PUBLICS, HQ_PUBLIC, SqlWork
from core.kernel.clock import Clock
from core.kernel.errors import Refusal

T = TypeVar("T")


class HqStore:
    """One headquarters.

    Args:
        database: Path of the SQLite file, or a `postgresql+psycopg://` URL.

    Raises:
        Trouble: "hq.database_unreachable", "hq.database_damaged", "hq.database_read_only", "hq.disk_full".
        Refusal: "hq.newer_version".
    """

    def __init__(self, database: str | Path, *, clock: Clock) -> None:
        self.engines: Engines = open_engines(database)
        self.clock = clock
        try:
            with spoken(self.engines.where):
                migrate.upgrade(self.engines.writer)
        except BaseException:
            self.engines.close()
            raise
        self.read = HqReading(self.engines)
        self.directory = Directory(self.engines)

    # The lineage.

    def begin(self, *, hq_public: bytes) -> None:
        """Make this an empty headquarters with its service key and a new epoch.

        Raises:
            Refusal: "hq.exists"; it is one already, and stays as it is.
        """
        with spoken(self.engines.where), self.engines.writer.begin() as connection:
            if connection.execute(sa.select(t.setting.c.key).where(t.setting.c.key == EPOCH)).first() is not None:
                raise Refusal("hq.exists", where=self.engines.where)
            values = {EPOCH: new_epoch().encode(), HQ_PUBLIC: hq_public}
            connection.execute(sa.insert(t.setting), [{"key": key, "value": one} for key, one in values.items()])

    def is_begun(self) -> bool:
        """Tell whether this is a headquarters, not an empty database."""
        return self.setting(EPOCH) is not None

    def epoch(self) -> str:
        """Return the id of this lineage."""
        return (self.setting(EPOCH) or b"").decode()

    def setting(self, key: str) -> bytes | None:
        """Return a value that belongs to the whole headquarters."""
        with spoken(self.engines.where), self.engines.reader.begin() as connection:
            return connection.execute(sa.select(t.setting.c.value).where(t.setting.c.key == key)).scalar()

    def set_setting(self, key: str, value: bytes) -> None:
        """Keep a value that belongs to the whole headquarters."""
        with spoken(self.engines.where), self.engines.writer.begin() as connection:
            connection.execute(sql.upsert(t.setting, connection.dialect.name), {"key": key, "value": value})

    def hq_keys(self) -> tuple[bytes, ...]:
        """Return the service keys that sealed headquarters' own chains, the living one first."""
        living, past = self.setting(HQ_PUBLIC), self.setting(HQ_PAST_PUBLICS)
        return (living or b"", *(msgspec.json.decode(past, type=list[bytes]) if past else []))

    def change_key(self, public: bytes) -> None:
        """Note that headquarters signs with another service key from now on; what the old one sealed stays good."""
        past = msgspec.json.encode([key for key in self.hq_keys() if key != public])
        with spoken(self.engines.where), self.engines.writer.begin() as connection:
            put = sql.upsert(t.setting, connection.dialect.name)
            connection.execute(put, [{"key": HQ_PUBLIC, "value": public}, {"key": HQ_PAST_PUBLICS, "value": past}])

    def begin_new_lineage(self, *, margin: int = numbers.MARGIN) -> str:
        """Mint a new epoch after a restore and burn the margin of every number series; return the epoch.

        Stations see the epoch, go back to what headquarters holds, and hand over what it lacks (invariant 17).
        """
        epoch = new_epoch()
        with spoken(self.engines.where), self.engines.writer.begin() as connection:
            connection.execute(sql.upsert(t.setting, connection.dialect.name), {"key": EPOCH, "value": epoch.encode()})
            connection.execute(sa.update(t.stream_head).values(epoch=epoch))
            numbers.burn_margin(connection, now=self.clock.now(), margin=margin)
        return epoch

    # Transactions.

    @contextmanager
    def open_work(self, stream: str) -> Generator[SqlWork]:
        """Open a transaction on a stream (core.sync.ports.OpenHqWork); leaving by an exception rolls back."""
        with spoken(self.engines.where), self._work(stream) as work:
            yield work

    def run(self, stream: str, step: Callable[[SqlWork], T]) -> T:
        """Run a step in a transaction of its own and return its answer; again from the top where another one stood in
        its way, so the step must have no effect but on the work.

        Raises:
            Trouble: "hq.database_busy", "hq.database_unreachable", and as core.hq.engine.spoken.
        """

        def attempt() -> T:
            with self._work(stream) as work:
                return step(work)

        return again(self.engines.where, attempt)

    @contextmanager
    def _work(self, stream: str) -> Generator[SqlWork]:
        with self.engines.writer.begin() as connection:
            yield SqlWork(connection, stream, self.clock.now())

    def chain_end(self, stream: str, device: str) -> tuple[int, bytes, int] | None:
        """Return number, chain value and durable position of a chain as it was last committed."""
        head = t.device_head
        query = sa.select(head.c.n, head.c.chain, head.c.durable).where(
            head.c.stream_id == stream, head.c.device_id == device
        )
        with spoken(self.engines.where), self.engines.reader.begin() as connection:
            row = connection.execute(query).first()
        return (row.n, row.chain, row.durable) if row else None

    # Media.

    def note_blob(self, sha256: str, size: int, at: datetime) -> None:
        """Note that a blob is here whole."""
        values = {"sha256": sha256, "size": size, "stored_at": at}
        with spoken(self.engines.where), self.engines.writer.begin() as connection:
            connection.execute(sql.insert_new(t.blob, connection.dialect.name), values)

    def blob_size(self, sha256: str) -> int | None:
        """Return the size of a blob that is here whole."""
        with spoken(self.engines.where), self.engines.reader.begin() as connection:
            return connection.execute(sa.select(t.blob.c.size).where(t.blob.c.sha256 == sha256)).scalar()

    def close(self) -> None:
        """Close every connection."""
        self.engines.close()


def new_epoch() -> str:
    """Return a new random epoch: 32 hex digits."""
    return secrets.token_hex(16)
