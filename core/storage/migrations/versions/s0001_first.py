"""The first schema: the journal, its seals, this device, and the families of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Frozen with the release: a later family or index is a later step.
FAMILIES = {
    "account": (),
    "station_event": (),
    "trusted_key": (),
    "visit": ("state", "enterprise", "subject", "planned_from"),
    "answer": ("visit",),
    "evidence": ("visit",),
    "finding": ("visit",),
    "determined": ("visit", "finding"),
    "list_version": ("kind",),
    "document": ("visit", "number", "short_code", "state"),
    "number_block": ("body", "kind", "year"),
    "number_use": ("block",),
    "service_receipt": ("visit", "document"),
    "print_run": (),
}


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "entry",
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
    op.create_index("entry_by_entity", "entry", ["ent", "n"])
    op.create_index("outbox", "entry", ["n"], sqlite_where=sa.text("confirmed_seq IS NULL"))
    op.create_table(
        "run",
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("prev", sa.LargeBinary, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "past_entry",
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "me",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    for name, indexed in FAMILIES.items():
        op.create_table(
            f"f_{name}",
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("entry", sa.Text, nullable=False),
            sa.Column("made", sa.Integer, nullable=False),
            *(sa.Column(field, sa.Text) for field in indexed),
            sa.Column("record", sa.LargeBinary, nullable=False),
        )
        for field in indexed:
            op.create_index(f"f_{name}_by_{field}", f"f_{name}", [field, "made"])
