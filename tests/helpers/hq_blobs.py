"""A store of media in memory, for tests of headquarters and the simulation (core.hq.blobs.BlobStore)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from core.kernel.errors import Refusal
from core.sync.blobs import part_count


class MemoryBlobs:
    """Parts and whole blobs by name."""

    def __init__(self) -> None:
        self.whole: dict[str, bytes] = {}
        self.waiting: dict[str, dict[int, bytes]] = {}

    def parts(self, sha256: str) -> tuple[int, ...]:
        return tuple(sorted(self.waiting.get(sha256, {})))

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        self.waiting.setdefault(sha256, {})[number] = content

    def complete(self, sha256: str, size: int) -> None:
        if sha256 in self.whole:
            return
        parts = self.waiting.get(sha256, {})
        if sorted(parts) != list(range(len(parts))) or sum(map(len, parts.values())) < size:
            raise Refusal("hq.parts_missing", sha256=sha256)
        content = b"".join(parts[number] for number in sorted(parts))
        del self.waiting[sha256]
        if len(content) != size or hashlib.sha256(content).hexdigest() != sha256:
            raise Refusal("hq.blob_differs", sha256=sha256)
        self.whole[sha256] = content

    def gather(self, name: str, size: int, path: Path) -> str:
        parts = self.waiting.get(name, {})
        if set(range(part_count(size))) - parts.keys():
            raise Refusal("hq.parts_missing", sha256=name)
        content = b"".join(parts[number] for number in range(part_count(size)))
        path.write_bytes(content)
        return hashlib.sha256(content).hexdigest()

    def drop_parts(self, sha256: str) -> None:
        self.waiting.pop(sha256, None)

    def size(self, sha256: str) -> int | None:
        content = self.whole.get(sha256)
        return None if content is None else len(content)

    def read(self, sha256: str, start: int, limit: int | None) -> bytes:
        if sha256 not in self.whole:
            raise Refusal("hq.blob_missing", sha256=sha256)
        return self.whole[sha256][start : None if limit is None else start + limit]

    def names(self) -> Iterator[str]:
        yield from sorted(self.whole)
