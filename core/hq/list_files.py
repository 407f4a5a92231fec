"""Published files: a plain reference file packed into parts, and opened again to build the next version on it.

Headquarters' lists are public within the service; on its own disk the plain file lives in a temporary folder only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

from core.domain.lists import ListKind, ListVersion
from core.domain.publications import FILE_BYTES_MAX, PART_BYTES, Publication
from core.hq.blob_store import ObjectBlobs
from core.kernel.errors import Trouble
from core.kernel.records import Record
from core.storage.ref_schema import ROW_OF
from core.storage.reference import FileReference

PACK_LEVEL = 9
"""72 MB instead of 80 for a million enterprises, in seven seconds instead of two. Source: sync.md 10.4."""
_CHUNK_BYTES = 1 << 20
NO_KEY = b""


class Packed(Record):
    """What packing a file came to."""

    parts: tuple[str, ...]
    packed_size: int
    file_size: int
    plain_sha256: str


def pack_file(path: Path, blobs: ObjectBlobs) -> Packed:
    """Put a file into the store, compressed, in parts of 8 MiB; the same file gives the same parts.

    Raises:
        Trouble: "hq.blobs_unreachable", "storage.disk_failed".
    """
    names: list[str] = []
    digest = hashlib.sha256()
    packer = zstandard.ZstdCompressor(level=PACK_LEVEL).compressobj()
    waiting = bytearray()
    file_size = packed_size = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                file_size += len(chunk)
                waiting += packer.compress(chunk)
                while len(waiting) >= PART_BYTES:
                    names.append(blobs.put_whole(bytes(waiting[:PART_BYTES])))
                    packed_size += PART_BYTES
                    del waiting[:PART_BYTES]
    except OSError as error:
        raise Trouble("storage.disk_failed", path=str(path)) from error
    waiting += packer.flush()
    for at in range(0, len(waiting), PART_BYTES):
        part = bytes(waiting[at : at + PART_BYTES])
        names.append(blobs.put_whole(part))
        packed_size += len(part)
    return Packed(parts=tuple(names), packed_size=packed_size, file_size=file_size, plain_sha256=digest.hexdigest())


def unpack_file(publication: Publication, blobs: ObjectBlobs, target: Path) -> None:
    """Write the plain file of a publication.

    Raises:
        Trouble: "hq.list_damaged", params kind, version; the store holds other bytes than were published.
    """
    opener = zstandard.ZstdDecompressor().decompressobj()
    digest = hashlib.sha256()
    size = 0
    with target.open("wb") as file:
        for name in publication.parts:
            part = blobs.read(name, 0, None)
            if hashlib.sha256(part).hexdigest() != name:
                raise _damaged(publication)
            try:
                plain = opener.decompress(part)
            except zstandard.ZstdError as error:
                raise _damaged(publication) from error
            size += len(plain)
            if size > FILE_BYTES_MAX:
                raise _damaged(publication)
            digest.update(plain)
            file.write(plain)
    if (size, digest.hexdigest()) != (publication.file_size, publication.plain_sha256):
        raise _damaged(publication)


def _damaged(publication: Publication) -> Trouble:
    return Trouble("hq.list_damaged", kind=publication.kind.value, version=publication.version)


class WorkFolder:
    """The files of one kind while a version is built: the newest published one, and the next.

    Args:
        newest: The version to build on, unpacked into the folder already; None for a first one.
        before_first: The number below the first version's.
    """

    def __init__(self, folder: Path, newest: Publication | None, *, before_first: ListVersion) -> None:
        self._newest = newest
        known: list[ListVersion] = [newest] if newest is not None else [before_first]
        self.reference = FileReference(folder, NO_KEY, read_versions=lambda _: known)

    def rows(self) -> Iterable[Record]:
        """Give the rows of the newest version, streaming where they are many."""
        if self._newest is None:
            return ()
        return _rows(self.reference, self._newest)

    def dropped(self, fresh: ListVersion) -> int:
        """Return how many rows of the newest version a fresh one does not hold any more."""
        held = {_id(row) for row in _rows(self.reference, fresh)}
        return sum(1 for row in self.rows() if _id(row) not in held)

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
