"""Signing with Ed25519 (RFC 8032): station keys seal the chain, keys of bodies sign papers, codes and packages.

Keys are raw 32 bytes. A private key is stored only sealed (see `sealing`), a public key anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_BYTES = 32
SIGNATURE_BYTES = 64


class Signer(Protocol):
    """Something that signs: a key in memory here, one day a card or another suite of algorithms."""

    @property
    def alg(self) -> str:
        """Return the name of the algorithm, for example "Ed25519"."""
        ...

    @property
    def public(self) -> bytes:
        """Return the public key that checks the signatures."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature over the message."""
        ...


class Ed25519Signer:
    """A signer whose private key is in memory."""

    alg = "Ed25519"

    def __init__(self, private: bytes) -> None:
        self._private = private
        self.public = public_key_of(private)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over the message."""
        return sign(self._private, message)


def new_signing_key() -> bytes:
    """Return 32 random bytes, an Ed25519 private key."""
    return secrets.token_bytes(KEY_BYTES)


def public_key_of(private: bytes) -> bytes:
    """Return the 32-byte public key that belongs to the private key."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, message: bytes) -> bytes:
    """Return the 64-byte signature. The same key and message always give the same signature."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether the signature over the message was made with the private half of `public`.

    A signature or a public key of the wrong length is simply not good: both may come from a foreign code.
    """
    if len(public) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def fingerprint(public: bytes) -> str:
    """Return the name of a public key as two people compare it aloud: 8 groups of 4 letters and digits (160 bits).

    Base32 (RFC 4648) of the first 20 bytes of its SHA-256: no lower case, and neither 0 nor 1 to confuse with O and I.
    """
    text = base64.b32encode(hashlib.sha256(public).digest()[:20]).decode("ascii")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def key_id_of(public: bytes) -> bytes:
    """Return the 8 bytes that name a public key inside a code or a package.

    A name only: whoever finds a key by it still checks the signature with the whole key.
    """
    return hashlib.sha256(public).digest()[:8]
