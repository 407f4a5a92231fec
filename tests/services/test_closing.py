"""What blocks closing: each ground by itself."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.evidence import Evidence, EvidenceKind
from core.domain.findings import Finding
from core.domain.gate_settings import GateSettings
from core.domain.visits import TriggerKind, VisitKind, VisitState
from core.kernel.clock import FixedClock
from core.kernel.records import Record, changed
from core.kernel.words import catalogue
from core.services.closing import Blocker
from core.services.visits import Visits
from tests.helpers.builders import NOW, account, reference, visit
from tests.helpers.fakes import FakeStore, fake_verify

DONE = visit(state=VisitState.RESULT_TOLD, items=())
OPEN_FINDING = Finding(id="f-1", visit="v-1", item="i-1", text="问题", found_at=NOW, found_by="officer-1")
PROOF = Evidence(
    id="e-1", visit="v-1", kind=EvidenceKind.DOCUMENT, blob="00", size_bytes=1, media_type="application/pdf",
    made_at=NOW, made_by="officer-1", method="trigger",
)  # fmt: skip
CASE = changed(DONE, kind=VisitKind.CASE, trigger_kind=TriggerKind.COMPLAINT, trigger_no="T-1")


def blockers(*records: Record, **more: Any) -> list[str]:
    store = FakeStore()
    store.seed(*records)
    visits = Visits(store, reference(), FixedClock(NOW), account(), GateSettings(), fake_verify, **more)
    found = visits.blockers("v-1")
    assert all(f"blocker.{one.code}" in catalogue() for one in found)
    return [one.code for one in found]


def test_a_visit_that_is_done_has_nothing_in_its_way() -> None:
    assert blockers(DONE) == []


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (VisitState.DRAFT, "not_recorded"),
        (VisitState.INSPECTING, "not_recorded"),
        (VisitState.RECORDED, "result_not_told"),
        (VisitState.CORRECTING, "correction_open"),
    ],
)
def test_what_has_not_been_done_yet_is_named(state: VisitState, code: str) -> None:
    assert blockers(changed(DONE, state=state)) == [code]


def test_open_questions_are_counted() -> None:
    assert blockers(changed(DONE, items=("i-1",))) == ["unanswered_points"]


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, ["finding_open"]),
        ({"is_void": True}, []),
        ({"requirement": "三日内改正"}, []),
        ({"corrected_on_spot": True}, []),
    ],
)
def test_a_finding_must_be_dealt_with(fields: dict[str, Any], codes: list[str]) -> None:
    assert blockers(DONE, changed(OPEN_FINDING, **fields)) == codes


def test_a_case_visit_shows_what_started_it() -> None:
    assert blockers(CASE) == ["trigger_evidence_missing"]
    assert blockers(CASE, PROOF) == []
    assert blockers(CASE, changed(PROOF, is_void=True)) == ["trigger_evidence_missing"]


def test_other_subjects_may_have_wishes_of_their_own() -> None:
    wish = Blocker(code="duty_open", params={"duty": "x", "urgency": "y"})
    assert blockers(DONE, more_blockers=(lambda work, of: [wish],)) == ["duty_open"]
