"""Reading visits back: one in full, a list, and today's work. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from core.domain.duties import OpenClock, Urgency, open_clocks
from core.domain.evidence import Evidence
from core.domain.findings import Determined, Finding
from core.domain.gate_lines import Decision, GateLine, decide, needing_reason
from core.domain.move_table import BEFORE_ENTRY, MOVES, ON_SITE, may
from core.domain.visits import Visit, VisitState
from core.kernel.clock import local_date
from core.kernel.records import Record
from core.services.checklists import ItemChecklist
from core.services.closing import Blocker
from core.services.gate_loading import DayLists
from core.services.ports import Table, Work
from core.services.visit_moves import VisitMoves, stage_of

ACTIVE = (BEFORE_ENTRY | ON_SITE | {VisitState.RECORDED, VisitState.RESULT_TOLD, VisitState.CORRECTING}) | {
    VisitState.CORRECTED,
    VisitState.CASE_OPENED,
}
"""States in which somebody still has to do something."""
OVER = frozenset({VisitState.CLOSED, VisitState.ARCHIVED, VisitState.REFUSED, VisitState.ABORTED})
"""States in which a code that is scanned again means another visit."""
RECENT = 1_000
"""Visits that are over and still stand in lists; older ones are looked for."""


class VisitView(Record):
    """One visit in full, as the workspace and `visit show` show it."""

    visit: Visit
    decision: Decision
    gates: tuple[GateLine, ...]
    need_reason: tuple[str, ...]
    clocks: tuple[OpenClock, ...]
    checklists: tuple[ItemChecklist, ...]
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    determined: tuple[Determined, ...]
    blockers: tuple[Blocker, ...]
    moves: tuple[str, ...]
    """The moves that the state allows; other conditions may still refuse one."""


class DueVisit(Record):
    """A visit to be made today, with its gates as they stand now."""

    visit: Visit
    decision: Decision
    gates: tuple[GateLine, ...]


class DueCorrection(Record):
    """An ordered correction and the calendar days left; negative: overdue."""

    visit: Visit
    correct_by: date
    days_left: int


class Today(Record):
    """What the first page shows of visits."""

    day: date
    due: tuple[DueVisit, ...]
    """Not entered yet and planned for the day, or overdue from an earlier one."""
    under_way: tuple[Visit, ...]
    to_finish: tuple[Visit, ...]
    """Recorded or told, not closed."""
    clocks: tuple[OpenClock, ...]
    corrections: tuple[DueCorrection, ...]
    upcoming: tuple[Visit, ...]
    """Planned for the next seven days."""
    counts: dict[str, int]
    list_days: dict[str, int]
    """Age in days of each list in force, by kind."""


class VisitReading(VisitMoves):
    """Read models of visits."""

    def show(self, visit_id: str) -> VisitView:
        """Return one visit in full.  Raises Refusal "store.not_found"."""
        now = self._clock.now()
        with self._open_work() as work:
            visit = work.table(Visit).get(visit_id)
            lines = self._judge(visit, work, now)
            stage = stage_of(visit)
            return VisitView(
                visit=visit,
                decision=decide(lines, visit.overrides, stage=stage),
                gates=lines,
                need_reason=needing_reason(lines, visit.overrides, stage=stage),
                clocks=open_clocks(visit, now, self._settings),
                checklists=self._checklists.read(visit, work),
                evidence=tuple(work.table(Evidence).where(visit=visit_id)),
                findings=tuple(work.table(Finding).where(visit=visit_id)),
                determined=tuple(work.table(Determined).where(visit=visit_id)),
                blockers=self._blockers(visit, work),
                moves=tuple(move for move in MOVES if may(visit, move)),
            )

    def list(self, text: str = "", *, state: VisitState | None = None, limit: int = 0) -> tuple[Visit, ...]:
        """Return visits, the latest plan first; `text` is part of the number, enterprise, code, body or address.

        Args:
            limit: No more than so many; 0: all. Without a state only as much is read as that takes.
        """
        wanted = text.strip().casefold()
        with self._open_work() as work:
            table = work.table(Visit)
            if limit and state is None:
                return _first(table, wanted, limit)
            found = table.where() if state is None else table.where(state=state)
        kept = _latest_first(visit for visit in found if wanted in _searched(visit))
        return kept[:limit] if limit else kept

    def recent(self, *, limit: int = RECENT) -> tuple[Visit, ...]:
        """Return every visit that is not over and the latest of the others, the latest plan first."""
        with self._open_work() as work:
            waiting = _in_states(work, frozenset(VisitState) - OVER)
            latest = work.table(Visit).newest("planned_from", limit=limit)
        return _latest_first({visit.id: visit for visit in (*waiting, *latest)}.values())

    def waiting_at(self, uscc: str) -> Visit | None:
        """Return the visit with the earliest plan to the enterprise of a code that is not over, or None."""
        with self._open_work() as work:
            waiting = _in_states(work, frozenset(VisitState) - OVER)
        found = _latest_first(visit for visit in waiting if visit.uscc == uscc)
        return found[-1] if found else None

    def of_enterprise(self, enterprise: str) -> tuple[Visit, ...]:
        """Return the visits to an enterprise, the latest first."""
        with self._open_work() as work:
            found = work.table(Visit).where(enterprise=enterprise)
        return _latest_first(found)

    def clocks(self) -> tuple[OpenClock, ...]:
        """Return everything that any visit owes, the most pressing first."""
        with self._open_work() as work:
            return self._all_clocks(_in_states(work, ACTIVE | {VisitState.REFUSED, VisitState.ABORTED}))

    def _all_clocks(self, visits: Iterable[Visit]) -> tuple[OpenClock, ...]:
        now = self._clock.now()
        found = [clock for visit in visits for clock in open_clocks(visit, now, self._settings)]
        return tuple(sorted(found, key=lambda clock: (clock.due_at or clock.opened_at, clock.visit)))

    def today(self, day: date | None = None) -> Today:
        """Return the work of a local day; by default today. Only visits that are not finished are read."""
        now = self._clock.now()
        on = day or local_date(now)
        with self._open_work() as work:
            active = _in_states(work, ACTIVE)
            stopped = _in_states(work, {VisitState.REFUSED, VisitState.ABORTED})
            waiting = sorted((one for one in active if one.state in BEFORE_ENTRY), key=_by_plan)
            due = [one for one in waiting if local_date(one.planned_from) <= on]
            clocks = self._all_clocks([*active, *stopped])
            corrections = _corrections(active, on)
            to_finish = tuple(one for one in active if one.state in (VisitState.RECORDED, VisitState.RESULT_TOLD))
            under_way = tuple(one for one in active if one.state in ON_SITE)
            due_visits = tuple(self._due(one, work) for one in due)
        soon = [one for one in waiting if on < local_date(one.planned_from) <= on + timedelta(days=7)]
        return Today(
            day=on,
            due=due_visits,
            under_way=under_way,
            to_finish=to_finish,
            clocks=clocks,
            corrections=corrections,
            upcoming=tuple(soon),
            counts={
                "due": len(due),
                "blocked": sum(1 for one in due_visits if one.decision is Decision.BLOCKED),
                "under_way": len(under_way),
                "to_finish": len(to_finish),
                "clocks": len(clocks),
                "overdue_clocks": sum(1 for clock in clocks if clock.urgency is Urgency.OVERDUE),
                "corrections": len(corrections),
                "overdue_corrections": sum(1 for one in corrections if one.days_left < 0),
                "upcoming": len(soon),
            },
            list_days={kind: (now - age.as_of).days for kind, age in DayLists(self._reference, now=now).ages.items()},
        )

    def _due(self, visit: Visit, work: Work) -> DueVisit:
        lines = self._judge(visit, work, self._clock.now())
        return DueVisit(visit=visit, decision=decide(lines, visit.overrides), gates=lines)


def _by_plan(visit: Visit) -> tuple[object, str]:
    return visit.planned_from, visit.id


def _searched(visit: Visit) -> str:
    return f"{visit.number}\n{visit.enterprise_name}\n{visit.uscc}\n{visit.subject}\n{visit.address}".casefold()


def _latest_first(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    return tuple(sorted(visits, key=lambda visit: (visit.planned_from, visit.id), reverse=True))


def _first(table: Table[Visit], wanted: str, limit: int) -> tuple[Visit, ...]:
    """Return the latest visits that fit, reading on until there are enough or no more."""
    asked = limit
    while True:
        found = table.newest("planned_from", limit=asked, text=wanted)
        kept = _latest_first(visit for visit in found if wanted in _searched(visit))
        if len(kept) >= limit or len(found) < asked:
            return kept[:limit]
        asked *= 4


def _in_states(work: Work, states: Iterable[VisitState]) -> list[Visit]:
    return [visit for state in sorted(states) for visit in work.table(Visit).where(state=state)]


def _corrections(visits: Iterable[Visit], on: date) -> tuple[DueCorrection, ...]:
    open_ones = [
        DueCorrection(visit=visit, correct_by=visit.correct_by, days_left=(visit.correct_by - on).days)
        for visit in visits
        if visit.state is VisitState.CORRECTING and visit.correct_by is not None
    ]
    return tuple(sorted(open_ones, key=lambda one: (one.correct_by, one.visit.id)))
