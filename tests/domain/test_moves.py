"""The state machine of a visit: the ordinary way, the fall-back paths, and an exhaustive walk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import pytest

from core.domain import moves
from core.domain.duties import is_open, owes
from core.domain.move_table import MOVES, may
from core.domain.visits import Duty, EntryPath, RecusalDecision, Refused, Visit, VisitKind, VisitState
from core.kernel.errors import Refusal
from core.kernel.records import changed
from tests.helpers.builders import NOW, approval, oral_report, person, scan, visit

DAY = timedelta(days=1)
PAST_INSPECTING = {
    VisitState.RECORDED,
    VisitState.RESULT_TOLD,
    VisitState.CORRECTING,
    VisitState.CORRECTED,
    VisitState.CASE_OPENED,
    VisitState.CLOSED,
}


def _late(path: EntryPath) -> Callable[[Visit], Visit]:
    return lambda of: moves.declare_late_scan(
        of, path=path, reason_code="r", note="", by="officer-1", at=NOW, due_at=NOW + DAY
    )


STEPS: dict[str, Callable[[Visit], Visit]] = {
    "revise": lambda of: moves.revise(of, at=NOW),
    "approve": lambda of: moves.approve(of, approval(of), at=NOW),
    "approve_orally": lambda of: moves.approve_orally(of, oral_report(), by="officer-1", at=NOW, due_at=NOW + DAY),
    "make_up_approval": lambda of: moves.make_up_approval(of, approval(of), at=NOW),
    "notify": lambda of: moves.notify(of, at=NOW),
    "pass_gates": lambda of: moves.pass_gates(of, at=NOW, list_versions={}),
    "arrive": lambda of: moves.arrive(of, at=NOW),
    "scan": lambda of: moves.scan(of, scan(), at=NOW),
    "no_code": lambda of: moves.declare_no_code(of, reason_code="r", note="", by="officer-1", at=NOW),
    "late_emergency": _late(EntryPath.EMERGENCY),
    "late_network": _late(EntryPath.NETWORK_DOWN),
    "register_late_scan": lambda of: moves.register_late_scan(of, scan(), at=NOW),
    "network_down": lambda of: moves.declare_network_down(of, reason_code="r", note="", at=NOW, due_at=NOW + DAY),
    "make_good_upload": lambda of: moves.make_good_upload(of, at=NOW),
    "identify": lambda of: moves.identify(of, person(), at=NOW),
    "tell_rights": lambda of: moves.tell_rights(of, recusal_asked=False, at=NOW),
    "replace_officers": lambda of: moves.replace_officers(
        of, ("officer-1", "officer-3"), oral_report(), by="officer-1", at=NOW, due_at=NOW + DAY
    ),
    "begin": lambda of: moves.begin(of, at=NOW),
    "record": lambda of: moves.record(of, conclusion="未发现问题", at=NOW),
    "tell_result": lambda of: moves.tell_result(of, at=NOW),
    "order_correction": lambda of: moves.order_correction(of, correct_by=date(2026, 3, 25), at=NOW),
    "correct": lambda of: moves.correct(of, note="已改正", at=NOW),
    "open_case": lambda of: moves.open_case(of, at=NOW),
    "close": lambda of: moves.close(of, at=NOW),
    "archive": lambda of: moves.archive(of, at=NOW),
    "refuse": lambda of: moves.refuse(of, Refused(reason_code="r", is_justified=True, note="", at=NOW), at=NOW),
    "resume": lambda of: moves.resume(of, note="同意检查", at=NOW),
    "abort": lambda of: moves.abort(of, reason="r", at=NOW),
    "settle_scan": lambda of: moves.settle(of, Duty.SCAN, supervisor="boss", note="n", at=NOW),
    "settle_approval": lambda of: moves.settle(of, Duty.APPROVAL, supervisor="boss", note="n", at=NOW),
    "settle_upload": lambda of: moves.settle(of, Duty.UPLOAD, supervisor="boss", note="n", at=NOW),
}


def _shape(of: Visit) -> tuple[object, ...]:
    """Return what of a visit decides which moves are possible; visits of one shape behave alike."""
    # Whether a scan or upload was made good or settled by a supervisor makes no difference to any move.
    duties = frozenset(
        (one.path, one.duty, is_open(one), bool(one.supervisor_note) and one.duty is Duty.APPROVAL)
        for one in of.deviations
    )
    given = (of.approval, of.scan, of.person_met, of.rights_told_at, of.opened_at, of.arrived_at)
    return of.kind, of.state, of.state_before, duties, tuple(field is not None for field in given)


@cache
def _walk(kind: VisitKind) -> dict[tuple[object, ...], tuple[Visit, set[tuple[object, ...]]]]:
    """Return every reachable shape with one visit of it and the shapes that one move leads to."""
    items = () if kind is VisitKind.NON_INSPECTION else ("i-1",)
    first = visit(kind=kind, items=items, created_at=NOW)
    found: dict[tuple[object, ...], tuple[Visit, set[tuple[object, ...]]]] = {_shape(first): (first, set())}
    queue = [first]
    while queue:
        here = queue.pop()
        _, onward = found[_shape(here)]
        for step in STEPS.values():
            try:
                there = step(here)
            except Refusal:
                continue
            shape = _shape(there)
            onward.add(shape)
            if shape not in found:
                found[shape] = (there, set())
                queue.append(there)
    return found


@pytest.fixture(scope="module", params=[VisitKind.ROUTINE, VisitKind.NON_INSPECTION])
def walked(request: pytest.FixtureRequest) -> dict[tuple[object, ...], tuple[Visit, set[tuple[object, ...]]]]:
    return _walk(request.param)


Walked = dict[tuple[object, ...], tuple[Visit, set[tuple[object, ...]]]]


def test_no_path_leaves_a_visit_past_inspecting_without_a_code_or_a_reason(walked: Walked) -> None:
    for here, _ in walked.values():
        if here.state in PAST_INSPECTING:
            reasons = [one.reason_code for one in here.deviations if one.duty is not Duty.APPROVAL]
            assert here.scan is not None or any(reasons), here


def test_no_path_goes_on_without_approval_or_one_that_is_owed(walked: Walked) -> None:
    for here, _ in walked.values():
        if here.kind is VisitKind.NON_INSPECTION or here.state in (VisitState.DRAFT, VisitState.ABORTED):
            continue
        if here.arrived_at is None and here.abort_reason:
            continue
        supervised = [one for one in here.deviations if one.duty is Duty.APPROVAL and one.supervisor_note]
        assert here.approval is not None or owes(here, Duty.APPROVAL) or supervised, here


def test_nothing_that_is_owed_is_closed_in_silence(walked: Walked) -> None:
    for here, _ in walked.values():
        if here.state in (VisitState.CLOSED, VisitState.ARCHIVED):
            assert not any(owes(here, duty) for duty in Duty if duty is not Duty.NONE), here


def test_every_reachable_visit_has_a_way_to_the_archive(walked: Walked) -> None:
    ends = {shape for shape, (here, _) in walked.items() if here.state is VisitState.ARCHIVED}
    before: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    for shape, (_, onward) in walked.items():
        for there in onward:
            before.setdefault(there, []).append(shape)
    reaching, queue = set(ends), list(ends)
    while queue:
        for shape in before.get(queue.pop(), []):
            if shape not in reaching:
                reaching.add(shape)
                queue.append(shape)
    # A draft of an inspection can be given up, so even it ends.
    assert set(walked) == reaching


def test_the_walk_meets_every_state() -> None:
    states = {here.state for here, _ in _walk(VisitKind.ROUTINE).values()}
    assert states == set(VisitState)


MOVE_OF = {
    "no_code": "declare_no_code",
    "late_emergency": "declare_late_scan",
    "late_network": "declare_late_scan",
    "network_down": "declare_network_down",
}
ILLEGAL = [
    (state, step)
    for step in STEPS
    for state in VisitState
    if not step.startswith("settle") and state not in MOVES[MOVE_OF.get(step, step)]
]


@pytest.mark.parametrize(("state", "step"), ILLEGAL)
def test_a_move_from_a_wrong_state_is_refused_with_state_and_move(state: VisitState, step: str) -> None:
    with pytest.raises(Refusal) as refusal:
        STEPS[step](changed(visit(), state=state, opened_at=NOW, scan=scan()))
    assert refusal.value.code in ("visit.illegal_move", "visit.nothing_owed")
    if refusal.value.code == "visit.illegal_move":
        assert refusal.value.params == {"state": state.value, "move": MOVE_OF.get(step, step)}


def test_the_archive_is_the_end() -> None:
    assert not any(may(visit(state=VisitState.ARCHIVED), move) for move in MOVES)


def test_an_emergency_scan_is_due_before_the_record() -> None:
    here = STEPS["late_emergency"](visit(state=VisitState.ARRIVED, created_at=NOW))
    for step in ("identify", "tell_rights", "begin"):
        here = STEPS[step](here)
    with pytest.raises(Refusal) as refusal:
        STEPS["record"](here)
    assert refusal.value.code == "visit.late_scan_first"
    here = STEPS["register_late_scan"](here)
    assert here.scan is not None
    assert here.scan.is_late
    assert STEPS["record"](here).state is VisitState.RECORDED


def test_a_network_failure_lets_the_record_be_finished_but_not_closed() -> None:
    here = STEPS["late_network"](visit(state=VisitState.ARRIVED, created_at=NOW))
    for step in ("identify", "tell_rights", "begin", "record", "tell_result"):
        here = STEPS[step](here)
    with pytest.raises(Refusal) as refusal:
        STEPS["close"](here)
    assert refusal.value.code == "visit.duty_open"
    assert refusal.value.params["duty"] == "scan"
    assert STEPS["close"](STEPS["register_late_scan"](here)).state is VisitState.CLOSED


def test_an_officer_of_the_visit_can_neither_approve_nor_supervise_it() -> None:
    with pytest.raises(Refusal) as refusal:
        moves.approve(visit(), changed(approval(visit()), approver="officer-2"), at=NOW)
    assert refusal.value.code == "approval.same_person"
    with pytest.raises(Refusal) as refusal:
        moves.settle(STEPS["approve_orally"](visit()), Duty.APPROVAL, supervisor="officer-1", note="n", at=NOW)
    assert refusal.value.code == "visit.supervisor_is_officer"


def test_the_leader_told_by_word_of_mouth_is_not_one_of_the_officers() -> None:
    with pytest.raises(Refusal) as refusal:
        moves.approve_orally(visit(), oral_report(leader="officer-1"), by="officer-1", at=NOW, due_at=NOW)
    assert refusal.value.code == "approval.same_person"


def test_an_approval_made_up_before_entry_brings_the_visit_back_to_approved() -> None:
    waiting = STEPS["approve_orally"](visit())
    assert waiting.state is VisitState.APPROVAL_PENDING_MAKEUP
    after = STEPS["make_up_approval"](waiting)
    assert after.state is VisitState.APPROVED
    assert after.approval is not None
    assert after.approval.is_makeup
    assert not owes(after, Duty.APPROVAL)


def test_an_approval_made_up_later_leaves_the_state_alone() -> None:
    here = STEPS["arrive"](STEPS["pass_gates"](STEPS["approve_orally"](visit())))
    after = STEPS["make_up_approval"](here)
    assert after.state is VisitState.ARRIVED


def test_a_clock_set_back_is_remarked_and_nothing_is_lost() -> None:
    here = changed(visit(state=VisitState.APPROVED), moved_at=NOW + DAY)
    after = STEPS["notify"](here)
    assert after.notified_at == NOW
    assert [remark.code for remark in after.remarks] == ["clock_set_back"]
    assert (NOW + DAY).isoformat() in after.remarks[0].note


def test_a_clock_that_runs_on_is_not_remarked() -> None:
    assert STEPS["notify"](changed(visit(state=VisitState.APPROVED), moved_at=NOW)).remarks == ()


def test_revising_an_approved_visit_drops_its_approval() -> None:
    after = moves.revise(STEPS["approve"](visit()), at=NOW, items=("i-1", "i-2"))
    assert after.state is VisitState.DRAFT
    assert after.approval is None
    assert after.items == ("i-1", "i-2")


def test_a_refusal_stays_on_the_file_when_the_visit_goes_on() -> None:
    refused = STEPS["refuse"](visit(state=VisitState.SCANNED, scan=scan()))
    after = STEPS["resume"](refused)
    assert after.state is VisitState.SCANNED
    assert after.refused is not None
    assert after.remarks[-1].code == "resumed_after_refusal"


def test_arriving_before_the_gates_were_passed_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        STEPS["arrive"](visit(state=VisitState.APPROVED))
    assert refusal.value.code == "visit.gates_not_passed"


@pytest.mark.parametrize(
    ("lacking", "code"),
    [({"person_met": None}, "visit.person_missing"), ({"rights_told_at": None}, "visit.rights_not_told")],
)
def test_a_record_needs_the_person_and_the_rights(lacking: dict[str, None], code: str) -> None:
    here = visit(state=VisitState.INSPECTING, scan=scan(), person_met=person(), rights_told_at=NOW)
    with pytest.raises(Refusal) as refusal:
        STEPS["record"](changed(here, **lacking))
    assert refusal.value.code == code


def test_recusal_is_decided_only_where_it_was_asked() -> None:
    with pytest.raises(Refusal) as refusal:
        moves.decide_recusal(visit(state=VisitState.ARRIVED), RecusalDecision.GRANTED, at=NOW)
    assert refusal.value.code == "visit.recusal_not_asked"


@pytest.mark.parametrize("step", [EntryPath.SCAN, EntryPath.NO_CODE_SHOWN])
def test_only_an_emergency_or_a_failure_lets_the_scan_wait(step: EntryPath) -> None:
    with pytest.raises(Refusal) as refusal:
        _late(step)(visit(state=VisitState.ARRIVED))
    assert refusal.value.code == "visit.path_not_lawful"
