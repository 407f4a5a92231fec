"""Doubts that arise when the work of several stations comes together. Pure; the matters themselves are not rewritten.

Source: sync.md 3.8; domain.md 1.8 (annual cap), 3.4 (first time).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.domain.gate_facts import GateFacts
from core.domain.gates_plans import annual_cap, visits_counted
from core.domain.shared_state import Conflict, ConflictKind, conflict_id
from core.domain.visits import Visit
from core.kernel.records import changed


def cap_doubt(facts: GateFacts, begun: Iterable[Visit], *, at: datetime) -> Conflict | None:
    """Return the doubt that an inspection went over the annual cap, counting those that began before it.

    Args:
        facts: Loaded for the visit as of the instant at which its inspection began.
        begun: Visits to the same enterprise, of any station.
        at: Found when, UTC.
    """
    visit = facts.visit
    if visit.inspecting_at is None:
        return None
    place = (visit.inspecting_at, visit.id)
    earlier = {one.id for one in begun if one.inspecting_at is not None and (one.inspecting_at, one.id) < place}
    then = changed(facts, past=tuple(past for past in facts.past if past.id in earlier))
    if annual_cap(then).why != "over_cap":
        return None
    return Conflict(
        id=conflict_id(ConflictKind.CAP, visit.id),
        kind=ConflictKind.CAP,
        visit=visit.id,
        about=visit.id,
        others=tuple(sorted(past.id for past in visits_counted(then))),
        found_at=at,
    )


def first_time_doubt(determined: str, visit: str, others: Iterable[str], *, at: datetime) -> Conflict:
    """Return the doubt that a first time, on which a determination rests, was not the first."""
    return Conflict(
        id=conflict_id(ConflictKind.FIRST_TIME, determined),
        kind=ConflictKind.FIRST_TIME,
        visit=visit,
        about=determined,
        others=tuple(sorted(others)),
        found_at=at,
    )
