"""Bundles at headquarters: a stick taken in, and the answer for the station that sent it.

The members go through the same desk as calls over a line. What a station said of its cursors is remembered until its
answer is written. Source: sync.md 3.13; F24.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from core.crypto import boxes, signing
from core.domain.lists import ListKind
from core.domain.publications import Publication, steps_to, wanted
from core.hq.desk import Desk
from core.hq.direct import DirectLine
from core.hq.keys import ServiceKeys
from core.hq.rotation import with_living_seals
from core.hq.store import HqStore
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.progress import Progress
from core.sync.bundle import HQ, BundleReader, BundleReport, BundleWriter
from core.sync.bundle_in import take_at_hq
from core.sync.bundle_out import Envelope, write_answer
from core.sync.streams import Cursor, Page, Reset
from core.sync.wire import PullRequest


class HqBundles:
    """Takes bundles in and writes answers.

    Args:
        versions: What was published of a kind (core.hq.publishing).
    """

    def __init__(
        self,
        store: HqStore,
        desk: Desk,
        keys: ServiceKeys,
        *,
        versions: Callable[[ListKind], Sequence[Publication]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._desk = desk
        self._keys = keys
        self._versions = versions
        self._clock = clock

    def take(self, path: Path, *, progress: Progress) -> BundleReport:
        """Take a station's bundle in; a bad member is named and the good ones go in. Again is the same.

        Raises:
            Trouble: "bundle.unreadable", "bundle.damaged".
            Refusal: "bundle.newer_format", "bundle.sender_unknown", "bundle.forged", "bundle.not_for_us".
        """
        unseal = partial(boxes.open_box, self._keys.age_identity)
        with BundleReader(
            path, unseal=unseal, verify=signing.verify, public_of=self._public_of, recipient=HQ
        ) as reader:
            manifest = reader.manifest
            report = take_at_hq(reader, self._line(manifest.sender), progress=progress)
        if manifest.cursors:
            self._store.set_setting(_cursors_key(manifest.sender), msgspec.json.encode(manifest.cursors))
            self._store.set_setting(_lists_key(manifest.sender), msgspec.json.encode(manifest.lists))
        return report

    def answer(self, path: Path, device: str, *, progress: Progress) -> BundleReport:
        """Write the answer for a station: what it lacks from its last told cursors on, and what is held of it.

        Raises:
            Refusal: "sync.device_unknown", "sync.device_retired".
            Trouble: "bundle.not_written".
        """
        row = self._store.directory.find(device)
        if row is None:
            raise Refusal("sync.device_unknown", device=device)
        station = [one.device for one in self._store.directory.of_station(row.station) if one.device != device]
        envelope = Envelope(id=new_id(), sender=HQ, recipient=device, made_at=self._clock.now())
        return write_answer(
            self._line(device),
            BundleWriter(path, partial(boxes.seal_to, row.seal_recipient)),
            envelope,
            partial(signing.sign, self._keys.private),
            sequence=self._next(device),
            devices=(*station, device),
            cursors=self._cursors(device, row.streams),
            published=self._published(device),
            progress=progress,
        )

    def _line(self, device: str) -> DirectLine:
        return _SealedLine(self._desk, device, self._keys)

    def _public_of(self, device: str) -> bytes | None:
        row = self._store.directory.find(device)
        return row.public if row is not None else None

    def _cursors(self, device: str, streams: Sequence[str]) -> tuple[Cursor, ...]:
        """Return where a station stands: as it last told, and at the start of what it never named."""
        told = self._store.setting(_cursors_key(device))
        known = msgspec.json.decode(told, type=tuple[Cursor, ...]) if told else ()
        held = {cursor.stream: cursor for cursor in known}
        return tuple(held.get(stream, Cursor(stream=stream)) for stream in streams)

    def _published(self, device: str) -> tuple[str, ...]:
        """Return the parts of the lists that a station needs and, as it last told, does not hold."""
        told = self._store.setting(_lists_key(device))
        held = msgspec.json.decode(told, type=dict[str, tuple[int, ...]]) if told else {}
        names: list[str] = []
        for kind in ListKind:
            versions, here = self._versions(kind), held.get(kind.value, ())
            for target in wanted(versions, on=local_date(self._clock.now())):
                if target.version not in here:
                    steps = steps_to(target, versions, here.__contains__)
                    names += [name for one in steps if one.changes is not None for name in one.changes.parts]
                    names += target.whole.parts if not steps else ()
                    here = (*here, target.version)
        return tuple(dict.fromkeys(names))

    def _next(self, device: str) -> int:
        key = f"bundle_sequence:{device}"
        sequence = int(self._store.setting(key) or b"0") + 1
        self._store.set_setting(key, str(sequence).encode())
        return sequence


class _SealedLine(DirectLine):
    """The line of a device whose pages bear the living key's seals."""

    def __init__(self, desk: Desk, device: str, keys: ServiceKeys) -> None:
        super().__init__(desk, device)
        self._sign = partial(signing.sign, keys.private)

    def pull(self, request: PullRequest) -> Sequence[Page | Reset]:
        return with_living_seals(super().pull(request), self._sign)


def _lists_key(device: str) -> str:
    return f"bundle_lists:{device}"


def _cursors_key(device: str) -> str:
    return f"bundle_cursors:{device}"
