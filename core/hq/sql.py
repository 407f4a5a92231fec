"""The few statements that SQLite and PostgreSQL write differently: many ids, many rows, a row that may be there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def among(
    select: sa.Select[*tuple[Any, ...]], column: sa.ColumnElement[Any], dialect: str
) -> sa.Select[*tuple[Any, ...]]:
    """Return the query for those of its rows whose text column is one of many values; bind `ids` with `ids_value`.

    One parameter whatever their number: the statement stays one, so it stays prepared. PostgreSQL looks each value up
    by itself: left free, it read the whole stream as long as it took the stream for a short one.
    """
    if dialect != "postgresql":
        return select.where(column.in_(sa.text("(SELECT value FROM json_each(:ids))")))
    asked = sa.func.json_array_elements_text(sa.text("CAST(:ids AS json)")).table_valued("value").alias("asked")
    # With OFFSET the inner query stays what it is: a look-up for each value.
    found = select.where(column == asked.c.value).offset(sa.literal_column("0")).lateral("found")
    return sa.select(*found.c).select_from(asked).join(found, sa.true())


def ids_value(identifiers: Iterable[str]) -> str:
    """Return the value to bind for `among`."""
    return msgspec.json.encode(list(identifiers)).decode()


@cache
def insert_new(table: sa.Table, dialect: str) -> Any:
    """Return the insert that leaves a row alone whose key is there."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


@cache
def upsert(table: sa.Table, dialect: str) -> Any:
    """Return the insert that replaces the row whose primary key is there."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    put = insert(table)
    keys = [column.name for column in table.primary_key]
    values = {column.name: put.excluded[column.name] for column in table.c if column.name not in keys}
    return put.on_conflict_do_update(index_elements=keys, set_=values)


@cache
def _insert_sql(table: sa.Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.c)
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' for _ in table.c)})"


@cache
def _copy_sql(table: sa.Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.c)
    return f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)"


@cache
def _copy_types(table: sa.Table) -> list[str]:
    return [_BINARY[type(column.type)] for column in table.c]


# Half of a line's bytes as text would be hexadecimal.
_BINARY: dict[type[Any], str] = {
    sa.Text: "text",
    sa.BigInteger: "int8",
    sa.Integer: "int4",
    sa.LargeBinary: "bytea",
    sa.Boolean: "bool",
}


def together(connection: sa.Connection, writes: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    """Run statements of which nobody reads an answer, in their order: on PostgreSQL in one journey there and back."""
    raw: Any = connection.connection.driver_connection
    with raw.pipeline() if connection.dialect.name == "postgresql" else nullcontext():
        for statement, values in writes:
            connection.execute(statement, values)


def bulk(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write many rows, each with a value for every column in the table's order: COPY, or one prepared insert.

    Lists handed over as parameters are several times slower than COPY (sync.md 10.1).
    """
    if not rows:
        return
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(_copy_sql(table)) as copy:
            copy.set_types(_copy_types(table))
            for row in rows:
                copy.write_row(row)
    else:
        raw.executemany(_insert_sql(table), rows)
