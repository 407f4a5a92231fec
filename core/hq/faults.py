"""How a fault goes over the wire: its status, its code and parameters, and what the caller may do about it."""

from __future__ import annotations

import msgspec

from core.kernel.errors import Fault, Refusal, Trouble
from core.remote.door import FaultAnswer

RETRY_AFTER_S = 5
_STATUS: dict[str, int] = {
    "sync.nonce_stale": 401,
    "sync.token_bad": 401,
    "sync.proof_bad": 401,
    "sync.code_bad": 403,
    "sync.device_retired": 403,
    "sync.device_foreign": 403,
    "sync.stream_forbidden": 403,
    "sync.blob_forbidden": 403,
    "sync.blob_missing": 404,
    "hq.not_found": 404,
    "sync.device_unknown": 404,
    "hq.checkpoint_missing": 404,
    "sync.body_too_large": 413,
    "sync.upgrade_station": 426,
    "sync.upgrade_hq": 426,
    "hq.too_many_requests": 429,
}
# What DPoP calls our refusals. Source: RFC 9449 sections 7.1 and 8.
_CHALLENGE = {
    "sync.nonce_stale": "use_dpop_nonce",
    "sync.token_bad": "invalid_token",
    "sync.proof_bad": "invalid_dpop_proof",
}


def status_of(fault: Fault) -> int:
    """Return the HTTP status of a fault."""
    if isinstance(fault, Trouble):
        return 503
    return _STATUS.get(fault.code, 400)


def body_of(fault: Fault) -> bytes:
    """Return the body that tells a fault. Parameters that are no numbers go as text."""
    params = {name: value if isinstance(value, int) else str(value) for name, value in fault.params.items()}
    kind = "refusal" if isinstance(fault, Refusal) else "trouble"
    return msgspec.json.encode(FaultAnswer(kind=kind, code=fault.code, params=params))


def headers_of(fault: Fault) -> dict[str, str]:
    """Return the headers that go with a fault."""
    found: dict[str, str] = {"Content-Type": "application/json"}
    if fault.code in _CHALLENGE:
        found["WWW-Authenticate"] = f'DPoP error="{_CHALLENGE[fault.code]}", algs="Ed25519"'
    if status_of(fault) in (429, 503):
        found["Retry-After"] = str(fault.params.get("retry_after_s", RETRY_AFTER_S))
    return found
