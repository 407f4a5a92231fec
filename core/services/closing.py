"""What still blocks closing a visit: a list with codes, never a bare no."""

from __future__ import annotations

from datetime import datetime

from core.domain.duties import open_clocks
from core.domain.gate_settings import GateSettings
from core.domain.visits import Visit, VisitState
from core.kernel.records import Record
from core.services.ports import Reference, Work


class Blocker(Record):
    """One thing that stops closing. `code` has words under `blocker.`; `about` is the id it concerns."""

    code: str
    about: str = ""
    params: dict[str, str] = {}


_CLOSABLE = frozenset({VisitState.RESULT_TOLD, VisitState.CORRECTED, VisitState.CASE_OPENED})


def closing_blockers(
    visit: Visit, work: Work, reference: Reference, *, now: datetime, settings: GateSettings
) -> tuple[Blocker, ...]:
    """Return what the visit itself, its duties, checklist, evidence and findings still want."""
    return (*_of_state(visit), *_of_duties(visit, now, settings))


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
