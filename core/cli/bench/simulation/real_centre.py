"""A headquarters over its real store: one SQLite file that lies in memory, two workers on it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from core.cli.bench.simulation.ends import Image
from core.cli.bench.simulation.memory_folder import memory_folder
from core.cli.bench.simulation.real_laptop import Files, RealLaptop, Trip, new_laptop
from core.cli.bench.simulation.wire import verified
from core.domain.shared_state import DeviceStatus, StationDevice
from core.hq.desk import Desk
from core.hq.device_rows import new_row
from core.hq.directory import admit, set_status
from core.hq.numbers import MARGIN
from core.hq.store import HqStore
from core.hq.verify import verify
from core.kernel.clock import Clock, SystemClock
from core.kernel.errors import Refusal
from core.storage.engine import tell_of_writes
from core.sync.hq_pen import Draft, HqPen
from core.sync.ports import ReadHq

NAME = "hq.db"
FILES = (NAME, f"{NAME}-wal")
WRITES = frozenset({"insert", "update", "delete", "commit"})
READS = ("ref/plans",)
WORKERS = 2


@cache
def _empty() -> Files:
    with TemporaryDirectory(prefix="hq-", dir=memory_folder()) as name:
        HqStore(Path(name) / NAME, clock=SystemClock()).close()
        return {one: (Path(name) / one).read_bytes() for one in FILES if (Path(name) / one).exists()}


class Media:
    """Media of headquarters in memory (core.hq.blobs.BlobStore)."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[int, bytes]] = {}
        self._whole: dict[str, bytes] = {}

    def parts(self, sha256: str) -> tuple[int, ...]:
        return tuple(sorted(self._parts.get(sha256, {})))

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        self._parts.setdefault(sha256, {})[number] = content

    def complete(self, sha256: str, size: int) -> None:
        pieces = self._parts.get(sha256, {})
        content = b"".join(pieces[number] for number in sorted(pieces))
        if len(content) != size or hashlib.sha256(content).hexdigest() != sha256:
            raise Refusal("sync.blob_damaged", sha256=sha256)
        self._whole[sha256] = content

    def size(self, sha256: str) -> int | None:
        return len(self._whole[sha256]) if sha256 in self._whole else None

    def read(self, sha256: str, start: int, limit: int | None) -> bytes:
        content = self._whole[sha256]
        return content[start : None if limit is None else start + limit]

    def names(self) -> Iterator[str]:
        yield from self._whole


class RealCentre:
    """A headquarters (core.cli.bench.simulation.ends.CentreEnd)."""

    def __init__(self, folder: Path, clock: Clock, trip: Trip, sign: Callable[[bytes], bytes], public: bytes) -> None:
        self._folder = folder
        self._clock = clock
        self._trip = trip
        self.pen = HqPen(sign, clock.now)
        self._media = Media()
        self._restores = 0
        self._lay(_empty())
        self._stores[0].begin(hq_public=public)

    def _lay(self, files: Files) -> None:
        """Put a database in place and let the workers open it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        for name, content in files.items():
            (self._folder / name).write_bytes(content)
        self._stores = [HqStore(self._folder / NAME, clock=self._clock) for _ in range(WORKERS)]
        for store in self._stores:
            tell_of_writes(store.engines.writer, lambda what: self._trip(f"hq.{what}") if what in WRITES else None)
        self.desks = tuple(
            Desk(store, self._media, pen=lambda: self.pen, verify=verified, clock=self._clock) for store in self._stores
        )

    @property
    def read(self) -> ReadHq:
        return self._stores[-1].read

    def open_stream(self, stream: str) -> None:
        self._stores[0].run(stream, lambda work: work.lock_stream())

    def enrol(self, device: str, public: bytes, stream: str, *, past: dict[str, bytes]) -> None:
        station = min((device, *past))
        for name, key in (*past.items(), (device, public)):
            told = StationDevice(
                id=name,
                station=station,
                subject=stream.removeprefix("org/"),
                public=key.hex(),
                seal_recipient="",
                officer="",
                enrolled_at=self._clock.now(),
            )
            row = new_row(told, reads=READS)
            self._stores[0].run(stream, lambda work, row=row: admit(work, self.pen, row))

    def set_status(self, device: str, status: DeviceStatus) -> None:
        held = self._stores[0].directory.find(device)
        if held is not None:
            self._stores[0].run(
                held.home_stream, lambda work: set_status(work, self.pen, device, status, reason="retired")
            )

    def write(self, stream: str, drafts: Sequence[Draft]) -> None:
        self._stores[0].run(stream, lambda work: self.pen.write(work, drafts))

    def backup(self) -> Image:
        with self._stores[0].engines.writer.begin() as connection:
            connection.exec_driver_sql("UPDATE device_head SET durable = n")
        return {one: (self._folder / one).read_bytes() for one in FILES if (self._folder / one).exists()}

    def restore(self, image: Image, *, epoch: str) -> None:
        self.close()
        self._lay(image)
        # A backup does not know how often it was put in place; whoever restores must count that elsewhere.
        self._restores += 1
        self._stores[0].begin_new_lineage(margin=MARGIN * self._restores)

    def faults(self) -> tuple[str, ...]:
        report = verify(self._stores[0], verified, watch=lambda *_: None)
        return tuple(f"{one.stream} {one.at} {one.what} {one.why}" for one in report.bad)

    def reopen(self) -> None:
        for store in self._stores:
            store.close()

    def close(self) -> None:
        for store in self._stores:
            store.close()


class RealMakers:
    """Makes towns over real stores (core.cli.bench.simulation.ends.Makers)."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="stores-", dir=memory_folder())
        self._count = 0

    def station(self, image: Image | None, *, clock: Clock, trip: Trip) -> RealLaptop:
        return new_laptop(Path(self._folder.name), image, clock=clock, trip=trip)

    def centre(self, *, clock: Clock, trip: Trip, sign: Callable[[bytes], bytes], public: bytes) -> RealCentre:
        self._count += 1
        return RealCentre(Path(self._folder.name) / f"hq-{self._count}", clock, trip, sign, public)

    def close(self) -> None:
        """Leave nothing behind."""
        self._folder.cleanup()
