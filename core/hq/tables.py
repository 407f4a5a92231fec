"""The tables of headquarters, the same on SQLite and PostgreSQL.

Hot tables are those that a push touches. Every primary key and unique constraint of theirs begins with the stream, no
foreign key leaves it, and there is no sequence, trigger, array or range: so they can be sharded by the stream. The lint
in tests/hq reads these marks. Source: sync.md 3.5.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

HOT: dict[str, bool] = {"hot": True}


class Instant(sa.TypeDecorator[datetime]):
    """An aware UTC instant; SQLite keeps it without a zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return the instant in UTC, without its zone where the engine keeps none."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return the instant in UTC, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _stream() -> sa.Column[Any]:
    return sa.Column("stream_id", sa.Text, primary_key=True)


def _key(name: str, kind: type[sa.types.TypeEngine[Any]] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _need(name: str, kind: Any = sa.Text, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default=default)


# The log and what belongs to it.

stream_head = sa.Table(
    "stream_head",
    metadata,
    _stream(),
    _need("seq", sa.BigInteger),
    _need("head", sa.LargeBinary),
    _need("epoch"),
    # What the statement compares, kept as entries come: the sum of the leaves, and entries with effect by family.
    _need("leaves", sa.LargeBinary),
    _need("families"),
    # The last run's receipt.
    _need("receipt", sa.LargeBinary),
    # Parents that were named and are not here: nobody need look for them while there are none.
    _need("awaited", sa.BigInteger),
    info=HOT,
)

device_head = sa.Table(
    "device_head",
    metadata,
    _stream(),
    _key("device_id"),
    _need("n", sa.BigInteger),
    _need("chain", sa.LargeBinary),
    _need("durable", sa.BigInteger, "0"),
    _need("status"),
    _need("public", sa.LargeBinary),
    # The last clock value; kept for headquarters' own chains only.
    _need("hlc", default=""),
    info=HOT,
)

change_log = sa.Table(
    "change_log",
    metadata,
    _stream(),
    _key("seq", sa.BigInteger),
    _need("change_id"),
    _need("device_id"),
    _need("dev_seq", sa.BigInteger),
    _need("fam"),
    _need("ent"),
    _need("raw", sa.LargeBinary),
    _need("head", sa.LargeBinary),
    _need("verdict"),
    _need("effect", sa.Boolean),
    sa.UniqueConstraint("stream_id", "device_id", "dev_seq", name="change_in_chain"),
    info=HOT,
)
# A repeated id still advances its author's chain, as an entry without effect; so the uniqueness is partial.
sa.Index(
    "change_once",
    change_log.c.stream_id,
    change_log.c.change_id,
    unique=True,
    sqlite_where=change_log.c.effect,
    postgresql_where=change_log.c.effect,
)

# What waits for a person is looked for often and is little of a long log; the words are those of the query.
WAITS = "verdict <> ''"
sa.Index(
    "change_that_waits",
    change_log.c.stream_id,
    change_log.c.seq,
    sqlite_where=sa.text(WAITS),
    postgresql_where=sa.text(WAITS),
)

push_run = sa.Table(
    "push_run",
    metadata,
    _stream(),
    _key("device_id"),
    _key("first", sa.BigInteger),
    _need("entries", sa.Integer),
    _need("prev", sa.LargeBinary),
    _need("head", sa.LargeBinary),
    _need("seal", sa.LargeBinary),
    _need("suite", sa.Integer),
    _need("first_seq", sa.BigInteger),
    _need("bytes", sa.BigInteger),
    _need("received_at", Instant),
    # What the device was when the run came: a retired one's entries are kept and told apart.
    _need("device_status"),
    # SHA-256 over the receipt before and what this row says of how the run came (core.hq.receipts).
    _need("receipt", sa.LargeBinary),
    sa.UniqueConstraint("stream_id", "first_seq", name="run_in_stream"),
    info=HOT,
)

# Runs whose chain had parted, whole and as they came (core.sync.runs.encode_run).
chain_fork = sa.Table(
    "chain_fork",
    metadata,
    _stream(),
    _key("device_id"),
    _key("first", sa.BigInteger),
    _key("run_hash"),
    _need("entries", sa.Integer),
    _need("run", sa.LargeBinary),
    _need("received_at", Instant),
    _need("receipt", sa.LargeBinary),
    info=HOT,
)

# Entries that came in through an entry of headquarters: seen by their own id, but with no number of their own.
kept_entry = sa.Table(
    "kept_entry",
    metadata,
    _stream(),
    _key("change_id"),
    _need("carrier"),
    _need("device_id"),
    _need("fam"),
    _need("ent"),
    _need("raw", sa.LargeBinary),
    info=HOT,
)

# Entries that another one names as its parent; all others with effect are leaves. A parent may come later than the
# entry that builds on it.
named_parent = sa.Table("named_parent", metadata, _stream(), _key("change_id"), _key("fam"), _key("ent"), info=HOT)

blob_ref = sa.Table(
    "blob_ref",
    metadata,
    _stream(),
    _key("sha256"),
    _key("change_id"),
    _need("device_id"),
    sa.Index("blob_ref_by_device", "stream_id", "device_id"),
    info=HOT,
)

# Headquarters' own records as they stand, for its decisions.
hq_record = sa.Table(
    "hq_record", metadata, _stream(), _key("fam"), _key("ent"), _need("entry"), _need("body"), info=HOT
)

number_series = sa.Table(
    "number_series",
    metadata,
    _stream(),
    _key("body"),
    _key("kind"),
    _key("year", sa.Integer),
    _need("next", sa.BigInteger),
    info=HOT,
)

# Which stream leases the numbers of a body: not hot, asked when numbers are leased.
number_owner = sa.Table("number_owner", metadata, _key("body"), _need("stream_id"))

# Numbers that were passed over on purpose, with the reason.
number_gap = sa.Table(
    "number_gap",
    metadata,
    _stream(),
    _key("body"),
    _key("kind"),
    _key("year", sa.Integer),
    _key("first", sa.BigInteger),
    _need("last", sa.BigInteger),
    _need("why"),
    _need("at", Instant),
    info=HOT,
)

# Not hot from here on: read at a push at most, written by people or by workers.

device = sa.Table(
    "device",
    metadata,
    _key("device_id"),
    _need("station"),
    _need("subject"),
    _need("home_stream"),
    _need("public", sa.LargeBinary),
    _need("seal_recipient"),
    _need("certificate", sa.LargeBinary),
    _need("officer"),
    _need("status"),
    _need("enrolled_at", Instant),
    sa.Column("status_at", Instant),
    _need("status_reason", default=""),
    # JSON lists: streams that the device reads, its home first, and its streets.
    _need("streams"),
    _need("streets", default="[]"),
    sa.Column("seen_at", Instant),
    sa.Index("device_by_station", "station"),
    sa.Index("device_by_subject", "subject"),
)

one_time_code = sa.Table(
    "one_time_code",
    metadata,
    _key("code_hash"),
    _need("subject"),
    _need("officer"),
    _need("streets", default="[]"),
    _need("issued_by"),
    _need("issued_at", Instant),
    _need("expires_at", Instant),
    # Set when used: the same code and key give the same answer again.
    _need("device_id", default=""),
    sa.Column("used_at", Instant),
    sa.Column("revoked_at", Instant),
)

person = sa.Table(
    "person",
    metadata,
    _key("name"),
    _need("display_name"),
    _need("role"),
    _need("password"),
    _need("created_at", Instant),
    _need("failures", sa.Integer, "0"),
    sa.Column("failed_at", Instant),
    sa.Column("closed_at", Instant),
)

# What a second person has to agree to: publications, mass deletions.
approval = sa.Table(
    "approval",
    metadata,
    _key("id"),
    _need("kind"),
    _need("about"),
    _need("params"),
    _need("asked_by"),
    _need("asked_at", Instant),
    _need("decided_by", default=""),
    sa.Column("decided_at", Instant),
    _need("decision", default=""),
    _need("reason", default=""),
)

seen_proof = sa.Table(
    "seen_proof",
    metadata,
    _key("proof"),
    _need("expires_at", Instant),
    sa.Index("seen_proof_by_end", "expires_at"),
)

blob = sa.Table(
    "blob",
    metadata,
    _key("sha256"),
    _need("size", sa.BigInteger),
    _need("stored_at", Instant),
)

checkpoint = sa.Table(
    "checkpoint", metadata, _key("name"), _need("root", sa.LargeBinary), _need("note"), _need("at", Instant)
)
checkpoint_leaf = sa.Table(
    "checkpoint_leaf",
    metadata,
    _key("name"),
    _key("stream_id"),
    _need("seq", sa.BigInteger),
    _need("head", sa.LargeBinary),
    _need("receipt", sa.LargeBinary),
)

# What headquarters shows of everybody's records; may be dropped and rebuilt from the log.
projection = sa.Table(
    "projection",
    metadata,
    _stream(),
    _key("fam"),
    _key("ent"),
    _need("visit"),
    # JSON list of the leaves that the body holds whole.
    _need("parents"),
    _need("is_void", sa.Boolean),
    _need("clashes", sa.Integer),
    _need("body"),
    sa.Index("projection_by_visit", "stream_id", "visit"),
)
projection_source = sa.Table(
    "projection_source", metadata, _stream(), _key("fam"), _key("ent"), _key("seq", sa.BigInteger)
)
watermark = sa.Table("watermark", metadata, _key("name"), _key("stream_id"), _need("seq", sa.BigInteger))

# The schedule: when each duty is due, and which worker is at it until when (core.hq.duties).
duty = sa.Table(
    "duty",
    metadata,
    _key("name"),
    _need("holder"),
    sa.Column("until", Instant),
    _need("due_at", Instant),
    sa.Column("ended_at", Instant),
    _need("error"),
    _need("said"),
)

# One value a key: the lineage's epoch, headquarters' public key, where new number series begin after a restore.
setting = sa.Table("setting", metadata, _key("key"), _need("value", sa.LargeBinary))
