"""Approvals as signed packages: what is signed, and whether a package is genuine.

The domain may not see cryptography, so signing and checking come in as plain functions.
Source: domain.md 1.5 step 3, 1.14; design.md section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.domain.gate_facts import SignatureCheck
from core.domain.officers import Officer, Role
from core.domain.visits import Approval, Scheme, Visit
from core.kernel.errors import Refusal
from core.kernel.records import canonical_bytes

Verify = Callable[[bytes, bytes, bytes], bool]
"""(public key, message, signature) -> whether the signature is good."""

Sign = Callable[[bytes], bytes]
"""message -> signature, with the approver's own key."""

# Names the purpose, so that a signature over something else can never be taken for an approval.
_PURPOSE = "mingjian-approval-1"


def scheme_of(visit: Visit, *, scheme_id: str) -> Scheme:
    """Return the inspection scheme of a visit as it stands: exactly what a head is asked to approve."""
    return Scheme(
        id=scheme_id,
        visit=visit.id,
        enterprise=visit.enterprise,
        enterprise_name=visit.enterprise_name,
        subject=visit.subject,
        kind=visit.kind,
        items=visit.items,
        officers=visit.officers,
        assistants=visit.assistants,
        method=visit.scheme_method,
        planned_from=visit.planned_from,
        planned_to=visit.planned_to,
    )


def signed_bytes(scheme: Scheme, *, approver: str, approved_at: datetime, expires_at: datetime) -> bytes:
    """Return the bytes that the head's signature covers: purpose, scheme, approver, both instants, canonically."""
    return canonical_bytes(
        {
            "purpose": _PURPOSE,
            "scheme": scheme,
            "approver": approver,
            "approved_at": approved_at,
            "expires_at": expires_at,
        }
    )


def approve_scheme(
    scheme: Scheme, approver: Officer, *, public_key: bytes, sign: Sign, approved_at: datetime, expires_at: datetime
) -> Approval:
    """Sign a scheme with the head's key.

    Raises:
        Refusal: "approval.same_person" (the approver inspects in it), "approval.not_head", "approval.other_body",
            "approval.expires_before_visit".
    """
    if approver.id in scheme.officers:
        raise Refusal("approval.same_person", officer=approver.name)
    if Role.BODY_HEAD not in approver.roles:
        raise Refusal("approval.not_head", officer=approver.name)
    if approver.subject != scheme.subject:
        raise Refusal("approval.other_body", officer=approver.name, subject=scheme.subject)
    if expires_at < scheme.planned_from:
        raise Refusal("approval.expires_before_visit", visit=scheme.visit)
    message = signed_bytes(scheme, approver=approver.id, approved_at=approved_at, expires_at=expires_at)
    return Approval(
        scheme=scheme,
        approver=approver.id,
        approver_name=approver.name,
        approved_at=approved_at,
        expires_at=expires_at,
        public_key=public_key.hex(),
        signature=sign(message).hex(),
    )


def check_signature(approval: Approval, approver: Officer | None, *, verify: Verify) -> SignatureCheck:
    """Tell whether the signature is good and made with the key that the approver's row names.

    A key that is merely inside the package proves nothing: anybody can make one.
    """
    message = signed_bytes(
        approval.scheme, approver=approval.approver, approved_at=approval.approved_at, expires_at=approval.expires_at
    )
    try:
        public, signature = bytes.fromhex(approval.public_key), bytes.fromhex(approval.signature)
    except ValueError:
        return SignatureCheck(is_genuine=False, known_key=False)
    known = approver is not None and bool(approver.sign_public) and approver.sign_public == approval.public_key
    return SignatureCheck(is_genuine=verify(public, message, signature), known_key=known)
