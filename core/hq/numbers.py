"""Series of document numbers: blocks are leased from them, and none is ever leased twice.

A restored headquarters does not know what was leased after its backup was made, so every series jumps ahead by a
margin, also series that the backup has never heard of. What is passed over stands in the gap report with its reason.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from core.domain.shared_state import Outcome
from core.hq import sql
from core.hq import tables as t
from core.kernel.records import Record

MARGIN = 1_000
FLOOR = "number_floor"
RESTORED = "restored"


class Series(Record):
    """The numbers of one body, kind and year in one stream."""

    stream: str
    body: str
    kind: str
    year: int

    def key(self) -> dict[str, str | int]:
        """Return the columns that identify the series."""
        return {"stream_id": self.stream, "body": self.body, "kind": self.kind, "year": self.year}


class Floor(Record):
    """Where series begin that are first leased from after a restore, for years that were in use before it."""

    next: int = 1
    year_max: int = 0


class SkippedNumbers(Record):
    """Numbers that were passed over on purpose."""

    series: Series
    first: int
    last: int
    why: str
    at: datetime


def lease(connection: sa.Connection, series: Series, *, size: int, now: datetime) -> tuple[int, int]:
    """Return first and last of the next block; the stream's lock is held."""
    table = t.number_series
    row = connection.execute(sa.select(table.c.next).where(*_is(table, series))).first()
    first = int(row.next) if row else _begin(connection, series, now)
    values = series.key() | {"next": first + size}
    connection.execute(sql.upsert(table, connection.dialect.name), values)
    return first, first + size - 1


def keep_clear(connection: sa.Connection, stream: str, outcome: Outcome, *, now: datetime) -> None:
    """Move a series past the block of an outcome; one that came back after a restore may lie beyond the margin."""
    if not outcome.last or outcome.document_kind is None:
        return
    series = Series(stream=stream, body=outcome.body, kind=outcome.document_kind.value, year=outcome.year)
    table = t.number_series
    row = connection.execute(sa.select(table.c.next).where(*_is(table, series))).first()
    first = int(row.next) if row else _begin(connection, series, now)
    if first < outcome.first:
        _note_gap(connection, series, first, outcome.first - 1, now)
    # Written also where it stays: a series that was begun is known, and its gap is noted once.
    values = series.key() | {"next": max(first, outcome.last + 1)}
    connection.execute(sql.upsert(table, connection.dialect.name), values)


def _begin(connection: sa.Connection, series: Series, now: datetime) -> int:
    floor = read_floor(connection)
    first = floor.next if series.year <= floor.year_max else 1
    if first > 1:
        _note_gap(connection, series, 1, first - 1, now)
    return first


def read_floor(connection: sa.Connection) -> Floor:
    """Return where new series begin."""
    value = connection.execute(sa.select(t.setting.c.value).where(t.setting.c.key == FLOOR)).scalar()
    return msgspec.json.decode(value, type=Floor) if value else Floor()


def burn_margin(connection: sa.Connection, *, now: datetime, margin: int = MARGIN) -> None:
    """Raise every series by the margin, and the beginning of every series that is not known."""
    table = t.number_series
    for row in connection.execute(sa.select(table)).all():
        series = Series(stream=row.stream_id, body=row.body, kind=row.kind, year=row.year)
        _note_gap(connection, series, row.next, row.next + margin - 1, now)
        connection.execute(sa.update(table).where(*_is(table, series)).values(next=row.next + margin))
    before = read_floor(connection)
    # Commands ask for the next year's numbers at most (core.sync.commands).
    floor = Floor(next=before.next + margin, year_max=max(before.year_max, now.year + 1))
    connection.execute(
        sql.upsert(t.setting, connection.dialect.name), {"key": FLOOR, "value": msgspec.json.encode(floor)}
    )


def skipped(connection: sa.Connection) -> tuple[SkippedNumbers, ...]:
    """Return every range that was passed over on purpose, for the gap report."""
    table = t.number_gap
    rows = connection.execute(sa.select(table).order_by(*table.primary_key))
    return tuple(
        SkippedNumbers(
            series=Series(stream=row.stream_id, body=row.body, kind=row.kind, year=row.year),
            first=row.first,
            last=row.last,
            why=row.why,
            at=row.at,
        )
        for row in rows
    )


def _note_gap(connection: sa.Connection, series: Series, first: int, last: int, now: datetime) -> None:
    values = {"first": first, "last": last, "why": RESTORED, "at": now}
    connection.execute(sa.insert(t.number_gap), series.key() | values)


def _is(table: sa.Table, series: Series) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in series.key().items()]
