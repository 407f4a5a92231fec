"""The moves of a visit: from which states each may be made, and the visit after it.

Every move is pure. `at` always comes from the Clock; a clock that was set back loses nothing, it is remarked.
Source: design.md section 4; domain.md 1.5 and 1.6. The lawful ways
beside the ordinary one are in moves_fallback.py, what is owed after them in duties.py.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from core.domain.duties import owes, settled
from core.domain.move_table import S, given_reason, may, moved
from core.domain.moves_fallback import (
    approve_orally,
    declare_late_scan,
    declare_network_down,
    declare_no_code,
    different_person,
    make_good_upload,
    make_up_approval,
    register_late_scan,
    replace_officers,
    with_earlier_scan,
)
from core.domain.visits import (
    Approval,
    Duty,
    EntryPath,
    Override,
    PersonMet,
    RecusalDecision,
    Refused,
    Remark,
    Scan,
    Visit,
    VisitKind,
)
from core.kernel.errors import Refusal

__all__ = [
    "abort",
    "approve",
    "approve_orally",
    "archive",
    "arrive",
    "begin",
    "close",
    "correct",
    "decide_recusal",
    "declare_late_scan",
    "declare_network_down",
    "declare_no_code",
    "identify",
    "make_good_upload",
    "make_up_approval",
    "notify",
    "open_case",
    "order_correction",
    "override",
    "pass_gates",
    "record",
    "refuse",
    "register_late_scan",
    "replace_officers",
    "resume",
    "revise",
    "scan",
    "settle",
    "tell_result",
    "tell_rights",
]


def revise(visit: Visit, *, at: datetime, **fields: Any) -> Visit:
    """Change the draft, or take an approved visit back to draft: its approval covered something else.

    Raises Refusal "visit.illegal_move".
    """
    return moved(visit, "revise", at, state=S.DRAFT, approval=None, notified_at=None, opened_at=None, **fields)


def approve(visit: Visit, approval: Approval, *, at: datetime) -> Visit:
    """Take the head's approval. Whether it is genuine and covers the visit is judged by approvals.py.

    Raises Refusal "visit.illegal_move", "approval.same_person", "approval.other_visit".
    """
    different_person(visit, approval.approver)
    if approval.scheme.visit != visit.id:
        raise Refusal("approval.other_visit", visit=visit.id)
    return moved(visit, "approve", at, state=S.APPROVED, approval=approval)


def notify(visit: Visit, *, at: datetime) -> Visit:
    """The notice (行政检查通知书) is ready to be shown.  Raises Refusal "visit.illegal_move"."""
    return moved(visit, "notify", at, state=S.NOTIFIED, notified_at=at)


def override(visit: Visit, given: Override, *, at: datetime) -> Visit:
    """Keep a reason for going on in spite of a warning.

    Raises Refusal "visit.illegal_move", "visit.reason_missing".
    """
    given_reason("override", given.reason)
    others = tuple(kept for kept in visit.overrides if kept.gate != given.gate)
    return moved(visit, "override", at, overrides=(*others, given))


def pass_gates(visit: Visit, *, at: datetime, list_versions: dict[str, int]) -> Visit:
    """Note that every gate due by now let the visit go on, and pin the list versions of the day."""
    return moved(visit, "pass_gates", at, opened_at=at, list_versions=list_versions)


def arrive(visit: Visit, *, at: datetime) -> Visit:
    """The officers are at the door. Only an entry that is no inspection may come from draft: it needs no approval.

    Raises Refusal "visit.illegal_move", "visit.gates_not_passed".
    """
    if visit.state is S.DRAFT and visit.kind is not VisitKind.NON_INSPECTION:
        raise Refusal("visit.illegal_move", state=visit.state.value, move="arrive")
    if may(visit, "arrive") and visit.opened_at is None:
        raise Refusal("visit.gates_not_passed", visit=visit.id)
    return moved(visit, "arrive", at, state=S.ARRIVED, state_before=None, arrived_at=at)


def scan(visit: Visit, read: Scan, *, at: datetime) -> Visit:
    """A code was read at the door; a second reading takes the place of the first, which stays as a remark.

    Raises Refusal "visit.illegal_move".
    """
    fields = {"scan": read, "uscc": visit.uscc or read.uscc, "remarks": with_earlier_scan(visit, at)}
    return moved(visit, "scan", at, state=S.SCANNED, **fields)


def identify(visit: Visit, person: PersonMet, *, at: datetime) -> Visit:
    """Note whom the officers met; the legal representative need not come (domain.md 1.5 step 7)."""
    return moved(visit, "identify", at, person_met=person, identified_at=at)


def tell_rights(visit: Visit, *, recusal_asked: bool, recusal_officers: tuple[str, ...] = (), at: datetime) -> Visit:
    """The rights were told, and whether the party asked that an officer step aside (行政处罚法 arts 43-45, 55)."""
    return moved(
        visit, "tell_rights", at, rights_told_at=at, recusal_asked=recusal_asked, recusal_officers=recusal_officers
    )


def decide_recusal(visit: Visit, decision: RecusalDecision, *, at: datetime) -> Visit:
    """The head decided on a request for recusal.  Raises Refusal "visit.illegal_move", "visit.recusal_not_asked"."""
    if not visit.recusal_asked:
        raise Refusal("visit.recusal_not_asked", visit=visit.id)
    return moved(visit, "decide_recusal", at, recusal_decision=decision)


def begin(visit: Visit, *, at: datetime) -> Visit:
    """Begin to inspect: only with a code, or with a lawful path and its reason.

    Raises Refusal "visit.illegal_move", "visit.no_code_no_reason".
    """
    # The approval that an emergency owes is no reason for going in without a code.
    reasons = [deviation for deviation in visit.deviations if deviation.duty is not Duty.APPROVAL]
    if may(visit, "begin") and visit.scan is None and not reasons:
        raise Refusal("visit.no_code_no_reason", visit=visit.id)
    return moved(visit, "begin", at, state=S.INSPECTING, state_before=None, inspecting_at=at)


def record(visit: Visit, *, conclusion: str, measures: str = "", party_opinion: str = "", at: datetime) -> Visit:
    """End the inspection: the record is complete.

    Raises Refusal "visit.illegal_move", "visit.late_scan_first" (an emergency's scan is due before the record),
    "visit.rights_not_told", "visit.person_missing", "visit.reason_missing" (no conclusion).
    """
    if may(visit, "record"):
        _record_complete(visit, conclusion)
    return moved(
        visit,
        "record",
        at,
        state=S.RECORDED,
        recorded_at=at,
        conclusion=conclusion,
        measures=measures,
        party_opinion=party_opinion,
    )


def _record_complete(visit: Visit, conclusion: str) -> None:
    if owes(visit, Duty.SCAN, path=EntryPath.EMERGENCY):
        raise Refusal("visit.late_scan_first", visit=visit.id)
    if visit.person_met is None:
        raise Refusal("visit.person_missing", visit=visit.id)
    if visit.rights_told_at is None:
        raise Refusal("visit.rights_not_told", visit=visit.id)
    given_reason("record", conclusion)


def tell_result(visit: Visit, *, at: datetime) -> Visit:
    """The result was told (行政检查结果告知书).  Raises Refusal "visit.illegal_move"."""
    return moved(visit, "tell_result", at, state=S.RESULT_TOLD, result_told_at=at)


def order_correction(visit: Visit, *, correct_by: date, at: datetime) -> Visit:
    """An order to correct was given; `correct_by` is a local day (行政处罚法 art. 28(1))."""
    return moved(visit, "order_correction", at, state=S.CORRECTING, correct_by=correct_by)


def correct(visit: Visit, *, note: str, at: datetime) -> Visit:
    """What was ordered has been corrected, as the re-check found.  Raises Refusal "visit.reason_missing"."""
    words = given_reason("correct", note)
    return moved(visit, "correct", at, state=S.CORRECTED, corrected_at=at, correction_note=words)


def open_case(visit: Visit, *, number: str = "", at: datetime) -> Visit:
    """A case is opened (立案); the ordinary procedure goes on outside this visit."""
    return moved(visit, "open_case", at, state=S.CASE_OPENED, case_number=number)


def close(visit: Visit, *, at: datetime) -> Visit:
    """Close the visit.  Raises Refusal "visit.illegal_move", "visit.duty_open" with the duty that is owed."""
    if may(visit, "close"):
        _nothing_owed(visit)
    return moved(visit, "close", at, state=S.CLOSED, closed_at=at)


def archive(visit: Visit, *, at: datetime) -> Visit:
    """File the visit for good.  Raises Refusal "visit.illegal_move", "visit.duty_open"."""
    if may(visit, "archive"):
        _nothing_owed(visit)
    return moved(visit, "archive", at, state=S.ARCHIVED, archived_at=at)


def _nothing_owed(visit: Visit) -> None:
    for duty in Duty:
        if duty is not Duty.NONE and owes(visit, duty):
            raise Refusal("visit.duty_open", duty=duty.value)


def refuse(visit: Visit, refused: Refused, *, at: datetime) -> Visit:
    """The enterprise refuses (domain.md 1.12): stop, keep the ground; nothing is forced.

    Raises Refusal "visit.illegal_move", "visit.reason_missing".
    """
    given_reason("refuse", refused.reason_code)
    return moved(visit, "refuse", at, state=S.REFUSED, state_before=visit.state, refused=refused)


def resume(visit: Visit, *, note: str, at: datetime) -> Visit:
    """The ground of the refusal is gone, or the enterprise agrees: go on where the visit stood. The refusal stays."""
    kept = Remark(code="resumed_after_refusal", note=given_reason("resume", note), at=at)
    back = visit.state_before or S.ARRIVED
    return moved(visit, "resume", at, state=back, state_before=None, remarks=(*visit.remarks, kept))


def abort(visit: Visit, *, reason: str, at: datetime) -> Visit:
    """Give the visit up before its record.  Raises Refusal "visit.illegal_move", "visit.reason_missing"."""
    words = given_reason("abort", reason)
    return moved(visit, "abort", at, state=S.ABORTED, state_before=visit.state, abort_reason=words)


def settle(visit: Visit, duty: Duty, *, supervisor: str, note: str, at: datetime) -> Visit:
    """A supervisor settles a duty that was not made good in time; never in silence (domain.md 1.6).

    Raises Refusal "visit.illegal_move", "visit.reason_missing", "visit.nothing_owed", "visit.supervisor_is_officer".
    """
    if supervisor in visit.officers:
        raise Refusal("visit.supervisor_is_officer", officer=supervisor)
    words = given_reason("settle", note)
    return moved(visit, "settle", at, deviations=settled(visit, duty, supervisor=supervisor, supervisor_note=words))
