"""What still blocks closing a visit: a list with codes, never a bare no."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.domain.duties import open_clocks
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.gate_settings import GateSettings
from core.domain.visits import Visit, VisitKind, VisitState
from core.kernel.records import Record
from core.services.checklists import ItemChecklist
from core.services.ports import Work

TRIGGER_METHOD = "trigger"
"""`method` of the evidence that shows what started a case visit (domain.md 1.7: the trigger's evidence is attached)."""


class Blocker(Record):
    """One thing that stops closing. `code` has words under `blocker.`; `about` is the id it concerns."""

    code: str
    about: str = ""
    params: dict[str, str] = {}


_CLOSABLE = frozenset({VisitState.RESULT_TOLD, VisitState.CORRECTED, VisitState.CASE_OPENED})


def closing_blockers(
    visit: Visit, work: Work, checklists: Iterable[ItemChecklist], *, now: datetime, settings: GateSettings
) -> tuple[Blocker, ...]:
    """Return what the visit itself, its duties, checklist, evidence and findings still want."""
    return (
        *_of_state(visit),
        *_of_duties(visit, now, settings),
        *_of_checklists(checklists),
        *_of_findings(visit, work),
        *_of_trigger(visit, work),
    )


def _of_state(visit: Visit) -> tuple[Blocker, ...]:
    if visit.state in _CLOSABLE:
        return ()
    codes = {VisitState.RECORDED: "result_not_told", VisitState.CORRECTING: "correction_open"}
    return (Blocker(code=codes.get(visit.state, "not_recorded"), about=visit.id),)


def _of_duties(visit: Visit, now: datetime, settings: GateSettings) -> tuple[Blocker, ...]:
    return tuple(
        Blocker(code="duty_open", about=visit.id, params={"duty": clock.duty.value, "urgency": clock.urgency.value})
        for clock in open_clocks(visit, now, settings)
    )


def _of_checklists(checklists: Iterable[ItemChecklist]) -> tuple[Blocker, ...]:
    found: list[Blocker] = []
    for one in checklists:
        if one.progress.unanswered:
            params = {"item": one.item_name, "count": str(len(one.progress.unanswered))}
            found.append(Blocker(code="unanswered_points", about=one.item, params=params))
        if one.progress.photos_missing:
            params = {"item": one.item_name, "count": str(len(one.progress.photos_missing))}
            found.append(Blocker(code="photo_missing", about=one.item, params=params))
    return tuple(found)


def _of_findings(visit: Visit, work: Work) -> tuple[Blocker, ...]:
    """A finding is dealt with by a determination, by an order to correct, or by correction on the spot."""
    determined = {one.finding for one in work.table(Determined).where(visit=visit.id)}
    return tuple(
        Blocker(code="finding_open", about=finding.id, params={"text": finding.text})
        for finding in work.table(Finding).where(visit=visit.id)
        if not finding.is_void
        and finding.id not in determined
        and not finding.requirement
        and not finding.corrected_on_spot
    )


def _of_trigger(visit: Visit, work: Work) -> tuple[Blocker, ...]:
    if visit.kind is not VisitKind.CASE:
        return ()
    shown = any(
        piece.method == TRIGGER_METHOD and not piece.is_void for piece in work.table(Evidence).where(visit=visit.id)
    )
    return () if shown else (Blocker(code="trigger_evidence_missing", about=visit.id),)
