"""The keys of headquarters: the root key, kept away from the machine, and the service key that it certifies.

The root key is made once, at `hq init`, and written to a file that its holder takes away; stations pin its public half.
The service key signs answers and headquarters' own entries. The age identity opens bundles. Rotation makes a new
service key, which needs the root key's file for one moment. Source: sync.md 8, 11 (4).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from core.crypto import boxes, signing
from core.crypto.signing import Ed25519Signer
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record
from core.remote.door import hq_key_text

SERVICE_FILE = "service.key"
K = TypeVar("K", bound=Record)
ROOT_FILE = "ROOT-KEY-move-this-file-away.key"


class ServiceKeys(Record):
    """What a worker needs. The file of it is readable by the service's own account alone."""

    private: bytes
    root_public: bytes
    root_signature: bytes
    """The root key's signature over the public half."""
    age_identity: str

    @property
    def public(self) -> bytes:
        """The public half of the service key."""
        return signing.public_key_of(self.private)

    @property
    def recipient(self) -> str:
        """The age recipient to which bundles for headquarters are sealed."""
        return boxes.recipient_of(self.age_identity)

    def signer(self) -> Ed25519Signer:
        """Return the hand that signs in headquarters' name."""
        return Ed25519Signer(self.private)


class RootKey(Record):
    """The root key as its file holds it."""

    private: bytes
    public: bytes


def new_keys(folder: Path) -> ServiceKeys:
    """Make all keys, write both files, and return the service's."""
    private = signing.new_signing_key()
    root = RootKey(private=private, public=signing.public_key_of(private))
    keys = _certified(root, age_identity=boxes.new_identity())
    write_secret(folder / ROOT_FILE, msgspec.json.encode(root))
    write_secret(folder / SERVICE_FILE, msgspec.json.encode(keys))
    return keys


def rotated(keys: ServiceKeys, root: RootKey) -> ServiceKeys:
    """Return keys with a new service key.

    Raises:
        Refusal: "hq.root_key_foreign"; it is not the root key that stations pinned.
    """
    if root.public != keys.root_public or signing.public_key_of(root.private) != root.public:
        raise Refusal("hq.root_key_foreign", fingerprint=signing.fingerprint(keys.root_public))
    return _certified(root, age_identity=keys.age_identity)


def read_keys(folder: Path) -> ServiceKeys:
    """Return the service's keys.  Raises Trouble "hq.keys_unreadable", params path."""
    return _read(folder / SERVICE_FILE, ServiceKeys)


def read_root(path: Path) -> RootKey:
    """Return the root key of a file.  Raises Trouble "hq.keys_unreadable", params path."""
    return _read(path, RootKey)


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only this account may read, whole or not at all.  Raises Trouble "hq.keys_unwritable"."""
    fresh = path.with_suffix(".new")
    try:
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise Trouble("hq.keys_unwritable", path=str(path), why=error.strerror or "") from error


def _certified(root: RootKey, *, age_identity: str) -> ServiceKeys:
    private = signing.new_signing_key()
    return ServiceKeys(
        private=private,
        root_public=root.public,
        root_signature=signing.sign(root.private, hq_key_text(signing.public_key_of(private))),
        age_identity=age_identity,
    )


def _read(path: Path, kind: type[K]) -> K:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError) as error:
        raise Trouble("hq.keys_unreadable", path=str(path)) from error
