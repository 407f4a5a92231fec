"""Prepared papers, which officers hand to the clerk; documents are found by their kind."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of the family; its first entries may have come before, from stations with a newer program."""
    op.create_table(
        "f_prepared_paper",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("made", sa.Integer, nullable=False),
        sa.Column("visit", sa.Text),
        sa.Column("state", sa.Text),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    for field in ("visit", "state"):
        op.create_index(f"f_prepared_paper_by_{field}", "f_prepared_paper", [field, "made"])
    op.add_column("f_document", sa.Column("kind", sa.Text))
    op.execute("UPDATE f_document SET kind = json_extract(CAST(record AS TEXT), '$.kind')")
    op.create_index("f_document_by_kind", "f_document", ["kind", "made"])
