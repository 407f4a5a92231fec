"""Loads what the gates look at, once a judging, from the lists of the day and the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.domain.approvals import Verify, check_signature
from core.domain.catalog import Cap, Item, Subject
from core.domain.enterprises import Enterprise
from core.domain.gate_facts import GateFacts, ListAge, PastVisit
from core.domain.gate_settings import GateSettings
from core.domain.lists import ListKind
from core.domain.officers import Officer
from core.domain.plans import Plan
from core.domain.visits import Visit, VisitState
from core.kernel.clock import local_date
from core.services.ports import R, Reference, Work

_ENDED = frozenset(
    {VisitState.CLOSED, VisitState.ARCHIVED, VisitState.ABORTED, VisitState.REFUSED, VisitState.CASE_OPENED}
)


class DayLists:
    """The lists in force on one local day, each read in the version of that day."""

    def __init__(self, reference: Reference, *, now: datetime) -> None:
        self._reference = reference
        self.day = local_date(now)
        self._versions = reference.day(self.day)

    @property
    def ages(self) -> dict[str, ListAge]:
        """Return version and age by kind; a kind without a version in force is missing."""
        return {
            kind.value: ListAge(version=one.version, as_of=one.confirmed_at or one.imported_at)
            for kind, one in self._versions.items()
        }

    @property
    def numbers(self) -> dict[str, int]:
        """Return the version numbers by kind, as a visit pins them."""
        return {kind.value: one.version for kind, one in self._versions.items()}

    def find(self, kind: ListKind, row: type[R], identifier: str) -> R | None:
        """Return one row of the day's version, or None."""
        version = self._versions.get(kind)
        if version is None or not identifier:
            return None
        return self._reference.find(row, identifier, version=version.version)

    def where(self, kind: ListKind, row: type[R], **equals: object) -> Sequence[R]:
        """Return the fitting rows of the day's version; none without a version."""
        version = self._versions.get(kind)
        return self._reference.where(row, version=version.version, **equals) if version is not None else ()

    def several(self, kind: ListKind, row: type[R], identifiers: Sequence[str]) -> tuple[R, ...]:
        """Return the rows that exist, in the order asked for."""
        found = (self.find(kind, row, identifier) for identifier in dict.fromkeys(identifiers))
        return tuple(one for one in found if one is not None)


def subject_named(lists: DayLists, name: str) -> Subject | None:
    """Return the subject of that name; lists write names, ids are ours."""
    found = lists.where(ListKind.SUBJECTS, Subject, name=name)
    return found[0] if found else None


def plans_of(lists: DayLists, visit: Visit) -> tuple[Plan, ...]:
    """Return the plan lines the visit could stand in: those its body leads, and the one it is linked to."""
    led = list(lists.where(ListKind.PLANS, Plan, subject=visit.subject))
    linked = lists.find(ListKind.PLANS, Plan, visit.plan)
    if linked is not None and all(plan.id != linked.id for plan in led):
        led.append(linked)
    return tuple(led)


def load_gate_facts(
    visit: Visit, work: Work, reference: Reference, *, now: datetime, settings: GateSettings, verify: Verify
) -> GateFacts:
    """Return the facts for all gates of a visit at that instant."""
    lists = DayLists(reference, now=now)
    approver = lists.find(ListKind.OFFICERS, Officer, visit.approval.approver) if visit.approval else None
    visits = work.table(Visit)
    others = visits.where(enterprise=visit.enterprise)
    return GateFacts(
        visit=visit,
        now=now,
        day=lists.day,
        settings=settings,
        lists=lists.ages,
        subject=subject_named(lists, visit.subject),
        items=lists.several(ListKind.ITEMS, Item, visit.items),
        officers=lists.several(ListKind.OFFICERS, Officer, visit.officers),
        enterprise=lists.find(ListKind.ENTERPRISES, Enterprise, visit.enterprise),
        plans=plans_of(lists, visit),
        caps=tuple(lists.where(ListKind.CAPS, Cap)),
        past=tuple(_past(other, lists) for other in others if other.id != visit.id),
        approver=approver,
        signature=check_signature(visit.approval, approver, verify=verify) if visit.approval else None,
        parent=visits.find(visit.parent) if visit.parent else None,
    )


def _past(visit: Visit, lists: DayLists) -> PastVisit:
    plan = lists.find(ListKind.PLANS, Plan, visit.plan)
    return PastVisit(
        id=visit.id,
        subject=visit.subject,
        kind=visit.kind,
        planned_from=visit.planned_from,
        inspected_on=local_date(visit.inspecting_at) if visit.inspecting_at else None,
        items=visit.items,
        joint_visit=visit.joint_visit,
        is_by_superior=plan is not None and plan.is_by_superior,
        is_ended=visit.state in _ENDED,
    )
