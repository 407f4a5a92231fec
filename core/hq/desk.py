"""The desk: what headquarters does for a device that asks, whatever line it came by.

The routes and the in-process line use it. Push is authorised by the run's seal alone; everything else is answered for
the device that the caller has proved to be. Source: sync.md 3.6, 3.7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from core.domain.shared_state import DeviceStatus
from core.hq.blobs import BlobStore
from core.hq.device_rows import DeviceRow
from core.hq.directory import tell_status
from core.hq.store import HqStore
from core.hq.upkeep import is_address
from core.hq.work import SqlWork
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.sync.entries import CHAIN_START, seal_text
from core.sync.hq_pen import HqPen
from core.sync.pull import give
from core.sync.push import take_run
from core.sync.runs import CheckedRun, Run, RunHeader, Verify, check_run
from core.sync.streams import HQ_PREFIX, Page, Reset, is_hq
from core.sync.wire import PART_BYTES, ChainAnswer, DigestAnswer, PartsAnswer, PullRequest, PushAnswer

LEASE_DAYS = 30
"""Days without headquarters after which a station begins no new visit. Source: design.md section 3."""
BLOB_BYTES_MAX = 256 << 20
AUTHORS_MAX = 20_000
"""Devices whose key and home a worker remembers."""
RECEIVES = frozenset({DeviceStatus.ACTIVE, DeviceStatus.FORKED})
"""Devices that receive something; retired and lost ones only hand over."""


class Desk:
    """Answers devices.

    Args:
        pen: Makes headquarters' pen; asked anew for every transaction.
        verify: Checks a signature (core.crypto.signing.verify).
    """

    def __init__(
        self, store: HqStore, blobs: BlobStore, *, pen: Callable[[], HqPen], verify: Verify, clock: Clock
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._pen = pen
        self._verify = verify
        self._clock = clock
        # Home and key of a device never change: a push need not look them up again.
        self._authors: dict[str, tuple[str, bytes]] = {}

    # Records.

    def chain(self, device: str) -> ChainAnswer:
        """Return what is held of a chain.  Raises Refusal "sync.device_unknown"."""
        row = self._row(device)
        n, chain, durable = self._store.chain_end(row.home_stream, device) or (0, CHAIN_START, 0)
        now = self._clock.now()
        is_active = row.status is DeviceStatus.ACTIVE
        return ChainAnswer(
            device=device,
            have=n,
            head=chain,
            durable=durable,
            status=row.status.value,
            epoch=self._store.epoch(),
            lease_until=now + timedelta(days=LEASE_DAYS) if is_active else None,
            kept=self._store.read.kept_count(row.home_stream, device),
            # A retired station erases itself once it sees that nothing is only there; a lost one at once.
            must_erase=row.status is DeviceStatus.LOST,
            at=now,
        )

    def push(self, run: Run) -> PushAnswer:
        """Take in a run, whoever brings it: its seal tells whose it is.

        Raises:
            Refusal: "sync.device_unknown", and as core.sync.runs.check_run and core.sync.push.take_run.
            Trouble: "hq.database_busy", "hq.database_unreachable".
        """
        stream, public = self._author(run.header)
        checked = check_run(run, public, self._verify)
        return self._store.run(stream, lambda work: self._take(work, checked))

    def _take(self, work: SqlWork, checked: CheckedRun) -> PushAnswer:
        answer = take_run(work, checked, self._pen())
        if answer.verdict == "fork":
            # In the same transaction: its colleagues hear of it with their next pull.
            tell_status(work, self._pen(), checked.header.device)
        return answer

    def pull(self, device: str, request: PullRequest) -> tuple[Page | Reset, ...]:
        """Return what follows the cursors.

        Raises:
            Refusal: "sync.device_unknown", "sync.device_retired", "sync.stream_forbidden" (invariant 15).
        """
        row = self._receiver(device)
        return give(self._store.read, request, row.streams)

    def digest(self, device: str, streams: Sequence[str]) -> DigestAnswer:
        """Return what is held of the streams and of the media that the station named, also under earlier keys.

        Raises:
            Refusal: as `pull`.
        """
        row = self._receiver(device)
        for stream in streams:
            if stream not in row.streams:
                raise Refusal("sync.stream_forbidden", stream=stream)
        own = [one.device for one in self._store.directory.of_station(row.station)]
        return DigestAnswer(
            chain=self.chain(device),
            streams=tuple(self._store.read.digest(stream) for stream in streams),
            blobs=self._store.read.blob_count(row.home_stream, own),
        )

    # Media.

    def parts(self, device: str, sha256: str) -> PartsAnswer:
        """Return which parts of a blob are here.  Raises Refusal "sync.device_unknown", "sync.blob_unnamed"."""
        self._named(self._row(device), sha256)
        size = self._store.blob_size(sha256)
        if size is not None:
            return PartsAnswer(sha256=sha256, is_whole=True, size=size)
        return PartsAnswer(sha256=sha256, parts=self._blobs.parts(sha256))

    def put_part(self, device: str, sha256: str, number: int, content: bytes) -> None:
        """Keep one part.

        Raises:
            Refusal: "sync.device_unknown", "sync.blob_unnamed", "sync.body_too_large".
        """
        if len(content) > PART_BYTES or not 0 <= number < BLOB_BYTES_MAX // PART_BYTES:
            raise Refusal("sync.body_too_large", bytes_max=PART_BYTES)
        self._named(self._row(device), sha256)
        if self._store.blob_size(sha256) is None:
            self._blobs.put_part(sha256, number, content)

    def complete(self, device: str, sha256: str, size: int) -> None:
        """Put a blob together; again, or by another device at the same time, is a no-op (invariant 14, F18).

        Raises:
            Refusal: "sync.device_unknown", "sync.blob_unnamed", "sync.body_too_large", and as BlobStore.complete.
        """
        if not 0 <= size <= BLOB_BYTES_MAX:
            raise Refusal("sync.body_too_large", bytes_max=BLOB_BYTES_MAX)
        self._named(self._row(device), sha256)
        if self._store.blob_size(sha256) is None:
            self._blobs.complete(sha256, size)
            self._store.note_blob(sha256, size, self._clock.now())

    def blob(self, device: str, sha256: str, *, start: int = 0, limit: int | None = None) -> bytes:
        """Return bytes of a blob that an entry names which the device may read.

        Raises:
            Refusal: "sync.device_unknown", "sync.device_retired", "sync.blob_unnamed", "hq.blob_missing".
        """
        self._named(self._receiver(device), sha256)
        return self._blobs.read(sha256, start, limit)

    # Who asks.

    def _row(self, device: str) -> DeviceRow:
        row = self._store.directory.find(device)
        if row is None:
            raise Refusal("sync.device_unknown", device=device)
        return row

    def _receiver(self, device: str) -> DeviceRow:
        row = self._row(device)
        if row.status not in RECEIVES:
            raise Refusal("sync.device_retired", device=device)
        return row

    def _author(self, header: RunHeader) -> tuple[str, bytes]:
        """Return home stream and key of a chain; headquarters' own come back as any other (F14)."""
        device = header.device
        if device in self._authors:
            return self._authors[device]
        if not is_hq(device):
            row = self._row(device)
            if len(self._authors) >= AUTHORS_MAX:
                self._authors.clear()
            self._authors[device] = row.home_stream, row.public
            return row.home_stream, row.public
        # The stream itself may have been lost; only our own seal opens it again.
        stream = device.removeprefix(HQ_PREFIX)
        keys = self._store.hq_keys()
        text = seal_text(device, header.last, header.head)
        return stream, next((key for key in keys if self._verify(key, text, header.seal)), keys[0])

    def _named(self, row: DeviceRow, sha256: str) -> None:
        if not is_address(sha256) or not self._store.read.names_blob(sha256, row.streams):
            raise Refusal("sync.blob_unnamed", sha256=sha256)
