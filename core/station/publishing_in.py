"""Taking in what headquarters published: parts, checked and opened in memory, become an encrypted reference file.

Cut at any step, the old version stays in use: a version counts only once its record is written (sync.md F21). Changes
cut short leave the file at its base, and are taken again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from core.crypto.pages import PageCipher
from core.domain.list_files import ListFile, part_sizes
from core.domain.lists import ListKind, ListVersion
from core.domain.publications import Publication, steps_to
from core.kernel.errors import Fault, Trouble
from core.kernel.progress import Progress
from core.kernel.records import from_plain, to_plain
from core.services.ports import OpenWork
from core.storage.blobs import FileBlobs
from core.storage.main_store import MainStore
from core.storage.reference import FileReference
from core.sync.blobs import fetch_blob
from core.sync.ports import Line

MISFITS = frozenset(
    {"lists.publication_base", "lists.publication_damaged", "sync.blob_damaged", "hq.blob_missing", "blobs.damaged"}
)
"""Faults of changes after which the whole file is taken."""


class PublishedLists:
    """Fetches, checks and lays down published lists.

    Args:
        publications: Every version that headquarters is known to have published.
        distrust: Told the kind and the version on which changes did not fit: nothing more is to be built on it.
    """

    def __init__(
        self,
        reference: FileReference,
        blobs: FileBlobs,
        open_work: OpenWork,
        publications: Sequence[Publication],
        *,
        distrust: Callable[[ListKind, int], None],
    ) -> None:
        self._reference = reference
        self._blobs = blobs
        self._open_work = open_work
        self._publications = publications
        self._distrust = distrust

    def take(self, target: Publication, line: Line | None, *, progress: Progress) -> tuple[ListVersion, ...]:
        """Lay down one published version and make it known; return it, with those on the way to it.

        Where the version before is here, only the changes are fetched; where they do not fit, the whole file.

        Args:
            line: Where parts come from that are not here yet; None: they must have come in a bundle.

        Raises:
            Refusal: "lists.publication_newer", params kind, version.
            Trouble: "lists.publication_damaged" (params kind, version, why); "blobs.missing" (a part did not come yet);
                and as core.sync.ports.Line and the store's.
            Cancelled: parts that came stay, nothing else does.
        """
        steps = steps_to(target, self._publications, partial(self._reference.holds, target.kind))
        taken: list[ListVersion] = []
        try:
            taken += (self._take(one, one.changes, line, progress) for one in steps if one.changes is not None)
        except Fault as fault:
            if fault.code not in MISFITS and not (line is None and fault.code == "blobs.missing"):
                raise
            if fault.code in MISFITS and steps[0].changes is not None:
                self._distrust(target.kind, steps[0].changes.base)
        if not taken or taken[-1].version != target.version:
            taken.append(self._take(target, target.whole, line, progress))
        return tuple(taken)

    def _take(self, publication: Publication, file: ListFile, line: Line | None, progress: Progress) -> ListVersion:
        sizes = part_sizes(file)
        if len(sizes) != len(file.parts):
            raise Trouble(
                "lists.publication_damaged", kind=publication.kind.value, version=publication.version, why="parts"
            )
        for number, (name, size) in enumerate(zip(file.parts, sizes, strict=True)):
            progress.step(number, len(sizes), "lists")
            self._have(name, size, line)
        parts = (self._blobs.get(name) for name in file.parts)
        self._reference.take_in(file, parts, new_pages=PageCipher, progress=progress)
        version = from_plain(ListVersion, to_plain(publication))
        with self._open_work() as work:
            work.table(ListVersion).put(version)
        for name in publication.parts:
            self._blobs.drop(name)
        return version

    def _have(self, name: str, size: int, line: Line | None) -> None:
        try:
            self._blobs.get(name)
        except Trouble as trouble:
            if line is None or trouble.code not in ("blobs.missing", "blobs.damaged"):
                raise
            self._blobs.drop(name)
            self._blobs.put(fetch_blob(line, name, size=size))


def distrusted(store: MainStore, kind: ListKind) -> tuple[int, ...]:
    """Return the versions of a kind on which changes did not fit."""
    told = store.value(_key(kind))
    return msgspec.json.decode(told, type=tuple[int, ...]) if told else ()


def distrust(store: MainStore, kind: ListKind, version: int) -> None:
    """Have headquarters send the next version whole: over a stick this station can only ask."""
    store.set_value(_key(kind), msgspec.json.encode(sorted({*distrusted(store, kind), version})))


def _key(kind: ListKind) -> str:
    return f"lists_distrusted:{kind.value}"
