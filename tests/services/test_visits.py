"""A visit through its use cases, over fakes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.domain.approvals import approve_scheme
from core.domain.checklists import Verdict
from core.domain.duties import Urgency
from core.domain.gate_lines import Decision
from core.domain.gate_settings import GateSettings
from core.domain.lists import ListKind
from core.domain.officers import CertState, Role
from core.domain.visits import Duty, EntryPath, TriggerKind, Visit, VisitKind, VisitState
from core.kernel.clock import FixedClock, local_date
from core.kernel.errors import Refusal
from core.kernel.records import changed
from core.services.checklists import Checklists
from core.services.visits import Visits
from tests.helpers.builders import (
    HEAD_KEY,
    NOW,
    USCC,
    account,
    cap,
    head,
    list_version,
    officer,
    person,
    reference,
    visit,
)
from tests.helpers.fakes import FakeReference, FakeStore, fake_sign, fake_verify


class Desk:
    """A station in memory with the valid world."""

    def __init__(self, lists: FakeReference | None = None) -> None:
        self.store = FakeStore()
        self.reference = lists or reference()
        self.clock = FixedClock(NOW)
        self.visits = self.as_account()

    def as_account(self, **fields: Any) -> Visits:
        return Visits(self.store, self.reference, self.clock, account(**fields), GateSettings(), fake_verify)

    def answer_all(self, visit_id: str) -> None:
        lists = Checklists(self.store, self.reference, self.clock, account())
        for one in lists.of_visit(visit_id):
            lists.answer_rest(visit_id, item=one.item, verdict=Verdict.NOT_CHECKED)

    def planned(self, **fields: Any) -> Visit:
        wanted: dict[str, Any] = {
            "kind": VisitKind.ROUTINE,
            "enterprise": USCC,
            "items": ("i-1",),
            "officers": ("officer-1", "officer-2"),
            "planned_from": NOW,
            "planned_to": NOW + timedelta(hours=8),
        }
        return self.visits.plan(**(wanted | fields)).value

    def approved(self, **fields: Any) -> Visit:
        return self.approve(self.planned(**fields).id)

    def approve(self, visit_id: str) -> Visit:
        signed = approve_scheme(
            self.visits.scheme(visit_id),
            head(),
            public_key=HEAD_KEY,
            sign=lambda message: fake_sign(HEAD_KEY, message),
            approved_at=self.clock.now(),
            expires_at=self.clock.now() + timedelta(days=1),
        )
        return self.visits.approve(visit_id, signed).value

    def at_the_door(self, **fields: Any) -> str:
        visit_id = self.approved(**fields).id
        assert self.visits.open(visit_id).value.decision is Decision.OPEN
        return self.visits.arrive(visit_id).value.id


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_ordinary_way_from_plan_to_archive(desk: Desk) -> None:
    visit_id = desk.approved().id
    desk.visits.notify(visit_id)
    opened = desk.visits.open(visit_id).value
    assert opened.decision is Decision.OPEN
    desk.visits.arrive(visit_id)
    assert desk.visits.scan(visit_id, USCC, "typed").value.scan is not None
    desk.visits.identify(visit_id, person())
    desk.visits.tell_rights(visit_id, recusal_asked=False)
    desk.visits.begin(visit_id)
    desk.answer_all(visit_id)
    desk.visits.conclude(visit_id, conclusion="未发现问题")
    desk.visits.tell(visit_id)
    desk.visits.close(visit_id)
    assert desk.visits.archive(visit_id).value.state is VisitState.ARCHIVED


def test_opening_pins_the_list_versions_of_the_day(desk: Desk) -> None:
    visit_id = desk.approved().id
    desk.visits.open(visit_id)
    kept = desk.store.all(Visit)[0]
    assert kept.list_versions["items"] == 1
    assert kept.list_versions["plans"] == 1


def test_a_draft_shows_all_gates_and_is_blocked_for_want_of_approval(desk: Desk) -> None:
    opened = desk.visits.open(desk.planned().id).value
    assert opened.decision is Decision.BLOCKED
    assert [line.gate for line in opened.gates if line.verdict == "block"] == ["approval"]
    assert opened.state == "draft"


def test_a_warning_opens_with_a_reason_that_is_kept() -> None:
    desk = Desk(reference(caps=()))
    visit_id = desk.approved().id
    assert desk.visits.open(visit_id).value.need_reason == ("annual_cap",)
    with pytest.raises(Refusal) as refusal:
        desk.visits.arrive(visit_id)
    assert refusal.value.code == "visit.gates_not_passed"
    opened = desk.visits.open(visit_id, {"annual_cap": "上限尚未公布,已电话核实", "approval": "无用"}).value
    assert opened.decision is Decision.OPEN
    kept = desk.store.all(Visit)[0]
    assert [(given.gate, given.why) for given in kept.overrides] == [("annual_cap", "cap_not_configured")]


def test_what_was_open_in_the_morning_is_judged_again_at_the_door(desk: Desk) -> None:
    visit_id = desk.approved().id
    desk.visits.open(visit_id)
    desk.clock.advance(hours=9)
    with pytest.raises(Refusal) as refusal:
        desk.visits.arrive(visit_id)
    assert refusal.value.code == "gates.blocked"
    assert refusal.value.params["gates"] == "approval"
    assert desk.store.all(Visit)[0].state is VisitState.APPROVED


def test_another_enterprises_code_stops_the_inspection(desk: Desk) -> None:
    visit_id = desk.at_the_door()
    desk.visits.scan(visit_id, "91110000600037341L", "image")
    with pytest.raises(Refusal) as refusal:
        desk.visits.begin(visit_id)
    assert refusal.value.code == "gates.blocked"


def test_no_code_shown_goes_on_with_its_reason(desk: Desk) -> None:
    visit_id = desk.at_the_door()
    desk.visits.no_code(visit_id, reason_code="no_code_applied")
    desk.visits.identify(visit_id, person())
    assert desk.visits.begin(visit_id).value.state is VisitState.INSPECTING


def test_an_emergency_runs_from_the_oral_report_to_the_close_with_both_clocks(desk: Desk) -> None:
    visit_id = desk.planned().id
    desk.visits.approve_orally(visit_id, leader="head-1", reason_code="gas_leak")
    assert desk.visits.open(visit_id).value.decision is Decision.OPEN
    desk.visits.arrive(visit_id)
    desk.visits.scan_later(visit_id, path=EntryPath.EMERGENCY, reason_code="gas_leak")
    desk.visits.identify(visit_id, person())
    desk.visits.tell_rights(visit_id, recusal_asked=False)
    desk.visits.begin(visit_id)
    desk.visits.late_scan(visit_id, USCC, "camera")
    desk.answer_all(visit_id)
    desk.visits.conclude(visit_id, conclusion="已处置")
    desk.visits.tell(visit_id)
    assert [found.code for found in desk.visits.blockers(visit_id)] == ["duty_open"]
    with pytest.raises(Refusal) as refusal:
        desk.visits.close(visit_id)
    assert refusal.value.code == "visit.cannot_close"
    desk.approve(visit_id)
    assert desk.visits.close(visit_id).value.state is VisitState.CLOSED


def test_a_late_scan_is_marked_and_a_wrong_one_stops_the_record(desk: Desk) -> None:
    visit_id = desk.at_the_door()
    desk.visits.scan_later(visit_id, path=EntryPath.EMERGENCY, reason_code="gas_leak")
    desk.visits.identify(visit_id, person())
    desk.visits.tell_rights(visit_id, recusal_asked=False)
    desk.visits.begin(visit_id)
    late = desk.visits.late_scan(visit_id, "91110000600037341L", "camera").value
    assert late.scan is not None
    assert late.scan.is_late
    desk.answer_all(visit_id)
    with pytest.raises(Refusal) as refusal:
        desk.visits.conclude(visit_id, conclusion="未发现问题")
    assert refusal.value.params["gates"] == "code_matches_enterprise"
    again = desk.visits.late_scan(visit_id, USCC, "camera").value
    assert [remark.code for remark in again.remarks] == ["scanned_again"]
    assert desk.visits.conclude(visit_id, conclusion="未发现问题").value.state is VisitState.RECORDED


def test_a_wrong_code_can_be_scanned_again_and_both_readings_stay(desk: Desk) -> None:
    visit_id = desk.at_the_door()
    desk.visits.scan(visit_id, "91110000600037341L", "image")
    again = desk.visits.scan(visit_id, USCC, "camera").value
    assert again.state is VisitState.SCANNED
    assert again.scan is not None
    assert again.scan.uscc == USCC
    assert "91110000600037341L" in again.remarks[0].note


def test_only_a_supervisor_who_is_no_officer_settles_what_was_not_made_good(desk: Desk) -> None:
    visit_id = desk.planned().id
    desk.visits.approve_orally(visit_id, leader="head-1", reason_code="gas_leak")
    with pytest.raises(Refusal) as refusal:
        desk.visits.settle(visit_id, Duty.APPROVAL, note="已核实")
    assert refusal.value.code == "visit.not_supervisor"
    above = desk.as_account(number=7, roles=(Role.SUPERVISOR,))
    assert above.settle(visit_id, Duty.APPROVAL, note="已核实").value.deviations[0].supervisor == "officer-7"


def test_an_approval_that_covers_something_else_is_refused_at_once(desk: Desk) -> None:
    visit_id = desk.planned().id
    signed = approve_scheme(
        changed(desk.visits.scheme(visit_id), officers=("officer-1",)),
        head(),
        public_key=HEAD_KEY,
        sign=lambda message: fake_sign(HEAD_KEY, message),
        approved_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    with pytest.raises(Refusal) as refusal:
        desk.visits.approve(visit_id, signed)
    assert refusal.value.code == "approval.not_good"
    assert refusal.value.params["why"] == "officers_not_covered"


def test_an_approval_for_next_week_is_taken_today(desk: Desk) -> None:
    later = NOW + timedelta(days=7)
    planned = desk.planned(planned_from=later, planned_to=later + timedelta(hours=8))
    signed = approve_scheme(
        desk.visits.scheme(planned.id),
        head(),
        public_key=HEAD_KEY,
        sign=lambda message: fake_sign(HEAD_KEY, message),
        approved_at=NOW,
        expires_at=later + timedelta(days=1),
    )
    assert desk.visits.approve(planned.id, signed).value.state is VisitState.APPROVED


def test_the_third_visit_of_the_year_is_over_a_cap_of_two() -> None:
    desk = Desk()
    desk.store.seed(
        *(
            visit(id=f"old-{number}", state=VisitState.ARCHIVED, inspecting_at=NOW - timedelta(days=20))
            for number in range(2)
        )
    )
    opened = desk.visits.open(desk.approved().id).value
    assert opened.decision is Decision.BLOCKED
    case = desk.approved(kind=VisitKind.CASE, trigger_kind=TriggerKind.COMPLAINT, trigger_no="T-1")
    assert desk.visits.open(case.id).value.need_reason == ("annual_cap", "joint_visit")


def test_a_certificate_suspended_in_todays_list_blocks_although_yesterdays_was_good(desk: Desk) -> None:
    visit_id = desk.approved().id
    assert desk.visits.open(visit_id).value.decision is Decision.OPEN
    newer = list_version(ListKind.OFFICERS, 2)
    desk.reference.publish(newer, (officer(1), officer(2, cert_state=CertState.SUSPENDED), head()))
    with pytest.raises(Refusal) as refusal:
        desk.visits.arrive(visit_id)
    assert refusal.value.params["gates"] == "two_officers"


def test_a_move_that_is_refused_stores_nothing(desk: Desk) -> None:
    visit_id = desk.planned().id
    commits = desk.store.commits
    with pytest.raises(Refusal) as refusal:
        desk.visits.begin(visit_id)
    assert refusal.value.code == "visit.illegal_move"
    assert desk.store.commits == commits


def test_planning_at_an_unknown_enterprise_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal) as refusal:
        desk.planned(enterprise="nobody")
    assert refusal.value.code == "lists.row_missing"


def test_a_window_that_ends_before_it_begins_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal) as refusal:
        desk.planned(planned_to=NOW)
    assert refusal.value.code == "visit.window_backwards"


def test_a_cap_for_another_body_is_no_cap_of_this_one() -> None:
    desk = Desk(reference(caps=(cap(subject="某局"),)))
    lines = desk.visits.gates(desk.planned().id)
    found = next(line for line in lines if line.gate == "annual_cap")
    assert found.why == "cap_not_configured"


def test_the_record_waits_for_every_question(desk: Desk) -> None:
    visit_id = desk.at_the_door()
    desk.visits.scan(visit_id, USCC, "typed")
    desk.visits.identify(visit_id, person())
    desk.visits.tell_rights(visit_id, recusal_asked=False)
    desk.visits.begin(visit_id)
    assert "unanswered_points" in [found.code for found in desk.visits.blockers(visit_id)]
    with pytest.raises(Refusal) as refusal:
        desk.visits.conclude(visit_id, conclusion="未发现问题")
    assert refusal.value.code == "visit.unanswered_points"
    assert desk.visits.show(visit_id).visit.state is VisitState.INSPECTING


def test_a_recusal_that_is_undecided_needs_a_reason_before_the_record(desk: Desk) -> None:
    visit_id = desk.at_the_door()
    desk.visits.scan(visit_id, USCC, "typed")
    desk.visits.identify(visit_id, person())
    desk.visits.tell_rights(visit_id, recusal_asked=True, recusal_officers=("officer-2",))
    desk.visits.begin(visit_id)
    desk.answer_all(visit_id)
    with pytest.raises(Refusal) as refusal:
        desk.visits.conclude(visit_id, conclusion="未发现问题")
    assert refusal.value.code == "gates.reason"
    assert desk.visits.open(visit_id, {"recusal": "负责人正在审查,检查不停止"}).value.need_reason == ()
    assert desk.visits.conclude(visit_id, conclusion="未发现问题").value.state is VisitState.RECORDED


def test_showing_a_visit_changes_nothing(desk: Desk) -> None:
    visit_id = desk.approved().id
    before = desk.store.all(Visit)
    view = desk.visits.show(visit_id)
    assert desk.store.all(Visit) == before
    assert view.decision is Decision.OPEN
    assert "notify" in view.moves
    assert "begin" not in view.moves


def test_the_list_finds_part_of_a_name_a_code_or_a_number(desk: Desk) -> None:
    made = desk.planned()
    for text in ("示例食品", USCC[-6:], made.number.lower(), ""):
        assert [one.id for one in desk.visits.list(text)] == [made.id]
        assert [one.id for one in desk.visits.list(text, limit=1)] == [made.id]
    assert desk.visits.list("没有这家") == ()
    assert desk.visits.list("没有这家", limit=1) == ()


def test_today_shows_due_visits_with_their_gates_clocks_and_corrections(desk: Desk) -> None:
    desk.approved()
    desk.planned(planned_from=NOW + timedelta(days=3), planned_to=NOW + timedelta(days=4))
    urgent = desk.planned().id
    desk.visits.approve_orally(urgent, leader="head-1", reason_code="gas_leak")
    desk.store.seed(visit(id="v-c", state=VisitState.CORRECTING, correct_by=local_date(NOW) - timedelta(days=1)))
    today = desk.visits.today()
    assert len(today.due) == 2
    assert today.counts["upcoming"] == 1
    assert [clock.visit for clock in today.clocks] == [urgent]
    assert [one.days_left for one in today.corrections] == [-1]
    assert today.counts["overdue_corrections"] == 1


@pytest.mark.parametrize(("hours", "urgency"), [(24, Urgency.DUE_SOON), (25, Urgency.OVERDUE), (1, Urgency.RUNNING)])
def test_the_make_good_clock_of_an_oral_approval_runs_a_day(desk: Desk, hours: int, urgency: Urgency) -> None:
    visit_id = desk.planned().id
    desk.visits.approve_orally(visit_id, leader="head-1", reason_code="gas_leak")
    desk.clock.advance(hours=hours)
    assert [clock.urgency for clock in desk.visits.clocks()] == [urgency]


def test_a_network_failure_after_the_scan_owes_the_upload_for_three_days(desk: Desk) -> None:
    visit_id = desk.at_the_door()
    desk.visits.scan(visit_id, USCC, "camera")
    desk.visits.network_down(visit_id, reason_code="no_network")
    (clock,) = desk.visits.clocks()
    assert clock.due_at == NOW + timedelta(days=3)
    assert desk.visits.uploaded(visit_id).value.deviations[0].made_good_at == NOW
    assert desk.visits.clocks() == ()


def test_replacing_an_officer_on_site_needs_a_leaders_word_and_a_new_approval() -> None:
    desk = Desk(reference(officers=(officer(1), officer(2), officer(3), head())))
    visit_id = desk.at_the_door()
    with pytest.raises(Refusal) as refusal:
        desk.visits.replace_officers(visit_id, ("officer-1", "officer-3"), leader="officer-3", reason_code="ill")
    assert refusal.value.code == "approval.same_person"
    after = desk.visits.replace_officers(
        visit_id, ("officer-1", "officer-3"), leader="head-1", reason_code="recusal"
    ).value
    assert [remark.code for remark in after.remarks] == ["officers_replaced"]
    desk.visits.scan(visit_id, USCC, "typed")
    assert desk.visits.begin(visit_id).value.state is VisitState.INSPECTING
    assert [clock.duty for clock in desk.visits.clocks()] == [Duty.APPROVAL]
    assert desk.approve(visit_id).approval is not None
    assert desk.visits.clocks() == ()
