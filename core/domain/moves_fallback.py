"""The lawful ways beside the ordinary one: act first and make good later, or go in without a code.

Every one keeps its reason, opens its clock, and gives its gate the reason it asks for.
Source: domain.md 1.3, 1.6, 1.7; 1.14 (who approves).
"""

from __future__ import annotations

from datetime import datetime

from core.domain.duties import owes, settled
from core.domain.move_table import S, given_reason, moved
from core.domain.visits import (
    Approval,
    Deviation,
    Duty,
    EntryPath,
    OralReport,
    Override,
    Remark,
    Scan,
    Visit,
)
from core.kernel.errors import Refusal
from core.kernel.records import changed


def approve_orally(visit: Visit, report: OralReport, *, by: str, at: datetime, due_at: datetime) -> Visit:
    """Enter the emergency path: a leader was told by word of mouth, the written approval is owed by `due_at`.

    Source: domain.md 1.7 (name of the leader and time), 1.3 (urgent: report promptly and make up).
    Raises Refusal "visit.illegal_move", "visit.reason_missing", "approval.same_person".
    """
    given_reason("approve_orally", report.reason_code)
    given_reason("approve_orally", report.leader)
    different_person(visit, report.leader)
    owed = Deviation(
        path=EntryPath.EMERGENCY,
        duty=Duty.APPROVAL,
        reason_code=report.reason_code,
        note=report.note,
        opened_at=at,
        due_at=due_at,
    )
    return moved(
        visit,
        "approve_orally",
        at,
        state=S.APPROVAL_PENDING_MAKEUP,
        state_before=S.APPROVED,
        oral_report=report,
        deviations=(*visit.deviations, owed),
        overrides=(*visit.overrides, _standing("approval", "approval_pending_makeup", report.reason_code, by, at)),
    )


def make_up_approval(visit: Visit, approval: Approval, *, at: datetime) -> Visit:
    """Take the written approval that an emergency visit owes; the state moves only if the visit still waits for it.

    Raises Refusal "visit.illegal_move", "visit.nothing_owed", "approval.same_person", "approval.other_visit".
    """
    different_person(visit, approval.approver)
    if approval.scheme.visit != visit.id:
        raise Refusal("approval.other_visit", visit=visit.id)
    waiting = visit.state is S.APPROVAL_PENDING_MAKEUP
    return moved(
        visit,
        "make_up_approval",
        at,
        state=S.APPROVED if waiting else visit.state,
        state_before=None if waiting else visit.state_before,
        approval=changed(approval, is_makeup=True),
        deviations=settled(visit, Duty.APPROVAL, made_good_at=at),
    )


def replace_officers(
    visit: Visit, officers: tuple[str, ...], report: OralReport, *, by: str, at: datetime, due_at: datetime
) -> Visit:
    """Change who inspects, on site: the approval no longer covers them, so a leader is told and a new one is owed.

    Raises Refusal "visit.illegal_move", "visit.reason_missing", "approval.same_person".
    """
    given_reason("replace_officers", report.leader)
    if report.leader in officers:
        raise Refusal("approval.same_person", officer=report.leader)
    reason = given_reason("replace_officers", report.reason_code)
    note = f"{reason}: {', '.join(visit.officers)} -> {', '.join(officers)}"
    owed = Deviation(
        path=EntryPath.EMERGENCY, duty=Duty.APPROVAL, reason_code=reason, note=report.note, opened_at=at, due_at=due_at
    )
    return moved(
        visit,
        "replace_officers",
        at,
        officers=officers,
        approval=None,
        oral_report=report,
        opened_at=None,
        remarks=(*visit.remarks, Remark(code="officers_replaced", note=note, at=at)),
        deviations=(*visit.deviations, owed),
        overrides=(*visit.overrides, _standing("approval", "approval_pending_makeup", reason, by, at)),
    )


def declare_no_code(visit: Visit, *, reason_code: str, note: str, by: str, at: datetime) -> Visit:
    """The enterprise shows no code: it is identified by its licence or by name, and the reason is kept.

    The enterprise need not apply for anything (domain.md 1.6), so nothing is owed afterwards.
    Raises Refusal "visit.illegal_move", "visit.reason_missing".
    """
    kept = Deviation(path=EntryPath.NO_CODE_SHOWN, reason_code=given_reason("declare_no_code", reason_code), note=note,
                     opened_at=at)  # fmt: skip
    return moved(
        visit,
        "declare_no_code",
        at,
        state=S.SCANNED,
        deviations=(*visit.deviations, kept),
        overrides=(*visit.overrides, _standing("code_matches_enterprise", "no_code_path", reason_code, by, at)),
    )


def declare_late_scan(
    visit: Visit, *, path: EntryPath, reason_code: str, note: str, by: str, at: datetime, due_at: datetime | None
) -> Visit:
    """Go in without a scan, in an emergency or because the network or the system fails; the scan is owed.

    `due_at` is None in an emergency: there the scan is due before the record (domain.md 1.6).
    Raises Refusal "visit.illegal_move", "visit.reason_missing", "visit.path_not_lawful".
    """
    if path not in (EntryPath.EMERGENCY, EntryPath.NETWORK_DOWN):
        raise Refusal("visit.path_not_lawful", path=path.value)
    owed = Deviation(
        path=path,
        duty=Duty.SCAN,
        reason_code=given_reason("declare_late_scan", reason_code),
        note=note,
        opened_at=at,
        due_at=due_at,
    )
    return moved(
        visit,
        "declare_late_scan",
        at,
        state=S.LATE_SCAN_PENDING,
        state_before=S.SCANNED,
        deviations=(*visit.deviations, owed),
        overrides=(*visit.overrides, _standing("code_matches_enterprise", "no_code_path", reason_code, by, at)),
    )


def declare_network_down(visit: Visit, *, reason_code: str, note: str, at: datetime, due_at: datetime) -> Visit:
    """The code was read, but could not be uploaded: the local scan registers the fact, the upload is owed.

    Raises Refusal "visit.illegal_move", "visit.reason_missing".
    """
    owed = Deviation(
        path=EntryPath.NETWORK_DOWN,
        duty=Duty.UPLOAD,
        reason_code=given_reason("declare_network_down", reason_code),
        note=note,
        opened_at=at,
        due_at=due_at,
    )
    return moved(visit, "declare_network_down", at, deviations=(*visit.deviations, owed))


def register_late_scan(visit: Visit, read: Scan, *, at: datetime) -> Visit:
    """Make good the scan that is owed; it stays marked as late (补录) on every page.

    A late scan may be read again, for example after a wrong code; the earlier reading stays as a remark.
    Raises Refusal "visit.illegal_move", "visit.nothing_owed".
    """
    waiting = visit.state is S.LATE_SCAN_PENDING
    again = visit.scan is not None and visit.scan.is_late and not owes(visit, Duty.SCAN)
    return moved(
        visit,
        "register_late_scan",
        at,
        state=S.SCANNED if waiting else visit.state,
        state_before=None if waiting else visit.state_before,
        scan=changed(read, is_late=True),
        uscc=visit.uscc or read.uscc,
        remarks=with_earlier_scan(visit, at),
        deviations=visit.deviations if again else settled(visit, Duty.SCAN, made_good_at=at),
    )


def make_good_upload(visit: Visit, *, at: datetime) -> Visit:
    """The registration of a scan made without a network has reached the other side.

    Raises Refusal "visit.illegal_move", "visit.nothing_owed".
    """
    return moved(visit, "make_good_upload", at, deviations=settled(visit, Duty.UPLOAD, made_good_at=at))


def with_earlier_scan(visit: Visit, at: datetime) -> tuple[Remark, ...]:
    """Return the visit's remarks with the reading that is about to be replaced."""
    if visit.scan is None:
        return visit.remarks
    note = f"{visit.scan.scanned_at.isoformat()} {visit.scan.raw}"
    return (*visit.remarks, Remark(code="scanned_again", note=note, at=at))


def different_person(visit: Visit, approver: str) -> None:
    """Stop an approver who inspects in the visit.  Raises Refusal "approval.same_person"."""
    if approver in visit.officers:
        raise Refusal("approval.same_person", officer=approver)


def _standing(gate: str, why: str, reason: str, by: str, at: datetime) -> Override:
    """Return the reason of a lawful path as the reason its gate asks for, so that nobody is asked twice."""
    return Override(gate=gate, why=why, reason=reason, by=by, at=at)
