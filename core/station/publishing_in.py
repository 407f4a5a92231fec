"""Taking in what headquarters published: parts, checked and opened in memory, become an encrypted reference file.

Cut at any step, the old version stays in use: a version counts only once its record is written (sync.md F21).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.crypto.pages import PageCipher
from core.domain.list_files import ListFile
from core.domain.lists import ListVersion
from core.domain.publications import Publication, is_published, part_sizes
from core.kernel.errors import Trouble
from core.kernel.progress import Progress
from core.kernel.records import from_plain, to_plain
from core.services.ports import OpenWork
from core.storage.blobs import FileBlobs
from core.storage.reference import FileReference
from core.sync.blobs import fetch_blob
from core.sync.ports import Line


def wanted(publications: Iterable[Publication], known: Callable[[Publication], bool]) -> tuple[Publication, ...]:
    """Return the published versions that this station does not hold yet: of each kind the newest, and those of which
    the day has not come."""
    newest: dict[str, Publication] = {}
    for one in publications:
        if is_published(one) and (one.kind not in newest or one.version > newest[one.kind].version):
            newest[one.kind] = one
    return tuple(one for one in newest.values() if not known(one))


class PublishedLists:
    """Fetches, checks and lays down published lists."""

    def __init__(self, reference: FileReference, blobs: FileBlobs, open_work: OpenWork) -> None:
        self._reference = reference
        self._blobs = blobs
        self._open_work = open_work

    def take(self, publication: Publication, line: Line | None, *, progress: Progress) -> ListVersion:
        """Lay down one published version and make it known.

        Args:
            line: Where parts come from that are not here yet; None: they must have come in a bundle.

        Raises:
            Refusal: "lists.publication_newer", params kind, version.
            Trouble: "lists.publication_damaged" (params kind, version, why); "blobs.missing" (a part did not come yet);
                and as core.sync.ports.Line and the store's.
            Cancelled: parts that came stay, nothing else does.
        """
        sizes = part_sizes(publication.packed_size)
        if len(sizes) != len(publication.parts):
            raise Trouble(
                "lists.publication_damaged", kind=publication.kind.value, version=publication.version, why="parts"
            )
        for number, (name, size) in enumerate(zip(publication.parts, sizes, strict=True)):
            progress.step(number, len(sizes), "lists")
            self._have(name, size, line)
        parts = (self._blobs.get(name) for name in publication.parts)
        self._reference.take_in(_file_of(publication), parts, new_pages=PageCipher, progress=progress)
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


def _file_of(publication: Publication) -> ListFile:
    return ListFile(
        kind=publication.kind,
        version=publication.version,
        row_count=publication.row_count,
        rows_sha256=publication.rows_sha256,
        size=publication.file_size,
        sha256=publication.plain_sha256,
        parts=publication.parts,
        schema=publication.schema,
    )
