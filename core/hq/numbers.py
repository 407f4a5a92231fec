"""Series of document numbers: blocks are leased from them, and none is ever leased twice.

A restored headquarters does not know what was leased after its backup was made, so every series jumps ahead by a
margin, also series that the backup has never heard of. What is passed over stands in the gap report with its reason.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from core.domain.numbers import NumberBlock
from core.domain.shared_state import Outcome
from core.hq import sql
from core.hq import tables as t
from core.kernel.records import Record

MARGIN = 1_000
FLOOR = "number_floor"
RESTORED = "restored"
OWN = "own"
"""Numbers that a station made for itself before it enrolled."""


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


def lease(connection: sa.Connection, series: Series, *, size: int, now: datetime) -> tuple[int, int] | None:
    """Return first and last of the next block; None where another stream leases the numbers of this body.

    The stream's lock is held. One body's numbers come from one stream alone, or two would count from 1 each.
    """
    if not _owns(connection, series):
        return None
    table = t.number_series
    row = connection.execute(sa.select(table.c.next).where(*_is(table, series))).first()
    first = int(row.next) if row else _begin(connection, series, now)
    values = series.key() | {"next": first + size}
    connection.execute(sql.upsert(table, connection.dialect.name), values)
    return first, first + size - 1


def _owns(connection: sa.Connection, series: Series) -> bool:
    owner = t.number_owner
    put = sql.insert_new(owner, connection.dialect.name)
    connection.execute(put, {"body": series.body, "stream_id": series.stream})
    found = connection.execute(sa.select(owner.c.stream_id).where(owner.c.body == series.body)).scalar()
    return found == series.stream


def keep_clear_of_block(connection: sa.Connection, stream: str, block: NumberBlock, *, now: datetime) -> None:
    """Move a series past the numbers that a station holds: own ones of before it enrolled, or leased ones that a
    restored headquarters has forgotten."""
    series = Series(stream=stream, body=block.body, kind=block.kind.value, year=block.year)
    table = t.number_series
    row = connection.execute(sa.select(table.c.next).where(*_is(table, series))).first()
    if row is not None and int(row.next) > block.last:
        return
    first = int(row.next) if row else _begin(connection, series, now)
    if first > block.last:
        return
    _note_gap(connection, series, first, block.last, now, why=OWN if block.source == OWN else RESTORED)
    connection.execute(sql.upsert(table, connection.dialect.name), series.key() | {"next": block.last + 1})


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


def _note_gap(
    connection: sa.Connection, series: Series, first: int, last: int, now: datetime, *, why: str = RESTORED
) -> None:
    values = {"first": first, "last": last, "why": why, "at": now}
    # A series that was passed over before it was first leased from may begin with the same gap again.
    connection.execute(sql.insert_new(t.number_gap, connection.dialect.name), series.key() | values)


def _is(table: sa.Table, series: Series) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in series.key().items()]
