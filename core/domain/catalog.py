"""The catalogue: inspection subjects (检查主体) and inspection items (检查事项), with their caps.

Source: domain.md 1.3, 1.7, 1.8 and 2.1.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from core.domain.lists import Origin
from core.kernel.records import Record


class SubjectKind(StrEnum):
    """The three lawful kinds of inspecting body (国办发〔2024〕54号; domain.md 1.3)."""

    ORGAN = "organ"
    AUTHORIZED_ORG = "authorized_org"
    ENTRUSTED_ORG = "entrusted_org"


class Subject(Record):
    """A body entitled to inspect. An entrusted body acts in the name of `entrusting_subject`."""

    id: str
    name: str
    kind: SubjectKind
    field: str = ""
    """Field of enforcement, for example 市场监管, 应急, 消防."""
    entrusting_subject: str = ""
    entrustment_no: str = ""
    agency_abbr: str = ""
    """机关代字 of its document numbers, for example 湘新市监."""
    address: str = ""
    phone: str = ""
    complaint_phone: str = ""
    reconsideration_body: str = ""
    """Shown as 未核实 while empty: for the new area it is not obvious (domain.md 2.4)."""
    court: str = ""
    is_listed: bool = True
    listed_from: date | None = None
    listed_to: date | None = None
    origin: Origin = Origin.OWN
    source_id: str = ""


class Item(Record):
    """One inspection item of the published list of one subject."""

    id: str
    subject: str
    """Name of the subject as the list writes it."""
    name: str
    content: str = ""
    object_class: str = ""
    legal_basis: tuple[str, ...] = ()
    method: str = ""
    frequency: str = ""
    level: str = ""
    category: str = ""
    """一般 or 重点."""
    code: str = ""
    checklist: str = ""
    """Id of the checklist template for this item; empty: the generic one."""
    in_force_from: date | None = None
    in_force_to: date | None = None
    origin: Origin = Origin.OWN
    source_id: str = ""


class Cap(Record):
    """The most visits a calendar year of one subject to one enterprise (domain.md 1.8).

    `times` is None where the published text gives no plain number a year; then `text` is shown and the gate
    answers unknown.
    """

    id: str
    subject: str = ""
    """Empty: every subject."""
    item_name: str = ""
    """Empty: every item."""
    credit_grade: str = ""
    object_class: str = ""
    times: int | None = None
    text: str = ""
    basis: str = ""
    origin: Origin = Origin.OWN
    source_id: str = ""


class LeniencyEntry(Record):
    """One row of a published leniency list, as text. The rules that a machine can apply are in rule packages."""

    id: str
    list_type: str
    agency: str
    violation: str
    violation_basis: str = ""
    penalty_basis: str = ""
    conditions: str = ""
    leniency_basis: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    place: str = ""
    origin: Origin = Origin.OWN
    source_id: str = ""


class CalendarDay(Record):
    """A day that differs from the ordinary week: a holiday, or a weekend day that is worked."""

    id: str
    day: date
    is_working: bool
    name: str = ""
    origin: Origin = Origin.OWN
    source_id: str = ""
