"""Published files at headquarters: the newest one opened to build the next on it, and the next one handed out in parts.

While a version is built its file is encrypted with a key of the moment; what goes into the store are the plain parts
that every station gets alike (core.storage.ref_snapshot).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from core.crypto.pages import PageCipher
from core.domain.list_files import ListFile
from core.domain.lists import ListKind, ListVersion
from core.domain.publications import Publication
from core.hq.blob_store import ObjectBlobs
from core.kernel.progress import Unwatched
from core.kernel.records import Record
from core.storage.ref_delta import delta_if_worth
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
            parts = (blobs.read(name, 0, None) for name in newest.whole.parts)
            take_in(target, self._key, newest.whole, parts, new_pages=PageCipher, progress=Unwatched())

    def rows(self) -> Iterable[Record]:
        """Give the rows of the newest version, streaming where they are many."""
        return _rows(self.reference, self._newest) if self._newest is not None else ()

    def dropped(self, fresh: ListVersion) -> tuple[str, ...]:
        """Return the rows of the newest version that a fresh one does not hold any more."""
        held = {_id(row) for row in _rows(self.reference, fresh)}
        return tuple(identifier for row in self.rows() if (identifier := _id(row)) not in held)

    def hand_out(self, fresh: ListVersion, dropped: Sequence[str]) -> Publication:
        """Put a version into the store in parts, whole and as what changed, and return what is published of it."""
        path = self.reference.path(fresh.kind, fresh.version)
        whole = snapshot_of(
            path,
            self._key,
            fresh.kind,
            new_pages=PageCipher,
            put_part=self._blobs.put_whole,
            progress=Unwatched(),
        )
        told = {name: getattr(fresh, name) for name in fresh.__struct_fields__}
        return Publication(**told, whole=whole, changes=self._changes(fresh, whole, dropped))

    def _changes(self, fresh: ListVersion, whole: ListFile, dropped: Sequence[str]) -> ListFile | None:
        if self._newest is None:
            return None
        made = delta_if_worth(
            self.reference.path(fresh.kind, self._newest.version),
            self._key,
            fresh.kind,
            fresh.version,
            _rows(self.reference, fresh),
            row_count=fresh.row_count,
            removed=dropped,
            progress=Unwatched(),
        )
        if made is None or made[0].packed_size >= whole.packed_size:
            return None
        changes, parts = made
        assert (changes.row_count, changes.rows_sha256) == (whole.row_count, whole.rows_sha256), "both are one version"
        for part in parts:
            self._blobs.put_whole(part)
        return changes

    def close(self) -> None:
        """Close every file."""
        self.reference.close()


def _id(row: Record) -> str:
    return str(row.id)  # pyright: ignore[reportAttributeAccessIssue]  # every list row has an id


def _rows(reference: FileReference, version: ListVersion) -> Iterator[Record]:
    if version.kind is ListKind.ENTERPRISES:
        yield from reference.each_enterprise(version=version.version)
    else:
        yield from reference.where(ROW_OF[version.kind], version=version.version)
