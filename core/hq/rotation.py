"""A new service key, certified by the root key.

What the old key sealed stays as it was stored; pages go out with headquarters' own runs sealed by the living key, so
that a station checks them with one key whenever it comes. A seal is no part of a chain or of a stream's hash. A station
that is enrolled learns the new key from the next answer, where the root key signed it. Source: sync.md 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from core.hq.keys import SERVICE_FILE, ServiceKeys, read_root, rotated, write_secret
from core.hq.store import HqStore
from core.kernel.records import Record, changed
from core.sync.entries import seal_text
from core.sync.runs import RunHeader
from core.sync.streams import Page, Reset, is_hq

NEXT_FILE = "service.key.next"


class Rotation(Record):
    """What is kept about a rotation, as a setting of headquarters."""

    by: str
    at: str
    old: bytes
    new: bytes


def rotate(store: HqStore, folder: Path, keys: ServiceKeys, root_file: Path, *, by: str) -> ServiceKeys:
    """Make a new service key the one of this headquarters. Workers must be started anew with the new file.

    Raises:
        Refusal: "hq.root_key_foreign".
        Trouble: "hq.keys_unreadable", "hq.keys_unwritable".
    """
    fresh = rotated(keys, read_root(root_file))
    # Beside the old one first: after a power cut the one that the database names is taken (take_next).
    write_secret(folder / NEXT_FILE, msgspec.json.encode(fresh))
    store.change_key(fresh.public)
    at = store.clock.now().isoformat()
    note = Rotation(by=by, at=at, old=keys.public, new=fresh.public)
    store.set_setting(f"key_rotation:{at}", msgspec.json.encode(note))
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


def with_living_seals(answers: Iterable[Page | Reset], sign: Callable[[bytes], bytes]) -> tuple[Page | Reset, ...]:
    """Return the answers with headquarters' own runs sealed by the living key."""
    return tuple(
        changed(answer, runs=tuple(_sealed(run, sign) for run in answer.runs)) if isinstance(answer, Page) else answer
        for answer in answers
    )


def _sealed(run: RunHeader, sign: Callable[[bytes], bytes]) -> RunHeader:
    return changed(run, seal=sign(seal_text(run.device, run.last, run.head))) if is_hq(run.device) else run
