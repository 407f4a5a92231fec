"""The tables of main.db: the journal and its seals, this device, what came from others, and one table a family.

In `entry` and `past_entry`, `confirmed_seq` is empty where the entry exists only here; 0: headquarters holds it, its
place in the stream was not read yet; above 0: its place; below 0: it stands there in an entry of headquarters' own,
because its chain had parted (core.domain.shared_state.KeptEntry).
"""

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
    sa.Column("fam", sa.Text, nullable=False, server_default=""),
    sa.Column("ent", sa.Text, nullable=False, server_default=""),
    sa.Column("confirmed_seq", sa.Integer),
)
sa.Index("past_by_entity", past_entry.c.ent)
sa.Index("past_by_id", past_entry.c.id)
sa.Index("past_outbox", past_entry.c.device, past_entry.c.n, sqlite_where=past_entry.c.confirmed_seq.is_(None))

# Entries of other devices and of headquarters, as they came. `seq` is their place in the stream; none: not known to be
# at headquarters; 0: there, beside the stream; below 0: taken in inside the entry at that place. Two lines may stand
# under one number: both are kept (sync.md 3.7, F15).
foreign_entry = sa.Table(
    "foreign_entry",
    metadata,
    sa.Column("pos", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("seq", sa.Integer),
    sa.Column("fam", sa.Text, nullable=False),
    sa.Column("ent", sa.Text, nullable=False),
    sa.Column("visit", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    # Empty for an entry that headquarters kept outside its author's chain.
    sa.Column("chain", sa.LargeBinary, nullable=False),
    # 0: the id stood in the stream before, the line only moves its author's chain on.
    sa.Column("effect", sa.Integer, nullable=False),
    # Why the entry makes no row (core.sync.judge); empty: it may.
    sa.Column("verdict", sa.Text, nullable=False),
)
sa.Index("foreign_by_id", foreign_entry.c.id)
sa.Index("foreign_by_entity", foreign_entry.c.ent)
sa.Index("foreign_by_chain", foreign_entry.c.device, foreign_entry.c.n)
sa.Index("foreign_only_here", foreign_entry.c.device, foreign_entry.c.n, sqlite_where=foreign_entry.c.seq.is_(None))
sa.Index("foreign_judged", foreign_entry.c.verdict, sqlite_where=foreign_entry.c.verdict != "")

# Seals of what came from others: with them anybody can later show who wrote it.
foreign_run = sa.Table(
    "foreign_run",
    metadata,
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("head", sa.LargeBinary, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("prev", sa.LargeBinary, nullable=False),
    sa.Column("seal", sa.LargeBinary, nullable=False),
    sa.Column("suite", sa.Integer, nullable=False),
)

# How far each stream was read, with what is compared at the end: the sum of its leaves, entries with effect by family.
stream_cursor = sa.Table(
    "stream_cursor",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("epoch", sa.Text, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("head", sa.LargeBinary, nullable=False),
    sa.Column("leaves", sa.LargeBinary, nullable=False),
    sa.Column("families", sa.LargeBinary, nullable=False),
)

# Entities of which several values stand side by side until a person decides.
clash = sa.Table(
    "clash",
    metadata,
    sa.Column("fam", sa.Text, primary_key=True),
    sa.Column("ent", sa.Text, primary_key=True),
    sa.Column("visit", sa.Text, nullable=False),
)
sa.Index("clash_by_visit", clash.c.visit)

# Media that own entries name, and whether headquarters is known to hold them.
blob_state = sa.Table(
    "blob_state",
    metadata,
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("is_stored", sa.Integer, nullable=False),
)
sa.Index("blob_waiting", blob_state.c.size, sqlite_where=blob_state.c.is_stored == 0)

# What became of each sync, for the page that shows it; not an entry, never synced.
sync_note = sa.Table(
    "sync_note",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("note", sa.LargeBinary, nullable=False),
)

# Bundles: how many were written to whom, the newest taken in from whom, and how far a colleague holds chains.
bundle_count = sa.Table(
    "bundle_count",
    metadata,
    sa.Column("peer", sa.Text, primary_key=True),
    sa.Column("sent", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.Column("tails", sa.LargeBinary, nullable=False),
)

me = sa.Table(
    "me",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)


CLASHES = "~"


def family_table(name: str, indexed: tuple[str, ...], into: sa.MetaData) -> sa.Table:
    """Return the table of a family: id, leaves, order, the indexed fields, and the whole record as JSON.

    `entry` names the leaves that the record holds whole, parted by spaces, and ends in CLASHES where others stand
    beside them. `made` sorts rows by when they were made: the place in the chain, or (since schema 0002) the clock
    value of the first entry.
    """
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
    if value is None or type(value) is str:
        return value
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
