"""Doubts after a sync: annual caps and first times that turn out wrong once other stations' visits are here.

A doubt is a record of its own (Conflict); a person settles it. Visits and determinations are not rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.domain.approvals import Verify
from core.domain.findings import Determined, Finding
from core.domain.gate_settings import GateSettings
from core.domain.shared_doubts import cap_doubt, first_time_doubt
from core.domain.shared_state import Conflict, ConflictState
from core.domain.visits import Visit
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.records import changed
from core.services.determinations import Determinations
from core.services.gate_loading import load_gate_facts
from core.services.ports import OpenWork, Reference, Work
from core.services.prepared_doubts import refuse_while_unfit

CONTRADICTED = "history_contradicted"
_TOPICS = frozenset({Topic.SYNC, Topic.VISITS, Topic.DETERMINATIONS})
_FAMILIES = frozenset({"visit", "finding", "determined"})


class Doubts:
    """Finds doubts, lists them and settles them."""

    def __init__(
        self,
        open_work: OpenWork,
        reference: Reference,
        clock: Clock,
        *,
        settings: GateSettings,
        verify: Verify,
        determinations: Determinations,
    ) -> None:
        self._open_work = open_work
        self._reference = reference
        self._clock = clock
        self._settings = settings
        self._verify = verify
        self._determinations = determinations

    def look(self, touched: Iterable[tuple[str, str]]) -> Done[tuple[Conflict, ...]]:
        """Look at every enterprise that what came in is about, and write the doubts that are new.

        Args:
            touched: (family, id) of what sync changed.
        """
        found: list[Conflict] = []
        for enterprise in self._enterprises(touched):
            found += self._caps(enterprise)
            found += self._first_times(enterprise)
        with self._open_work() as work:
            table = work.table(Conflict)
            fresh = tuple(one for one in found if table.find(one.id) is None)
            for conflict in fresh:
                table.put(conflict)
        return Done(fresh, _TOPICS if fresh else frozenset())

    def open_ones(self) -> tuple[Conflict, ...]:
        """Return the doubts that nobody has settled yet."""
        with self._open_work() as work:
            return tuple(work.table(Conflict).where(state=ConflictState.OPEN))

    def settle(self, conflict_id: str, how: str) -> Done[Conflict]:
        """Note that a person has looked and what he decided.

        Raises:
            Refusal: "store.not_found", "sync.settled_already", "sync.settled_without_words"; "prepared.decide_first",
                params title: words do not make one of two live papers go.
        """
        if not how.strip():
            raise Refusal("sync.settled_without_words")
        with self._open_work() as work:
            table = work.table(Conflict)
            before = table.get(conflict_id)
            if before.state is ConflictState.SETTLED:
                raise Refusal("sync.settled_already")
            refuse_while_unfit(work, before)
            after = changed(
                before,
                state=ConflictState.SETTLED,
                settled_at=self._clock.now(),
                settled_by=work.actor,
                settled_how=how.strip(),
            )
            table.put(after)
        return Done(after, _TOPICS)

    def _enterprises(self, touched: Iterable[tuple[str, str]]) -> Sequence[str]:
        with self._open_work() as work:
            visits = {_visit_of(work, family, identifier) for family, identifier in touched if family in _FAMILIES}
            table = work.table(Visit)
            known = (table.find(identifier) for identifier in sorted(visits - {""}))
            return tuple(dict.fromkeys(visit.enterprise for visit in known if visit is not None))

    def _caps(self, enterprise: str) -> list[Conflict]:
        with self._open_work() as work:
            visits = work.table(Visit).where(enterprise=enterprise)
            begun = [visit for visit in visits if visit.inspecting_at is not None]
            if len(begun) < 2:
                return []
            doubts = (self._cap(visit, begun, work) for visit in begun)
            return [one for one in doubts if one is not None]

    def _cap(self, visit: Visit, begun: Sequence[Visit], work: Work) -> Conflict | None:
        now = self._clock.now()
        facts = load_gate_facts(
            visit,
            work,
            self._reference,
            now=visit.inspecting_at or now,
            settings=self._settings,
            verify=self._verify,
        )
        return cap_doubt(facts, begun, at=now)

    def _first_times(self, enterprise: str) -> list[Conflict]:
        with self._open_work() as work:
            visits = work.table(Visit).where(enterprise=enterprise)
            if len(visits) < 2:
                return []
            newest = {
                one.finding: one
                for visit in visits
                for one in sorted(work.table(Determined).where(visit=visit.id), key=lambda each: each.id)
            }
            findings = [one for visit in visits for one in work.table(Finding).where(visit=visit.id)]
        return [
            first_time_doubt(kept.id, kept.visit, _earlier(kept, findings), at=self._clock.now())
            for kept in newest.values()
            if self._determinations.facts(kept.finding).value(CONTRADICTED) is True
        ]


def _visit_of(work: Work, family: str, identifier: str) -> str:
    if family == "visit":
        return identifier
    record = work.table(Finding).find(identifier) if family == "finding" else work.table(Determined).find(identifier)
    return record.visit if record is not None else ""


def _earlier(kept: Determined, findings: Sequence[Finding]) -> Iterable[str]:
    """Return the visits in which the same violation was found before."""
    own = next((one for one in findings if one.id == kept.finding), None)
    if own is None:
        return ()
    return {
        one.visit
        for one in findings
        if one.visit != own.visit and not one.is_void and one.violation == own.violation and one.found_at < own.found_at
    }
