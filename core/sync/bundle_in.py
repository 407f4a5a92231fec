"""Taking bundles in: at headquarters, at a station, from a colleague. Idempotent, in any order.

A bad member is set aside and named; the good ones go in. Source: sync.md 3.13; F24; invariants 15, 16.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from core.kernel.errors import Refusal
from core.kernel.progress import Progress
from core.sync.blobs import BlobSource, send_blob
from core.sync.bundle import HQ, BadMember, BundleReader, BundleReport, Manifest, Member, MemberKind
from core.sync.ports import Line, StationStore
from core.sync.pull import Pulled, take_answer
from core.sync.runs import Run, Verify, check_run, decode_run
from core.sync.statement import Statement, compare
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
    runs = blobs = 0
    bad: list[BadMember] = []
    for number, item in enumerate(reader.members()):
        progress.step(number, len(reader.manifest.members), "bundle")
        if isinstance(item, BadMember):
            bad.append(item)
            continue
        member, content = item
        try:
            if member.kind is MemberKind.RUN:
                said = line.push(decode_run(content))
                if said.verdict == "gap":
                    raise Refusal("sync.run_gap", device=member.about, have=said.have)
                runs += 1
            elif member.kind is MemberKind.BLOB:
                send_blob(line, _name_of(member, content), content, watch=lambda _: None)
                blobs += 1
        except Refusal as refusal:
            bad.append(BadMember(name=member.name, about=member.about, why=refusal.code))
    return _took(reader.manifest, runs=runs, blobs=blobs, bad=bad)


def _name_of(member: Member, content: bytes) -> str:
    name = hashlib.sha256(content).hexdigest()
    if name != member.about:
        raise Refusal("sync.blob_damaged", sha256=member.about)
    return name


def _took(
    manifest: Manifest,
    *,
    runs: int = 0,
    pages: int = 0,
    blobs: int = 0,
    bad: Iterable[BadMember] = (),
    pulled: Pulled | None = None,
    confirmed: int = 0,
    is_repeat: bool = False,
    said: Statement | None = None,
) -> BundleReport:
    return BundleReport(
        id=manifest.id,
        sender=manifest.sender,
        recipient=manifest.recipient,
        sequence=manifest.sequence,
        runs=runs,
        pages=pages,
        blobs=blobs,
        bad=tuple(bad),
        pulled=pulled or Pulled(),
        confirmed=confirmed,
        is_repeat=is_repeat,
        statement=said,
    )


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
    pages = media = 0
    pulled = Pulled()
    bad: list[BadMember] = []
    for number, item in enumerate(_media_first(reader)):
        progress.step(number, len(manifest.members), "bundle")
        if isinstance(item, BadMember):
            bad.append(item)
            continue
        member, content = item
        try:
            if member.kind is MemberKind.BLOB:
                blobs.put(content)
                media += 1
            elif member.kind is MemberKind.PAGE:
                pulled = _take_page(store, content, verify, pulled, is_repeat=is_repeat)
                pages += 1
        except Refusal as refusal:
            bad.append(BadMember(name=member.name, about=member.about, why=refusal.code))
    confirmed = 0 if is_repeat else _take_word(store, manifest.chains)
    said = compare(store, manifest.digest, at=at) if manifest.digest is not None and not is_repeat else None
    store.note_bundle(HQ, max(manifest.sequence, store.newest_bundle(HQ)), {})
    return _took(
        manifest,
        pages=pages,
        blobs=media,
        bad=bad,
        pulled=pulled,
        confirmed=confirmed,
        is_repeat=is_repeat,
        said=said,
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
        if is_repeat or cursor.seq == 0 or cursor.epoch == answer.epoch:
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
            store.confirm(answer.device, answer.have, durable=answer.durable)
            confirmed += answer.have
    return confirmed


# From a colleague's laptop.


def take_from_peer(
    store: StationStore, blobs: Blobs, reader: BundleReader, verify: Verify, *, progress: Progress
) -> BundleReport:
    """Take in a colleague's bundle: each run is checked against its author's key, whoever carried it."""
    manifest = reader.manifest
    runs = media = 0
    pulled = Pulled()
    bad: list[BadMember] = []
    for number, item in enumerate(reader.members()):
        progress.step(number, len(manifest.members), "bundle")
        if isinstance(item, BadMember):
            bad.append(item)
            continue
        member, content = item
        try:
            if member.kind is MemberKind.BLOB:
                blobs.put(content)
                media += 1
            elif member.kind is MemberKind.RUN:
                pulled = _take_peer_run(store, decode_run(content), verify, pulled)
                runs += 1
        except Refusal as refusal:
            bad.append(BadMember(name=member.name, about=member.about, why=refusal.code))
    is_repeat = manifest.sequence <= store.newest_bundle(manifest.sender)
    if not is_repeat:
        store.note_bundle(manifest.sender, manifest.sequence, manifest.tails)
    return _took(manifest, runs=runs, blobs=media, bad=bad, pulled=pulled, is_repeat=is_repeat)


def _take_peer_run(store: StationStore, run: Run, verify: Verify, total: Pulled) -> Pulled:
    if run.header.device in store.own_devices():
        return total
    public = store.public_of(run.header.device)
    if public is None:
        raise Refusal("sync.device_unknown", device=run.header.device)
    applied = store.apply_peer_run(check_run(run, public, verify))
    return total.plus(Pulled(entries=applied.entries, touched=applied.touched, clashes=applied.clashes))
