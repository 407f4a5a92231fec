"""The digest of a stream's leaves: a sum that either end keeps as entries come, in any order.

The digest tells two honest ends that they hold the same; that nobody changed the past is told by the stream's hash.
Source: sync.md 3.6 (`/v1/digest`), invariant 23.
"""

from __future__ import annotations

import hashlib

SUM_BYTES = 32
_MODULUS = 1 << (8 * SUM_BYTES)
NOTHING = bytes(SUM_BYTES)


def leaf_value(family: str, entity: str, entry: str) -> int:
    """Return the number of one leaf."""
    text = f"{family}\x1f{entity}\x1f{entry}".encode()
    return int.from_bytes(hashlib.sha256(text).digest(), "big")


def added(digest: bytes, values: int) -> bytes:
    """Return the digest with a sum of leaf numbers added; a negative sum takes leaves away."""
    return ((int.from_bytes(digest, "big") + values) % _MODULUS).to_bytes(SUM_BYTES, "big")
