"""Who is at which duty of the schedule, and entries that wait for a person found without reading the log."""

import sqlalchemy as sa
from alembic import op

from core.hq.tables import Instant

revision = "h0002"
down_revision = "h0001"


def upgrade() -> None:
    """Make the table and the index."""
    op.create_table(
        "duty",
        sa.Column("name", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", Instant),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    waits = sa.text("verdict <> ''")
    op.create_index("change_that_waits", "change_log", ["stream_id", "seq"], sqlite_where=waits, postgresql_where=waits)
