"""How a reference file stood at each version it holds: the newest rows, and over them the rows as they were before.

Of a place in the list the oldest note younger than the version asked for says how the row stood then; without such a
note it stood as it stands now. A note without a body says that the place was not taken yet.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from core.storage.ref_later import newest

_FIRST = (
    "FROM past AS p WHERE {} until > :version AND NOT EXISTS"
    " (SELECT 1 FROM past AS q WHERE q.pos = p.pos AND q.until > :version AND q.until < p.until)"
)
_ALL_AT = (
    "SELECT pos, body FROM {newest} WHERE pos NOT IN (SELECT pos FROM past WHERE until > :version)"
    f" UNION ALL SELECT pos, body {_FIRST.format('body IS NOT NULL AND')} ORDER BY pos"
)
_ONE_AT = f"SELECT body {_FIRST.format('id = :id AND')} ORDER BY body IS NULL"


def held_versions(connection: sa.Connection) -> dict[int, tuple[int, str]]:
    """Return count and digest by version; none for a file from before versions were noted."""
    known = connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'held'").first()
    if known is None:
        return {}
    rows = connection.exec_driver_sql("SELECT version, row_count, digest FROM held").all()
    return {int(row[0]): (int(row[1]), str(row[2])) for row in rows}


def row_at(connection: sa.Connection, identifier: str, version: int | None) -> bytes | None:
    """Return the body of a row at a version; None as version: the newest."""
    if version is not None:
        before = connection.exec_driver_sql(_ONE_AT, {"id": identifier, "version": version}).first()
        if before is not None:
            return before[0]
    now = connection.exec_driver_sql(f"SELECT body FROM {newest(connection)} WHERE id = ?", (identifier,)).first()
    return now[0] if now else None


def rows_at(connection: sa.Connection, version: int | None, *, batch: int) -> Iterator[bytes]:
    """Yield the bodies of all rows at a version in list order."""
    streaming = connection.execution_options(yield_per=batch)
    if version is None:
        found = streaming.exec_driver_sql(f"SELECT pos, body FROM {newest(connection)} ORDER BY pos")
    else:
        found = streaming.exec_driver_sql(_ALL_AT.format(newest=newest(connection)), {"version": version})
    for row in found:
        yield row[1]
