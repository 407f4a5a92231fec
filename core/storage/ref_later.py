"""Rows of a reference file that changed since it was made: they lie beside the others, which stay as they are.

To change a row where it lies would mean to read, keep and write a page of the rows, one of the search and one of each
index, all over the file; beside them a thousand changes fill a few pages in a row. `newest` is what to read from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from core.storage.ref_schema import LATER_SEARCH_TABLES, LATER_TABLES

ALL_IN_PLACE = "row"
NEWEST = (
    "(SELECT pos, id, body FROM row WHERE NOT EXISTS (SELECT 1 FROM later WHERE later.pos = row.pos)"
    " UNION ALL SELECT pos, id, body FROM later WHERE body IS NOT NULL)"
)
_IN_PLACE_FOUND = "SELECT rowid FROM pieces WHERE pieces MATCH ? LIMIT {}"
_STILL_FOUND = (
    "SELECT rowid FROM pieces WHERE pieces MATCH ? AND NOT EXISTS"
    " (SELECT 1 FROM later WHERE later.pos = pieces.rowid AND later.has_pieces) LIMIT {}"
)
_LATER_FOUND = "SELECT rowid FROM later_pieces WHERE later_pieces MATCH ? LIMIT {}"

Later = tuple[int, str, bytes | None, bool]
"""A place, the id, the body (None: the row went), and whether the pieces that find it lie here too."""


def newest(connection: sa.Connection) -> str:
    """Return what to read the newest rows from: a table, or a query in brackets, of pos, id and body."""
    known = connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'later'").first()
    return ALL_IN_PLACE if known is None else NEWEST


def newest_of(connection: sa.Connection, identifiers: Iterable[str]) -> list[tuple[int, str, bytes]]:
    """Return place, id and body of each of the rows that there is."""
    sql = f"SELECT pos, id, body FROM {newest(connection)} WHERE id IN (SELECT value FROM json_each(?))"
    found = connection.exec_driver_sql(sql, (json.dumps(list(identifiers)),)).all()
    return [(int(row[0]), str(row[1]), bytes(row[2])) for row in found]


def found_by(connection: sa.Connection, source: str, asked: str, *, limit: int) -> list[int]:
    """Return places of newest rows that hold the pieces, at most `limit` from either part of the file.

    Args:
        source: What `newest` gave.
        asked: A question of the index.
    """
    statements = (_IN_PLACE_FOUND,) if source == ALL_IN_PLACE else (_STILL_FOUND, _LATER_FOUND)
    return [
        int(row[0])
        for statement in statements
        for row in connection.exec_driver_sql(statement.format(limit), (asked,)).all()
    ]


class LaterRows:
    """The later rows of one file, written in a transaction of the caller."""

    def __init__(self, connection: sa.Connection, *, is_searched: bool) -> None:
        self._connection = connection
        self._is_searched = is_searched
        for statement in (*LATER_TABLES, *(LATER_SEARCH_TABLES if is_searched else ())):
            connection.exec_driver_sql(statement)

    def with_pieces(self, places: Iterable[int]) -> frozenset[int]:
        """Return which of the places have their pieces here."""
        if not self._is_searched:
            return frozenset()
        sql = "SELECT pos FROM later WHERE has_pieces AND pos IN (SELECT value FROM json_each(?))"
        found = self._connection.exec_driver_sql(sql, (json.dumps(list(places)),)).all()
        return frozenset(int(row[0]) for row in found)

    def put(self, rows: Sequence[Later]) -> None:
        """Put rows in, over what was here of their places."""
        self._many("INSERT OR REPLACE INTO later(pos, id, body, has_pieces) VALUES (?, ?, ?, ?)", rows)

    def find_by(self, pieces: Sequence[tuple[int, str]], *, instead_of: Iterable[int]) -> None:
        """Put in the pieces that find rows, and take away those that found them here before."""
        self._many("DELETE FROM later_pieces WHERE rowid = ?", [(pos,) for pos in instead_of])
        self._many("INSERT INTO later_pieces(rowid, t) VALUES (?, ?)", pieces)

    def _many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._connection.exec_driver_sql(sql, list(rows))
