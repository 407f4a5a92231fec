"""Our own signed codes: `MJ1:` and a base45 COSE_Sign1 with Ed25519, readable and checkable without a network.

The room does not hold keys: whoever calls brings something that signs, or the keys to trust and the check
(core.crypto.signing). Two rooms of one storey do not import each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol, cast

import base45
import cbor2

from core.kernel.errors import Refusal
from core.kernel.records import Record

PREFIX = "MJ1:"
# Source: RFC 9052 sections 3.1 and 4.2 (labels, tag, context), RFC 9053 section 2.2 (EdDSA is -8).
_ALG_LABEL, _KEY_ID_LABEL, _EDDSA = 1, 4, -8
_SIGN1_TAG = 18
# The largest QR code holds 4296 characters of this alphabet (ISO/IEC 18004 table 7); longer texts are not ours.
_CHARS_MAX = 4296
_DEPTH_MAX = 16

Verify = Callable[[bytes, bytes, bytes], bool]
"""(public key, message, signature) -> whether the signature is good; core.crypto.signing.verify."""


class CodeSigner(Protocol):
    """What signs a code; core.crypto.signing.Ed25519Signer fits."""

    @property
    def alg(self) -> str:
        """Return the name of the algorithm."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature over the message."""
        ...


class CodeVerdict(StrEnum):
    """What the check of a signed code found; only the first may be shown green."""

    GENUINE = "genuine"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    TORN = "torn"
    FOREIGN = "foreign"


class SignedCode(Record):
    """A code as read. Nothing in it is to be believed before `verify_signed` says genuine."""

    payload: dict[str, Any]
    key_id: bytes
    signature: bytes
    signed_bytes: bytes


class SignedCheck(Record):
    """The verdict on a code. The payload is there only when the code is genuine."""

    verdict: CodeVerdict
    payload: dict[str, Any] | None = None
    key_id: bytes | None = None


def sign_code(payload: dict[str, Any], signer: CodeSigner, key_id: bytes) -> str:
    """Return the text of the code: `MJ1:` and base45, all in the QR code's alphanumeric set.

    Args:
        payload: Text keys; values are text, integers, bytes, booleans, None, and lists or dicts of these.
            The same payload and key give the same text.
        signer: Holds an Ed25519 key.
        key_id: Names the public key to whoever checks, for example core.crypto.signing.key_id_of(public).
    """
    assert signer.alg == "Ed25519", "the header of the code says EdDSA"
    assert _is_plain(payload), "a payload holds text, integers, bytes, booleans, None, lists and dicts only"
    protected = _encode(_header(key_id))
    content = _encode(payload)
    signature = signer.sign(_to_be_signed(protected, content))
    whole = _encode(cbor2.CBORTag(_SIGN1_TAG, [protected, {}, content, signature]))
    return PREFIX + base45.b45encode(whole).decode("ascii")


def read_signed(text: str) -> SignedCode:
    """Return the parts of a signed code without checking the signature.

    White space around the text is ignored: scanners add line ends, and base45 never ends with its space (as the last
    digit of a group it would exceed the largest value).

    Raises:
        Refusal: "codes.signed_foreign"; the text does not begin with `MJ1:`.
        Refusal: "codes.signed_torn"; it does, but is not a whole code in the one form that `sign_code` writes.
    """
    stripped = text.strip()
    if not stripped.startswith(PREFIX):
        raise Refusal("codes.signed_foreign")
    if len(stripped) > _CHARS_MAX:
        raise Refusal("codes.signed_torn")
    try:
        whole = base45.b45decode(stripped.removeprefix(PREFIX))
    except ValueError as error:
        raise Refusal("codes.signed_torn") from error
    match _decode(whole):
        case cbor2.CBORTag(tag=18, value=[bytes(protected), {} as unprotected, bytes(content), bytes(signature)]):
            pass
        case _:
            raise Refusal("codes.signed_torn")
    match _decode(protected), _decode(content):
        case {4: bytes(key_id)} as header, dict(payload):
            pass
        case _:
            raise Refusal("codes.signed_torn")
    # A header nobody signed, or one more than ours, could say something about the payload: refused, not skipped.
    if unprotected or header != _header(key_id) or not _is_plain(payload):
        raise Refusal("codes.signed_torn")
    return SignedCode(
        payload=payload, key_id=key_id, signature=signature, signed_bytes=_to_be_signed(protected, content)
    )


def verify_signed(text: str, trusted: Mapping[bytes, bytes], verify: Verify) -> SignedCheck:
    """Return whether the code is one of ours, and its payload if it is. Never raises for what stands in the text.

    Args:
        text: The text as scanned.
        trusted: Public keys by key id.
        verify: core.crypto.signing.verify.
    """
    try:
        code = read_signed(text)
    except Refusal as refusal:
        foreign = refusal.code == "codes.signed_foreign"
        return SignedCheck(verdict=CodeVerdict.FOREIGN if foreign else CodeVerdict.TORN)
    public = trusted.get(code.key_id)
    if public is None:
        return SignedCheck(verdict=CodeVerdict.UNKNOWN_KEY, key_id=code.key_id)
    if not verify(public, code.signed_bytes, code.signature):
        return SignedCheck(verdict=CodeVerdict.BAD_SIGNATURE, key_id=code.key_id)
    return SignedCheck(verdict=CodeVerdict.GENUINE, payload=code.payload, key_id=code.key_id)


def _header(key_id: bytes) -> dict[int, int | bytes]:
    return {_ALG_LABEL: _EDDSA, _KEY_ID_LABEL: key_id}


def _to_be_signed(protected: bytes, content: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052 section 4.4, without external data."""
    return _encode(["Signature1", protected, b"", content])


def _encode(value: object) -> bytes:
    # Deterministic encoding (RFC 8949 section 4.2), so that equal payloads give equal codes.
    return cbor2.dumps(value, canonical=True)


def _decode(raw: bytes) -> object:
    """Return the CBOR value. Only the deterministic form is taken: each code has one spelling, or it is torn."""
    try:
        value = cbor2.loads(raw, max_depth=_DEPTH_MAX, allow_indefinite=False, allow_duplicate_keys=False)
        if _encode(value) == raw:
            return value
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Refusal("codes.signed_torn") from error
    raise Refusal("codes.signed_torn")


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value)
        return all(isinstance(key, str) and _is_plain(entry) for key, entry in entries.items())
    if isinstance(value, list):
        return all(_is_plain(entry) for entry in cast("list[object]", value))
    return value is None or isinstance(value, str | int | bytes)
