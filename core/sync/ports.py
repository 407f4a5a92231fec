"""What the protocol needs from its two ends and from the line between them. No SQL and no HTTP in this room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from core.kernel.records import Record
from core.sync.entries import Entry
from core.sync.runs import CheckedRun, Run, RunHeader
from core.sync.streams import Cursor, Page, Reset
from core.sync.wire import (
    BlobCount,
    ChainAnswer,
    DigestAnswer,
    EnrolAnswer,
    EnrolRequest,
    PartsAnswer,
    PullRequest,
    PushAnswer,
    StreamDigest,
)

Sign = Callable[[bytes], bytes]


class Line(Protocol):
    """The line to headquarters: HTTP (core.remote), headquarters in the same process, or a test's bad wire.

    Every call may raise Trouble "sync.unreachable", "sync.line_broken", "sync.not_our_server" (a captive portal),
    "sync.busy" (params retry_after_s) and Refusal with the code that headquarters gave.
    """

    def enrol(self, request: EnrolRequest) -> EnrolAnswer: ...

    def chain(self, device: str) -> ChainAnswer: ...

    def push(self, run: Run) -> PushAnswer: ...

    def pull(self, request: PullRequest) -> Sequence[Page | Reset]:
        """Return at most one page or reset a cursor; streams without news are left out."""
        ...

    def digest(self, streams: Sequence[str]) -> DigestAnswer: ...

    def parts(self, sha256: str) -> PartsAnswer: ...

    def put_part(self, sha256: str, number: int, content: bytes) -> None: ...

    def complete(self, sha256: str, size: int) -> None: ...

    def blob(self, sha256: str, *, start: int = 0, limit: int | None = None) -> bytes:
        """Return bytes `start` … of a blob that this device may read."""
        ...


class Tail(Record):
    """The end of a chain."""

    n: int
    chain: bytes


class Applied(Record):
    """What one page changed here."""

    entries: int
    own_confirmed: int
    touched: tuple[tuple[str, str], ...] = ()
    """(family, id) of the rows that changed."""
    clashes: int = 0
    pending: int = 0
    """Lines of families or schemas that this program does not know; kept for after its upgrade."""


class StationStore(Protocol):
    """The station's half of the store (core.storage.sync_store). Each method is one transaction."""

    def own_devices(self) -> tuple[str, ...]:
        """Return the devices that this station was, oldest first, the living one last."""
        ...

    def tail(self, device: str) -> Tail:
        """Return the end of an own chain or of another device's chain as far as it is held; n 0 where it is not."""
        ...

    def chain_at(self, device: str, n: int) -> bytes | None:
        """Return the chain value after entry n of an own device; CHAIN_START for 0; None beyond the end."""
        ...

    def own_run(self, device: str, first: int, *, entries_max: int, bytes_max: int) -> Run | None:
        """Return the run of own entries from `first`, sealed; None where there is nothing. Ends at a stored seal where
        the device's key is gone. The header's stream is the home stream."""
        ...

    def confirmed(self, device: str) -> int:
        """Return up to where headquarters is known to hold an own chain."""
        ...

    def confirm(self, device: str, have: int, *, durable: int, epoch: str) -> int:
        """Mark entries up to `have` as held by headquarters and later ones as not; return how many are not.

        What was read in the stream stays marked: an older word does not undo it.

        Args:
            epoch: The lineage whose word it is. The first one is noted before anything is read; the word of another
                one than is read marks nothing, since a mark of theirs would outlive what they lost (invariant 17).
        """
        ...

    def cursors(self) -> tuple[Cursor, ...]:
        """Return the cursor of every stream that this station reads."""
        ...

    def apply_page(self, page: Page, runs: Sequence[CheckedRun]) -> Applied:
        """Keep the entries of a page, project them, move the cursor: one transaction (invariant 7).

        Raises:
            Refusal: "sync.page_damaged", where a run does not follow the author's chain as it is held here.
        """
        ...

    def apply_peer_run(self, run: CheckedRun) -> Applied:
        """Keep a run that came from another station, not by headquarters; projected, and shown as not yet there.

        Raises:
            Refusal: "sync.run_gap" (params device, have), "sync.run_fork".
        """
        ...

    def restart_stream(self, reset: Reset) -> None:
        """Set a stream's cursor to the start of the new epoch and forget what of it is known to be at headquarters.
        Nothing that is held is dropped."""
        ...

    def held_elsewhere(self) -> Iterable[Run]:
        """Yield runs of other devices that are held here and not known to be at headquarters, in each chain's order;
        headquarters' own chains first, since they tell of the devices behind the others.
        Only complete once every stream was read to its end."""
        ...

    def note_beside(self, run: RunHeader) -> None:
        """Note that headquarters keeps a run of another device beside its chain, and that the stream was read since.

        What of it did not come with the stream is not offered again in this lineage, and what headquarters itself had
        said there makes no rows.
        """
        ...

    def public_of(self, device: str) -> bytes | None:
        """Return the public key of a device: own, told by headquarters, or trusted by a person."""
        ...

    def digest(self, stream: str) -> StreamDigest:
        """Return what is held of a stream at its cursor."""
        ...

    def clash_count(self) -> int:
        """Return how many entities stand with clashes or open conflicts."""
        ...

    def blobs_waiting(self, *, limit: int) -> tuple[str, ...]:
        """Return blobs of own entries that headquarters is not known to hold, smallest first."""
        ...

    def blob_stored(self, sha256: str) -> None:
        """Note that headquarters holds a blob whole."""
        ...

    def blob_count(self) -> BlobCount:
        """Return the blobs that own entries name, and how many of them headquarters is known to hold."""
        ...

    def unconfirmed(self) -> int:
        """Return the number of own entries that exist only here."""
        ...

    def next_bundle(self, recipient: str) -> int:
        """Return the number of the next bundle to a recipient, and count it."""
        ...

    def newest_bundle(self, sender: str) -> int:
        """Return the highest number of a bundle taken in from a sender; 0 where there was none."""
        ...

    def note_bundle(self, sender: str, sequence: int, tails: dict[str, int]) -> None:
        """Note a bundle as taken in, with how far its sender holds the chains of others."""
        ...

    def tails_known_to(self, peer: str) -> dict[str, int]:
        """Return how far a colleague is known to hold chains, from the last bundle that came from there."""
        ...

    def held_tails(self) -> dict[str, int]:
        """Return how far the chains of other devices are held here."""
        ...


class StreamHead(Record):
    """The end of a stream at headquarters."""

    seq: int
    head: bytes
    epoch: str


class DeviceHead(Record):
    """The end of one chain at headquarters, with the key that seals it."""

    n: int
    chain: bytes
    durable: int
    status: str
    public: bytes
    hlc: str = ""
    """The last clock value of the chain; kept for headquarters' own chains only."""


class LogRow(Record):
    """One entry as headquarters appends it to a stream."""

    seq: int
    device: str
    n: int
    line: bytes
    stream_head: bytes
    entry: Entry
    effect: bool
    verdict: str
    """Empty, or why the entry goes to a person: see core.sync.judge."""


class Found(Record):
    """A record of headquarters' own, in plain form, and the entry that wrote it."""

    entry: str
    body: dict[str, Any]


class HqWork(Protocol):
    """One transaction of headquarters on one stream; leaving by an exception rolls back (core.hq.store)."""

    stream: str

    def lock_device(self, device: str) -> DeviceHead | None:
        """Return the end of a chain of this stream, headquarters' own too, locked until the transaction ends."""
        ...

    def lock_stream(self) -> StreamHead:
        """Return the end of the stream, locked until the transaction ends. Taken after the device, never before."""
        ...

    def lines(self, device: str, first: int, last: int) -> tuple[bytes, ...]:
        """Return the lines of a chain that the log holds."""
        ...

    def known(self, identifiers: Sequence[str]) -> dict[str, bytes]:
        """Return the line of every given entry id that is in the stream with effect."""
        ...

    def append(self, run: RunHeader, rows: Sequence[LogRow], *, first_seq: int) -> None:
        """Write the rows of one run, its header, its leaves and projections; move the ends of device and stream."""
        ...

    def keep_fork(self, run: CheckedRun) -> None:
        """Keep a run whose chain parted from what is held; the device's status becomes forked."""
        ...

    def lease(self, *, body: str, kind: str, year: int, size: int, station: str) -> tuple[int, int] | None:
        """Return first and last of a block of numbers that was never given out, and never will be again; None where
        the numbers of this body are leased in another stream."""
        ...

    def find(self, family: str, entity: str) -> Found | None:
        """Return a record of headquarters' own families in this stream as it stands now."""
        ...


class OpenHqWork(Protocol):
    """Opens a transaction on a stream."""

    def __call__(self, stream: str) -> AbstractContextManager[HqWork]: ...


class ReadHq(Protocol):
    """Reading at headquarters; no locks."""

    def stream_head(self, stream: str) -> StreamHead | None: ...

    def head_at(self, stream: str, seq: int) -> bytes | None:
        """Return the stream's hash after entry seq; STREAM_START for 0; None beyond the end."""
        ...

    def page(self, stream: str, after: int, *, limit: int) -> tuple[tuple[RunHeader, ...], tuple[bytes, ...]]:
        """Return whole runs behind `after`: at least one run if there is any, more until `limit` lines are reached."""
        ...

    def digest(self, stream: str) -> StreamDigest: ...
