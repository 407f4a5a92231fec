"""Where a visit stands, step by step: presentation of what the services answered, no rule of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.domain.documents import DocumentState, missing_signatures
from core.domain.gate_lines import Decision
from core.domain.visits import VisitState as S
from core.kernel.words import catalogue
from ui.i18n import lang
from ui.theme import Tone
from ui.visits.reading import Case

BEFORE = {S.DRAFT, S.APPROVED, S.NOTIFIED, S.APPROVAL_PENDING_MAKEUP, S.ARRIVED}
DONE = {S.RECORDED, S.RESULT_TOLD, S.CORRECTING, S.CORRECTED, S.CASE_OPENED, S.CLOSED, S.ARCHIVED}
ENDED = {S.CLOSED, S.ARCHIVED, S.ABORTED}
STEP_OF_BLOCKER = {
    "not_recorded": "end",
    "result_not_told": "end",
    "correction_open": "end",
    "duty_open": "gates",
    "unanswered": "checklist",
    "photo": "checklist",
    "finding": "findings",
    "determin": "determine",
    "sign": "signing",
    "paper": "papers",
    "document": "papers",
}


def _gates(case: Case) -> Tone | None:
    if case.visit.state in DONE:
        return Tone.PASS
    if case.decision == Decision.BLOCKED:
        return Tone.BLOCK
    if case.decision == Decision.NEEDS_REASON:
        return Tone.WARN
    return Tone.ACCENT if case.visit.state in BEFORE else Tone.PASS


def _show(case: Case) -> Tone | None:
    if case.visit.rights_told_at is not None and case.visit.inspecting_at is not None:
        return Tone.PASS
    return Tone.ACCENT if case.visit.arrived_at is not None else None


def _checklist(case: Case) -> Tone | None:
    if case.visit.state in DONE or (case.checklists and all(one.progress.is_complete for one in case.checklists)):
        return Tone.PASS
    return Tone.ACCENT if any(one.answers for one in case.checklists) else None


def _findings(case: Case) -> Tone | None:
    return Tone.ACCENT if case.findings else Tone.PASS if case.visit.state in DONE else None


def _determine(case: Case) -> Tone | None:
    open_ones = {one.id for one in case.findings} - {one.finding for one in case.determined}
    if not case.findings:
        return Tone.PASS if case.visit.state in DONE else None
    return Tone.ACCENT if open_ones else Tone.PASS


def _papers(case: Case) -> Tone | None:
    live = [one for one in case.documents if one.state is not DocumentState.SPOILED]
    return None if not live else Tone.PASS if all(one.pdf_blob for one in live) else Tone.ACCENT


def _signing(case: Case) -> Tone | None:
    live = [one for one in case.documents if one.state is not DocumentState.SPOILED]
    if not live:
        return None
    return Tone.ACCENT if any(missing_signatures(one.signatures) for one in live) else Tone.PASS


def _end(case: Case) -> Tone | None:
    return Tone.PASS if case.visit.state in ENDED else Tone.ACCENT if case.visit.state in DONE else None


_TONES: dict[str, Callable[[Case], Tone | None]] = {
    "gates": _gates,
    "show": _show,
    "checklist": _checklist,
    "findings": _findings,
    "determine": _determine,
    "papers": _papers,
    "signing": _signing,
    "end": _end,
}


def of(step: str, case: Case) -> Tone | None:
    """Return how a step stands: PASS done, ACCENT begun, WARN or BLOCK stopped, None not begun."""
    judge = _TONES.get(step)
    return judge(case) if judge is not None else None


def where(case: Case) -> str:
    """Return the step at which the work goes on."""
    visit = case.visit
    if visit.state in BEFORE:
        return "gates"
    if visit.state in (S.SCANNED, S.LATE_SCAN_PENDING):
        return "show"
    return "checklist" if visit.state is S.INSPECTING else "end"


def blocker_words(blocker: Any) -> str:
    """Return the phrase of a closing blocker."""
    key = f"blocker.{blocker.code}"
    if key not in catalogue():
        return str(blocker.code)
    words = catalogue()[key][lang()]
    return words.format(**blocker.params) if isinstance(words, str) else words[0]


def blocker_step(blocker: Any) -> str:
    """Return the step on which a closing blocker can be mended."""
    for part, step in STEP_OF_BLOCKER.items():
        if part in blocker.code:
            return step
    return "end"
