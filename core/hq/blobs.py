"""What headquarters needs from the store of media: parts, putting together, reading. Names are SHA-256 in hex."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class BlobStore(Protocol):
    """A folder or an object store. Every call may raise Trouble "hq.blobs_unreachable", params where."""

    def parts(self, sha256: str) -> tuple[int, ...]:
        """Return the numbers of the parts that are here, in order; nothing once the blob is whole."""
        ...

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        """Keep one part; the same part again is a no-op."""
        ...

    def complete(self, sha256: str, size: int) -> None:
        """Put the parts together under the blob's name, where none is yet, and drop them; again is a no-op.

        Raises:
            Refusal: "hq.parts_missing" (params sha256), "hq.blob_differs" (params sha256): the parts do not give these
                bytes; they are dropped, so that a later attempt begins anew.
        """
        ...

    def size(self, sha256: str) -> int | None:
        """Return the size of a whole blob."""
        ...

    def read(self, sha256: str, start: int, limit: int | None) -> bytes:
        """Return bytes from `start`, at most `limit`.  Raises Refusal "hq.blob_missing", params sha256."""
        ...

    def names(self) -> Iterator[str]:
        """Yield the name of every whole blob, in order."""
        ...
