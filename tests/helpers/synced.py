"""A small store that reads a stream, and pages for it made without a headquarters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.crypto import signing
from core.domain.checklists import Answer
from core.domain.shared_state import StationDevice
from core.kernel.records import to_plain
from core.storage.foreign_chain import HQ_PUBLIC
from core.storage.main_store import MainStore, device_of
from core.storage.own_chain import HOME
from core.storage.sync_store import SyncStore
from core.sync.ports import Applied
from core.sync.pull import checked_runs
from core.sync.runs import Run
from core.sync.streams import Page, hq_device
from tests.helpers.stores import NOW, answer, fresh_store
from tests.sync.chains import STREAM, Author, page


class Synced:
    """A store whose home is the tests' stream, with headquarters' hand to write into it."""

    def __init__(self, folder: Path, *, hq: Author | None = None) -> None:
        self.store: MainStore = fresh_store(folder)
        self.hq = hq or Author(hq_device(STREAM))
        self.sync = sync_of(self.store)
        self.store.set_value(HOME, STREAM.encode())
        self.store.set_value(HQ_PUBLIC, self.hq.public)
        self.sync.read_streams((STREAM,))
        self.store.look_around()

    @property
    def device(self) -> str:
        """Return the living device."""
        return self.sync.own_devices()[-1]

    def next_page(self, *runs: Run, more: bool = False) -> Page:
        """Return the page with these runs behind the store's cursor."""
        cursor = self.sync.cursors()[0]
        return page(*runs, first=cursor.seq + 1, prev=cursor.head, epoch=cursor.epoch or "e-1", more=more)

    def take(self, *runs: Run) -> Applied:
        """Check a page with these runs as a session does, and apply it."""
        given = self.next_page(*runs)
        return self.sync.apply_page(given, checked_runs(self.sync, given, self.sync.cursors()[0], signing.verify))

    def introduce(self, *authors: Author) -> None:
        """Have headquarters tell the keys of other stations."""
        first = len(self.hq.lines) + 1
        for author in authors:
            told(self.hq, author)
        self.take(self.hq.run(first))

    def own_run(self) -> Run:
        """Return the run of everything own."""
        run = self.sync.own_run(self.device, 1, entries_max=10_000, bytes_max=1 << 30)
        assert run is not None
        return run


def sync_of(store: MainStore) -> SyncStore:
    """Return the sync half of a store; blobs have their name's length in bytes."""
    return SyncStore(store, lambda: device_of(store, sign=signing.sign), size_of=len)


def told(hq: Author, author: Author) -> None:
    """Append headquarters' entry about a station's key."""
    device = StationDevice(
        id=author.device,
        station=f"s-{author.device}",
        subject="某局",
        public=author.public.hex(),
        seal_recipient="age1",
        officer="o-1",
        enrolled_at=NOW,
    )
    hq.write(1, fam="station_device", **to_plain(device))


def writes(author: Author, number: int, *, parents: Sequence[str] = (), **changes: Any) -> str:
    """Append an answer to point `number` and return the entry's id."""
    plain = to_plain(answer(number)) | changes
    author.write(1, parents=tuple(parents), **plain)
    return f"{author.device}-{len(author.lines)}"


def answers_of(store: MainStore) -> dict[str, Answer]:
    """Return the answers that a store shows, by id."""
    read = store.reader(device_of(store, sign=signing.sign), clock=_Standing(), actor="")
    with read() as work:
        return {one.id: one for one in work.table(Answer).where(visit="v-1")}


class _Standing:
    def now(self) -> Any:
        """Return the tests' instant."""
        return NOW
