"""Pages of an encrypted database file, sealed and opened one after the other as SQLCipher 4 does with a raw key.

A whole prebuilt database so becomes an encrypted one while it streams by: its plain form is never in a file. What is
written here is read by SQLCipher itself, which checks every page's tag.
Source: SQLCipher design, "Page level encryption"; settings of version 4 (4,096 bytes, AES-256-CBC, HMAC-SHA512).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from itertools import count

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from core.kernel.errors import Trouble

PAGE_BYTES = 4096
IV_BYTES, TAG_BYTES, SALT_BYTES = 16, 64, 16
RESERVED_BYTES = IV_BYTES + TAG_BYTES
_USED = PAGE_BYTES - RESERVED_BYTES
_PLAIN_START = b"SQLite format 3\x00"
_TAG_KEY_MASK = 0x3A
_TAG_KEY_ROUNDS = 2


class PageCipher:
    """Seals or opens the pages of one file in their order, from the first; one object serves one pass."""

    def __init__(self, key: bytes) -> None:
        assert len(key) == 32, "the raw key of the file is 32 bytes"
        self._aes = algorithms.AES(key)
        self._key = key
        self._tag_key = b""
        self._numbers = count(1)
        # Each page's vector is the last block of the page before, as in one long message: it cannot be known
        # before that page is sealed, and a whole run of pages is one call.
        self._vector = os.urandom(IV_BYTES)
        self._sealing = Cipher(self._aes, modes.CBC(self._vector)).encryptor()

    def sealed(self, pages: bytes) -> bytes:
        """Return the next whole plain pages encrypted; each must keep its last 80 bytes free."""
        assert len(pages) % PAGE_BYTES == 0, "whole pages"
        starts = range(0, len(pages), PAGE_BYTES)
        salt = b"" if self._tag_key else self._begin(os.urandom(SALT_BYTES))
        text = self._sealing.update(b"".join([pages[at + (len(salt) if at == 0 else 0) : at + _USED] for at in starts]))
        made = [salt]
        begin, end = 0, _USED - len(salt)
        for _, number in zip(starts, self._numbers, strict=False):
            page = text[begin:end] + self._vector
            made += (page, self._tag(page, number))
            self._vector = page[-2 * IV_BYTES : -IV_BYTES]
            begin, end = end, end + _USED
        return b"".join(made)

    def opened(self, pages: bytes) -> bytes:
        """Return the next whole sealed pages in plain, their last 80 bytes empty.

        Raises:
            Trouble: "crypto.damaged"; a byte of them was changed, or the key is another.
        """
        assert len(pages) % PAGE_BYTES == 0, "whole pages"
        skipped = 0
        if not self._tag_key:
            self._begin(pages[:SALT_BYTES])
            skipped = SALT_BYTES
        # With its own vector in front, each page is opened rightly in one call for all; the vectors come out as noise.
        joined: list[bytes] = []
        for at, number in zip(range(0, len(pages), PAGE_BYTES), self._numbers, strict=False):
            page = pages[at + (skipped if at == 0 else 0) : at + _USED + IV_BYTES]
            if not hmac.compare_digest(self._tag(page, number), pages[at + PAGE_BYTES - TAG_BYTES : at + PAGE_BYTES]):
                raise Trouble("crypto.damaged")
            joined += (page[-IV_BYTES:], page[:-IV_BYTES])
        text = Cipher(self._aes, modes.CBC(bytes(IV_BYTES))).decryptor().update(b"".join(joined))
        made = [_PLAIN_START] if skipped else []
        begin, end = IV_BYTES, IV_BYTES + _USED - skipped
        while begin < len(text):
            made += (text[begin:end], bytes(RESERVED_BYTES))
            begin, end = end + IV_BYTES, end + IV_BYTES + _USED
        return b"".join(made)

    def _begin(self, salt: bytes) -> bytes:
        mask = bytes(byte ^ _TAG_KEY_MASK for byte in salt)
        self._tag_key = hashlib.pbkdf2_hmac("sha512", self._key, mask, _TAG_KEY_ROUNDS, 32)
        return salt

    def _tag(self, page: bytes, number: int) -> bytes:
        return hmac.digest(self._tag_key, page + number.to_bytes(4, "little"), "sha512")
