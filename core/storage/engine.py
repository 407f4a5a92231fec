"""Engines over SQLCipher files, and what their failures mean.

Recipe and traps: platform.md section 2. The standard sqlite3 module must never open these files.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from core.kernel.errors import Trouble

BUSY_TIMEOUT_S = 10
# A reader that turns writer fails at once with "database is locked", whatever the timeout: writers begin as such.
BEGIN_WRITING, BEGIN_READING = "BEGIN IMMEDIATE", "BEGIN"
# 16 MB of pages a connection, eight times the usual: a page in the cache is not decrypted again.
CACHE = "PRAGMA cache_size = -16384"
WRITER_PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", CACHE)
READER_PRAGMAS = ("PRAGMA query_only = ON", CACHE)

# A change that outgrows the cache would keep readers off the file long before it ends.
PATCHER_CACHE_KB = 262_144
PATCHER_PATIENCE_MS = 2_000

# The driver is a compiled module without type information.
driver: Any = dbapi2


def writer_engine(path: Path, key: bytes) -> sa.Engine:
    """Return an engine whose transactions begin as writers, durable when they commit (WAL, synchronous=FULL)."""
    return engine_over(partial(_connect, path, key, WRITER_PRAGMAS), begin=BEGIN_WRITING)


def reader_engine(path: Path, key: bytes) -> sa.Engine:
    """Return an engine that refuses to write; it sees what was committed when its transaction began."""
    return engine_over(partial(_connect, path, key, READER_PRAGMAS), begin=BEGIN_READING)


def bulk_engine(path: Path, key: bytes) -> sa.Engine:
    """Return an engine for a file that nobody reads yet: no journal, so a failure means that the file is dropped."""
    pragmas = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -65536")
    return engine_over(partial(_connect, path, key, pragmas), begin=BEGIN_WRITING)


def patcher_engine(path: Path, key: bytes) -> sa.Engine:
    """Return an engine that changes a file which others read: durable, and all in the one file again afterwards.

    It waits for readers only briefly, because nobody can begin to read while it waits.
    """
    pragmas = (
        "PRAGMA journal_mode = DELETE",
        "PRAGMA synchronous = FULL",
        f"PRAGMA cache_size = -{PATCHER_CACHE_KB}",
        f"PRAGMA busy_timeout = {PATCHER_PATIENCE_MS}",
    )
    return engine_over(partial(_connect, path, key, pragmas), begin=BEGIN_WRITING)


def engine_over(connect: Callable[[], Any], *, begin: str) -> sa.Engine:
    """Return a pooled engine over connections of the driver, made with isolation_level=None; `begin` is run each time.

    Only the benchmarks call it from outside, for a file without a key to compare with.
    """

    def begin_transaction(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    engine = sa.create_engine("sqlite://", module=driver, creator=connect, poolclass=QueuePool, pool_size=4)
    event.listen(engine, "begin", begin_transaction)
    return engine


def tell_of_writes(engine: sa.Engine, told: Callable[[str], None]) -> None:
    """Have somebody told of every statement that may write, and of every commit, before it happens.

    Only a rehearsal wants this: what `told` raises there is a machine that stops, or a disk that is full.
    """

    def before_statement(*details: Any) -> None:
        told(str(details[2]).lstrip()[:6].lower())

    def before_commit(_: Any) -> None:
        told("commit")

    event.listen(engine, "before_cursor_execute", before_statement)
    event.listen(engine, "commit", before_commit)


def _connect(path: Path, key: bytes, pragmas: tuple[str, ...]) -> Any:
    assert len(key) == 32, "the raw key of SQLCipher is 32 bytes"
    connection = driver.connect(
        str(path), isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_S, cached_statements=256
    )
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute("PRAGMA foreign_keys = ON")
    for pragma in pragmas:
        connection.execute(pragma)
    return connection


def copy_file(engine: sa.Engine, target: Path) -> None:
    """Write a consistent copy of the database, encrypted with the same key, while others go on working."""
    connection = engine.raw_connection()
    try:
        # Outside any transaction, where VACUUM must run; the pool gives the connection back as it was.
        connection.cursor().execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


# What the driver says, and the code under which a person hears of it. Order matters: first match wins.
_MEANINGS = (
    ("full", "storage.disk_full"),
    ("readonly", "storage.read_only"),
    ("unable to open", "storage.unreachable"),
    ("locked", "storage.busy"),
    ("busy", "storage.busy"),
    ("not a database", "storage.damaged"),
    ("malformed", "storage.damaged"),
    ("hmac", "storage.damaged"),
    ("disk i/o", "storage.disk_failed"),
)


@contextmanager
def spoken_troubles(path: Path) -> Generator[None]:
    """Turn what the driver raises about the world into Trouble; everything else stays a defect.

    Raises:
        Trouble: "storage.disk_full", "storage.read_only", "storage.unreachable", "storage.busy", "storage.damaged",
            "storage.disk_failed", each with params path.
    """
    try:
        yield
    except (DBAPIError, driver.DatabaseError) as error:
        said = str(getattr(error, "orig", None) or error).lower()
        for part, code in _MEANINGS:
            if part in said:
                raise Trouble(code, path=str(path)) from error
        raise
