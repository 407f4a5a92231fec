"""From which states each move of a visit may be made. The moves themselves are in moves.py.

Source: design.md section 4; domain.md 1.5, 1.6.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.domain.visits import Remark, Visit, VisitState
from core.kernel.errors import Refusal
from core.kernel.records import changed

S = VisitState

BEFORE_ENTRY = frozenset({S.DRAFT, S.APPROVED, S.NOTIFIED, S.APPROVAL_PENDING_MAKEUP})
ON_SITE = frozenset({S.ARRIVED, S.SCANNED, S.LATE_SCAN_PENDING, S.INSPECTING})
AFTER = frozenset({S.RECORDED, S.RESULT_TOLD, S.CORRECTING, S.CORRECTED, S.CASE_OPENED, S.CLOSED})
STOPPED = frozenset({S.REFUSED, S.ABORTED})
UNARCHIVED = frozenset(S) - {S.ARCHIVED}

MOVES: dict[str, frozenset[VisitState]] = {
    "revise": frozenset({S.DRAFT, S.APPROVED, S.NOTIFIED}),
    "approve": frozenset({S.DRAFT}),
    "approve_orally": frozenset({S.DRAFT}),
    "make_up_approval": UNARCHIVED - {S.DRAFT, S.APPROVED, S.NOTIFIED},
    "notify": frozenset({S.APPROVED}),
    "pass_gates": BEFORE_ENTRY | ON_SITE,
    "override": BEFORE_ENTRY | ON_SITE,
    "arrive": frozenset({S.DRAFT, S.APPROVED, S.NOTIFIED, S.APPROVAL_PENDING_MAKEUP}),
    "scan": frozenset({S.ARRIVED, S.SCANNED}),
    "declare_no_code": frozenset({S.ARRIVED}),
    "declare_late_scan": frozenset({S.ARRIVED}),
    "declare_network_down": frozenset({S.SCANNED, S.INSPECTING}),
    "register_late_scan": UNARCHIVED - BEFORE_ENTRY,
    "make_good_upload": UNARCHIVED - BEFORE_ENTRY,
    "identify": ON_SITE,
    "tell_rights": ON_SITE,
    "decide_recusal": ON_SITE | AFTER,
    "replace_officers": ON_SITE,
    "begin": frozenset({S.SCANNED, S.LATE_SCAN_PENDING}),
    "record": frozenset({S.INSPECTING}),
    "tell_result": frozenset({S.RECORDED}),
    "order_correction": frozenset({S.RESULT_TOLD}),
    "correct": frozenset({S.CORRECTING}),
    "open_case": frozenset({S.RESULT_TOLD, S.CORRECTING, S.CORRECTED}),
    "close": frozenset({S.RESULT_TOLD, S.CORRECTED, S.CASE_OPENED}),
    "archive": frozenset({S.CORRECTED, S.CASE_OPENED, S.CLOSED}) | STOPPED,
    "refuse": ON_SITE,
    "resume": frozenset({S.REFUSED}),
    "abort": BEFORE_ENTRY | ON_SITE,
    "settle": UNARCHIVED,
}


def may(visit: Visit, move: str) -> bool:
    """Tell whether the visit's state allows the move; other conditions may still refuse it."""
    return visit.state in MOVES[move]


def moved(visit: Visit, move: str, at: datetime, **fields: Any) -> Visit:
    """Return the visit after a move, with a remark where the clock ran backwards.

    Raises:
        Refusal: "visit.illegal_move", params state and move.
    """
    if not may(visit, move):
        raise Refusal("visit.illegal_move", state=visit.state.value, move=move)
    last = visit.moved_at or visit.created_at
    if at < last:
        # Never corrected and never refused: the officer's work counts more than the laptop's battery, and
        # whoever reads the file must see both instants.
        note = f"{move}: {last.isoformat()} -> {at.isoformat()}"
        remarks = (*fields.pop("remarks", visit.remarks), Remark(code="clock_set_back", note=note, at=at))
        fields["remarks"] = remarks
    return changed(visit, moved_at=at, **fields)


def given_reason(move: str, words: str) -> str:
    """Return the reason without blanks around it.  Raises Refusal "visit.reason_missing"."""
    if words.strip():
        return words.strip()
    raise Refusal("visit.reason_missing", move=move)
