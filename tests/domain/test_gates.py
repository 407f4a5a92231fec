"""Gates of lists, plans, approval and officers: the example, both edges of each limit, and the ground given."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.catalog import SubjectKind
from core.domain.gate_lines import Decision, GateVerdict, Stage, decide
from core.domain.gates import judge
from core.domain.officers import CertState, Role
from core.domain.visits import TriggerKind, VisitKind, VisitState
from core.kernel.records import changed
from tests.helpers.builders import (
    NOW,
    USCC,
    approval,
    facts,
    head,
    item,
    officer,
    oral_report,
    plan,
    subject,
    visit,
)
from tests.helpers.gate_says import TODAY, line, says


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
