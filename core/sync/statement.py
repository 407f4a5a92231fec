"""The reconciliation statement: what is here, what is there, and whether the two are equal. Invariant 23.

Green means applied and equal: every own entry confirmed, every stream read to its end with equal hash and leaves, every
blob of ours there. Both ends compute `root` from what they hold themselves; nothing is copied from one to the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from core.kernel.records import Record
from core.sync.entries import CHAIN_START
from core.sync.ports import Line, StationStore
from core.sync.wire import BlobCount, ChainAnswer, DigestAnswer, StreamDigest


class Counts(Record):
    """Numbers at both ends and what exists only here."""

    here: int
    there: int
    only_here: int


class Difference(Record):
    """Something that is not equal: where, what is held here and there, in words' parameters."""

    what: str
    """chain, epoch, position, hash, leaves, families or blobs; words: sync.differs.<what>."""
    where: str
    here: str
    there: str


class Statement(Record):
    """The statement of one station after one session."""

    at: datetime
    """The station's clock, UTC."""
    equal: bool
    records: Counts
    blobs: Counts
    blob_bytes_there: int
    root_here: str
    root_there: str
    conflicts: int
    differences: tuple[Difference, ...]
    awaited: tuple[str, ...]
    """Blobs that headquarters still waits for."""
    durable: int
    """Own entries that are inside a backup of headquarters."""


def root_of(chain_n: int, chain_head: bytes, streams: Iterable[StreamDigest]) -> str:
    """Return one hash, in hex, over the end of the own chain and every stream with its leaves."""
    digest = hashlib.sha256(b"root1|%d|" % chain_n + chain_head)
    for one in sorted(streams, key=lambda stream: stream.stream):
        digest.update(f"|{one.stream}|{_lineage(one)}|{one.seq}|".encode() + one.head + one.leaves)
    return digest.hexdigest()


def _lineage(one: StreamDigest) -> str:
    """Return the epoch, which an empty stream does not have: who never read a line of it was never told one."""
    return one.epoch if one.seq else ""


def statement(store: StationStore, line: Line, *, at: datetime) -> Statement:
    """Ask headquarters for its digests and set them beside ours.

    Raises:
        Trouble: as core.sync.ports.Line.
    """
    streams = tuple(cursor.stream for cursor in store.cursors())
    return compare(store, line.digest(streams), at=at)


def compare(store: StationStore, there: DigestAnswer, *, at: datetime) -> Statement:
    """Return the statement for an answer of headquarters, which may also have come on a stick."""
    device = store.own_devices()[-1]
    tail = store.tail(device)
    here = tuple(store.digest(cursor.stream) for cursor in store.cursors())
    blobs = store.blob_count()
    only_here = store.unconfirmed()
    differences = (*_chain(device, tail.n, tail.chain, there.chain), *_streams(here, there.streams))
    differences += _blobs(blobs, there.blobs)
    root_here = root_of(tail.n, tail.chain, here)
    root_there = root_of(there.chain.have, there.chain.head, there.streams)
    return Statement(
        at=at,
        equal=not differences and only_here == 0 and root_here == root_there,
        records=Counts(here=tail.n, there=there.chain.have, only_here=only_here),
        blobs=Counts(here=blobs.named, there=there.blobs.here, only_here=max(0, blobs.named - there.blobs.here)),
        blob_bytes_there=there.blobs.here_bytes,
        root_here=root_here,
        root_there=root_there,
        conflicts=store.clash_count(),
        differences=differences,
        awaited=there.blobs.awaited,
        durable=there.chain.durable,
    )


def _chain(device: str, n: int, chain: bytes, there: ChainAnswer) -> tuple[Difference, ...]:
    if (n, chain) == (there.have, there.head) or (n == 0 and there.head == CHAIN_START):
        return ()
    return (Difference(what="chain", where=device, here=f"{n}", there=f"{there.have}"),)


def _streams(here: tuple[StreamDigest, ...], there: tuple[StreamDigest, ...]) -> tuple[Difference, ...]:
    found: list[Difference] = []
    others = {one.stream: one for one in there}
    for one in here:
        other = others.get(one.stream, StreamDigest(stream=one.stream))
        pairs = (
            ("epoch", _lineage(one), _lineage(other)),
            ("position", str(one.seq), str(other.seq)),
            ("hash", one.head.hex(), other.head.hex()),
            ("leaves", one.leaves.hex(), other.leaves.hex()),
        )
        # Once one of them differs the later ones must: one line says enough.
        first = next((pair for pair in pairs if pair[1] != pair[2]), None)
        if first is not None:
            found.append(Difference(what=first[0], where=one.stream, here=first[1], there=first[2]))
        else:
            found += _families(one, other)
    return tuple(found)


def _families(here: StreamDigest, there: StreamDigest) -> list[Difference]:
    names = sorted({*here.families, *there.families})
    counts = ((name, here.families.get(name, 0), there.families.get(name, 0)) for name in names)
    return [
        Difference(what="families", where=f"{here.stream} {name}", here=str(ours), there=str(theirs))
        for name, ours, theirs in counts
        if ours != theirs
    ]


def _blobs(here: BlobCount, there: BlobCount) -> tuple[Difference, ...]:
    if here.named == there.named == there.here:
        return ()
    return (Difference(what="blobs", where="", here=str(here.named), there=str(there.here)),)
