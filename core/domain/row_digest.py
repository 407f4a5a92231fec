"""The digest of a list's rows: a sum, so that a change of few rows needs a look at few rows.

The order of rows does not count: two lists with equal rows have equal digests, however they came to be. That nobody
changed a published list is told by the hash of its file, which headquarters signs; the digest tells that what was
made of the file is what was meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

_MODULUS = 1 << 256


class RowDigest:
    """Counts rows and sums their hashes; rows can be taken away again."""

    def __init__(self, count: int = 0, digest: str = "") -> None:
        self.count = count
        self._sum = int(digest, 16) if digest else 0

    def add(self, bodies: Iterable[bytes]) -> None:
        """Count rows in, each by its canonical bytes."""
        values = [int.from_bytes(sha256(body).digest(), "big") for body in bodies]
        self.count += len(values)
        self._sum += sum(values)

    def take(self, bodies: Iterable[bytes]) -> None:
        """Take rows away that were counted in."""
        values = [int.from_bytes(sha256(body).digest(), "big") for body in bodies]
        self.count -= len(values)
        self._sum -= sum(values)

    def hex(self) -> str:
        """Return the digest of what is counted."""
        return (self._sum % _MODULUS).to_bytes(32, "big").hex()
