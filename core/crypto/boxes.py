"""Boxes: bytes sealed to one receiver, who alone opens them (age, X25519). Bundles travel in them.

A private half is an age identity, a public half an age recipient, both text as age writes them.
"""

from __future__ import annotations

from typing import Any

import pyrage

from core.kernel.errors import Trouble

# The library is a compiled module without type information.
_age: Any = pyrage


def new_identity() -> str:
    """Return a new private half. It must be sealed or guarded before it is stored."""
    return str(_age.x25519.Identity.generate())


def recipient_of(identity: str) -> str:
    """Return the public half.  Raises Trouble "crypto.damaged" for what is no identity."""
    try:
        return str(_age.x25519.Identity.from_str(identity).to_public())
    except _age.IdentityError as error:
        raise Trouble("crypto.damaged") from error


def is_recipient(text: str) -> bool:
    """Tell whether the text is a public half."""
    try:
        _age.x25519.Recipient.from_str(text)
    except _age.RecipientError:
        return False
    return True


def seal_to(recipient: str, content: bytes) -> bytes:
    """Return a box that only the receiver opens.  Raises Trouble "crypto.damaged" for what is no recipient."""
    try:
        return _age.encrypt(content, [_age.x25519.Recipient.from_str(recipient)])
    except (_age.RecipientError, _age.EncryptError) as error:
        raise Trouble("crypto.damaged") from error


def open_box(identity: str, box: bytes) -> bytes:
    """Return what is in a box.  Raises Trouble "crypto.damaged": changed, cut, or sealed to somebody else."""
    try:
        return _age.decrypt(box, [_age.x25519.Identity.from_str(identity)])
    except (_age.DecryptError, _age.IdentityError) as error:
        raise Trouble("crypto.damaged") from error
