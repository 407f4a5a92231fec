"""Enterprises (涉企检查对象). Source: domain.md 1.11, 5.1, 5.3."""

from __future__ import annotations

from datetime import date

from core.domain.lists import Origin
from core.kernel.records import Record


class Enterprise(Record):
    """One enterprise or individual business. `id` is its USCC, or `x-<digest of name and address>` without one."""

    id: str
    uscc: str = ""
    no_uscc_reason: str = ""
    legacy_number: str = ""
    name: str
    initials: str = ""
    """Pinyin initials of the name, upper case; for search and order."""
    entity_type: str = ""
    district_code: str = ""
    street_code: str = ""
    street: str = ""
    address: str = ""
    industry_code: str = ""
    industry: str = ""
    size_class: str = ""
    grade: str = ""
    """Credit or risk grade A, B, C or D; empty: not known."""
    legal_rep: str = ""
    phone: str = ""
    established_on: date | None = None
    status: str = ""
    origin: Origin = Origin.OWN
    source_id: str = ""


class EnterpriseHit(Record):
    """One line of a search answer; smaller score comes first."""

    id: str
    name: str
    uscc: str
    street: str
    address: str
    grade: str
    score: int
