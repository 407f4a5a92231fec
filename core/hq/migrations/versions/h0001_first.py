"""The first schema: the log with its streams and chains, what is derived from it, devices, people, settings."""

import sqlalchemy as sa
from alembic import op

from core.hq.tables import Instant

revision = "h0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    _make_streams()
    _make_log()
    _make_beside_log()
    _make_numbers()
    _make_devices()
    _make_people()
    _make_papers()
    _make_projections()


def _make_streams() -> None:
    op.create_table(
        "stream_head",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("leaves", sa.LargeBinary, nullable=False),
        sa.Column("families", sa.Text, nullable=False),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
        sa.Column("awaited", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "device_head",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("device_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
        sa.Column("durable", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("public", sa.LargeBinary, nullable=False),
        sa.Column("hlc", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "push_run",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("device_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("prev", sa.LargeBinary, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.Column("suite", sa.Integer, nullable=False),
        sa.Column("first_seq", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("device_status", sa.Text, nullable=False),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("stream_id", "first_seq", name="run_in_stream"),
    )


def _make_log() -> None:
    op.create_table(
        "change_log",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("change_id", sa.Text, nullable=False),
        sa.Column("device_id", sa.Text, nullable=False),
        sa.Column("dev_seq", sa.BigInteger, nullable=False),
        sa.Column("fam", sa.Text, nullable=False),
        sa.Column("ent", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("effect", sa.Boolean, nullable=False),
        sa.UniqueConstraint("stream_id", "device_id", "dev_seq", name="change_in_chain"),
    )
    op.create_index(
        "change_once",
        "change_log",
        ["stream_id", "change_id"],
        unique=True,
        sqlite_where=sa.text("effect"),
        postgresql_where=sa.text("effect"),
    )
    op.create_table(
        "chain_fork",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("device_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("run_hash", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("run", sa.LargeBinary, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "kept_entry",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("change_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("carrier", sa.Text, nullable=False),
        sa.Column("device_id", sa.Text, nullable=False),
        sa.Column("fam", sa.Text, nullable=False),
        sa.Column("ent", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
    )


def _make_beside_log() -> None:
    op.create_table(
        "named_parent",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("change_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("fam", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("ent", sa.Text, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "blob_ref",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("change_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("device_id", sa.Text, nullable=False),
    )
    op.create_index("blob_ref_by_device", "blob_ref", ["stream_id", "device_id"])
    op.create_table(
        "hq_record",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("fam", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("ent", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def _make_numbers() -> None:
    op.create_table(
        "number_series",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "number_gap",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )


def _make_devices() -> None:
    op.create_table(
        "device",
        sa.Column("device_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("home_stream", sa.Text, nullable=False),
        sa.Column("public", sa.LargeBinary, nullable=False),
        sa.Column("seal_recipient", sa.Text, nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("enrolled_at", Instant, nullable=False),
        sa.Column("status_at", Instant),
        sa.Column("status_reason", sa.Text, nullable=False, server_default=""),
        sa.Column("streams", sa.Text, nullable=False),
        sa.Column("streets", sa.Text, nullable=False, server_default="[]"),
        sa.Column("seen_at", Instant),
    )
    op.create_index("device_by_station", "device", ["station"])
    op.create_index("device_by_subject", "device", ["subject"])
    op.create_table(
        "one_time_code",
        sa.Column("code_hash", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("streets", sa.Text, nullable=False, server_default="[]"),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("device_id", sa.Text, nullable=False, server_default=""),
        sa.Column("used_at", Instant),
        sa.Column("revoked_at", Instant),
    )


def _make_people() -> None:
    op.create_table(
        "person",
        sa.Column("name", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failed_at", Instant),
        sa.Column("closed_at", Instant),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False, server_default=""),
        sa.Column("decided_at", Instant),
        sa.Column("decision", sa.Text, nullable=False, server_default=""),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "seen_proof",
        sa.Column("proof", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_index("seen_proof_by_end", "seen_proof", ["expires_at"])


def _make_papers() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("stored_at", Instant, nullable=False),
    )
    op.create_table(
        "checkpoint",
        sa.Column("name", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "checkpoint_leaf",
        sa.Column("name", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )


def _make_projections() -> None:
    op.create_table(
        "projection",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("fam", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("ent", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("parents", sa.Text, nullable=False),
        sa.Column("is_void", sa.Boolean, nullable=False),
        sa.Column("clashes", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("projection_by_visit", "projection", ["stream_id", "visit"])
    op.create_table(
        "projection_source",
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("fam", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("ent", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "watermark",
        sa.Column("name", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("stream_id", sa.Text, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
