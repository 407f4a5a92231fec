"""A whole reference file on its way: headquarters sends it in plain parts, a station takes it in under its own key.

The file travels as SQLite's pages in plain (the line and the signed entry protect it), so that every station gets the
same bytes, ready with indexes. A station seals page after page as they come: the plain form is never in any file.
A file under its own name is whole, checked and on the disk; until then the old file stays in use. Source: sync.md 3.9.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Protocol, cast

import sqlalchemy as sa
import zstandard

from core.domain.list_files import LIST_FILE_SCHEMA, PART_BYTES, ListFile
from core.domain.lists import ListKind
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record
from core.storage.engine import bulk_engine, reader_engine, spoken_troubles
from core.storage.ref_history import held_versions
from core.storage.ref_schema import HISTORY_TABLES, ROW_INDEX, ROW_TABLE, SEARCH_INDEXES, SEARCH_TABLES
from core.storage.ref_writer import digest_of, write_file

PAGE_BYTES, RESERVED_BYTES = 4096, 80
CHUNK_BYTES = 512 * PAGE_BYTES
LEVEL = 3
WINDOW_BYTES_MAX = 2**25
"""What a stream may ask of our memory; that of our own level is a tenth of it."""
# Bytes 16 to 20 of the file: page size, journal versions (none but the rollback journal), bytes kept free a page.
_SHAPE = PAGE_BYTES.to_bytes(2, "big") + b"\x01\x01" + RESERVED_BYTES.to_bytes(1, "big")


class Pages(Protocol):
    """Seals or opens the pages of one file in their order (core.crypto.pages)."""

    def sealed(self, pages: bytes) -> bytes:
        """Return the next whole plain pages encrypted."""
        ...

    def opened(self, pages: bytes) -> bytes:
        """Return the next whole sealed pages in plain.  Raises Trouble "crypto.damaged"."""
        ...


NewPages = Callable[[bytes], Pages]
"""Begins a file under a key."""
PutPart = Callable[[bytes], object]


def make_snapshot(
    path: Path,
    kind: ListKind,
    version: int,
    rows: Iterable[Record],
    *,
    new_pages: NewPages,
    put_part: PutPart,
    progress: Progress,
) -> ListFile:
    """Write the rows as a file at `path` (gone afterwards) and hand its parts over; returns what to publish of it.

    Raises:
        Trouble: "storage.disk_full" and the others of core.storage.engine.
        Cancelled: the watcher stopped it; parts handed over until then are of no use.
    """
    key = os.urandom(32)
    try:
        write_file(path, key, kind, rows, over=None, progress=progress, version=version)
        return snapshot_of(path, key, kind, new_pages=new_pages, put_part=put_part, progress=progress)
    finally:
        path.unlink(missing_ok=True)


def snapshot_of(
    path: Path, key: bytes, kind: ListKind, *, new_pages: NewPages, put_part: PutPart, progress: Progress
) -> ListFile:
    """Hand over the parts of a finished reference file and return what to publish of it."""
    with spoken_troubles(path), _open(path, key) as connection:
        version, (count, digest) = max(held_versions(connection).items())
        plain = Measured(_opened(path, new_pages(key), progress))
        parts, packed_size = hand_over(plain, put_part)
    return ListFile(
        kind=kind,
        version=version,
        row_count=count,
        rows_sha256=digest,
        size=plain.size,
        sha256=plain.hash.hexdigest(),
        parts=parts,
        packed_size=packed_size,
    )


def take_in(
    target: Path, key: bytes, file: ListFile, parts: Iterable[bytes], *, new_pages: NewPages, progress: Progress
) -> None:
    """Make the parts into the encrypted reference file at `target`.

    Memory stays bounded, and nothing readable touches the disk. Cut short at any point, `target` is as it was.

    Raises:
        Refusal: "lists.publication_newer"; a newer program wrote it.
        Trouble: "lists.publication_damaged", params why; "storage.disk_full" and the others of core.storage.engine.
        Cancelled: the watcher stopped it; nothing stays.
    """
    if file.schema > LIST_FILE_SCHEMA:
        raise Refusal("lists.publication_newer", kind=file.kind.value, version=file.version)
    assert not file.base, "changes are applied to the file of their base"
    fresh = target.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    try:
        with spoken_troubles(fresh):
            with fresh.open("xb") as out:
                pages = new_pages(key)
                for chunk in _shaped(file, whole(file, parts, progress)):
                    out.write(pages.sealed(chunk))
                out.flush()
                os.fsync(out.fileno())
            _check(fresh, key, file)
        fresh.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise Trouble("storage.disk_failed", path=str(fresh)) from error
    finally:
        fresh.unlink(missing_ok=True)


def hand_over(plain: Iterable[bytes], put_part: PutPart) -> tuple[tuple[str, ...], int]:
    """Hand over the parts of a compressed stream; return their names and how many bytes they are together."""
    names: list[str] = []
    packed_size = 0
    for part in parts_of(plain):
        put_part(part)
        names.append(sha256(part).hexdigest())
        packed_size += len(part)
    return tuple(names), packed_size


def parts_of(plain: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of one compressed stream, all but the last of PART_BYTES."""
    packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()
    waiting = bytearray()
    for chunk in plain:
        waiting += packer.compress(chunk)
        while len(waiting) >= PART_BYTES:
            yield bytes(waiting[:PART_BYTES])
            del waiting[:PART_BYTES]
    waiting += packer.flush()
    for at in range(0, len(waiting), PART_BYTES):
        yield bytes(waiting[at : at + PART_BYTES])


def whole(file: ListFile, parts: Iterable[bytes], progress: Progress) -> Iterator[bytes]:
    """Yield what the parts hold, in chunks of whole pages; the end comes only if every byte was as published.

    Raises:
        Trouble: "lists.publication_damaged".
    """
    measured = Measured(_unpacked(file, parts))
    for chunk in measured:
        if measured.size > file.size:
            raise damaged(file, "size")
        yield chunk
        progress.step(measured.size, file.size)
    if measured.size != file.size:
        raise damaged(file, "size")
    if measured.hash.hexdigest() != file.sha256:
        raise damaged(file, "hash")


def _shaped(file: ListFile, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks of a file whose pages can be sealed as they are."""
    is_first = True
    for chunk in chunks:
        if len(chunk) % PAGE_BYTES or (is_first and chunk[16:21] != _SHAPE):
            raise damaged(file, "pages")
        is_first = False
        yield chunk


def damaged(file: ListFile, why: str) -> Trouble:
    """Return the trouble of a publication that is not what was signed; `why` is for the log."""
    return Trouble("lists.publication_damaged", kind=file.kind.value, version=file.version, why=why)


def sync_folder(folder: Path) -> None:
    """Make a renamed file's name durable, where the system has a way to."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Measured:
    """Hands chunks on and keeps their size and hash."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.size = 0
        self.hash = sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            self.hash.update(chunk)
            yield chunk


class _Source:
    """The checked parts as something to read from, for the unpacker."""

    def __init__(self, file: ListFile, parts: Iterable[bytes]) -> None:
        self._checked = self._check(file, parts)
        self._rest = b""

    def read(self, size: int) -> bytes:
        if not self._rest:
            self._rest = next(self._checked, b"")
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    @staticmethod
    def _check(file: ListFile, parts: Iterable[bytes]) -> Iterator[bytes]:
        came = 0
        for part, expected in zip(parts, file.parts, strict=False):
            if sha256(part).hexdigest() != expected:
                raise damaged(file, f"part {came}")
            came += 1
            yield part
        if came != len(file.parts):
            raise damaged(file, "parts")


def _unpacked(file: ListFile, parts: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
    try:
        source = cast("IO[bytes]", _Source(file, parts))
        with unpacker.stream_reader(source, read_size=2**20) as stream:
            while chunk := _filled(stream, CHUNK_BYTES):
                yield chunk
    except zstandard.ZstdError as error:
        raise damaged(file, "stream") from error


def _filled(stream: zstandard.ZstdDecompressionReader, size: int) -> bytes:
    got = stream.read(size)
    while got and len(got) < size and (more := stream.read(size - len(got))):
        got += more
    return got


def _opened(path: Path, pages: Pages, progress: Progress) -> Iterator[bytes]:
    size = path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield pages.opened(chunk)
            progress.step(file.tell(), size)


@contextmanager
def _open(path: Path, key: bytes) -> Generator[sa.Connection]:
    engine = reader_engine(path, key)
    try:
        # The transaction keeps writers off the file as long as it lasts.
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _check(path: Path, key: bytes, file: ListFile) -> None:
    with _open(path, key) as connection:
        if _objects(connection) != _expected(file.kind):
            raise damaged(file, "schema")
        newest = max(held_versions(connection).items(), default=None)
        if newest != (file.version, (file.row_count, file.rows_sha256)):
            raise damaged(file, "version")
        if digest_of(connection) != (file.row_count, file.rows_sha256):
            raise damaged(file, "rows")


def _objects(connection: sa.Connection) -> set[tuple[str, ...]]:
    """Return all that a file's schema holds: nothing else may come with it, a trigger for example."""
    found = connection.exec_driver_sql("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").all()
    return {tuple(row) for row in found}


def _expected(kind: ListKind) -> set[tuple[str, ...]]:
    engine = bulk_engine(Path(":memory:"), bytes(32))
    try:
        with engine.begin() as connection:
            is_searched = kind is ListKind.ENTERPRISES
            for statement in (
                ROW_TABLE,
                ROW_INDEX,
                *HISTORY_TABLES,
                *((*SEARCH_TABLES, *SEARCH_INDEXES) if is_searched else ()),
            ):
                connection.exec_driver_sql(statement)
            return _objects(connection)
    finally:
        engine.dispose()
