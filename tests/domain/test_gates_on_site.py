"""Gates of cap, freshness, joint visits, code and recusal, and what all lines decide together."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.gate_facts import GateFacts, ListAge, PastVisit
from core.domain.gate_lines import Decision, GateLine, GateVerdict, Stage, decide, needing_reason
from core.domain.gates import GATES, judge
from core.domain.lists import ListKind
from core.domain.visits import Override, RecusalDecision, TriggerKind, VisitKind
from core.kernel.records import changed
from tests.helpers.builders import (
    NOW,
    cap,
    enterprise,
    facts,
    scan,
    visit,
)
from tests.helpers.gate_says import TODAY, line, past, says

# Annual cap.


@pytest.mark.parametrize(("used", "verdict"), [(0, "pass"), (1, "pass"), (2, "block"), (3, "block")])
def test_a_cap_of_two_lets_the_second_visit_in_and_not_the_third(used: int, verdict: str) -> None:
    before = tuple(past(number) for number in range(used))
    assert line("annual_cap", facts(past=before)).verdict == verdict


def test_without_a_cap_the_answer_is_unknown_and_never_unlimited() -> None:
    assert says("annual_cap", facts(caps=())) == ("unknown", "cap_not_configured")


def test_a_cap_that_is_no_plain_number_is_shown_and_unknown() -> None:
    found = line("annual_cap", facts(caps=(cap(times=None, text="每两年一次"),)))
    assert (found.verdict, found.why) == (GateVerdict.UNKNOWN, "cap_not_a_number")
    assert "每两年一次" in [fact.value for fact in found.facts]


def test_over_the_cap_an_exempt_case_warns_and_tells_the_supervisor() -> None:
    case = visit(kind=VisitKind.CASE, trigger_kind=TriggerKind.COMPLAINT, trigger_no="T-1")
    found = line("annual_cap", facts(visit=case, past=(past(1), past(2))))
    assert found.verdict is GateVerdict.WARN
    assert found.notify_supervisor


@pytest.mark.parametrize(
    "other",
    [
        past(2, inspected_on=date(2025, 12, 31)),
        past(2, inspected_on=None),
        past(2, subject="某局"),
        past(2, kind=VisitKind.FOLLOW_UP),
        past(2, kind=VisitKind.NON_INSPECTION),
        past(2, kind=VisitKind.SPECIAL, is_by_superior=True),
        past(2, joint_visit="j-1"),
    ],
)
def test_what_does_not_count_does_not_fill_the_cap(other: PastVisit) -> None:
    before = (past(1, joint_visit="j-1") if other.joint_visit else past(1), other)
    assert line("annual_cap", facts(past=before)).verdict is GateVerdict.PASS


def test_a_visit_on_new_years_day_counts_for_the_new_year() -> None:
    before = (past(1, inspected_on=date(2026, 1, 1)), past(2, inspected_on=date(2026, 1, 1)))
    assert line("annual_cap", facts(past=before)).verdict is GateVerdict.BLOCK


def test_the_most_particular_cap_is_taken() -> None:
    by_grade = cap(id="c-2", credit_grade="B", times=4)
    assert line("annual_cap", facts(caps=(cap(), by_grade), past=(past(1), past(2)))).verdict is GateVerdict.PASS
    good = enterprise(grade="A")
    given_facts = facts(caps=(cap(), by_grade), past=(past(1), past(2)), enterprise=good)
    assert line("annual_cap", given_facts).verdict is GateVerdict.BLOCK


# Freshness.


@pytest.mark.parametrize(
    ("days", "verdict"), [(0, "pass"), (6, "pass"), (7, "warn"), (29, "warn"), (30, "block"), (400, "block")]
)
@pytest.mark.parametrize("gate", ["list_freshness", "plan_freshness"])
def test_lists_warn_from_seven_days_and_block_routine_from_thirty(gate: str, days: int, verdict: str) -> None:
    ages = {kind.value: ListAge(version=1, as_of=NOW - timedelta(days=days)) for kind in ListKind}
    found = line(gate, facts(lists=ages))
    assert found.verdict == verdict
    assert found.is_verified


def test_an_old_list_does_not_block_a_visit_that_is_not_routine() -> None:
    ages = {kind.value: ListAge(version=1, as_of=NOW - timedelta(days=400)) for kind in ListKind}
    case = visit(kind=VisitKind.CASE, trigger_kind=TriggerKind.TRANSFER, trigger_no="T-1")
    assert says("list_freshness", facts(visit=case, lists=ages))[0] == "warn"
    assert says("plan_freshness", facts(visit=case, lists=ages))[0] == "pass"


def test_a_list_from_the_future_is_unknown_and_not_fresh() -> None:
    ages = {kind.value: ListAge(version=1, as_of=NOW + timedelta(days=2)) for kind in ListKind}
    assert says("list_freshness", facts(lists=ages)) == ("unknown", "list_from_future")


def test_limits_that_nobody_confirmed_are_shown_as_unverified() -> None:
    settings = changed(facts().settings, unverified=("list_warn_days",))
    assert not line("list_freshness", facts(settings=settings)).is_verified


# Joint visits.


@pytest.mark.parametrize(("days", "verdict"), [(30, "warn"), (31, "pass"), (-30, "warn"), (-31, "pass")])
def test_a_visit_planned_within_thirty_days_could_be_merged(days: int, verdict: str) -> None:
    other = past(inspected_on=None, planned_from=visit().planned_from + timedelta(days=days))
    assert line("joint_visit", facts(past=(other,))).verdict == verdict


def test_a_visit_that_is_already_joint_with_it_is_not_asked_again() -> None:
    other = past(inspected_on=None, planned_from=NOW, joint_visit="j-1", subject="某局")
    assert line("joint_visit", facts(past=(other,), visit=visit(joint_visit="j-1"))).verdict is GateVerdict.PASS


# The code at the door.


@pytest.mark.parametrize(
    ("fields", "verdict", "why"),
    [
        ({}, "pass", "code_matches"),
        ({"uscc": "914301040000000000"}, "block", "other_enterprise"),
        ({"uscc_valid": False}, "warn", "check_digit_wrong"),
        ({"uscc": "", "kind": "provincial"}, "unknown", "code_not_understood"),
    ],
)
def test_the_code_must_be_the_enterprises_own(fields: dict[str, Any], verdict: str, why: str) -> None:
    assert says("code_matches_enterprise", facts(visit=visit(scan=scan(**fields)))) == (verdict, why)


def test_before_the_scan_the_code_is_unknown_but_not_due_at_entry() -> None:
    judged = judge(facts())
    assert says("code_matches_enterprise", facts()) == ("unknown", "not_scanned")
    assert decide(judged, stage=Stage.ENTRY) is Decision.OPEN
    assert decide(judged, stage=Stage.BEGIN) is Decision.NEEDS_REASON


# Recusal.


def test_a_recused_officer_may_not_stay() -> None:
    asked = visit(recusal_asked=True, recusal_officers=("officer-1",))
    assert says("recusal", facts(visit=asked))[0] == "warn"
    granted = changed(asked, recusal_decision=RecusalDecision.GRANTED)
    assert says("recusal", facts(visit=granted)) == ("block", "recused_officer_present")
    rejected = changed(asked, recusal_decision=RecusalDecision.REJECTED)
    assert says("recusal", facts(visit=rejected))[0] == "pass"


# What all lines decide together.

VERDICTS = st.sampled_from(list(GateVerdict))
LINES = st.lists(
    st.builds(
        lambda number, verdict, due: GateLine(gate=f"g{number}", verdict=verdict, citation="c", due=due),
        st.integers(0, 9),
        VERDICTS,
        st.sampled_from(list(Stage)),
    ),
    max_size=12,
)
OVERRIDES = st.lists(
    st.integers(0, 9).map(lambda number: Override(gate=f"g{number}", reason="r", by="officer-1", at=NOW)), max_size=12
)


@given(LINES, OVERRIDES, st.sampled_from(list(Stage)))
def test_adding_a_block_never_opens(lines: list[GateLine], overrides: list[Override], stage: Stage) -> None:
    blocked = [*lines, GateLine(gate="g0", verdict=GateVerdict.BLOCK, citation="c", due=Stage.RECORD)]
    assert decide(blocked, overrides, stage=stage) is Decision.BLOCKED


@given(LINES, OVERRIDES)
def test_an_unknown_without_a_reason_is_never_a_pass(lines: list[GateLine], overrides: list[Override]) -> None:
    asked = [*lines, GateLine(gate="asked", verdict=GateVerdict.UNKNOWN, citation="c")]
    assert decide(asked, overrides) is not Decision.OPEN
    assert "asked" in needing_reason(asked, overrides)


@given(LINES, OVERRIDES)
def test_a_reason_never_shuts_and_a_later_stage_never_opens_more(
    lines: list[GateLine], overrides: list[Override]
) -> None:
    rank = {Decision.BLOCKED: 0, Decision.NEEDS_REASON: 1, Decision.OPEN: 2}
    assert rank[decide(lines, overrides)] >= rank[decide(lines, [])]
    assert rank[decide(lines, overrides, stage=Stage.RECORD)] <= rank[decide(lines, overrides, stage=Stage.ENTRY)]


def test_a_reason_given_for_one_ground_does_not_answer_another() -> None:
    warned = GateLine(gate="g", verdict=GateVerdict.WARN, citation="c", why="list_old")
    other = Override(gate="g", why="list_from_future", reason="r", by="officer-1", at=NOW)
    assert decide([warned], [other]) is Decision.NEEDS_REASON
    assert decide([warned], [changed(other, why="list_old")]) is Decision.OPEN


def test_every_gate_answers_even_when_nothing_is_known() -> None:
    bare = GateFacts(visit=visit(), now=NOW, day=TODAY)
    judged = judge(bare)
    assert len(judged) == len(GATES)
    assert decide(judged) is Decision.BLOCKED
