"""A visit before entry: plan, approve, notify, open. Source: domain.md 1.5 steps 1 to 4."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from core.domain import moves
from core.domain.approvals import scheme_of
from core.domain.duties import approval_due_at, owes
from core.domain.enterprises import Enterprise
from core.domain.gate_lines import Decision, GateLine, decide, needing_reason
from core.domain.lists import ListKind
from core.domain.visits import (
    Approval,
    Duty,
    OralReport,
    Override,
    Scheme,
    TriggerKind,
    Visit,
    VisitKind,
)
from core.kernel.changes import Done
from core.kernel.clock import local
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import Record
from core.services.gate_loading import DayLists
from core.services.ports import Work
from core.services.visit_moves import TOPICS, VisitMoves, stage_of


class Opened(Record):
    """The answer of `open`: state and decision after judging, and every verdict line (design.md section 9)."""

    visit: str
    state: str
    decision: Decision
    gates: tuple[GateLine, ...]
    need_reason: tuple[str, ...] = ()


class PlanDetails(TypedDict, total=False):
    """What else a draft may carry; the names are the visit's own."""

    plan: str
    trigger_kind: TriggerKind | None
    trigger_no: str
    assistants: int
    parent: str
    joint_visit: str
    is_demo: bool


def _refuse_nonsense(visit: Visit) -> None:
    if visit.planned_to <= visit.planned_from:
        raise Refusal("visit.window_backwards")
    if visit.assistants < 0:
        raise Refusal("visit.assistants_negative", assistants=visit.assistants)


class VisitPreparing(VisitMoves):
    """Use cases before the officers set out."""

    def plan(
        self,
        *,
        kind: VisitKind,
        enterprise: str,
        items: tuple[str, ...],
        officers: tuple[str, ...],
        planned_from: datetime,
        planned_to: datetime,
        subject: str = "",
        method: str = "",
        place: str = "",
        **more: Unpack[PlanDetails],
    ) -> Done[Visit]:
        """Make a draft. Nothing is judged yet, so that a person can see every gate's reason on the draft.

        Raises Refusal "visit.window_backwards", "visit.assistants_negative", "lists.row_missing" (the enterprise),
        "sync.lease_over" (nothing was heard of headquarters for too long).
        """
        if self._may_begin is not None:
            self._may_begin()
        now = self._clock.now()
        row = self._enterprise(enterprise, now)
        identifier = new_id()
        visit = Visit(
            id=identifier,
            number=f"{local(now):%y%m%d}-{identifier[-4:].upper()}",
            kind=kind,
            subject=subject or self._account.subject,
            enterprise=row.id,
            enterprise_name=row.name,
            uscc=row.uscc,
            address=row.address,
            items=items,
            officers=officers,
            planned_from=planned_from,
            planned_to=planned_to,
            scheme_method=method,
            place=place or row.address,
            created_at=now,
            created_by=self._account.officer,
            **more,
        )
        _refuse_nonsense(visit)
        with self._open_work() as work:
            work.table(Visit).put(visit)
        return Done(visit, TOPICS)

    def _enterprise(self, identifier: str, now: datetime) -> Enterprise:
        row = DayLists(self._reference, now=now).find(ListKind.ENTERPRISES, Enterprise, identifier)
        if row is None:
            raise Refusal("lists.row_missing", kind=ListKind.ENTERPRISES.value, id=identifier)
        return row

    def revise(self, visit_id: str, **fields: Any) -> Done[Visit]:
        """Change planned fields; an approved visit falls back to draft, because the approval covered something else."""
        allowed = {
            "items",
            "officers",
            "assistants",
            "planned_from",
            "planned_to",
            "plan",
            "trigger_kind",
            "trigger_no",
        }
        allowed |= {"scheme_method", "place", "joint_visit", "parent", "kind"}
        for name in fields:
            assert name in allowed, f"{name} is not planned by hand"

        def move(visit: Visit, at: datetime) -> Visit:
            after = moves.revise(visit, at=at, **fields)
            _refuse_nonsense(after)
            return after

        return self._move(visit_id, move)

    def scheme(self, visit_id: str) -> Scheme:
        """Return the inspection scheme as it stands, to be approved by a head. Nothing is changed."""
        with self._open_work() as work:
            return scheme_of(work.table(Visit).get(visit_id), scheme_id=new_id())

    def approve(self, visit_id: str, approval: Approval) -> Done[Visit]:
        """Take a signed approval: for a draft, or to make up one that an emergency owes.

        Raises Refusal "visit.illegal_move", "approval.*" and "gates.blocked" with the approval's ground where the
        package is not genuine or does not cover the visit.
        """
        now = self._clock.now()
        with self._open_work() as work:
            visit = work.table(Visit).get(visit_id)
            makes_up = owes(visit, Duty.APPROVAL)
            take = moves.make_up_approval if makes_up else moves.approve
            after = take(visit, approval, at=now)
            self._refuse_bad_approval(after, work, now)
            work.table(Visit).put(after)
        return Done(after, TOPICS)

    def _refuse_bad_approval(self, visit: Visit, work: Work, now: datetime) -> None:
        """Stop an approval that will never be good; one whose window has not begun yet is fine today."""
        line = next(line for line in self._judge(visit, work, now) if line.gate == "approval")
        if line.verdict == "block" and line.why != "outside_window":
            raise Refusal("approval.not_good", why=line.why)

    def approve_orally(
        self, visit_id: str, *, leader: str, reason_code: str, told_at: datetime | None = None, note: str = ""
    ) -> Done[Visit]:
        """Enter the emergency path: who was told, when and why; the written approval is owed."""

        def move(visit: Visit, at: datetime) -> Visit:
            report = OralReport(leader=leader, told_at=told_at or at, reason_code=reason_code, note=note)
            due_at = approval_due_at(at, self._settings)
            return moves.approve_orally(visit, report, by=self._account.officer, at=at, due_at=due_at)

        return self._move(visit_id, move)

    def notify(self, visit_id: str) -> Done[Visit]:
        """The notice is ready to be shown at the door."""
        return self._move(visit_id, lambda visit, at: moves.notify(visit, at=at))

    def gates(self, visit_id: str) -> tuple[GateLine, ...]:
        """Return every verdict line as of now, without changing anything."""
        with self._open_work() as work:
            return self._judge(work.table(Visit).get(visit_id), work, self._clock.now())

    def open(self, visit_id: str, reasons: Mapping[str, str] | None = None) -> Done[Opened]:
        """Judge the gates and, where they let the visit in, pin the list versions of the day.

        Args:
            reasons: By gate, why to go on in spite of a warning or an unknown. A reason for a gate that passes or
                blocks is not kept: it would answer nothing.
        """
        now = self._clock.now()
        with self._open_work() as work:
            visit = work.table(Visit).get(visit_id)
            lines = self._judge(visit, work, now)
            after = self._with_reasons(visit, lines, reasons or {}, now)
            stage = stage_of(visit)
            decision = decide(lines, after.overrides, stage=stage)
            if decision is Decision.OPEN:
                versions = DayLists(self._reference, now=now).numbers
                after = moves.pass_gates(after, at=now, list_versions=versions)
            if after != visit:
                work.table(Visit).put(after)
        opened = Opened(
            visit=after.id,
            state=after.state.value,
            decision=decision,
            gates=lines,
            need_reason=needing_reason(lines, after.overrides, stage=stage),
        )
        return Done(opened, TOPICS)

    def _with_reasons(
        self, visit: Visit, lines: tuple[GateLine, ...], reasons: Mapping[str, str], now: datetime
    ) -> Visit:
        for line in lines:
            reason = reasons.get(line.gate, "")
            if reason and line.verdict in ("warn", "unknown"):
                given = Override(gate=line.gate, why=line.why, reason=reason, by=self._account.officer, at=now)
                visit = moves.override(visit, given, at=now)
        return visit
