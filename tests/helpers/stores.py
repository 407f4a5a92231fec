"""A small real store on disk, for tests of the storage room."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from core.crypto import signing
from core.domain.checklists import Answer, Verdict
from core.kernel.clock import FixedClock
from core.storage.main_store import MainStore, device_of, new_device_id
from core.storage.work import WorkOpener

KEY = bytes(range(32))
NOW = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)


def fresh_store(folder: Path) -> MainStore:
    """Return a new store with a device."""
    store = MainStore(folder / "main.db", KEY)
    new_chain(store)
    return store


def new_chain(store: MainStore) -> None:
    """Begin a chain under a new device."""
    private = signing.new_signing_key()
    store.open_new_chain(device=new_device_id(), private=private, public=signing.public_key_of(private))


def opener(store: MainStore) -> WorkOpener:
    """Return an opener for one officer under a clock that stands still."""
    return store.opener(device_of(store, sign=signing.sign), clock=FixedClock(NOW), actor="o-1")


def answer(number: int, *, verdict: Verdict = Verdict.PASS) -> Answer:
    """Return an answer to point `number`."""
    return Answer(
        id=f"a-{number}",
        visit="v-1",
        item="i-1",
        point=f"p-{number}",
        verdict=verdict,
        answered_at=NOW,
        answered_by="o-1",
    )


def write_answers(store: MainStore, count: int) -> None:
    """Write that many answers, one transaction each."""
    for number in range(count):
        with opener(store)() as work:
            work.table(Answer).put(answer(number))
