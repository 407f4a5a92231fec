"""The messages of the protocol beside runs and pages: small JSON records (sync.md 3.6). Times are UTC, sizes bytes."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.sync.entries import CHAIN_START
from core.sync.streams import STREAM_START, Cursor

PROTOCOL = 1
"""Raised when a message changes its meaning; three releases either way understand each other."""
PROTOCOL_OLDEST = 1
JSON_BYTES_MAX = 1 << 20
"""A JSON message beside runs and pages is never longer."""
PART_BYTES = 256 << 10
"""Size of a blob's parts; the last may be shorter. A cut upload sends at most one part again (sync.md 3.10)."""
PAGE_ENTRIES = 2_000


class DeviceKeys(Record):
    """The public halves of one device's keys."""

    device: str
    public: bytes
    """Ed25519."""
    seal_recipient: str
    """age recipient (X25519)."""
    certificate: bytes = b""
    """X.509 (DER) for signatures inside PDF files."""


class EnrolRequest(Record):
    """A station asks to be taken in. `past` are devices that the station was before a restore: their chains follow."""

    code: str
    station: str
    keys: DeviceKeys
    past: tuple[DeviceKeys, ...] = ()
    program: str = ""
    protocol: int = PROTOCOL
    only_looks: bool = False
    """Ask what the answer would be; nothing changes and the code stays good."""


class EnrolAnswer(Record):
    """What an enrolled station needs to know. The same code and key give the same answer again."""

    device: str
    subject: str
    home_stream: str
    streams: tuple[str, ...]
    """Streams that the station reads, its home first."""
    hq_public: bytes
    """Ed25519 key of headquarters' own chains; certified by the root key."""
    root_public: bytes
    root_signature: bytes
    """The root key's signature over b"hq-key1" + hq_public."""
    hq_recipient: str
    """age recipient to which bundles are sealed."""
    epoch: str
    lease_until: datetime
    streets: tuple[str, ...] = ()
    """Scope by street; empty: the whole body."""


class ChainAnswer(Record):
    """Headquarters' view of one chain: read anew at every session, never remembered as an acknowledgement."""

    device: str
    have: int = 0
    head: bytes = CHAIN_START
    durable: int = 0
    """Position that is inside a backup of headquarters: before it a station evicts nothing."""
    status: str = "active"
    epoch: str = ""
    lease_until: datetime | None = None
    kept: int = 0
    """Entries of this device that were kept outside its chain, after a fork."""
    must_erase: bool = False
    """The lost-laptop order, or retired and everything is here."""
    at: datetime | None = None
    """Headquarters' clock."""


class PushAnswer(Record):
    """What became of a run.

    verdict `taken`: have and head are the new end of the chain. `gap`: the run begins behind it, send from have + 1.
    `fork`: under one number stand other bytes; the lines were kept, the station must enrol again.
    """

    verdict: str
    have: int
    head: bytes
    stream_seq: int = 0
    durable: int = 0
    epoch: str = ""
    quarantined: tuple[tuple[str, str], ...] = ()
    """Entry id and reason; such entries are stored and go to a person, they never block the others."""


class PullRequest(Record):
    """The cursors to read on from. `wait_s`: hold the answer until something comes, at most 25 s."""

    cursors: tuple[Cursor, ...]
    limit: int = PAGE_ENTRIES
    wait_s: int = 0


class StreamDigest(Record):
    """What one end holds of a stream. Equal cursors must give equal digests (invariant 23)."""

    stream: str
    epoch: str = ""
    seq: int = 0
    head: bytes = STREAM_START
    families: dict[str, int] = {}
    """Entries with effect, by family."""
    leaves: bytes = bytes(32)
    """Sum, modulo 2**256, of the SHA-256 of every leaf (core.sync.digest)."""


class BlobCount(Record):
    """Media that entries of one device name: how many, how many bytes of them are here, and which are awaited."""

    named: int = 0
    here: int = 0
    here_bytes: int = 0
    awaited: tuple[str, ...] = ()
    """SHA-256 in hex; at most AWAITED_MAX of them."""


AWAITED_MAX = 1_000


class DigestRequest(Record):
    """Asks for the digests of the streams that the asking device reads."""

    streams: tuple[str, ...]


class DigestAnswer(Record):
    """What headquarters holds, for the reconciliation statement of one device."""

    chain: ChainAnswer
    streams: tuple[StreamDigest, ...]
    blobs: BlobCount


class PartsAnswer(Record):
    """The parts of a blob that headquarters holds, or that it is whole."""

    sha256: str
    is_whole: bool = False
    size: int = 0
    parts: tuple[int, ...] = ()


class CompleteRequest(Record):
    """All parts are there: put them together."""

    size: int


def encode(message: Record) -> bytes:
    """Return the JSON of a message."""
    return msgspec.json.encode(message)


def decode(kind: type[msgspec.Struct], body: bytes) -> msgspec.Struct:
    """Return the message of a body.

    Raises:
        Refusal: "sync.body_damaged", "sync.body_too_large".
    """
    if len(body) > JSON_BYTES_MAX:
        raise Refusal("sync.body_too_large", bytes_max=JSON_BYTES_MAX)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("sync.body_damaged", why="message") from error
