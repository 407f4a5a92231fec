"""Bundles of a station: written for headquarters or a colleague, and taken in from either."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.crypto import boxes, signing
from core.domain.lists import ListKind
from core.domain.publications import is_published
from core.domain.shared_state import StationDevice
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.progress import Progress
from core.station.link import Link, age_identity
from core.station.publishing_in import distrusted
from core.storage.foreign_chain import HQ_PUBLIC
from core.sync.bundle import HQ, BundleReader, BundleReport, BundleWriter
from core.sync.bundle_in import take_answer_bundle, take_from_peer
from core.sync.bundle_out import Envelope, write_for_hq, write_for_peer

if TYPE_CHECKING:
    from core.station.unlocked import Unlocked
    from core.storage.sync_store import SyncStore


def export_bundle(
    session: Unlocked, store: SyncStore, link: Link, path: Path, to: str, with_media: bool, progress: Progress
) -> BundleReport:
    """Write a bundle; raises as core.station.sync.SyncStation.export_bundle."""
    if path.exists():
        raise Refusal("bundle.exists", path=path.name)
    recipient = link.hq_recipient if to == HQ else _colleague(session, to).seal_recipient
    writer = BundleWriter(path, lambda content: boxes.seal_to(recipient, content))
    envelope = Envelope(
        id=new_id(),
        sender=session.device_id,
        recipient=to,
        made_at=session.clock.now(),
        lists=lists_held(session) if to == HQ else {},
    )
    write = write_for_hq if to == HQ else write_for_peer
    return write(store, session.blobs, writer, envelope, session.sign, with_media=with_media, progress=progress)


def import_bundle(session: Unlocked, store: SyncStore, link: Link, path: Path, progress: Progress) -> BundleReport:
    """Take in a bundle; raises as core.station.sync.SyncStation.import_bundle."""
    with _reader(session, store, path) as reader:
        if reader.manifest.sender == HQ:
            return take_answer_bundle(
                store, session.blobs, reader, signing.verify, at=session.clock.now(), progress=progress
            )
        return take_from_peer(store, session.blobs, reader, signing.verify, progress=progress)


def lease_in(session: Unlocked, store: SyncStore, path: Path) -> datetime | None:
    """Return until when headquarters' word in a bundle extends the lease; None where it says nothing of it."""
    with _reader(session, store, path) as reader:
        told = [one.lease_until for one in reader.manifest.chains if one.device == session.device_id]
    return max((one for one in told if one is not None), default=None)


def lists_held(session: Unlocked) -> dict[str, tuple[int, ...]]:
    """Return by kind the published versions whose rows are here, for headquarters to lead on from.

    One on which changes did not fit is left out, so that the next comes whole.
    """
    held = {
        kind.value: tuple(
            one.version
            for one in session.reference.versions(kind)
            if is_published(one)
            and one.version not in distrusted(session.store, kind)
            and session.list_files.holds(kind, one.version)
        )
        for kind in ListKind
    }
    return {kind: versions for kind, versions in held.items() if versions}


def _reader(session: Unlocked, store: SyncStore, path: Path) -> BundleReader:
    identity = age_identity(session.store, session.device_id)
    return BundleReader(
        path,
        unseal=lambda box: boxes.open_box(identity, box),
        verify=signing.verify,
        public_of=lambda sender: session.store.value(HQ_PUBLIC) if sender == HQ else store.public_of(sender),
        recipient=session.device_id,
    )


def _colleague(session: Unlocked, device: str) -> StationDevice:
    with session.read_work() as work:
        found = work.table(StationDevice).find(device)
    if found is None or not boxes.is_recipient(found.seal_recipient):
        raise Refusal("sync.colleague_unknown", device=device)
    return found
