"""Daily checkpoints: one signed line of text that says where every stream stood, to be filed outside headquarters.

The text is a signed note as transparency logs use it; the root is a Merkle tree hash (RFC 6962, section 2.1) over the
streams in order. Whoever kept an old note can tell that nothing before it was changed, removed or dated anew.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from core.hq import sql
from core.hq import tables as t
from core.hq.engine import spoken
from core.hq.store import HqStore
from core.kernel.clock import local_date
from core.kernel.records import Record
from core.storage.blobs import write_durably

ORIGIN = "mingjian/hq"
_ED25519 = b"\x01"
_DASH = "\N{EM DASH}"

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes, bytes], bool]


class Standing(Record):
    """Where one stream stood."""

    stream: str
    seq: int
    head: bytes
    receipt: bytes

    def leaf(self) -> bytes:
        """Return what the tree hashes of it."""
        parts = (self.stream, str(self.seq), _text(self.head), _text(self.receipt))
        return "".join(f"{part}\n" for part in parts).encode()


class Checkpoint(Record):
    """One checkpoint: the local date is its name."""

    name: str
    root: bytes
    note: str
    at: datetime


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of the leaves (RFC 6962)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + merkle_root(leaves[:half]) + merkle_root(leaves[half:])).digest()


def note_text(name: str, at: datetime, standings: Sequence[Standing]) -> str:
    """Return the text that is signed."""
    root = merkle_root([standing.leaf() for standing in standings])
    return "".join(f"{line}\n" for line in (ORIGIN, name, at.isoformat(), str(len(standings)), _text(root)))


def signed(text: str, *, public: bytes, sign: Sign) -> str:
    """Return the signed note of a text that ends with a line end."""
    return f"{text}\n{_DASH} {ORIGIN} {_text(_key_hash(public) + sign(text.encode()))}\n"


def is_signed(note: str, *, public: bytes, verify: Verify) -> bool:
    """Tell whether a note bears the signature of the key."""
    text, found, line = note.rpartition(f"\n{_DASH} {ORIGIN} ")
    if not found:
        return False
    try:
        raw = base64.b64decode(line.strip(), validate=True)
    except ValueError:
        return False
    return raw[:4] == _key_hash(public) and verify(public, text.encode(), raw[4:])


def make_checkpoint(store: HqStore, *, sign: Sign) -> Checkpoint:
    """Return today's checkpoint (Beijing date), made now if there is none yet."""
    now = store.clock.now()
    name = local_date(now).isoformat()
    made = find_checkpoint(store, name)
    if made is not None:
        return made
    with store.read.reading() as connection:
        standings = standings_of(connection)
    text = note_text(name, now, standings)
    row = Checkpoint(
        name=name,
        root=merkle_root([standing.leaf() for standing in standings]),
        note=signed(text, public=store.hq_keys()[0], sign=sign),
        at=now,
    )
    with spoken(store.engines.where), store.engines.writer.begin() as connection:
        # Two workers may make it at once: the first one's stays, with its own standings.
        values = {"name": name, "root": row.root, "note": row.note, "at": now}
        put = connection.execute(sql.insert_new(t.checkpoint, connection.dialect.name), values)
        if put.rowcount and standings:
            connection.execute(sa.insert(t.checkpoint_leaf), [_leaf_row(name, standing) for standing in standings])
    kept = find_checkpoint(store, name)
    assert kept is not None, "it was just written"
    return kept


def _leaf_row(name: str, standing: Standing) -> dict[str, str | int | bytes]:
    values: dict[str, str | int | bytes] = {"seq": standing.seq, "head": standing.head, "receipt": standing.receipt}
    return {"name": name, "stream_id": standing.stream} | values


def standings_of(connection: sa.Connection) -> tuple[Standing, ...]:
    """Return where every stream stands in this transaction, in the order of their names' bytes."""
    rows = connection.execute(sa.select(t.stream_head))
    found = [Standing(stream=row.stream_id, seq=row.seq, head=row.head, receipt=row.receipt) for row in rows]
    return tuple(sorted(found, key=lambda standing: standing.stream.encode()))


def find_checkpoint(store: HqStore, name: str) -> Checkpoint | None:
    """Return the checkpoint of a date."""
    with store.read.reading() as connection:
        row = connection.execute(sa.select(t.checkpoint).where(t.checkpoint.c.name == name)).first()
    return Checkpoint(name=row.name, root=row.root, note=row.note, at=row.at) if row else None


def list_checkpoints(store: HqStore, *, since: str = "", limit: int) -> tuple[Checkpoint, ...]:
    """Return the checkpoints from a date on, the newest first."""
    query = sa.select(t.checkpoint).where(t.checkpoint.c.name >= since).order_by(t.checkpoint.c.name.desc())
    with store.read.reading() as connection:
        rows = connection.execute(query.limit(limit)).all()
    return tuple(Checkpoint(name=row.name, root=row.root, note=row.note, at=row.at) for row in rows)


def export_checkpoints(store: HqStore, folder: Path) -> tuple[Path, ...]:
    """Write every note into a folder, one file a date; return the files that were not there before.

    Raises:
        Trouble: "storage.disk_full", "storage.read_only", "storage.unreachable".
    """
    with store.read.reading() as connection:
        rows = connection.execute(sa.select(t.checkpoint).order_by(t.checkpoint.c.name)).all()
    fresh: list[Path] = []
    for row in rows:
        path = folder / f"{row.name}.note"
        if not path.exists():
            write_durably(path, row.note.encode())
            fresh.append(path)
    return tuple(fresh)


def bad_checkpoints(connection: sa.Connection, *, keys: Sequence[bytes], verify: Verify) -> list[tuple[str, str]]:
    """Return name and reason of checkpoints that do not hold against the streams as they are now."""
    bad: list[tuple[str, str]] = []
    for row in connection.execute(sa.select(t.checkpoint).order_by(t.checkpoint.c.name)).all():
        leaf = t.checkpoint_leaf
        rows = connection.execute(sa.select(leaf).where(leaf.c.name == row.name)).all()
        found = [Standing(stream=one.stream_id, seq=one.seq, head=one.head, receipt=one.receipt) for one in rows]
        standings = sorted(found, key=lambda standing: standing.stream.encode())
        text = note_text(row.name, row.at, standings)
        if not row.note.startswith(f"{text}\n") or row.root != merkle_root([one.leaf() for one in standings]):
            bad.append((row.name, "root"))
        elif not any(is_signed(row.note, public=key, verify=verify) for key in keys):
            bad.append((row.name, "signature"))
        bad += [(row.name, f"{one.stream}: {one.seq}") for one in standings if not _still_stands(connection, one)]
    return bad


def _still_stands(connection: sa.Connection, standing: Standing) -> bool:
    if standing.seq == 0:
        return True
    log, run = t.change_log, t.push_run
    head = sa.select(log.c.head).where(log.c.stream_id == standing.stream, log.c.seq == standing.seq)
    receipt = (
        sa.select(run.c.receipt)
        .where(run.c.stream_id == standing.stream, run.c.first_seq <= standing.seq)
        .order_by(run.c.first_seq.desc())
        .limit(1)
    )
    stored = (connection.execute(head).scalar(), connection.execute(receipt).scalar())
    return stored == (standing.head, standing.receipt)


def _key_hash(public: bytes) -> bytes:
    return hashlib.sha256(ORIGIN.encode() + b"\n" + _ED25519 + public).digest()[:4]


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
