"""A new service key: certified by the root key, and headquarters' own runs sealed anew with it.

The seal is no part of a chain or of a stream's hash, so that sealing anew changes nothing in the past; who pulls from
the start checks everything with one key. A station that is enrolled learns the new key from the next answer, where the
root key's signature comes with it. Source: sync.md 8.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from core.crypto import signing
from core.hq import tables as t
from core.hq.engine import again
from core.hq.keys import SERVICE_FILE, ServiceKeys, read_root, rotated, write_secret
from core.hq.store import HqStore
from core.hq.work import HQ_PUBLIC
from core.sync.entries import seal_text
from core.sync.streams import HQ_PREFIX

NEXT_FILE = "service.key.next"
_NOTE = "key_rotation"


class _Rotation(msgspec.Struct, frozen=True):
    """What is kept about a rotation."""

    by: str
    at: str
    old: str
    new: str


def rotate(store: HqStore, folder: Path, keys: ServiceKeys, root_file: Path, *, by: str) -> ServiceKeys:
    """Make a new service key the one of this headquarters. Workers must be started anew with the new file.

    Raises:
        Refusal: "hq.root_key_foreign".
        Trouble: "hq.keys_unreadable", "hq.keys_unwritable".
    """
    fresh = rotated(keys, read_root(root_file))
    # Beside the old one first: after a power cut the one that the database names is taken (take_next).
    write_secret(folder / NEXT_FILE, msgspec.json.encode(fresh))
    note = _Rotation(
        by=by,
        at=store.clock.now().isoformat(),
        old=signing.fingerprint(keys.public),
        new=signing.fingerprint(fresh.public),
    )
    engines = store.engines

    def change() -> None:
        with engines.writer.begin() as connection:
            _seal_anew(connection, fresh)
            _set(connection, HQ_PUBLIC, fresh.public)
            _set(connection, f"{_NOTE}:{note.at}", msgspec.json.encode(note))

    again(engines.where, change)
    take_next(folder, fresh.public)
    return fresh


def take_next(folder: Path, public: bytes) -> ServiceKeys | None:
    """Put the next key file in place of the old one, if it is the one that the database names."""
    path = folder / NEXT_FILE
    if not path.exists():
        return None
    keys = msgspec.json.decode(path.read_bytes(), type=ServiceKeys)
    if keys.public != public:
        return None
    path.replace(folder / SERVICE_FILE)
    return keys


def _seal_anew(connection: sa.Connection, keys: ServiceKeys) -> None:
    run, head = t.push_run, t.device_head
    own = run.c.device_id.startswith(HQ_PREFIX, autoescape=True)
    for row in connection.execute(sa.select(run).where(own)).all():
        last = row.first + row.entries - 1
        seal = signing.sign(keys.private, seal_text(row.device_id, last, row.head))
        one = (run.c.stream_id == row.stream_id, run.c.device_id == row.device_id, run.c.first == row.first)
        connection.execute(sa.update(run).where(*one).values(seal=seal))
    of_ours = head.c.device_id.startswith(HQ_PREFIX, autoescape=True)
    connection.execute(sa.update(head).where(of_ours).values(public=keys.public))


def _set(connection: sa.Connection, key: str, value: Any) -> None:
    changed = connection.execute(sa.update(t.setting).where(t.setting.c.key == key).values(value=value))
    if not changed.rowcount:
        connection.execute(sa.insert(t.setting).values(key=key, value=value))
