"""Which media own entries name, and which of them headquarters is known to hold. Found lazily: a save asks nothing."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from core.storage.own_chain import me_value, own_devices, set_me
from core.sync.entries import decode
from core.sync.wire import AWAITED_MAX, BlobCount

_NAMED = b'"blobs":["'
_BATCH = 5_000

SizeOf = Callable[[str], int]


def note_new(connection: sa.Connection, size_of: SizeOf) -> None:
    """Note the media that entries name since the last time."""
    living = own_devices(connection)[-1]
    for device in own_devices(connection):
        mark = f"media_noted:{device}"
        last = int(me_value(connection, mark) or b"0")
        table, key = ("entry", ()) if device == living else ("past_entry", (device,))
        where = "device = ? AND n > ?" if key else "n > ?"
        sql = f"SELECT n, raw FROM {table} WHERE {where} ORDER BY n LIMIT {_BATCH}"
        while rows := connection.exec_driver_sql(sql, (*key, last)).all():
            named = [(device, name) for row in rows if _NAMED in row[1] for name in decode(row[1]).blobs]
            values = [(device, name, size_of(name)) for device, name in dict.fromkeys(named)]
            if values:
                connection.exec_driver_sql(
                    "INSERT OR IGNORE INTO blob_state(device, sha256, size, is_stored) VALUES (?, ?, ?, 0)", values
                )
            last = rows[-1][0]
            set_me(connection, mark, b"%d" % last)


def waiting(connection: sa.Connection, *, limit: int) -> tuple[str, ...]:
    """Return media that headquarters is not known to hold, smallest first."""
    rows = connection.exec_driver_sql(
        "SELECT sha256 FROM blob_state WHERE is_stored = 0 GROUP BY sha256 ORDER BY min(size), sha256 LIMIT ?", (limit,)
    )
    return tuple(row[0] for row in rows)


def stored(connection: sa.Connection, sha256: str) -> None:
    """Note that headquarters holds a blob whole."""
    connection.exec_driver_sql("UPDATE blob_state SET is_stored = 1 WHERE sha256 = ?", (sha256,))


def forget_stored(connection: sa.Connection) -> None:
    """Ask headquarters anew about every blob: it went back, and may have lost some."""
    connection.exec_driver_sql("UPDATE blob_state SET is_stored = 0 WHERE is_stored = 1")


def count(connection: sa.Connection) -> BlobCount:
    """Return the media that own entries name, and how many of them headquarters is known to hold."""
    named, here, here_bytes = connection.exec_driver_sql(
        "SELECT count(*), coalesce(sum(is_stored), 0), coalesce(sum(CASE WHEN is_stored THEN size END), 0)"
        " FROM (SELECT sha256, max(is_stored) AS is_stored, max(size) AS size FROM blob_state GROUP BY sha256)"
    ).one()
    return BlobCount(named=named, here=here, here_bytes=here_bytes, awaited=waiting(connection, limit=AWAITED_MAX))
