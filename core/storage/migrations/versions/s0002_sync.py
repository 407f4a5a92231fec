"""Sync: entries of others, cursors, clashes, media on their way, and the families that are shared."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Frozen with the release: a later family or index is a later step.
FAMILIES = {
    "station_device": ("station",),
    "command": ("kind",),
    "outcome": ("kind", "device"),
    "task": ("kind", "state"),
    "kept_entry": (),
    "conflict": ("kind", "visit", "state"),
}


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False)


def _bytes(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _key(name: str, kind: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def upgrade() -> None:
    """Make the new tables, and let past entries be found by what they are about."""
    _past_entries()
    _foreign()
    _sync_state()
    for name, indexed in FAMILIES.items():
        columns = [sa.Column(field, sa.Text) for field in indexed]
        op.create_table(f"f_{name}", _key("id"), _text("entry"), _number("made"), *columns, _bytes("record"))
        for field in indexed:
            op.create_index(f"f_{name}_by_{field}", f"f_{name}", [field, "made"])


def _past_entries() -> None:
    for name in ("fam", "ent"):
        op.add_column("past_entry", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("past_entry", sa.Column("confirmed_seq", sa.Integer))
    op.execute(
        "UPDATE past_entry SET fam = json_extract(CAST(raw AS TEXT), '$.fam'),"
        " ent = json_extract(CAST(raw AS TEXT), '$.ent')"
    )
    op.create_index("past_by_entity", "past_entry", ["ent"])
    op.create_index("past_by_id", "past_entry", ["id"])
    op.create_index("past_outbox", "past_entry", ["device", "n"], sqlite_where=sa.text("confirmed_seq IS NULL"))


def _foreign() -> None:
    op.create_table(
        "foreign_entry",
        sa.Column("pos", sa.Integer, primary_key=True),
        _text("id"),
        _text("device"),
        _number("n"),
        _text("stream"),
        sa.Column("seq", sa.Integer),
        _text("fam"),
        _text("ent"),
        _text("visit"),
        _bytes("raw"),
        _bytes("chain"),
        _number("effect"),
        _text("verdict"),
    )
    op.create_index("foreign_by_id", "foreign_entry", ["id"])
    op.create_index("foreign_by_entity", "foreign_entry", ["ent"])
    op.create_index("foreign_by_chain", "foreign_entry", ["device", "n"])
    op.create_index("foreign_only_here", "foreign_entry", ["device", "n"], sqlite_where=sa.text("seq IS NULL"))
    op.create_index("foreign_judged", "foreign_entry", ["verdict"], sqlite_where=sa.text("verdict != ''"))
    op.create_table(
        "foreign_run",
        _key("device"),
        _key("first", sa.Integer),
        _key("head", sa.LargeBinary),
        _text("stream"),
        _number("count"),
        _bytes("prev"),
        _bytes("seal"),
        _number("suite"),
    )


def _sync_state() -> None:
    op.create_table(
        "stream_cursor",
        _key("stream"),
        _number("place"),
        _text("epoch"),
        _number("seq"),
        _bytes("head"),
        _bytes("leaves"),
        _bytes("families"),
    )
    op.create_table("clash", _key("fam"), _key("ent"), _text("visit"))
    op.create_index("clash_by_visit", "clash", ["visit"])
    op.create_table("blob_state", _key("device"), _key("sha256"), _number("size"), _number("is_stored"))
    op.create_index("blob_waiting", "blob_state", ["size"], sqlite_where=sa.text("is_stored = 0"))
    op.create_table("sync_note", sa.Column("id", sa.Integer, primary_key=True), _bytes("note"))
    op.create_table("bundle_count", _key("peer"), _number("sent"), _number("taken"), _bytes("tails"))
