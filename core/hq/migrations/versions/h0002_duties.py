"""Duties of the schedule, which stream leases a body's numbers, entries that wait found without reading the log."""

import sqlalchemy as sa
from alembic import op

from core.hq.tables import Instant

revision = "h0002"
down_revision = "h0001"


def upgrade() -> None:
    """Make the tables and the index."""
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
    op.create_table(
        "number_owner",
        sa.Column("body", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("stream_id", sa.Text, nullable=False),
    )
    # Bodies that numbers were leased for already; where two streams did so, the one that went further keeps it.
    op.execute(
        "INSERT INTO number_owner(body, stream_id) SELECT body, stream_id FROM ("
        "SELECT body, stream_id, row_number() OVER (PARTITION BY body ORDER BY max(next) DESC, stream_id) AS place"
        " FROM number_series GROUP BY body, stream_id) AS counted WHERE place = 1"
    )
    waits = sa.text("verdict <> ''")
    op.create_index("change_that_waits", "change_log", ["stream_id", "seq"], sqlite_where=waits, postgresql_where=waits)
