"""Sealing: blobs encrypted with the data key so that a changed, swapped or renamed blob is found.

A sealed blob is one version byte, twelve random bytes and the AES-256-GCM text with its tag. The whole blob is held
in memory; blobs here are photos and papers of at most 64 MB.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.kernel.errors import Trouble

_VERSION = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
OVERHEAD_BYTES = len(_VERSION) + _NONCE_BYTES + _TAG_BYTES


def seal(key: bytes, plain: bytes, *, bound_to: bytes) -> bytes:
    """Return the plain bytes encrypted, 29 bytes longer. Two calls never give equal bytes.

    Args:
        key: 32 bytes, best a subkey from `derive`. Random nonces are safe for 2**32 blobs a key
            (NIST SP 800-38D section 8.3).
        plain: Any bytes, also none.
        bound_to: What the blob is, for example its hash or its name; needed again to unseal.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, _VERSION + bound_to)


def unseal(key: bytes, sealed: bytes, *, bound_to: bytes) -> bytes:
    """Return the plain bytes.

    Raises:
        Trouble: "crypto.damaged"; a byte was changed or lost, or the blob belongs elsewhere or to another key.
            No part of the plain bytes is given out.
    """
    if len(sealed) < OVERHEAD_BYTES or sealed[:1] != _VERSION:
        raise Trouble("crypto.damaged")
    nonce = sealed[1 : 1 + _NONCE_BYTES]
    try:
        return AESGCM(key).decrypt(nonce, sealed[1 + _NONCE_BYTES :], _VERSION + bound_to)
    except InvalidTag as error:
        raise Trouble("crypto.damaged") from error


def derive(key: bytes, purpose: str) -> bytes:
    """Return the 32-byte subkey for one purpose, for example "database", "blobs" or "signing".

    The same key and purpose always give the same subkey; no subkey tells anything of another or of the key.
    Source: HKDF-SHA256, RFC 5869; no salt, because the key is already uniformly random.
    """
    assert len(key) == 32, "subkeys are derived from a 32-byte random key, never from a password"
    assert purpose, "a subkey needs a purpose"
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"mingjian/" + purpose.encode()).derive(key)
