"""Lists that headquarters publishes: one dated version of one kind, as a prebuilt file in parts.

A publication is headquarters' entry `list_version` in the stream ref/<kind>; the entry's `blobs` are the parts. The
file is a plain reference file (core.storage.ref_schema), compressed with zstd and cut into parts; a station opens it in
memory alone and keeps it encrypted. Source: sync.md 3.9.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.lists import ListVersion

PART_BYTES = 8 << 20
"""Size of a publication's parts; the last may be shorter."""
FILE_BYTES_MAX = 4 << 30
"""A plain file is never longer: what would open into more is no list."""
SCHEMA = 1
"""Schema of the reference file; raised when its tables change."""
HQ_VERSIONS_FROM = 100_001
"""Numbers of versions that headquarters publishes; a station's own imports stay below."""


class Publication(ListVersion):
    """One published version, with what is needed to fetch and to check its file."""

    parts: tuple[str, ...] = ()
    """SHA-256 of each compressed part, in order."""
    packed_size: int = 0
    """Bytes of all parts together."""
    file_size: int = 0
    """Bytes of the plain file."""
    plain_sha256: str = ""
    """SHA-256 of the plain file."""
    schema: int = SCHEMA
    note: str = ""


def is_published(version: ListVersion) -> bool:
    """Tell whether a version was published by headquarters, not imported here."""
    return version.version >= HQ_VERSIONS_FROM


def in_use(versions: Iterable[ListVersion]) -> tuple[ListVersion, ...]:
    """Return the versions that count: headquarters' alone, as soon as it has published one of the kind."""
    all_of = tuple(versions)
    published = tuple(one for one in all_of if is_published(one))
    return published or all_of


def part_sizes(packed_size: int) -> tuple[int, ...]:
    """Return the size of each part."""
    whole, rest = divmod(packed_size, PART_BYTES)
    return (PART_BYTES,) * whole + ((rest,) if rest else ())
