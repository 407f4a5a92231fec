"""What the visit pages read, all in one question of the read lane, so that a step never shows half of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.domain.catalog import Item, Subject
from core.domain.checklists import Answer
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.lists import ListKind
from core.domain.officers import Officer, certificate_holds
from core.domain.plans import Plan
from core.domain.visits import Visit
from core.kernel.clock import local_date
from core.kernel.records import Record
from ui.desk import Session


@dataclass(frozen=True)
class Case:
    """One visit with everything that hangs on it."""

    visit: Visit
    gates: tuple[Any, ...]
    blockers: tuple[Any, ...]
    officers: tuple[Officer, ...]
    items: tuple[Item, ...]
    answers: tuple[Answer, ...]
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    determined: tuple[Determined, ...]


@dataclass(frozen=True)
class Choices:
    """What a new visit can be made of."""

    items: tuple[Item, ...]
    officers: tuple[Officer, ...]
    plans: tuple[Plan, ...]
    subjects: tuple[Subject, ...]


def rows(session: Session, kind: type[Record], visit_id: str) -> tuple[Any, ...]:
    """Return the live records of one kind that belong to a visit."""
    with session.read_work() as work:
        return tuple(row for row in work.table(kind).where(visit=visit_id) if not getattr(row, "is_void", False))


def read_case(session: Session, visit_id: str) -> Case:
    """Return the case of a visit.  Raises Refusal "store.not_found"."""
    with session.read_work() as work:
        visit = work.table(Visit).get(visit_id)
    reference = session.reference
    officers = (reference.find(Officer, one) for one in visit.officers)
    items = (reference.find(Item, one) for one in visit.items)
    return Case(
        visit=visit,
        gates=tuple(session.visits.gates(visit_id)),
        blockers=tuple(session.visits.blockers(visit_id)),
        officers=tuple(one for one in officers if one is not None),
        items=tuple(one for one in items if one is not None),
        answers=rows(session, Answer, visit_id),
        evidence=rows(session, Evidence, visit_id),
        findings=rows(session, Finding, visit_id),
        determined=rows(session, Determined, visit_id),
    )


def read_visits(session: Session) -> tuple[Visit, ...]:
    """Return every visit, the newest plan first."""
    with session.read_work() as work:
        found = work.table(Visit).where()
    return tuple(sorted(found, key=lambda visit: visit.planned_from, reverse=True))


def read_choices(session: Session) -> Choices:
    """Return items, officers with a certificate of today, and plans of the person's own body."""
    reference, subject = session.reference, session.account.subject
    today = local_date(session.clock.now())
    officers = reference.where(Officer, subject=subject)
    return Choices(
        items=tuple(reference.where(Item, subject=subject)),
        officers=tuple(one for one in officers if certificate_holds(one, on=today)),
        plans=tuple(plan for plan in reference.where(Plan, subject=subject) if plan.year == today.year),
        subjects=tuple(one for one in reference.where(Subject) if one.name == subject),
    )


def list_day(session: Session, kind: ListKind) -> str:
    """Return the number of the newest version of a list as words, or an empty text."""
    versions = session.reference.versions(kind)
    return f"v{versions[-1].version}" if versions else ""
