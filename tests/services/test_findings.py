"""Findings that a person writes."""

from __future__ import annotations

import pytest

from core.domain.visits import VisitState
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal
from core.services.findings import Findings
from tests.helpers.builders import NOW, account, visit
from tests.helpers.fakes import FakeStore


def desk(state: VisitState = VisitState.INSPECTING) -> Findings:
    store = FakeStore()
    store.seed(visit(state=state))
    return Findings(store, FixedClock(NOW), account())


def test_a_problem_that_no_question_asked_for_is_written_down() -> None:
    findings = desk()
    made = findings.add("v-1", item="i-1", text=" 后门被锁 ", violation="fire.lane_blocked").value
    assert made.text == "后门被锁"
    assert made.found_by == "officer-1"
    assert findings.of_visit("v-1") == (made,)


def test_a_fact_is_kept_and_taken_back() -> None:
    findings = desk()
    made = findings.add("v-1", item="i-1", text="问题").value
    assert findings.set_fact(made.id, "malicious", False).value.facts == {"malicious": False}
    assert findings.set_fact(made.id, "malicious", None).value.facts == {}


@pytest.mark.parametrize("state", [VisitState.CLOSED, VisitState.ARCHIVED, VisitState.ABORTED])
def test_the_findings_of_an_ended_visit_stay_as_they_are(state: VisitState) -> None:
    with pytest.raises(Refusal) as refusal:
        desk(state).add("v-1", item="i-1", text="问题")
    assert refusal.value.code == "finding.visit_ended"


def test_a_voided_finding_is_shown_only_if_asked_for_and_not_changed() -> None:
    findings = desk()
    made = findings.add("v-1", item="i-1", text="问题").value
    findings.void(made.id, reason="误记")
    assert findings.of_visit("v-1") == ()
    assert len(findings.of_visit("v-1", with_void=True)) == 1
    with pytest.raises(Refusal) as refusal:
        findings.edit(made.id, text="改")
    assert refusal.value.code == "finding.is_void"


def test_a_finding_needs_words_an_item_of_the_visit_and_a_reason_to_go() -> None:
    findings = desk()
    made = findings.add("v-1", item="i-1", text="问题").value
    with pytest.raises(Refusal) as empty:
        findings.add("v-1", item="i-1", text=" ")
    with pytest.raises(Refusal) as foreign:
        findings.add("v-1", item="i-9", text="问题")
    with pytest.raises(Refusal) as silent:
        findings.void(made.id, reason="")
    codes = [one.value.code for one in (empty, foreign, silent)]
    assert codes == ["finding.text_missing", "checklist.item_not_in_visit", "finding.reason_missing"]
