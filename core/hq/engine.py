"""Engines over the two databases of headquarters, and what their failures mean.

`postgresql+psycopg://` URLs may name several hosts (`host1,host2`), which the client library tries in order; anything
else is the path of an SQLite file. The SQLite here is the driver of the stations, without a key: two copies of SQLite
on one live file would end in disk errors (platform.md section 2).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import conninfo as libpq
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from core.kernel.errors import Trouble
from core.kernel.records import Record
from core.storage.engine import BEGIN_READING, BEGIN_WRITING, CACHE, driver, engine_over

T = TypeVar("T")

POSTGRESQL = "postgresql+psycopg://"
POOL_SIZE = 16
"""Connections that stay open, as many as a worker has threads: opening one costs more than a push."""
POOL_SPARE = 4
ATTEMPTS = 8
"""How often a transaction is run before its conflict becomes Trouble."""
BUSY_TIMEOUT_S = 10
CONNECT_TIMEOUT_S = 10
# Serialization failure and deadlock.
_STATES_OF_CONFLICT = frozenset({"40001", "40P01"})
# Another transaction wrote the same key first: the next attempt sees it. One that persists is our own mistake.
_STATE_OF_TWINS = "23505"
_WRITER_PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", CACHE)
_READER_PRAGMAS = ("PRAGMA query_only = ON", CACHE)


class Engines(Record):
    """The engine that writes and the one that only reads; with PostgreSQL they differ in their mode alone."""

    writer: sa.Engine
    reader: sa.Engine
    where: str
    """The database as it may be shown: without a password."""

    @property
    def is_postgresql(self) -> bool:
        """Tell which of the two it is."""
        return self.writer.dialect.name == "postgresql"

    def close(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()


def open_engines(database: str | Path, *, pool_size: int = POOL_SIZE) -> Engines:
    """Return the engines of a database: a `postgresql+psycopg://` URL, or the path of an SQLite file."""
    if isinstance(database, str) and database.startswith(POSTGRESQL):
        return _postgresql(database, pool_size)
    path = Path(database)
    return Engines(
        writer=engine_over(partial(_sqlite, path, _WRITER_PRAGMAS), begin=BEGIN_WRITING),
        reader=engine_over(partial(_sqlite, path, _READER_PRAGMAS), begin=BEGIN_READING),
        where=str(path),
    )


def _sqlite(path: Path, pragmas: tuple[str, ...]) -> Any:
    connection = driver.connect(
        str(path), isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_S, cached_statements=256
    )
    for pragma in pragmas:
        connection.execute(pragma)
    return connection


def _postgresql(url: str, pool_size: int) -> Engines:
    target = "postgresql://" + url.removeprefix(POSTGRESQL)

    def connect() -> psycopg.Connection[Any]:
        # Statements are prepared from the second use on: the same few run at every push.
        return psycopg.connect(target, connect_timeout=CONNECT_TIMEOUT_S, prepare_threshold=1)

    def engine(**options: Any) -> sa.Engine:
        return sa.create_engine(
            POSTGRESQL,
            creator=connect,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=POOL_SPARE,
            # No ping before each use: a connection that broke is told as Trouble once, and the station asks again.
            **options,
        )

    shown = libpq.conninfo_to_dict(target)
    where = f"postgresql://{shown.get('host', '')}/{shown.get('dbname', '')}"
    return Engines(
        writer=engine(isolation_level="READ COMMITTED"),
        # Several reads of one answer must see one state.
        reader=engine(isolation_level="REPEATABLE READ"),
        where=where,
    )


# What the driver of SQLite says, and the code under which a person hears of it. Order matters: first match wins.
_MEANINGS = (
    ("full", "hq.disk_full"),
    ("readonly", "hq.database_read_only"),
    ("unable to open", "hq.database_unreachable"),
    ("not a database", "hq.database_damaged"),
    ("malformed", "hq.database_damaged"),
    ("disk i/o", "hq.disk_failed"),
)


@contextmanager
def spoken(where: str) -> Generator[None]:
    """Turn what the drivers raise about the world into Trouble; everything else stays a defect.

    Raises:
        Trouble: "hq.database_unreachable", "hq.database_damaged", "hq.database_read_only", "hq.disk_full",
            "hq.disk_failed", "hq.database_busy", each with params where.
    """
    try:
        yield
    except (DBAPIError, driver.DatabaseError, psycopg.Error) as error:
        code = _code_of(error)
        if code:
            raise Trouble(code, where=where) from error
        raise


def _code_of(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    if is_conflict(error):
        return "hq.database_busy"
    if isinstance(cause, psycopg.Error):
        return _code_of_postgresql(cause)
    said = str(cause).lower()
    return next((code for part, code in _MEANINGS if part in said), "")


def _code_of_postgresql(cause: psycopg.Error) -> str:
    state = cause.sqlstate or ""
    if state == "53100":
        return "hq.disk_full"
    if state == "25006":
        # A standby: the leader is elsewhere, or is being chosen.
        return "hq.database_read_only"
    # Without a state the connection itself failed; classes 08, 53 and 57 are connections, resources, shut-downs.
    if isinstance(cause, psycopg.OperationalError) and (not state or state[:2] in {"08", "53", "57"}):
        return "hq.database_unreachable"
    return ""


def is_conflict(error: BaseException) -> bool:
    """Tell whether a transaction failed only because of another one, so that it may be run again from the top."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, psycopg.Error):
        return (cause.sqlstate or "") in _STATES_OF_CONFLICT
    said = str(cause).lower() if isinstance(cause, driver.DatabaseError) else ""
    return "database is locked" in said or "database is busy" in said


def _is_twin(error: BaseException) -> bool:
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, psycopg.Error):
        return cause.sqlstate == _STATE_OF_TWINS
    return isinstance(cause, driver.IntegrityError) and "unique constraint" in str(cause).lower()


def again(where: str, work: Callable[[], T]) -> T:
    """Run a whole transaction, again from the top where another one stood in its way.

    Raises:
        Trouble: "hq.database_busy" after ATTEMPTS, and as `spoken`.
    """
    with spoken(where):
        for _ in range(ATTEMPTS - 1):
            try:
                return work()
            except (DBAPIError, driver.DatabaseError, psycopg.Error) as error:
                if not is_conflict(error) and not _is_twin(error):
                    raise
        return work()
