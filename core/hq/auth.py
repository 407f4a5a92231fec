"""Who is calling: nonces, tokens and proofs of possession, checked without any state but the proofs seen.

A token is a short JWT signed by the service key and bound to the device's key (RFC 9449); freshness comes from our
nonce, so that a laptop's clock decides nothing. Every worker reads every worker's nonces and tokens.
Source: sync.md 3.12; RFC 7523, RFC 9449, RFC 9864.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from core.crypto.sealing import derive
from core.crypto.signing import KEY_BYTES, Signer
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.remote.door import ASSERTION_TYPE, SIGNATURE_ALG, base64url, from_base64url, thumbprint
from core.remote.tokens import ASSERTION_AUDIENCE

TOKEN_S = 600
NONCE_S = 300
PROOF_CHARS_MAX = 8 << 10
FORM_BYTES_MAX = 16 << 10
_ALGORITHMS = [SIGNATURE_ALG]
_MAC_BYTES = 16
_NONCE_BYTES = 8 + 8 + _MAC_BYTES


class SeenProofs(Protocol):
    """Remembers the proofs of the last minutes, for all workers together."""

    def first_time(self, proof: str, *, until: datetime) -> bool:
        """Note a proof and tell whether nobody noted it before."""
        ...


class Proof(Record):
    """What a checked proof says."""

    thumbprint: str
    public: bytes


class Nonces:
    """Makes and reads nonces: the time, a random part and a code over both."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def issue(self) -> str:
        """Return a fresh nonce."""
        body = self._now_ms().to_bytes(8, "big") + secrets.token_bytes(8)
        return base64url(body + self._mac(body))

    def check(self, nonce: object) -> None:
        """Raise Refusal "sync.nonce_stale" for what is none of ours, or older than NONCE_S."""
        raw = from_base64url(nonce) if isinstance(nonce, str) else b""
        if len(raw) == _NONCE_BYTES and hmac.compare_digest(raw[-_MAC_BYTES:], self._mac(raw[:-_MAC_BYTES])):
            age_ms = self._now_ms() - int.from_bytes(raw[:8], "big")
            # Another worker's clock may be a little ahead.
            if -NONCE_S * 1000 <= age_ms <= NONCE_S * 1000:
                return
        raise Refusal("sync.nonce_stale")

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, body, "sha256")[:_MAC_BYTES]

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


class Guard:
    """Checks who calls.

    Args:
        private: The service key; its public half goes with every token.
        public_of: Returns the public key of a device whatever its status, or None.
    """

    def __init__(
        self,
        signer: Signer,
        private: bytes,
        *,
        clock: Clock,
        seen: SeenProofs,
        public_of: Callable[[str], bytes | None],
    ) -> None:
        self.nonces = Nonces(derive(private, "hq-nonces"), clock)
        self._key = OKPKey.import_key(
            {"kty": "OKP", "crv": "Ed25519", "x": base64url(signer.public), "d": base64url(private)}
        )
        self._clock = clock
        self._seen = seen
        self._public_of = public_of

    def token(self, form: bytes, proof: str, path: str) -> str:
        """Return a token for the device that signed the assertion of a form, bound to the key of the proof.

        Raises:
            Refusal: "sync.token_bad", "sync.proof_bad", both with params why; "sync.nonce_stale".
        """
        assertion = _assertion_in(form)
        device = str(_unchecked_claims(assertion).get("sub", ""))
        public = self._public_of(device)
        if public is None:
            raise Refusal("sync.token_bad", why="device")
        claims = _claims(assertion, _okp(public), code_why="assertion")
        if claims.get("iss") != device or claims.get("aud") != ASSERTION_AUDIENCE:
            raise Refusal("sync.token_bad", why="claims")
        self.nonces.check(claims.get("nonce"))
        self._once(claims)
        checked = self.proof(proof, method="POST", path=path, token="")
        if checked.public != public:
            raise Refusal("sync.proof_bad", why="key")
        now = int(self._clock.now().timestamp())
        said = {"iss": ASSERTION_AUDIENCE, "sub": device, "iat": now, "exp": now + TOKEN_S}
        bound = said | {"cnf": {"jkt": checked.thumbprint}}
        return jwt.encode({"alg": SIGNATURE_ALG, "typ": "at+jwt"}, bound, self._key, algorithms=_ALGORITHMS)

    def device(self, headers: Mapping[str, str], *, method: str, path: str) -> str:
        """Return the device that sent a request with token and proof; raises as `token`."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "dpop" or not token or len(token) > PROOF_CHARS_MAX:
            raise Refusal("sync.token_bad", why="missing")
        claims = _claims(token, self._key, code_why="signature")
        if not isinstance(expires := claims.get("exp"), int) or expires < self._clock.now().timestamp():
            raise Refusal("sync.token_bad", why="expired")
        proof = self.proof(headers.get("dpop", ""), method=method, path=path, token=token)
        bound = claims.get("cnf")
        if not isinstance(bound, dict) or bound.get("jkt") != proof.thumbprint:
            raise Refusal("sync.proof_bad", why="key")
        return str(claims.get("sub", ""))

    def proof(self, text: str, *, method: str, path: str, token: str) -> Proof:
        """Check one proof of possession.

        Raises:
            Refusal: "sync.proof_bad", params why: missing, form, key, signature, request, token or replayed;
                "sync.nonce_stale".
        """
        if not text or len(text) > PROOF_CHARS_MAX:
            raise Refusal("sync.proof_bad", why="missing")
        public = _key_in(text)
        try:
            claims = jwt.decode(text, _okp(public), algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError, RecursionError) as error:
            raise Refusal("sync.proof_bad", why="signature") from error
        # Gateways change host and scheme, never the path: only that is compared (RFC 9449 section 4.3).
        if claims.get("htm") != method or urlsplit(str(claims.get("htu", ""))).path != path:
            raise Refusal("sync.proof_bad", why="request")
        if token and claims.get("ath") != base64url(hashlib.sha256(token.encode()).digest()):
            raise Refusal("sync.proof_bad", why="token")
        self.nonces.check(claims.get("nonce"))
        self._once(claims)
        return Proof(thumbprint=thumbprint(public), public=public)

    def _once(self, claims: Mapping[str, Any]) -> None:
        """Refuse a proof that was seen.  It need not be remembered longer than its nonce lives."""
        name = claims.get("jti")
        if not isinstance(name, str) or not 8 <= len(name) <= 128:
            raise Refusal("sync.proof_bad", why="form")
        digest = hashlib.sha256(f"{name}|{claims['nonce']}".encode()).hexdigest()
        if not self._seen.first_time(digest, until=self._clock.now() + timedelta(seconds=2 * NONCE_S)):
            raise Refusal("sync.proof_bad", why="replayed")


def _assertion_in(form: bytes) -> str:
    try:
        fields = parse_qs(form.decode("ascii"), strict_parsing=True, max_num_fields=8)
    except ValueError as error:
        raise Refusal("sync.token_bad", why="form") from error
    found = fields.get("client_assertion", [""])[0]
    wanted = {"grant_type": ["client_credentials"], "client_assertion_type": [ASSERTION_TYPE]}
    if not found or len(found) > PROOF_CHARS_MAX or any(fields.get(name) != value for name, value in wanted.items()):
        raise Refusal("sync.token_bad", why="form")
    return found


def _unchecked_claims(token: str) -> dict[str, Any]:
    """Return what a token claims, before anything about it was checked: only good for finding the key to check with."""
    try:
        return msgspec.json.decode(jws.extract_compact(token.encode()).payload, type=dict[str, Any])
    except (JoseError, ValueError, RecursionError) as error:
        raise Refusal("sync.token_bad", why="form") from error


def _claims(token: str, key: OKPKey, *, code_why: str) -> dict[str, Any]:
    try:
        return dict(jwt.decode(token, key, algorithms=_ALGORITHMS).claims)
    except (JoseError, ValueError, RecursionError) as error:
        raise Refusal("sync.token_bad", why=code_why) from error


def _key_in(proof: str) -> bytes:
    """Return the public key that a proof names; whether the device is known by it is judged by the token."""
    try:
        header = jws.extract_compact(proof.encode()).headers()
    except (JoseError, ValueError, RecursionError) as error:
        raise Refusal("sync.proof_bad", why="form") from error
    key = header.get("jwk")
    if header.get("typ") != "dpop+jwt" or not isinstance(key, dict):
        raise Refusal("sync.proof_bad", why="form")
    public = from_base64url(str(key.get("x", "")))
    if key.get("kty") != "OKP" or key.get("crv") != "Ed25519" or "d" in key or len(public) != KEY_BYTES:
        raise Refusal("sync.proof_bad", why="key")
    return public


def _okp(public: bytes) -> OKPKey:
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": base64url(public)})
