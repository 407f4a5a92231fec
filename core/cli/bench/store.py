"""The store that the benches run on: as many enterprises as asked, 10,000 items, a fortieth as many past visits.

It lies in a cache folder outside the project, one a size, and is made once. Its password is public: it holds nothing
but generated data.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import platformdirs

from core.cli.bench.past_visits import PastVisits
from core.crypto import sealing, signing, slots
from core.crypto.slots import KeySlot
from core.domain.catalog import Item
from core.domain.lists import ListKind, ListVersion, Origin
from core.domain.visits import Visit
from core.kernel.clock import SystemClock, local_date
from core.kernel.progress import Progress
from core.kernel.records import Record, changed, from_plain
from core.services.demo.accounts import DEMO_ACCOUNTS
from core.services.demo.build import build_demo
from core.services.demo.items import demo_items
from core.services.demo.lists import demo_version
from core.station import Session, Station, new_station
from core.storage.home import Home

FULL_ROWS = 4_000_000
USUAL_ROWS = 100_000
ITEMS = 10_000
ROWS_A_VISIT = 40
ACCOUNT = DEMO_ACCOUNTS[0]
PASSWORD = "benchmark data only"


class Mark(Record):
    """Written when a store is whole: what it holds and what making it took."""

    rows: int
    visits: int
    made_in_s: float
    bytes_on_disk: int


@dataclass(frozen=True)
class BenchStore:
    """A finished store and the keys to it."""

    folder: Path
    rows: int
    data_key: bytes

    @property
    def main_path(self) -> Path:
        return self.folder / "main.db"

    @property
    def main_key(self) -> bytes:
        return sealing.derive(self.data_key, "database")

    @property
    def enterprises_path(self) -> Path:
        return self.folder / "ref-enterprises-1.db"

    @property
    def reference_key(self) -> bytes:
        return sealing.derive(self.data_key, "reference")

    @contextmanager
    def session(self) -> Generator[Session]:
        """Unlock without the key derivation, which other benches measure."""
        session = Session.open(Home(self.folder), self.data_key, account=ACCOUNT.name, clock=SystemClock())
        try:
            yield session
        finally:
            session.close()


def cache_folder() -> Path:
    """Return where stores lie if nobody says otherwise."""
    return Path(platformdirs.user_cache_dir("mingjian")) / "bench"


def usual_rows(base: Path) -> int:
    """Return the size to measure if nobody says one: the full size once it has been made."""
    return FULL_ROWS if mark_of(base, FULL_ROWS) else USUAL_ROWS


def mark_of(base: Path, rows: int) -> Mark | None:
    """Return what is known of a finished store of that size, or None."""
    path = base / f"{rows}" / "bench.json"
    return msgspec.json.decode(path.read_bytes(), type=Mark) if path.exists() else None


def ready_store(base: Path, rows: int, progress: Progress) -> BenchStore:
    """Return the store of that size; makes what is missing of it. Cut short, it goes on with the step it was at."""
    folder = base / f"{rows}"
    station = Station(folder)
    if not station.home.exists():
        station = new_station(folder, [(ACCOUNT, PASSWORD)], is_demo=True)
    content = station.home.read()
    data_key = slots.open_slot(from_plain(KeySlot, content.slots[ACCOUNT.name]), PASSWORD)
    store = BenchStore(folder, rows, data_key)
    if mark_of(base, rows) is None:
        _fill(store, progress)
    return store


def _fill(store: BenchStore, progress: Progress) -> None:
    begun = datetime.now(UTC)
    visits = store.rows // ROWS_A_VISIT
    with store.session() as session:
        _write_lists(session, store.rows, progress)
        with session.read_work() as work:
            subject = work.table(Visit).where()[0].subject
        past = PastVisits(
            store.main_path, store.main_key, session.device, subject=subject, officers=(ACCOUNT.officer, "o-2")
        )
        past.write(visits, store.rows, progress)
        # A station looks for named media as it goes; over a store written at once the first look takes a minute.
        session.sync.status()
    size = sum(path.stat().st_size for path in store.folder.rglob("*") if path.is_file())
    mark = Mark(
        rows=store.rows, visits=visits, made_in_s=(datetime.now(UTC) - begun).total_seconds(), bytes_on_disk=size
    )
    (store.folder / "bench.json").write_bytes(msgspec.json.encode(mark))


def _write_lists(session: Session, rows: int, progress: Progress) -> None:
    with session.read_work() as work:
        is_begun = bool(work.table(ListVersion).where())
    if not is_begun:
        build_demo(
            session.open_work,
            session.reference,
            session.clock,
            new_key=signing.new_signing_key,
            public_of=signing.public_key_of,
            sign=signing.sign,
            progress=progress,
            enterprise_count=rows,
        )
    known = session.reference.versions(ListKind.ITEMS)
    if len(known) < 2:
        today = local_date(session.clock.now())
        planned = demo_version(
            ListKind.ITEMS, today, imported_at=session.clock.now(), imported_by=session.account.officer
        )
        stored = session.reference.replace(planned, _items(), progress=progress, upsert=True)
        with session.open_work() as work:
            work.table(ListVersion).put(stored)


def _items() -> Iterator[Item]:
    """Give items that fill the list up to ITEMS, modelled on the demo's own."""
    models = demo_items()
    for number in range(ITEMS - len(models)):
        model = models[number % len(models)]
        yield changed(model, id=f"bench-item-{number}", origin=Origin.DEMO, source_id="bench")
