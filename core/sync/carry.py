"""Sync without a line: what goes into a bundle and what is done with one, with the very steps of a session.

To headquarters and back, or from laptop to laptop. A bundle may be taken in any number of times, in any order, also
after part of it came by network. Source: sync.md 3.8, 3.13; invariants 15, 16; F23, F24.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from core.kernel.errors import Fault, Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record
from core.sync.blobs import BlobSource, send_blob
from core.sync.bundle import BadMember, BundleReader, BundleWriter, Manifest, Member, MemberKind
from core.sync.entries import Entry, decode
from core.sync.ports import Line, StationStore
from core.sync.pull import Pulled, take_answer
from core.sync.runs import (
    ENTRIES_MAX,
    RAW_BYTES_MAX,
    Run,
    Verify,
    check_run,
    decode_run,
    encode_run,
)
from core.sync.statement import Statement, compare
from core.sync.streams import Cursor, Page, Reset, cut_page, decode_page, encode_page, is_hq
from core.sync.wire import ChainAnswer, DigestAnswer, PullRequest

HQ = "hq"
MEDIA_MAX = 10_000


class Blobs(BlobSource, Protocol):
    """Where media lie (core.services.ports.Blobs)."""

    def put(self, content: bytes) -> str:
        """Store the bytes and return their SHA-256 in hex."""
        ...


class BundleReport(Record):
    """What writing or taking in a bundle came to. `is_repeat`: this very bundle, or a newer one, was taken in before."""

    id: str
    sender: str
    recipient: str
    sequence: int
    runs: int = 0
    pages: int = 0
    blobs: int = 0
    bad: tuple[BadMember, ...] = ()
    pulled: Pulled = Pulled()
    confirmed: int = 0
    is_repeat: bool = False
    statement: Statement | None = None


class Envelope(Record):
    """What the manifest of a new bundle says of itself."""

    id: str
    sender: str
    recipient: str
    made_at: datetime


Sign = Callable[[bytes], bytes]


# A station writes for headquarters.


def write_for_hq(
    store: StationStore,
    source: BlobSource,
    writer: BundleWriter,
    envelope: Envelope,
    sign: Sign,
    *,
    with_media: bool,
    progress: Progress,
) -> BundleReport:
    """Put in all that headquarters is not known to hold, and how far its streams were read here.

    Raises:
        Trouble: "bundle.not_written"; Cancelled: nothing is left behind.
    """
    try:
        runs = 0
        for run in (*_own_unconfirmed(store), *store.held_elsewhere()):
            _add_run(writer, run)
            runs += 1
            progress.step(runs, None, "bundle")
        blobs = _add_media(store, source, writer, progress) if with_media else 0
        manifest = _manifest(envelope, store.next_bundle(HQ), epoch="", cursors=store.cursors())
        done = writer.close(manifest, sign)
    except BaseException:
        writer.drop()
        raise
    return _written(done, runs=runs, blobs=blobs)


def _own_unconfirmed(store: StationStore) -> Iterable[Run]:
    for device in store.own_devices():
        first = store.confirmed(device) + 1
        while (run := store.own_run(device, first, entries_max=ENTRIES_MAX, bytes_max=RAW_BYTES_MAX)) is not None:
            yield run
            first = run.header.last + 1


def _add_run(writer: BundleWriter, run: Run) -> None:
    writer.add(MemberKind.RUN, f"{run.header.device}:{run.header.first}", encode_run(run))


def _add_media(store: StationStore, source: BlobSource, writer: BundleWriter, progress: Progress) -> int:
    count = 0
    for name in store.blobs_waiting(limit=MEDIA_MAX):
        try:
            content = source.get(name)
        except Trouble as trouble:
            # The statement names what this disk has lost; the rest still goes.
            if trouble.code not in ("blobs.missing", "blobs.damaged"):
                raise
            continue
        writer.add(MemberKind.BLOB, name, content)
        count += 1
        progress.step(count, None, "media")
    return count


def _manifest(
    envelope: Envelope,
    sequence: int,
    *,
    epoch: str,
    cursors: tuple[Cursor, ...] = (),
    tails: Mapping[str, int] | None = None,
) -> Manifest:
    return Manifest(
        format=1,
        id=envelope.id,
        sender=envelope.sender,
        recipient=envelope.recipient,
        sequence=sequence,
        made_at=envelope.made_at,
        epoch=epoch,
        members=(),
        cursors=cursors,
        tails=dict(tails or {}),
    )


def _written(manifest: Manifest, *, runs: int = 0, pages: int = 0, blobs: int = 0) -> BundleReport:
    return BundleReport(
        id=manifest.id,
        sender=manifest.sender,
        recipient=manifest.recipient,
        sequence=manifest.sequence,
        runs=runs,
        pages=pages,
        blobs=blobs,
    )


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


def write_answer(
    line: Line,
    writer: BundleWriter,
    envelope: Envelope,
    sign: Sign,
    *,
    sequence: int,
    devices: Iterable[str],
    cursors: tuple[Cursor, ...],
    progress: Progress,
) -> BundleReport:
    """Write what a station lacks from its cursors on, headquarters' word on its chains, and the digests to compare.

    Args:
        line: Headquarters, in the name of the receiving device.
        devices: The devices of the station, the living one last.
    """
    pages = blobs = 0
    try:
        waiting = {cursor.stream: cursor for cursor in cursors}
        while waiting:
            answers = line.pull(PullRequest(cursors=tuple(waiting.values())))
            asked, waiting = waiting, {}
            for answer in answers:
                writer.add(MemberKind.PAGE, _about(answer), encode_page(answer))
                pages += 1
                progress.step(pages, None, "bundle")
                blobs += _add_published(line, writer, answer)
                if isinstance(answer, Reset):
                    waiting[answer.stream] = Cursor(stream=answer.stream)
                elif answer.more:
                    waiting[answer.stream] = _behind(answer, asked[answer.stream])
        chains = tuple(line.chain(device) for device in devices)
        digest = line.digest(tuple(cursor.stream for cursor in cursors))
        manifest = _manifest(envelope, sequence, epoch=chains[-1].epoch if chains else "")
        done = writer.close(_with_word(manifest, chains, digest), sign)
    except BaseException:
        writer.drop()
        raise
    return _written(done, pages=pages, blobs=blobs)


def _with_word(manifest: Manifest, chains: tuple[ChainAnswer, ...], digest: DigestAnswer) -> Manifest:
    return msgspec.structs.replace(manifest, chains=chains, digest=digest)


def _behind(page: Page, cursor: Cursor) -> Cursor:
    assert cursor.stream == page.stream
    return Cursor(stream=page.stream, epoch=page.epoch, seq=page.last, head=page.head)


def _about(answer: Page | Reset) -> str:
    return f"{answer.stream}:{answer.first if isinstance(answer, Page) else 'reset'}"


def _add_published(line: Line, writer: BundleWriter, answer: Page | Reset) -> int:
    """Add the files of the lists that a page publishes: without a line they could not be fetched."""
    if isinstance(answer, Reset):
        return 0
    names = [name for line_ in answer.lines for name in _published(decode(line_), answer)]
    for name in dict.fromkeys(names):
        writer.add(MemberKind.BLOB, name, line.blob(name))
    return len(dict.fromkeys(names))


def _published(entry: Entry, page: Page) -> tuple[str, ...]:
    return entry.blobs if page.stream.startswith("ref/") else ()


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


# From laptop to laptop.


def write_for_peer(
    store: StationStore,
    source: BlobSource,
    writer: BundleWriter,
    envelope: Envelope,
    sign: Sign,
    *,
    with_media: bool,
    progress: Progress,
) -> BundleReport:
    """Put in what a colleague is not known to hold of our chains, and what headquarters has not seen of others'."""
    peer = envelope.recipient
    try:
        known = store.tails_known_to(peer)
        runs = 0
        for run in (*_own_from(store, known), *store.held_elsewhere()):
            if run.header.device != peer and not is_hq(run.header.device):
                _add_run(writer, run)
                runs += 1
                progress.step(runs, None, "bundle")
        blobs = _add_media(store, source, writer, progress) if with_media else 0
        manifest = _manifest(envelope, store.next_bundle(peer), epoch="", tails=store.held_tails())
        done = writer.close(manifest, sign)
    except BaseException:
        writer.drop()
        raise
    return _written(done, runs=runs, blobs=blobs)


def _own_from(store: StationStore, known: Mapping[str, int]) -> Iterable[Run]:
    device = store.own_devices()[-1]
    first = known.get(device, 0) + 1
    while (run := store.own_run(device, first, entries_max=ENTRIES_MAX, bytes_max=RAW_BYTES_MAX)) is not None:
        yield run
        first = run.header.last + 1


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
        except Fault as fault:
            if isinstance(fault, Trouble):
                raise
            bad.append(BadMember(name=member.name, about=member.about, why=fault.code))
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
