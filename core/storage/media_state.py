"""Which media own entries name, and which of them headquarters is known to hold. Found lazily: a save asks nothing."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from core.storage.own_chain import me_value, own_devices, set_me
from core.sync.entries import decode
from core.sync.wire import AWAITED_MAX, BlobCount

_NAMED = b'"blobs":["'
_BATCH = 5_000
_LOOKED_AT_MAX = 500
"""Entries without media that are looked at again each time before the mark is moved past them."""

SizeOf = Callable[[str], int]


def note_new(connection: sa.Connection, size_of: SizeOf) -> None:
    """Note the media that entries name since the last time."""
    for device in own_devices(connection):
        last = int(me_value(connection, _mark(device)) or b"0")
        table, where, key = _unseen(connection, device)
        sql = f"SELECT n, raw FROM {table} WHERE {where} ORDER BY n LIMIT {_BATCH}"
        while rows := connection.exec_driver_sql(sql, (*key, last)).all():
            named = [(device, name) for row in rows if _NAMED in row[1] for name in decode(row[1]).blobs]
            values = [(device, name, size_of(name)) for device, name in dict.fromkeys(named)]
            if values:
                connection.exec_driver_sql(
                    "INSERT OR IGNORE INTO blob_state(device, sha256, size, is_stored) VALUES (?, ?, ?, 0)", values
                )
            last = rows[-1][0]
            set_me(connection, _mark(device), b"%d" % last)


def is_behind(connection: sa.Connection) -> bool:
    """Tell whether entries name media that are not noted yet, or so many are not looked at that it would soon cost."""
    for device in own_devices(connection):
        seen = int(me_value(connection, _mark(device)) or b"0")
        table, where, key = _unseen(connection, device)
        some = f"SELECT raw FROM {table} WHERE {where} ORDER BY n LIMIT {_LOOKED_AT_MAX}"
        count, named = connection.exec_driver_sql(
            f"SELECT count(*), coalesce(sum(instr(raw, ?) > 0), 0) FROM ({some})", (_NAMED, *key, seen)
        ).one()
        if named or count == _LOOKED_AT_MAX:
            return True
    return False


def _mark(device: str) -> str:
    return f"media_noted:{device}"


def _unseen(connection: sa.Connection, device: str) -> tuple[str, str, tuple[str, ...]]:
    """Return the table of an own chain and what picks its entries after a number, with the values before it."""
    is_living = device == (me_value(connection, "device") or b"").decode()
    return ("entry", "n > ?", ()) if is_living else ("past_entry", "device = ? AND n > ?", (device,))


def waiting(connection: sa.Connection, *, limit: int) -> tuple[str, ...]:
    """Return media that headquarters is not known to hold, smallest first."""
    rows = connection.exec_driver_sql(
        "SELECT sha256 FROM blob_state WHERE is_stored = 0 GROUP BY sha256 ORDER BY min(size), sha256 LIMIT ?", (limit,)
    )
    return tuple(row[0] for row in rows)


def waiting_count(connection: sa.Connection) -> int:
    """Return how many media headquarters is not known to hold."""
    sql = "SELECT count(DISTINCT sha256) FROM blob_state WHERE is_stored = 0"
    return int(connection.exec_driver_sql(sql).scalar_one())


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
