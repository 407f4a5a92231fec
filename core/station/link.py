"""What a station knows of its headquarters, and how its last syncs went; kept in its store, never synced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import msgspec

from core.crypto import boxes
from core.kernel.records import Record, canonical_bytes
from core.storage.main_store import MainStore
from core.sync.statement import Statement

_LINK = "hq_link"
_STATE = "sync_state"
K = TypeVar("K", bound=Record)


class Link(Record):
    """The headquarters that took this station in. `device` is the key identity that it took in."""

    url: str
    device: str
    subject: str
    root_public: bytes
    hq_public: bytes
    hq_recipient: str
    lease_until: datetime | None = None
    streets: tuple[str, ...] = ()
    status: str = "active"
    """What headquarters last said of the device."""


class SyncState(Record):
    """How the last syncs went."""

    last_success_at: datetime | None = None
    last_attempt_at: datetime | None = None
    last_error: str = ""
    """Code of the fault; empty after a success."""
    failures: int = 0
    """Attempts that failed since the last success."""
    statement: Statement | None = None


class SessionNote(Record):
    """One sync as the page lists it."""

    at: datetime
    ended_at: datetime
    ok: bool
    error: str = ""
    pushed: int = 0
    pulled: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0


def read_link(store: MainStore) -> Link | None:
    """Return the headquarters, or None before enrolment."""
    return _read(store, _LINK, Link)


def write_link(store: MainStore, link: Link) -> None:
    """Keep what is known of headquarters."""
    store.set_value(_LINK, canonical_bytes(link))


STANDING = (_LINK, _STATE)
"""The keys that link_and_state reads."""


def link_and_state(values: Mapping[str, bytes | None]) -> tuple[Link | None, SyncState]:
    """Return the headquarters and how the last syncs went from the values under STANDING."""
    return _decoded(values[_LINK], Link), _decoded(values[_STATE], SyncState) or SyncState()


def read_state(store: MainStore) -> SyncState:
    """Return how the last syncs went."""
    return _read(store, _STATE, SyncState) or SyncState()


def write_state(store: MainStore, state: SyncState) -> None:
    """Keep how the last sync went."""
    store.set_value(_STATE, canonical_bytes(state))


def age_identity(store: MainStore, device: str) -> str:
    """Return the private half that opens what is sealed to a device; made here, on the device, when first wanted."""
    name = f"age:{device}"
    held = store.value(name)
    if held is not None:
        return held.decode()
    identity = boxes.new_identity()
    store.set_value(name, identity.encode())
    return identity


def _read(store: MainStore, key: str, kind: type[K]) -> K | None:
    return _decoded(store.value(key), kind)


def _decoded(raw: bytes | None, kind: type[K]) -> K | None:
    return msgspec.json.decode(raw, type=kind) if raw is not None else None
