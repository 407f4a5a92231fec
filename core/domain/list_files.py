"""What one published file of a list is: enough for a station to check every byte of it before it is used."""

from __future__ import annotations

from core.domain.lists import ListKind
from core.kernel.records import Record

LIST_FILE_SCHEMA = 1
"""Layout of reference files; a station refuses a higher one."""
PART_BYTES = 8 << 20
"""Size of a file's parts; the last may be shorter."""


class ListFile(Record):
    """A version of a list in parts, as headquarters publishes it: whole, or what changed since another version.

    The parts, one after the other, are one zstd stream; `size` and `sha256` are those of what comes out of it.
    """

    kind: ListKind
    version: int
    base: int = 0
    """0: the whole file. Otherwise the parts hold the rows changed and removed since this version."""
    row_count: int
    """Rows of the version, whole, also where only changes are sent."""
    rows_sha256: str
    """Digest of the rows of the version (core.domain.row_digest)."""
    size: int
    sha256: str
    parts: tuple[str, ...]
    """SHA-256 of each part in hex, in order."""
    packed_size: int
    """Bytes of all parts together."""
    schema: int = LIST_FILE_SCHEMA


def part_sizes(file: ListFile) -> tuple[int, ...]:
    """Return the size of each part of a file."""
    whole, rest = divmod(file.packed_size, PART_BYTES)
    return (PART_BYTES,) * whole + ((rest,) if rest else ())
