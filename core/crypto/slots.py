"""Key slots: the random data key of a station, wrapped once for each account by a key made from its password.

The store is encrypted with the data key, never with a password, so a new password rewraps 32 bytes and no more.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record, canonical_bytes, changed

DATA_KEY_BYTES = 32
SLOT_VERSION = 1
_SALT_BYTES = 16
_NONCE_BYTES = 12
# A slot read from disk is not trusted before it is opened: without a ceiling a forged one could ask for all memory.
_MEMORY_KIB_MAX = 1024 * 1024
_ITERATIONS_MAX = 64
_LANES_MAX = 16


class SlotCost(Record):
    """What one guess at a password costs: Argon2id memory in KiB, passes over it, and parallel lanes."""

    memory_kib: int
    iterations: int
    lanes: int


# 64 MiB, 3 passes, 4 lanes: about 0.1 s on a laptop, above the floor of the OWASP Password Storage Cheat Sheet
# (19 MiB, 2 passes, 1 lane). Source: RFC 9106 section 4, the second recommended option.
STANDARD_COST = SlotCost(memory_kib=64 * 1024, iterations=3, lanes=4)
# For tests and for nothing else: it protects nobody. It is passed in by name, never chosen by itself.
CHEAP_COST_FOR_TESTS = SlotCost(memory_kib=8, iterations=1, lanes=1)


class KeySlot(Record):
    """The data key as one account keeps it. Safe to store in the clear; useless without the password.

    `digest` is an unkeyed SHA-256 over the other fields. It tells a rotten disk from a wrong password and
    protects nothing: the account and the cost are bound by the wrapping itself.
    """

    version: int
    account: str
    cost: SlotCost
    salt: bytes
    nonce: bytes
    wrapped_key: bytes
    digest: bytes = b""


def new_data_key() -> bytes:
    """Return 32 random bytes, the key of a new station's store."""
    return secrets.token_bytes(DATA_KEY_BYTES)


def make_slot(account: str, password: str, data_key: bytes, *, cost: SlotCost = STANDARD_COST) -> KeySlot:
    """Return the data key wrapped for the account. A changed password is a new slot over the same data key.

    Raises:
        Refusal: "crypto.password_empty". Any further rule about passwords is the accounts' own.
    """
    assert len(data_key) == DATA_KEY_BYTES, "the data key is 32 bytes"
    if not password:
        raise Refusal("crypto.password_empty")
    salt = secrets.token_bytes(_SALT_BYTES)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    bare = KeySlot(version=SLOT_VERSION, account=account, cost=cost, salt=salt, nonce=nonce, wrapped_key=b"")
    wrapped = AESGCM(_password_key(password, bare)).encrypt(nonce, data_key, _bound(bare))
    slot = changed(bare, wrapped_key=wrapped)
    return changed(slot, digest=_digest(slot))


def open_slot(slot: KeySlot, password: str) -> bytes:
    """Return the data key. Takes as long as the slot's cost says, whether the password is right or not.

    Raises:
        Refusal: "crypto.wrong_password", params account.
        Trouble: "crypto.slot_damaged", params account; the bytes of the slot are not those once written.
        Trouble: "crypto.slot_newer", params account; a newer program wrote the slot.
    """
    if slot.version > SLOT_VERSION:
        raise Trouble("crypto.slot_newer", account=slot.account)
    if slot.digest != _digest(slot) or not _is_affordable(slot.cost):
        raise Trouble("crypto.slot_damaged", account=slot.account)
    try:
        return AESGCM(_password_key(password, slot)).decrypt(slot.nonce, slot.wrapped_key, _bound(slot))
    except InvalidTag as error:
        raise Refusal("crypto.wrong_password", account=slot.account) from error


def unlock_delay_s(failures: int) -> int:
    """Return the seconds to wait before the next try, after so many wrong passwords in a row.

    0, 0, 0, 5, 15, 30, 60, then doubled each time up to 900 (15 minutes). The first two slips cost nothing; a
    person who guesses gets about a hundred tries a day. Our own choice: no source sets these figures.
    """
    assert failures >= 0
    first_steps = (0, 0, 0, 5, 15, 30, 60)
    if failures < len(first_steps):
        return first_steps[failures]
    doublings = min(failures - len(first_steps) + 1, 4)
    return min(60 * 2**doublings, 900)


def _password_key(password: str, slot: KeySlot) -> bytes:
    # NFC, because two keyboards may send one accented or composed character in two ways (RFC 8265 section 4.2).
    secret = unicodedata.normalize("NFC", password).encode()
    cost = slot.cost
    derivation = Argon2id(
        salt=slot.salt, length=32, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory_kib
    )
    return derivation.derive(secret)


def _bound(slot: KeySlot) -> bytes:
    """Return what the wrapping binds: a slot moved to another account, or made cheaper, does not open."""
    return canonical_bytes([slot.version, slot.account, slot.cost, slot.salt])


def _digest(slot: KeySlot) -> bytes:
    return hashlib.sha256(canonical_bytes(changed(slot, digest=b""))).digest()


def _is_affordable(cost: SlotCost) -> bool:
    return (
        1 <= cost.iterations <= _ITERATIONS_MAX
        and 1 <= cost.lanes <= _LANES_MAX
        and 8 * cost.lanes <= cost.memory_kib <= _MEMORY_KIB_MAX
    )
