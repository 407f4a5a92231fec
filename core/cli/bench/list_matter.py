"""A published list of enterprises to measure with: its reference file, its parts, and its rows as lines.

It lies beside the stores, one a size, and is made once. The key of the file is public: it holds generated data only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec
import zstandard

from core.crypto.pages import PageCipher
from core.domain.enterprises import Enterprise
from core.domain.list_files import ListFile
from core.domain.lists import ListKind
from core.kernel.progress import Progress
from core.kernel.records import canonical_bytes
from core.services.demo.enterprises import generate
from core.storage.ref_snapshot import snapshot_of
from core.storage.ref_writer import write_file

KEY = bytes(range(32))
ROWS_MAX = 1_000_000
"""What the aims of these benches speak of; a larger store is not asked for."""


@dataclass(frozen=True)
class ListMatter:
    """The finished files of one size."""

    folder: Path
    rows: int

    @property
    def reference(self) -> Path:
        return self.folder / "ref-enterprises-1.db"

    @property
    def lines(self) -> Path:
        return self.folder / "rows.ndjson.zst"

    @cached_property
    def file(self) -> ListFile:
        return msgspec.json.decode((self.folder / "file.json").read_bytes(), type=ListFile)

    def parts(self) -> Iterator[bytes]:
        """Yield the parts as a station reads them from where they were fetched to."""
        for name in self.file.parts:
            yield (self.folder / name).read_bytes()

    def bodies(self) -> Iterator[bytes]:
        """Yield the rows' bytes from the compressed lines."""
        with self.lines.open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as stream:
            rest = b""
            while chunk := stream.read(2**20):
                *whole, rest = (rest + chunk).split(b"\n")
                yield from whole


def ready_list(base: Path, rows: int, progress: Progress) -> ListMatter:
    """Return the list of that size; makes it if it is not there whole."""
    rows = min(rows, ROWS_MAX)
    matter = ListMatter(base / f"list-{rows}", rows)
    if (matter.folder / "file.json").exists():
        return matter
    matter.folder.mkdir(parents=True, exist_ok=True)
    packer = zstandard.ZstdCompressor(level=3)
    with matter.lines.open("wb") as packed, packer.stream_writer(packed) as stream:

        def noted() -> Iterator[Enterprise]:
            for row in generate(rows):
                stream.write(canonical_bytes(row) + b"\n")
                yield row

        write_file(matter.reference, KEY, ListKind.ENTERPRISES, noted(), over=None, progress=progress, version=1)
    file = snapshot_of(
        matter.reference,
        KEY,
        ListKind.ENTERPRISES,
        new_pages=PageCipher,
        put_part=lambda part: _put(matter.folder, part),
        progress=progress,
    )
    (matter.folder / "file.json").write_bytes(canonical_bytes(file))
    return matter


def _put(folder: Path, part: bytes) -> None:
    (folder / sha256(part).hexdigest()).write_bytes(part)
