"""Published files at headquarters: the newest one opened to build the next on it, and the next one handed out in parts.

While a version is built its file is encrypted with a key of the moment; what goes into the store are the plain parts
that every station gets alike (core.storage.ref_snapshot).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.crypto.pages import PageCipher
from core.domain.list_files import ListFile
from core.domain.lists import ListKind, ListVersion
from core.domain.publications import Publication
from core.hq.blob_store import ObjectBlobs
from core.kernel.progress import Unwatched
from core.kernel.records import Record
from core.storage.ref_schema import ROW_OF
from core.storage.ref_snapshot import snapshot_of, take_in
from core.storage.reference import FileReference


class WorkFolder:
    """The files of one kind while a version is built: the newest published one, and the next.

    Args:
        newest: The version to build on; None for a first one.
        before_first: The record of the version below the first, which has no file.

    Raises:
        Trouble: "lists.publication_damaged"; the store holds other bytes than were published.
    """

    def __init__(
        self, folder: Path, blobs: ObjectBlobs, newest: Publication | None, *, before_first: ListVersion
    ) -> None:
        self._blobs = blobs
        self._newest = newest
        self._key = secrets.token_bytes(32)
        known: list[ListVersion] = [newest] if newest is not None else [before_first]
        self.reference = FileReference(folder, self._key, read_versions=lambda _: known)
        if newest is not None:
            target = self.reference.path(newest.kind, newest.version)
            parts = (blobs.read(name, 0, None) for name in newest.parts)
            take_in(target, self._key, file_of(newest), parts, new_pages=PageCipher, progress=Unwatched())

    def rows(self) -> Iterable[Record]:
        """Give the rows of the newest version, streaming where they are many."""
        return _rows(self.reference, self._newest) if self._newest is not None else ()

    def dropped(self, fresh: ListVersion) -> int:
        """Return how many rows of the newest version a fresh one does not hold any more."""
        held = {_id(row) for row in _rows(self.reference, fresh)}
        return sum(1 for row in self.rows() if _id(row) not in held)

    def hand_out(self, fresh: ListVersion) -> Publication:
        """Put the file of a version into the store in parts and return what is published of it."""
        sizes: list[int] = []

        def put(part: bytes) -> None:
            sizes.append(len(part))
            self._blobs.put_whole(part)

        path = self.reference.path(fresh.kind, fresh.version)
        file = snapshot_of(path, self._key, fresh.kind, new_pages=PageCipher, put_part=put, progress=Unwatched())
        return Publication(
            **{name: getattr(fresh, name) for name in fresh.__struct_fields__},
            parts=file.parts,
            packed_size=sum(sizes),
            file_size=file.size,
            plain_sha256=file.sha256,
            schema=file.schema,
        )

    def close(self) -> None:
        """Close every file."""
        self.reference.close()


def file_of(publication: Publication) -> ListFile:
    """Return how the file of a publication is checked."""
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


def _id(row: Record) -> str:
    return str(row.id)  # pyright: ignore[reportAttributeAccessIssue]  # every list row has an id


def _rows(reference: FileReference, version: ListVersion) -> Iterator[Record]:
    if version.kind is ListKind.ENTERPRISES:
        yield from reference.each_enterprise(version=version.version)
    else:
        yield from reference.where(ROW_OF[version.kind], version=version.version)
