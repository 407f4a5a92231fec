"""What the code on a paper signs: the digest of the canonical facts and the few facts a person compares by eye.

Texts are GB18030 (two bytes a character instead of three) and are cut so that the code stays readable by a poor
camera: at most 150 bytes of CBOR (platform.md section 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import cbor2

from core.domain.documents import DocumentFacts, DocumentKind, kind_of, printed_money
from core.kernel.records import Record

PAYLOAD_BYTES_MAX = 150
_SEAL_BYTES = 10


class SignedFacts(Record):
    """The facts in a code, to be compared with the paper. Texts that were cut end in ～."""

    sha256: str
    kind: DocumentKind
    number: str
    body: str
    party: str
    issued_on: date
    amount_cents: int | None = None
    is_copy: bool = False
    seal: str = ""
    """Beginning of the SHA-256 of the certificate that signs the file, in hex."""

    def shown(self) -> dict[str, str]:
        """Return the facts as a person compares them."""
        amount = printed_money(self.amount_cents) if self.amount_cents is not None else ""
        return {
            "kind": f"{self.kind.code} {self.kind.value}",
            "number": self.number,
            "body": self.body,
            "party": self.party,
            "date": self.issued_on.isoformat(),
            "amount": amount,
        }


def code_payload(facts: DocumentFacts, *, certificate_sha256: str = "") -> dict[str, Any]:
    """Return what is signed. Keys are single letters; h digest, k kind, n number, b body, p party, d day, a amount,
    c certificate, y copy."""
    payload: dict[str, Any] = {
        "h": bytes.fromhex(facts.sha256()),
        "k": facts.kind.code,
        "d": facts.issued_on.toordinal(),
    }
    if certificate_sha256:
        payload["c"] = bytes.fromhex(certificate_sha256)[:_SEAL_BYTES]
    if facts.amount_cents is not None:
        payload["a"] = facts.amount_cents
    if facts.copy_mark:
        payload["y"] = True
    # The number is never cut: it is what a person looks for first.
    payload["n"] = facts.number.encode("gb18030")
    texts = {"p": facts.party, "b": facts.body}
    for key, text in texts.items():
        payload[key] = text.encode("gb18030")
    while len(cbor2.dumps(payload)) > PAYLOAD_BYTES_MAX:
        key = max(texts, key=lambda one: len(texts[one]))
        if len(texts[key]) <= 1:
            break
        texts[key] = texts[key].removesuffix("～")[:-1] + "～"
        payload[key] = texts[key].encode("gb18030")
    return payload


def read_payload(payload: Mapping[str, Any]) -> SignedFacts | None:
    """Return the facts of a verified payload; None if it is a code of ours for something else."""
    try:
        kind = kind_of(payload["k"])
        if kind is None:
            return None
        return SignedFacts(
            sha256=payload["h"].hex(),
            kind=kind,
            number=payload["n"].decode("gb18030"),
            body=payload["b"].decode("gb18030"),
            party=payload["p"].decode("gb18030"),
            issued_on=date.fromordinal(payload["d"]),
            amount_cents=payload.get("a"),
            is_copy=bool(payload.get("y", False)),
            seal=payload.get("c", b"").hex(),
        )
    except (KeyError, AttributeError, UnicodeDecodeError, TypeError, ValueError, OverflowError):
        # A signed code of another purpose has other keys.
        return None
