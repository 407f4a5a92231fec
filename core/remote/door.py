"""What both ends of the line agree on beside the messages of core.sync: paths, headers, frames, signed answers.

Every answer of headquarters bears the protocol header and headquarters' own date, and where the caller sent a word to
be answered, a signature over that word, the status and the body: what a hotel's login page or a proxy says is never
taken for headquarters' word. Source: sync.md 3.6, 3.12.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence

from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.sync.wire import PROTOCOL, PROTOCOL_OLDEST

PROTOCOL_HEADER = "Mingjian-Protocol"
ASK_HEADER = "Mingjian-Ask"
"""A random word that headquarters signs with its answer."""
ANSWER_HEADER = "Mingjian-Answer"
"""Headquarters' signature over word, status and body, in base64."""
KEY_HEADER = "Mingjian-Key"
"""Headquarters' service key and the root key's signature over it, in base64, parted by a dot."""
NONCE_HEADER = "DPoP-Nonce"
DIGEST_HEADER = "Content-Digest"
ENTRY_TYPE = "application/vnd.mingjian.run+zstd"
PAGES_TYPE = "application/vnd.mingjian.pages"
BLOB_TYPE = "application/octet-stream"
BUNDLE_TYPE = "application/vnd.mingjian.bundle"
CARRIED_BYTES_MAX = 512 << 20
"""A file that is carried over a line; a longer one is for a stick."""
ANSWER_BUNDLE_BYTES_MAX = 64 << 20
RANGE_BYTES_MAX = 8 << 20
"""Bytes of a blob that one request gives."""
RELEASES_APART_MAX = 3
"""Releases that the two ends may lie apart, either way."""
FRAME_HEAD_BYTES = 4
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGNATURE_ALG = "Ed25519"
"""Name of the signature algorithm in tokens. Source: RFC 9864."""
HQ_KEY_DOMAIN = b"hq-key1"
_BLOB_NAME = re.compile(r"[0-9a-f]{64}")


class FaultAnswer(Record):
    """How headquarters tells a fault."""

    kind: str
    """refusal or trouble."""
    code: str
    params: dict[str, str | int] = {}


class TokenAnswer(Record):
    """A token, as RFC 6749 names its parts."""

    access_token: str
    token_type: str = "DPoP"
    expires_in: int = 600


def answer_text(word: str, status: int, body: bytes) -> bytes:
    """Return what headquarters signs of an answer."""
    return b"hq-answer1|%s|%d|" % (word.encode(), status) + hashlib.sha256(body).digest()


def hq_key_text(hq_public: bytes) -> bytes:
    """Return what the root key signs of the service key."""
    return HQ_KEY_DOMAIN + hq_public


def understands(protocol: int) -> bool:
    """Tell whether the other end's protocol is near enough to ours to read what it reads."""
    return max(PROTOCOL_OLDEST, PROTOCOL - RELEASES_APART_MAX) <= protocol <= PROTOCOL + RELEASES_APART_MAX


def is_blob_name(name: str) -> bool:
    """Tell whether the text is a SHA-256 in hex and nothing else."""
    return _BLOB_NAME.fullmatch(name) is not None


def content_digest(content: bytes) -> str:
    """Return the value of the digest header of a body (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def pack(bodies: Sequence[bytes]) -> bytes:
    """Return several bodies as one: the length of each, 4 bytes, big-endian, before it."""
    return b"".join(len(body).to_bytes(FRAME_HEAD_BYTES, "big") + body for body in bodies)


def unpack(packed: bytes) -> list[bytes]:
    """Return the bodies of a packed one.  Raises Refusal "sync.body_damaged"."""
    bodies: list[bytes] = []
    at = 0
    while at < len(packed):
        start = at + FRAME_HEAD_BYTES
        end = start + int.from_bytes(packed[at:start], "big")
        if start > len(packed) or end > len(packed):
            raise Refusal("sync.body_damaged", why="frame")
        bodies.append(packed[start:end])
        at = end
    return bodies


def base64url(content: bytes) -> str:
    """Return base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Return the bytes of base64url text without padding; none where it is none."""
    return from_base64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))


def from_base64(text: str) -> bytes:
    """Return the bytes of base64 text; none where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def thumbprint(public: bytes) -> str:
    """Return the thumbprint of an Ed25519 key. Source: RFC 7638, RFC 8037 appendix A.3."""
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{base64url(public)}"}}'
    return base64url(hashlib.sha256(canonical.encode()).digest())
