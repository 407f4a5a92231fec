"""Officers and their enforcement certificates (行政执法证). Source: domain.md 1.3, 5.4, 6.4."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from core.domain.lists import Origin
from core.kernel.records import Record


class CertState(StrEnum):
    """States of a certificate; only VALID counts, and only inside its dates."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class Role(StrEnum):
    """Who may do what (domain.md 1.14)."""

    OFFICER = "officer"
    UNIT_HEAD = "unit_head"
    BODY_HEAD = "body_head"
    LEGAL_REVIEWER = "legal_reviewer"
    PANEL = "panel"
    SUPERVISOR = "supervisor"
    LIST_ADMIN = "list_admin"
    CERT_ADMIN = "cert_admin"
    AUDITOR = "auditor"
    CLERK = "clerk"


class Officer(Record):
    """A person of a body. `cert_no` is opaque, 4 to 32 characters; empty: an auxiliary, who never counts."""

    id: str
    name: str
    subject: str
    """Name of the body."""
    roles: tuple[Role, ...] = (Role.OFFICER,)
    cert_no: str = ""
    cert_from: date | None = None
    cert_to: date | None = None
    cert_state: CertState = CertState.VALID
    phone: str = ""
    sign_public: str = ""
    """Ed25519 public key in hex, for people who approve by signature; empty: none."""
    origin: Origin = Origin.OWN
    source_id: str = ""


def certificate_holds(officer: Officer, *, on: date) -> bool:
    """Tell whether the officer's certificate is valid on that local day, both end dates included."""
    if not officer.cert_no or officer.cert_state is not CertState.VALID:
        return False
    begun = officer.cert_from is None or officer.cert_from <= on
    return begun and officer.cert_to is not None and on <= officer.cert_to
