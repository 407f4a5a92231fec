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
from core.sync.bundle import FORMAT, HQ, BundleReport, BundleWriter, Manifest, MemberKind, report_of
from core.sync.ports import Line, StationStore
from core.sync.runs import ENTRIES_MAX, RAW_BYTES_MAX, Run, encode_run
from core.sync.streams import Cursor, Page, Reset, cursor_after, encode_page, is_hq
from core.sync.wire import PullRequest

MEDIA_MAX = 10_000

Sign = Callable[[bytes], bytes]


class Envelope(Record):
    """What the manifest of a new bundle says of itself."""

    id: str
    sender: str
    recipient: str
    made_at: datetime
    lists: dict[str, tuple[int, ...]] = {}
    """As core.sync.bundle.Manifest."""


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
    with writer:
        _add_runs(writer, (*_own_unconfirmed(store), *store.held_elsewhere()), progress)
        if with_media:
            _add_media(store, source, writer, progress)
        manifest = _manifest(envelope, store.next_bundle(HQ), cursors=store.cursors())
        return report_of(writer.close(manifest, sign))


def _own_unconfirmed(store: StationStore) -> Iterable[Run]:
    for device in store.own_devices():
        yield from _own_after(store, device, store.confirmed(device))


def _own_after(store: StationStore, device: str, n: int) -> Iterable[Run]:
    first = n + 1
    while (run := store.own_run(device, first, entries_max=ENTRIES_MAX, bytes_max=RAW_BYTES_MAX)) is not None:
        yield run
        first = run.header.last + 1


def _add_runs(writer: BundleWriter, runs: Iterable[Run], progress: Progress) -> None:
    for count, run in enumerate(runs, 1):
        writer.add(MemberKind.RUN, f"{run.header.device}:{run.header.first}", encode_run(run))
        progress.step(count, None, "bundle")


def _add_media(store: StationStore, source: BlobSource, writer: BundleWriter, progress: Progress) -> None:
    for count, name in enumerate(store.blobs_waiting(limit=MEDIA_MAX), 1):
        try:
            content = source.get(name)
        except Trouble as trouble:
            # The statement names what this disk has lost; the rest still goes.
            if trouble.code not in ("blobs.missing", "blobs.damaged"):
                raise
            continue
        writer.add(MemberKind.BLOB, name, content)
        progress.step(count, None, "media")


def _manifest(
    envelope: Envelope,
    sequence: int,
    *,
    epoch: str = "",
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
        lists=envelope.lists,
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
    published: Iterable[str] = (),
) -> BundleReport:
    """Write what a station lacks from its cursors on, headquarters' word on its chains, and the digests to compare.

    Args:
        line: Headquarters, in the name of the receiving device.
        devices: The devices of the station, the living one last.
        published: Parts of lists that the station lacks: without a line it cannot fetch them.
    """
    with writer:
        for name in published:
            writer.add(MemberKind.BLOB, name, line.blob(name))
            progress.step(writer.count, None, "bundle")
        waiting = {cursor.stream: cursor for cursor in cursors}
        while waiting:
            answers = line.pull(PullRequest(cursors=tuple(waiting.values())))
            waiting = {}
            for answer in answers:
                writer.add(MemberKind.PAGE, _about(answer), encode_page(answer))
                progress.step(writer.count, None, "bundle")
                if isinstance(answer, Reset):
                    waiting[answer.stream] = Cursor(stream=answer.stream)
                elif answer.more:
                    waiting[answer.stream] = cursor_after(answer)
        chains = tuple(line.chain(device) for device in devices)
        digest = line.digest(tuple(cursor.stream for cursor in cursors))
        manifest = _manifest(envelope, sequence, epoch=chains[-1].epoch if chains else "")
        return report_of(writer.close(msgspec.structs.replace(manifest, chains=chains, digest=digest), sign))


def _about(answer: Page | Reset) -> str:
    return f"{answer.stream}:{answer.first if isinstance(answer, Page) else 'reset'}"


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
    with writer:
        living = store.own_devices()[-1]
        own = _own_after(store, living, store.tails_known_to(peer).get(living, 0))
        foreign = (run for run in store.held_elsewhere() if run.header.device != peer and not is_hq(run.header.device))
        _add_runs(writer, (*own, *foreign), progress)
        if with_media:
            _add_media(store, source, writer, progress)
        manifest = _manifest(envelope, store.next_bundle(peer), tails=store.held_tails())
        return report_of(writer.close(manifest, sign))
