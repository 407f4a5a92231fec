"""Writing bundles: a station for headquarters, headquarters for a station, a station for a colleague.

The members are the bodies of the steps of a session. Source: sync.md 3.8, 3.13; F23.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec

from core.kernel.errors import Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record
from core.sync.blobs import BlobSource
from core.sync.bundle import FORMAT, HQ, BundleReport, BundleWriter, Manifest, MemberKind
from core.sync.entries import decode
from core.sync.ports import Line, StationStore
from core.sync.runs import ENTRIES_MAX, RAW_BYTES_MAX, Run, encode_run
from core.sync.streams import Cursor, Page, Reset, cursor_after, encode_page, is_hq
from core.sync.wire import ChainAnswer, DigestAnswer, PullRequest

MEDIA_MAX = 10_000
PUBLISHED = "ref/"

Sign = Callable[[bytes], bytes]


class Envelope(Record):
    """What the manifest of a new bundle says of itself."""

    id: str
    sender: str
    recipient: str
    made_at: datetime


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
        format=FORMAT,
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


# Headquarters, or whoever has a line to it in the receiver's name.


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
            waiting = {}
            for answer in answers:
                writer.add(MemberKind.PAGE, _about(answer), encode_page(answer))
                pages += 1
                progress.step(pages, None, "bundle")
                blobs += _add_published(line, writer, answer)
                if isinstance(answer, Reset):
                    waiting[answer.stream] = Cursor(stream=answer.stream)
                elif answer.more:
                    waiting[answer.stream] = cursor_after(answer)
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


def _about(answer: Page | Reset) -> str:
    return f"{answer.stream}:{answer.first if isinstance(answer, Page) else 'reset'}"


def _add_published(line: Line, writer: BundleWriter, answer: Page | Reset) -> int:
    """Add the files of the lists that a page publishes: without a line they could not be fetched."""
    if isinstance(answer, Reset):
        return 0
    if not answer.stream.startswith(PUBLISHED):
        return 0
    names = dict.fromkeys(name for raw in answer.lines for name in decode(raw).blobs)
    for name in names:
        writer.add(MemberKind.BLOB, name, line.blob(name))
    return len(names)


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
