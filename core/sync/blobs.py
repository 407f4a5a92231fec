"""Media after the records: parts that are named by their number and checked by their hash, whole blobs by their name.

Any worker may take any part, in any order, any number of times; a cut upload sends at most one part again. Entries
never wait for media. Source: sync.md 3.10; invariant 14, F17, F18.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record
from core.sync.ports import Line, StationStore
from core.sync.wire import PART_BYTES

BLOB_BYTES_MAX = 256 << 20
FETCH_BYTES = 1 << 20
"""Bytes asked for at a time: a cut download loses at most these."""
_WAITING = 200

Watch = Callable[[int, int], None]
"""(blobs done, bytes done)."""


class BlobSource(Protocol):
    """The station's own blobs (core.storage.blobs.FileBlobs)."""

    def get(self, sha256: str) -> bytes:
        """Return the bytes.  Raises Trouble "blobs.missing", "blobs.damaged"."""
        ...


class Sent(Record):
    """What sending media came to."""

    blobs: int = 0
    bytes_sent: int = 0
    lost: tuple[str, ...] = ()
    """Blobs that our entries name and this disk does not hold any more: the statement names them."""


def part_count(size: int) -> int:
    """Return how many parts a blob of so many bytes has; an empty one has none."""
    return -(-size // PART_BYTES)


def part(content: bytes, number: int) -> bytes:
    """Return one part, counted from 0."""
    return content[number * PART_BYTES : (number + 1) * PART_BYTES]


def part_size(size: int, number: int) -> int:
    """Return how many bytes part `number` of a blob of `size` bytes has; 0 beyond its end."""
    return max(0, min(PART_BYTES, size - number * PART_BYTES))


def send_blobs(store: StationStore, source: BlobSource, line: Line, *, watch: Watch) -> Sent:
    """Send every blob of own entries that headquarters lacks, smallest first.

    Args:
        watch: Told after every part; may raise Cancelled, what was sent stays sent.

    Raises:
        Trouble: as core.sync.ports.Line.
    """
    sent = Sent()
    passed: set[str] = set()
    while waiting := [name for name in store.blobs_waiting(limit=_WAITING + len(passed)) if name not in passed]:
        for name in waiting:
            passed.add(name)
            try:
                content = source.get(name)
            except Trouble as trouble:
                if trouble.code not in ("blobs.missing", "blobs.damaged"):
                    raise
                sent = Sent(blobs=sent.blobs, bytes_sent=sent.bytes_sent, lost=(*sent.lost, name))
                continue
            before = sent
            fresh = send_blob(
                line, name, content, watch=lambda count, so_far=before: watch(so_far.blobs, so_far.bytes_sent + count)
            )
            store.blob_stored(name)
            sent = Sent(blobs=sent.blobs + 1, bytes_sent=sent.bytes_sent + fresh, lost=sent.lost)
            watch(sent.blobs, sent.bytes_sent)
    return sent


def send_blob(line: Line, name: str, content: bytes, *, watch: Callable[[int], None]) -> int:
    """Send what is lacking of one blob and return how many bytes went.  Raises as send_blobs."""
    there = line.parts(name)
    if there.is_whole:
        return 0
    fresh = 0
    for number in range(part_count(len(content))):
        if number not in there.parts:
            piece = part(content, number)
            line.put_part(name, number, piece)
            fresh += len(piece)
            watch(fresh)
    line.complete(name, len(content))
    return fresh


def fetch_blob(line: Line, name: str, *, size: int) -> bytes:
    """Return a blob of headquarters, asked for piece by piece.

    Raises:
        Refusal: "sync.blob_damaged", params sha256; what came does not have its name, nothing is kept.
        Trouble: as core.sync.ports.Line.
    """
    if not 0 <= size <= BLOB_BYTES_MAX:
        raise Refusal("sync.body_too_large", bytes_max=BLOB_BYTES_MAX)
    pieces: list[bytes] = []
    at = 0
    while at < size:
        piece = line.blob(name, start=at, limit=min(FETCH_BYTES, size - at))
        if not piece:
            break
        pieces.append(piece)
        at += len(piece)
    content = b"".join(pieces)
    if len(content) != size or hashlib.sha256(content).hexdigest() != name:
        raise Refusal("sync.blob_damaged", sha256=name)
    return content
