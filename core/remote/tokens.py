"""Who is asking: tokens by a signed assertion (RFC 7523), bound to the device key by proofs of possession (RFC 9449).

Freshness comes from headquarters' nonce, never from the laptop's clock: a laptop whose clock is years wrong still gets
in (sync.md 3.12, invariant 22). Proofs are put together here, and read at headquarters by a library.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from core.remote.door import ASSERTION_TYPE, SIGNATURE_ALG, base64url
from core.sync.ports import Sign

ASSERTION_AUDIENCE = "mingjian-hq"


@dataclass(frozen=True)
class Caller:
    """The device that asks: its name, its public key, and the hand that signs with the private one."""

    device: str
    public: bytes
    sign: Sign
    now: Callable[[], float]
    """Seconds since 1970 by this machine; told to headquarters, and judged by nobody."""


class Proofs:
    """Makes the proofs of one device."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.nonce = ""
        """The newest nonce of headquarters."""
        self.token = ""

    def assertion(self) -> dict[str, str]:
        """Return the form that asks for a token."""
        claims = self._claims() | {
            "iss": self._caller.device,
            "sub": self._caller.device,
            "aud": ASSERTION_AUDIENCE,
        }
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._signed({"typ": "JWT"}, claims),
        }

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return the headers that prove who sends one request; without a token only the proof."""
        key = {"crv": "Ed25519", "kty": "OKP", "x": base64url(self._caller.public)}
        claims = self._claims() | {"htm": method, "htu": url.partition("?")[0]}
        found: dict[str, str] = {}
        if self.token:
            claims["ath"] = base64url(hashlib.sha256(self.token.encode()).digest())
            found["Authorization"] = f"DPoP {self.token}"
        found["DPoP"] = self._signed({"typ": "dpop+jwt", "jwk": key}, claims)
        return found

    def _claims(self) -> dict[str, Any]:
        claims: dict[str, Any] = {"jti": secrets.token_urlsafe(16), "iat": int(self._caller.now())}
        if self.nonce:
            claims["nonce"] = self.nonce
        return claims

    def _signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        parts = (header | {"alg": SIGNATURE_ALG}, claims)
        text = ".".join(base64url(msgspec.json.encode(part)) for part in parts)
        return f"{text}.{base64url(self._caller.sign(text.encode()))}"
