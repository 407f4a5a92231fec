"""The tables of main.db: the journal and its seals, this device, and one table a family, derived from the record."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa

from core.domain.families import FAMILIES, Family
from core.kernel.records import Record, to_plain

metadata = sa.MetaData()

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("fam", sa.Text, nullable=False),
    sa.Column("ent", sa.Text, nullable=False),
    sa.Column("visit", sa.Text, nullable=False),
    sa.Column("hlc", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("chain", sa.LargeBinary, nullable=False),
    sa.Column("confirmed_seq", sa.Integer),
    sa.Column("durable", sa.Integer, nullable=False, server_default="0"),
)
sa.Index("entry_by_entity", entry.c.ent, entry.c.n)
sa.Index("outbox", entry.c.n, sqlite_where=entry.c.confirmed_seq.is_(None))

run = sa.Table(
    "run",
    metadata,
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("prev", sa.LargeBinary, nullable=False),
    sa.Column("head", sa.LargeBinary, nullable=False),
    sa.Column("seal", sa.LargeBinary, nullable=False),
)

# Chains of devices that this station was before a restore; kept whole, never written again (design.md section 3).
past_entry = sa.Table(
    "past_entry",
    metadata,
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("chain", sa.LargeBinary, nullable=False),
)

me = sa.Table(
    "me",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)


def family_table(name: str, indexed: tuple[str, ...], into: sa.MetaData) -> sa.Table:
    """Return the table of a family: id, the newest entry, the indexed fields, and the whole record as JSON."""
    table = sa.Table(
        f"f_{name}",
        into,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("made", sa.Integer, nullable=False),
        *(sa.Column(field, sa.Text) for field in indexed),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    for field in indexed:
        sa.Index(f"f_{name}_by_{field}", table.c[field], table.c.made)
    return table


TABLES: dict[str, sa.Table] = {family.name: family_table(family.name, family.indexed, metadata) for family in FAMILIES}


def index_value(value: Any) -> str | None:
    """Return the text form in which an indexed field is stored and compared; instants sort as text (UTC)."""
    if value is None:
        return None
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime | date):
        return str(to_plain(value))
    return str(value)


def index_columns(family: Family, record: Record) -> dict[str, str | None]:
    """Return the indexed columns of one record."""
    return {field: index_value(getattr(record, field)) for field in family.indexed}
