"""Every gate: the example, both edges of each limit, and the ground it gives."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.catalog import SubjectKind
from core.domain.gate_facts import GateFacts, ListAge, PastVisit
from core.domain.gate_lines import Decision, GateLine, GateVerdict, Stage, decide, needing_reason
from core.domain.gates import GATES, judge
from core.domain.lists import ListKind
from core.domain.officers import CertState, Role
from core.domain.visits import Override, RecusalDecision, TriggerKind, VisitKind, VisitState
from core.kernel.records import changed
from tests.helpers.builders import (
    NOW,
    USCC,
    approval,
    cap,
    enterprise,
    facts,
    head,
    item,
    officer,
    oral_report,
    plan,
    scan,
    subject,
    visit,
)

TODAY = date(2026, 3, 10)


def line(gate: str, given_facts: GateFacts) -> GateLine:
    return next(one for one in judge(given_facts) if one.gate == gate)


def says(gate: str, given_facts: GateFacts) -> tuple[str, str]:
    found = line(gate, given_facts)
    return found.verdict.value, found.why


def past(number: int = 1, **fields: Any) -> PastVisit:
    base = PastVisit(
        id=f"past-{number}",
        subject=subject().name,
        kind=VisitKind.ROUTINE,
        planned_from=NOW - timedelta(days=40),
        inspected_on=date(2026, 1, 15),
    )
    return changed(base, **fields)


def test_in_the_valid_world_every_gate_due_at_entry_passes() -> None:
    judged = judge(facts())
    assert {one.verdict for one in judged if one.due is Stage.ENTRY} == {GateVerdict.PASS}
    assert decide(judged) is Decision.OPEN


def test_every_line_names_its_facts_citation_and_age() -> None:
    for one in judge(facts()):
        assert one.citation
        assert one.why
        assert one.facts
        assert one.as_of is not None


# Subjects and items.


def test_a_body_that_is_not_on_the_list_is_blocked() -> None:
    assert says("subject_listed", facts(subject=None)) == ("block", "subject_not_listed")


def test_without_a_list_of_subjects_nobody_is_listed() -> None:
    lists = {name: age for name, age in facts().lists.items() if name != "subjects"}
    assert says("subject_listed", facts(lists=lists)) == ("block", "no_subject_list")


@pytest.mark.parametrize(
    ("begun", "ended", "verdict"),
    [
        (TODAY, TODAY, "pass"),
        (TODAY + timedelta(days=1), None, "block"),
        (None, TODAY - timedelta(days=1), "block"),
    ],
)
def test_listing_holds_on_both_of_its_days(begun: date | None, ended: date | None, verdict: str) -> None:
    given_facts = facts(subject=subject(listed_from=begun, listed_to=ended))
    assert line("subject_listed", given_facts).verdict == verdict


def test_an_entrusted_body_needs_its_published_entrustment() -> None:
    entrusted = subject(kind=SubjectKind.ENTRUSTED_ORG, entrusting_subject="某局")
    assert says("entrustment", facts(subject=entrusted)) == ("block", "entrustment_missing")
    assert says("entrustment", facts(subject=changed(entrusted, entrustment_no="2026-1")))[0] == "pass"


def test_an_item_outside_the_list_is_blocked() -> None:
    assert says("items_listed", facts(visit=visit(items=("i-1", "i-9")))) == ("block", "item_not_listed")


def test_an_item_of_another_body_is_blocked() -> None:
    assert says("items_listed", facts(items=(item(subject="某局"),))) == ("block", "item_of_other_subject")


@pytest.mark.parametrize(("ended", "verdict"), [(TODAY, "pass"), (TODAY - timedelta(days=1), "block")])
def test_an_item_holds_until_its_last_day(ended: date, verdict: str) -> None:
    assert line("items_listed", facts(items=(item(in_force_to=ended),))).verdict == verdict


def test_an_inspection_without_items_is_blocked() -> None:
    assert says("items_listed", facts(visit=visit(items=()))) == ("block", "no_items")


def test_an_entry_that_is_no_inspection_may_not_carry_items() -> None:
    disguised = visit(kind=VisitKind.NON_INSPECTION)
    assert says("non_inspection", facts(visit=disguised)) == ("block", "disguised_inspection")
    plain = changed(disguised, items=())
    assert decide(judge(facts(visit=plain, with_approval=False, items=()))) is Decision.OPEN


# Plan or kind.


def test_a_routine_visit_outside_the_plan_is_blocked() -> None:
    assert says("plan_or_kind", facts(plans=())) == ("block", "not_in_plan")


def test_last_years_plan_does_not_carry_this_year() -> None:
    assert says("plan_or_kind", facts(plans=(plan(year=2025),))) == ("block", "not_in_plan")


def test_a_plan_that_names_other_enterprises_does_not_carry() -> None:
    assert line("plan_or_kind", facts(plans=(plan(enterprises=("other",)),))).verdict == "block"
    assert line("plan_or_kind", facts(plans=(plan(enterprises=(USCC,)),))).verdict == "pass"


def test_a_linked_plan_that_names_another_item_needs_a_reason() -> None:
    assert says("plan_or_kind", facts(plans=(plan(item_name="别的事项"),))) == ("warn", "plan_names_other_item")


def test_blanks_and_punctuation_do_not_make_another_item() -> None:
    assert line("plan_or_kind", facts(plans=(plan(item_name="食品销售 监督检查。"),))).verdict == "pass"


def test_a_visit_outside_the_planned_months_needs_a_reason() -> None:
    assert says("plan_or_kind", facts(plans=(plan(months=(4,)),))) == ("warn", "outside_planned_months")


def test_a_partner_of_a_plan_is_carried_by_it() -> None:
    led_by_other = plan(subject="某局", partner_subjects=(subject().name,))
    assert line("plan_or_kind", facts(plans=(led_by_other,))).verdict == "pass"


def test_a_special_visit_needs_an_approved_special_plan() -> None:
    special = visit(kind=VisitKind.SPECIAL)
    assert says("plan_or_kind", facts(visit=special)) == ("block", "no_special_plan")
    unapproved = plan(is_special=True)
    assert says("plan_or_kind", facts(visit=special, plans=(unapproved,)))[0] == "unknown"
    approved = changed(unapproved, approved_by="区管委会")
    assert line("plan_or_kind", facts(visit=special, plans=(approved,))).verdict == "pass"


@pytest.mark.parametrize("kind", list(TriggerKind))
def test_a_case_visit_needs_no_plan_but_a_numbered_trigger(kind: TriggerKind) -> None:
    case = visit(kind=VisitKind.CASE, trigger_kind=kind, trigger_no="T-1", plan="")
    assert line("plan_or_kind", facts(visit=case, plans=())).verdict == "pass"
    assert says("plan_or_kind", facts(visit=changed(case, trigger_no=" "), plans=())) == ("block", "trigger_missing")


def test_a_follow_up_re_checks_an_order_at_the_same_enterprise() -> None:
    again = visit(kind=VisitKind.FOLLOW_UP, parent="v-0")
    parent = visit(id="v-0", state=VisitState.CORRECTING, correct_by=TODAY)
    assert line("plan_or_kind", facts(visit=again, parent=parent)).verdict == "pass"
    assert says("plan_or_kind", facts(visit=again))[1] == "parent_missing"
    assert says("plan_or_kind", facts(visit=again, parent=changed(parent, enterprise="x")))[1] == "parent_of_other"
    assert says("plan_or_kind", facts(visit=again, parent=changed(parent, correct_by=None)))[1] == "nothing_ordered"


# Approval.


def test_without_approval_only_the_emergency_path_is_open() -> None:
    assert says("approval", facts(with_approval=False)) == ("block", "approval_missing")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"signature": "00" * 32}, "signature_bad"),
        ({"signature": "not hex"}, "signature_bad"),
        ({"public_key": "11" * 32}, "signature_bad"),
        ({"expires_at": NOW + timedelta(days=9)}, "signature_bad"),
    ],
)
def test_an_altered_approval_is_not_genuine(fields: dict[str, Any], why: str) -> None:
    altered = visit(approval=changed(approval(visit()), **fields))
    assert says("approval", facts(visit=altered)) == ("block", why)


def test_a_key_that_only_the_package_names_proves_nothing() -> None:
    stranger = head(sign_public="22" * 32)
    signed = visit(approval=approval(visit(), by=stranger))
    assert says("approval", facts(visit=signed)) == ("block", "approver_key_unknown")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"items": ("i-1", "i-2")}, "items_not_covered"),
        ({"officers": ("officer-1", "officer-3")}, "officers_not_covered"),
        ({"enterprise": "other"}, "other_enterprise"),
        ({"assistants": 1}, "assistants_not_covered"),
        ({"kind": VisitKind.SPECIAL}, "other_visit"),
        ({"id": "v-2"}, "other_visit"),
    ],
)
def test_an_approval_covers_exactly_what_was_signed(fields: dict[str, Any], why: str) -> None:
    widened = changed(visit(approval=approval(visit())), **fields)
    assert says("approval", facts(visit=widened)) == ("block", why)


def test_an_approver_who_joins_the_visit_makes_it_void() -> None:
    signed = visit(approval=approval(visit()), officers=("officer-1", "head-1"))
    assert says("approval", facts(visit=signed)) == ("block", "approver_is_officer")


def test_only_the_head_of_this_body_approves() -> None:
    signed = visit(approval=approval(visit()))
    assert says("approval", facts(visit=signed, approver=head(roles=(Role.UNIT_HEAD,))))[1] == "approver_not_head"
    assert says("approval", facts(visit=signed, approver=head(subject="某局")))[1] == "approver_of_other_body"


@pytest.mark.parametrize(("minutes", "verdict"), [(0, "pass"), (1, "block")])
def test_an_approval_holds_to_the_last_instant_of_its_window(minutes: int, verdict: str) -> None:
    given_facts = facts(now=visit().planned_to + timedelta(minutes=minutes))
    assert line("approval", given_facts).verdict == verdict


@pytest.mark.parametrize(("minutes", "verdict"), [(0, "pass"), (1, "block")])
def test_an_approval_holds_to_the_instant_it_expires(minutes: int, verdict: str) -> None:
    long = visit(planned_to=NOW + timedelta(days=9))
    given_facts = facts(visit=long, now=NOW + timedelta(days=2, minutes=minutes))
    assert line("approval", given_facts).verdict == verdict


def test_an_emergency_warns_tells_the_supervisor_and_is_not_asked_for_its_reason_twice() -> None:
    from core.domain import moves

    urgent = moves.approve_orally(visit(), oral_report(), by="officer-1", at=NOW, due_at=NOW)
    judged = judge(facts(visit=urgent))
    found = next(one for one in judged if one.gate == "approval")
    assert found.verdict is GateVerdict.WARN
    assert found.notify_supervisor
    assert decide(judged, urgent.overrides) is Decision.OPEN


# Officers.


@pytest.mark.parametrize(
    ("second", "verdict", "why"),
    [
        (officer(2), "pass", "enough_officers"),
        (officer(2, cert_no=""), "block", "too_few_officers"),
        (officer(2, subject="某局"), "block", "too_few_officers"),
        (officer(2, cert_state=CertState.SUSPENDED), "block", "officer_suspended"),
        (officer(2, cert_state=CertState.REVOKED), "block", "officer_revoked"),
        (officer(2, cert_to=TODAY), "pass", "enough_officers"),
        (officer(2, cert_to=TODAY - timedelta(days=1)), "block", "officer_expired"),
        (officer(2, cert_from=TODAY), "pass", "enough_officers"),
        (officer(2, cert_from=TODAY + timedelta(days=1)), "block", "officer_not_yet_valid"),
    ],
)
def test_two_officers_of_this_body_with_certificates_of_the_day(second: Any, verdict: str, why: str) -> None:
    assert says("two_officers", facts(officers=(officer(1), second))) == (verdict, why)


def test_one_person_named_twice_is_one_person() -> None:
    assert line("two_officers", facts(visit=visit(officers=("officer-1", "officer-1")))).verdict == "block"


def test_a_third_person_who_does_not_count_needs_a_reason() -> None:
    three = visit(officers=("officer-1", "officer-2", "officer-3"))
    given_facts = facts(visit=three, officers=(officer(1), officer(2), officer(3, cert_no="")))
    assert says("two_officers", given_facts) == ("warn", "somebody_does_not_count")


def test_a_third_person_with_a_suspended_certificate_blocks() -> None:
    three = visit(officers=("officer-1", "officer-2", "officer-3"))
    suspended = officer(3, cert_state=CertState.SUSPENDED)
    given_facts = facts(visit=three, officers=(officer(1), officer(2), suspended))
    assert line("two_officers", given_facts).verdict == "block"


@given(st.lists(st.sampled_from(["", "other", "suspended", "expired", "ok"]), max_size=6))
def test_fewer_than_two_good_certificates_never_pass(shapes: list[str]) -> None:
    fields: dict[str, dict[str, Any]] = {
        "": {"cert_no": ""},
        "other": {"subject": "某局"},
        "suspended": {"cert_state": CertState.SUSPENDED},
        "expired": {"cert_to": date(2025, 1, 1)},
        "ok": {},
    }
    people = tuple(officer(number, **fields[shape]) for number, shape in enumerate(shapes))
    given_facts = facts(visit=visit(officers=tuple(one.id for one in people)), officers=people)
    if shapes.count("ok") < 2:
        assert line("two_officers", given_facts).verdict is GateVerdict.BLOCK


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
