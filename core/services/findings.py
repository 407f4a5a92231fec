"""Findings: problems that answers made or a person wrote down, and the facts the engine is told about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.domain.accounts import Account
from core.domain.findings import Finding
from core.domain.visits import Visit, VisitState
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import changed
from core.services.ports import OpenWork, Work

TOPICS = frozenset({Topic.FINDINGS, Topic.VISITS})

_ENDED = frozenset({VisitState.CLOSED, VisitState.ARCHIVED, VisitState.ABORTED})
_EDITABLE = frozenset({"text", "breached", "violation", "corrected_on_spot", "correct_by", "requirement"})


class Findings:
    """Write, classify, and void findings."""

    def __init__(self, open_work: OpenWork, clock: Clock, account: Account) -> None:
        self._open_work = open_work
        self._clock = clock
        self._account = account

    def of_visit(self, visit_id: str, *, with_void: bool = False) -> Sequence[Finding]:
        """Return the findings of a visit; voided ones only if asked for."""
        with self._open_work() as work:
            found = work.table(Finding).where(visit=visit_id)
        return tuple(one for one in found if with_void or not one.is_void)

    def add(
        self, visit_id: str, *, item: str, text: str, violation: str = "", breached: str = "", answer: str = ""
    ) -> Done[Finding]:
        """Write down a problem that no question asked for.

        Raises Refusal "finding.text_missing", "finding.visit_ended", "checklist.item_not_in_visit".
        """
        if not text.strip():
            raise Refusal("finding.text_missing")
        with self._open_work() as work:
            visit = _open_visit(work, visit_id)
            if item not in visit.items:
                raise Refusal("checklist.item_not_in_visit", item=item)
            finding = Finding(
                id=new_id(),
                visit=visit_id,
                item=item,
                answer=answer,
                violation=violation,
                text=text.strip(),
                breached=breached,
                found_at=self._clock.now(),
                found_by=self._account.officer,
            )
            work.table(Finding).put(finding)
        return Done(finding, TOPICS)

    def edit(self, finding_id: str, **fields: Any) -> Done[Finding]:
        """Change text, breached, violation, corrected_on_spot, correct_by or requirement, one field or several.

        Raises Refusal "finding.text_missing", "finding.visit_ended", "finding.is_void".
        """
        assert set(fields) <= _EDITABLE, f"not edited by hand: {set(fields) - _EDITABLE}"
        if "text" in fields and not str(fields["text"]).strip():
            raise Refusal("finding.text_missing")
        return self._change(finding_id, lambda finding: changed(finding, **fields))

    def set_fact(self, finding_id: str, var: str, value: bool | int | str | None) -> Done[Finding]:
        """Keep what the officer or the enterprise said about one variable of the rules; None takes it back."""

        def change(finding: Finding) -> Finding:
            kept = {name: known for name, known in finding.facts.items() if name != var}
            return changed(finding, facts=kept if value is None else kept | {var: value})

        return self._change(finding_id, change)

    def void(self, finding_id: str, *, reason: str) -> Done[Finding]:
        """Take a finding out with a reason; it stays on record.  Raises Refusal "finding.reason_missing"."""
        if not reason.strip():
            raise Refusal("finding.reason_missing")
        return self._change(finding_id, lambda one: changed(one, is_void=True, void_reason=reason.strip()))

    def _change(self, finding_id: str, change: Any) -> Done[Finding]:
        with self._open_work() as work:
            before = work.table(Finding).get(finding_id)
            if before.is_void:
                raise Refusal("finding.is_void", finding=finding_id)
            _open_visit(work, before.visit)
            after: Finding = change(before)
            work.table(Finding).put(after)
        return Done(after, TOPICS)


def _open_visit(work: Work, visit_id: str) -> Visit:
    visit = work.table(Visit).get(visit_id)
    if visit.state in _ENDED:
        raise Refusal("finding.visit_ended", state=visit.state.value)
    return visit
