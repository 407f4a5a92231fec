"""A compact memory of what a stream has already given: sixteen bytes a place, however long the stream."""

from __future__ import annotations

import hashlib
from array import array

_FULL = 0.6


class SeenDigests:
    """Remembers, for each key seen, a digest of its value; at most forty bytes a key, so that millions fit.

    Two keys that share eight bytes of SHA-256 would be taken for one; over four million keys that happens once in
    two million imports.
    """

    def __init__(self) -> None:
        self._keys = array("Q", bytes(8 * 1024))
        self._values = array("Q", bytes(8 * 1024))
        self.count = 0

    def see(self, key: str, value: bytes) -> bool | None:
        """Remember the pair. Return None for a new key, else whether the value is the one seen with it first."""
        # 0 marks a free place.
        digest, mark = _eight_bytes(key.encode()) or 1, _eight_bytes(value)
        at = self._place(digest)
        if self._keys[at] == digest:
            return self._values[at] == mark
        self._keys[at], self._values[at] = digest, mark
        self.count += 1
        if self.count > len(self._keys) * _FULL:
            self._grow()
        return None

    def holds(self, key: str, value: bytes) -> bool:
        """Tell whether this pair was seen; remembers nothing."""
        digest = _eight_bytes(key.encode()) or 1
        at = self._place(digest)
        return self._keys[at] == digest and self._values[at] == _eight_bytes(value)

    def _place(self, digest: int) -> int:
        mask = len(self._keys) - 1
        at = digest & mask
        while self._keys[at] not in (0, digest):
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._keys = array("Q", bytes(16 * len(keys)))
        self._values = array("Q", bytes(16 * len(keys)))
        for digest, mark in zip(keys, values, strict=True):
            if digest:
                at = self._place(digest)
                self._keys[at], self._values[at] = digest, mark


def _eight_bytes(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big")
