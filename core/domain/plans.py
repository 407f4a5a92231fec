"""Annual plans (年度检查计划) and special plans (专项检查计划). Source: domain.md 1.4, 1.7."""

from __future__ import annotations

from datetime import date

from core.domain.lists import Origin
from core.kernel.records import Record


class Plan(Record):
    """One line of a filed plan: who checks what, at whom, how many and when."""

    id: str
    title: str
    year: int
    subject: str
    """The body that leads."""
    partner_subjects: tuple[str, ...] = ()
    item_name: str
    object_class: str = ""
    ratio_or_count: str = ""
    months: tuple[int, ...] = ()
    """Months 1..12 in which the checks fall; empty: any time of the year."""
    months_text: str = ""
    method: str = ""
    level: str = ""
    basis: str = ""
    is_special: bool = False
    approved_by: str = ""
    """For a special plan: the government or superior that approved it."""
    is_by_superior: bool = False
    """Deployed by a superior: its visits are outside the cap (domain.md 1.8)."""
    enterprises: tuple[str, ...] = ()
    """Named objects as USCCs; empty: any enterprise of `object_class`."""
    filed_on: date | None = None
    url: str = ""
    origin: Origin = Origin.OWN
    source_id: str = ""
