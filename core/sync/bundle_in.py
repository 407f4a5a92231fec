"""Taking bundles in: at headquarters, at a station, from a colleague. Idempotent, in any order.

A bad member is set aside and named; the good ones go in. Source: sync.md 3.13; F24; invariants 15, 16.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from core.kernel.errors import Refusal
from core.kernel.progress import Progress
from core.sync.blobs import BlobSource, send_blob
from core.sync.bundle import HQ, BadMember, BundleReader, BundleReport, Member, MemberKind, report_of
from core.sync.ports import Line, StationStore
from core.sync.pull import Pulled, take_answer
from core.sync.runs import Run, Verify, check_run, decode_run
from core.sync.statement import compare
from core.sync.streams import Reset, cut_page, decode_page
from core.sync.wire import ChainAnswer


class Blobs(BlobSource, Protocol):
    """Where media lie (core.services.ports.Blobs)."""

    def put(self, content: bytes) -> str:
        """Store the bytes and return their SHA-256 in hex."""
        ...


# Headquarters, or whoever has a line to it in the sender's name.


def take_at_hq(reader: BundleReader, line: Line, *, progress: Progress) -> BundleReport:
    """Hand the members of a station's bundle to headquarters; a bad one is set aside and named, the good ones go in."""

    def push(member: Member, content: bytes) -> None:
        said = line.push(decode_run(content))
        if said.verdict == "gap":
            raise Refusal("sync.run_gap", device=member.about, have=said.have)

    def keep(member: Member, content: bytes) -> None:
        send_blob(line, _name_of(member, content), content, watch=lambda _: None)

    took = _take_each(reader, reader.members(), {MemberKind.RUN: push, MemberKind.BLOB: keep}, progress)
    return report_of(reader.manifest, took.counts, bad=tuple(took.bad))


def _name_of(member: Member, content: bytes) -> str:
    name = hashlib.sha256(content).hexdigest()
    if name != member.about:
        raise Refusal("sync.blob_damaged", sha256=member.about)
    return name


class _Took:
    """What became of the members of a bundle."""

    def __init__(self) -> None:
        self.counts: Counter[MemberKind] = Counter()
        self.bad: list[BadMember] = []


def _take_each(
    reader: BundleReader,
    items: Iterable[tuple[Member, bytes] | BadMember],
    takers: Mapping[MemberKind, Callable[[Member, bytes], None]],
    progress: Progress,
) -> _Took:
    """Give each member to the taker of its kind; kinds without one are passed over, refused members are named."""
    took = _Took()
    for number, item in enumerate(items):
        progress.step(number, len(reader.manifest.members), "bundle")
        if isinstance(item, BadMember):
            took.bad.append(item)
            continue
        member, content = item
        taker = takers.get(member.kind)
        if taker is None:
            continue
        try:
            taker(member, content)
            took.counts[member.kind] += 1
        except Refusal as refusal:
            took.bad.append(BadMember(name=member.name, about=member.about, why=refusal.code))
    return took


# A station takes in headquarters' answer.


def take_answer_bundle(
    store: StationStore,
    blobs: Blobs,
    reader: BundleReader,
    verify: Verify,
    *,
    at: datetime,
    progress: Progress,
) -> BundleReport:
    """Take in an answer of headquarters: media first, then pages by the cursors, then its word on our chains.

    An answer that is not newer than one already taken in still brings its pages and media, and moves nothing back.
    """
    manifest = reader.manifest
    is_repeat = manifest.sequence <= store.newest_bundle(HQ)
    pulled = Pulled()

    def keep(_: Member, content: bytes) -> None:
        blobs.put(content)

    def read(_: Member, content: bytes) -> None:
        nonlocal pulled
        pulled = _take_page(store, content, verify, pulled, is_repeat=is_repeat)

    took = _take_each(reader, _media_first(reader), {MemberKind.BLOB: keep, MemberKind.PAGE: read}, progress)
    confirmed = 0 if is_repeat else _take_word(store, manifest.chains)
    said = compare(store, manifest.digest, at=at) if manifest.digest is not None and not is_repeat else None
    store.note_bundle(HQ, max(manifest.sequence, store.newest_bundle(HQ)), {})
    return report_of(
        manifest,
        took.counts,
        bad=tuple(took.bad),
        pulled=pulled,
        confirmed=confirmed,
        is_repeat=is_repeat,
        statement=said,
    )


def _media_first(reader: BundleReader) -> Iterable[tuple[Member, bytes] | BadMember]:
    """Two passes over the file, so that what an entry names is here before the entry; memory holds one member."""
    for wanted in (True, False):
        for item in reader.members():
            is_blob = not isinstance(item, BadMember) and item[0].kind is MemberKind.BLOB
            if is_blob is wanted:
                yield item


def _take_page(store: StationStore, content: bytes, verify: Verify, total: Pulled, *, is_repeat: bool) -> Pulled:
    answer = decode_page(content)
    cursor = next((one for one in store.cursors() if one.stream == answer.stream), None)
    if cursor is None:
        raise Refusal("sync.stream_forbidden", stream=answer.stream)
    if isinstance(answer, Reset):
        # An old stick must not throw a newer reading back to the start.
        if is_repeat or cursor.epoch in ("", answer.epoch):
            return total
        return take_answer(store, answer, cursor, verify, total)
    fresh = cut_page(answer, cursor)
    return total if fresh is None else take_answer(store, fresh, cursor, verify, total)


def _take_word(store: StationStore, chains: tuple[ChainAnswer, ...]) -> int:
    """Believe what headquarters says of our chains where it fits ours; return how many entries are confirmed."""
    confirmed = 0
    own = set(store.own_devices())
    for answer in chains:
        if answer.device in own and store.chain_at(answer.device, answer.have) == answer.head:
            store.confirm(answer.device, answer.have, durable=answer.durable, epoch=answer.epoch)
            confirmed += answer.have
    return confirmed


# From a colleague's laptop.


def take_from_peer(
    store: StationStore, blobs: Blobs, reader: BundleReader, verify: Verify, *, progress: Progress
) -> BundleReport:
    """Take in a colleague's bundle: each run is checked against its author's key, whoever carried it."""
    manifest = reader.manifest
    pulled = Pulled()

    def keep(_: Member, content: bytes) -> None:
        blobs.put(content)

    def take(_: Member, content: bytes) -> None:
        nonlocal pulled
        pulled = _take_peer_run(store, decode_run(content), verify, pulled)

    took = _take_each(reader, reader.members(), {MemberKind.BLOB: keep, MemberKind.RUN: take}, progress)
    is_repeat = manifest.sequence <= store.newest_bundle(manifest.sender)
    if not is_repeat:
        store.note_bundle(manifest.sender, manifest.sequence, manifest.tails)
    return report_of(manifest, took.counts, bad=tuple(took.bad), pulled=pulled, is_repeat=is_repeat)


def _take_peer_run(store: StationStore, run: Run, verify: Verify, total: Pulled) -> Pulled:
    if run.header.device in store.own_devices():
        return total
    public = store.public_of(run.header.device)
    if public is None:
        raise Refusal("sync.device_unknown", device=run.header.device)
    applied = store.apply_peer_run(check_run(run, public, verify))
    return total.plus(Pulled(entries=applied.entries, touched=applied.touched, clashes=applied.clashes))
