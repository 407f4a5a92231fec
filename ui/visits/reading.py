"""What the visit pages read, all in one question of the read lane, so that a step never shows half of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.domain.catalog import Item
from core.domain.documents import Document
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.officers import Officer, certificate_holds
from core.domain.plans import Plan
from core.domain.prepared_papers import PreparedPaper
from core.domain.visits import Visit
from core.kernel.clock import local_date
from ui.desk import Session, reading


@dataclass(frozen=True)
class Case:
    """One visit with everything that hangs on it."""

    visit: Visit
    gates: tuple[Any, ...]
    decision: str
    need_reason: tuple[str, ...]
    moves: tuple[str, ...]
    blockers: tuple[Any, ...]
    checklists: tuple[Any, ...]
    officers: tuple[Officer, ...]
    items: tuple[Item, ...]
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    determined: tuple[Determined, ...]
    documents: tuple[Document, ...]
    prepared: tuple[PreparedPaper, ...] = ()


@dataclass(frozen=True)
class Choices:
    """What a new visit can be made of."""

    items: tuple[Item, ...]
    officers: tuple[Officer, ...]
    plans: tuple[Plan, ...]


def read_case(session: Session, visit_id: str) -> Case:
    """Return the case of a visit.  Raises Refusal "store.not_found"."""
    reader = reading(session)
    view = reader.visits.show(visit_id)
    visit: Visit = view.visit
    officers = (session.reference.find(Officer, one) for one in visit.officers)
    items = (session.reference.find(Item, one) for one in visit.items)
    return Case(
        visit=visit,
        gates=view.gates,
        decision=str(view.decision.value),
        need_reason=view.need_reason,
        moves=view.moves,
        blockers=view.blockers,
        checklists=view.checklists,
        officers=tuple(one for one in officers if one is not None),
        items=tuple(one for one in items if one is not None),
        evidence=tuple(one for one in view.evidence if not one.is_void),
        findings=tuple(one for one in view.findings if not one.is_void),
        determined=view.determined,
        documents=reader.documents.of_visit(visit_id),
        prepared=reader.prepared_papers.of_visit(visit_id),
    )


def read_visits(session: Session) -> tuple[Visit, ...]:
    """Return the visits that are not over and the latest of the others, the latest plan first."""
    return tuple(reading(session).visits.recent())


def read_choices(session: Session) -> Choices:
    """Return items, officers with a certificate of today, and plans of the person's own body."""
    reference, subject = session.reference, session.account.subject
    today = local_date(session.clock.now())
    officers = reference.where(Officer, subject=subject)
    return Choices(
        items=tuple(reference.where(Item, subject=subject)),
        officers=tuple(one for one in officers if certificate_holds(one, on=today)),
        plans=tuple(plan for plan in reference.where(Plan, subject=subject) if plan.year == today.year),
    )
