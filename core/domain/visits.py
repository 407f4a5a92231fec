"""A visit (入企检查): its record, its kinds and states. The moves are in moves.py, the gates in gates.py.

Source: design.md section 4; domain.md 1.4 to 1.6.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from core.kernel.records import Record


class VisitKind(StrEnum):
    """Kinds of entry (domain.md 1.4)."""

    ROUTINE = "routine"
    SPECIAL = "special"
    CASE = "case"
    FOLLOW_UP = "follow_up"
    NON_INSPECTION = "non_inspection_visit"


class VisitState(StrEnum):
    """States of a visit (design.md section 4)."""

    DRAFT = "draft"
    APPROVED = "approved"
    NOTIFIED = "notified"
    ARRIVED = "arrived"
    SCANNED = "scanned"
    INSPECTING = "inspecting"
    RECORDED = "recorded"
    RESULT_TOLD = "result_told"
    CORRECTING = "correcting"
    CORRECTED = "corrected"
    CASE_OPENED = "case_opened"
    CLOSED = "closed"
    ARCHIVED = "archived"
    LATE_SCAN_PENDING = "late_scan_pending"
    APPROVAL_PENDING_MAKEUP = "approval_pending_makeup"
    REFUSED = "refused"
    ABORTED = "aborted"


class TriggerKind(StrEnum):
    """What may start a visit of the case kind (domain.md 1.4)."""

    COMPLAINT = "complaint"
    TRANSFER = "transfer"
    DATA_ALERT = "data_alert"
    APPLICATION = "application"


class EntryPath(StrEnum):
    """How the officers came in: the ordinary way or one of the lawful fall-back paths (domain.md 1.6)."""

    SCAN = "scan"
    EMERGENCY = "emergency"
    NETWORK_DOWN = "network_down"
    NO_CODE_SHOWN = "no_code_shown"
    LICENCE_TYPED = "licence_typed"


class Scan(Record):
    """One reading of a code, kept exactly as it came (domain.md 1.5)."""

    raw: str
    kind: str
    uscc: str = ""
    uscc_valid: bool = False
    scanned_at: datetime
    clock_trust: str = "device"
    source: str = ""
    """camera, wedge, image, clipboard, drop, screen, typed."""
    officer: str = ""
    is_late: bool = False
    latitude: str = ""
    longitude: str = ""
    accuracy_m: int | None = None


class PersonMet(Record):
    """The person met on site; the least that duty needs (domain.md 1.5 step 7)."""

    name: str
    post: str = ""
    relation: str = ""
    id_kind: str = ""
    id_number: str = ""
    phone: str = ""
    is_authorized: bool | None = None


class Scheme(Record):
    """The inspection scheme (检查方案) that a head approves: exactly what the signature covers."""

    id: str
    visit: str
    enterprise: str
    enterprise_name: str
    subject: str
    kind: VisitKind
    items: tuple[str, ...]
    officers: tuple[str, ...]
    assistants: int = 0
    method: str = ""
    planned_from: datetime
    planned_to: datetime


class Approval(Record):
    """A head's approval as a signed package (domain.md 1.14): Ed25519 over the canonical scheme and expiry."""

    scheme: Scheme
    approver: str
    approver_name: str
    approved_at: datetime
    expires_at: datetime
    public_key: str
    signature: str
    is_makeup: bool = False


class OralReport(Record):
    """Who was told by word of mouth before an emergency entry, and when (domain.md 1.7)."""

    leader: str
    told_at: datetime
    reason_code: str
    note: str = ""


class Duty(StrEnum):
    """What has to be made good after a fall-back path; three clocks that must not be mixed (domain.md 0 and 1.6)."""

    APPROVAL = "approval"
    """The head's written approval after an oral report."""
    SCAN = "scan"
    """The scan itself."""
    UPLOAD = "upload"
    """The upload of a scan that was made without a network."""
    NONE = "none"
    """Nothing is owed; only the reason is kept."""


class RecusalDecision(StrEnum):
    """What the head decided on a request for recusal (行政处罚法 art. 43)."""

    GRANTED = "granted"
    REJECTED = "rejected"


class Remark(Record):
    """Something that must stay with the visit though it changed nothing, for example a clock that was set back."""

    code: str
    note: str = ""
    at: datetime


class Deviation(Record):
    """Why a step of the ordinary way was skipped: reason code, words, and the clock of its make-good.

    It is open while something is owed and neither `made_good_at` nor `supervisor_note` is set.
    """

    path: EntryPath
    duty: Duty = Duty.NONE
    reason_code: str
    note: str = ""
    opened_at: datetime
    due_at: datetime | None = None
    made_good_at: datetime | None = None
    supervisor_note: str = ""
    supervisor: str = ""


class Override(Record):
    """A reason given for going on in spite of a warning of one gate."""

    gate: str
    why: str = ""
    """The ground of the verdict that the reason answers; empty: any ground of that gate."""
    reason: str
    by: str
    at: datetime


class Refused(Record):
    """The enterprise refused (domain.md 1.12): why, whether the ground is lawful, what was done."""

    reason_code: str
    is_justified: bool
    note: str
    at: datetime


class Visit(Record):
    """One visit, from draft to archive. Names of enterprise and subject are copies of the day, for papers and lists."""

    id: str
    number: str = ""
    kind: VisitKind
    state: VisitState = VisitState.DRAFT
    state_before: VisitState | None = None
    """The state to come back to from a side state."""
    subject: str
    enterprise: str
    enterprise_name: str
    uscc: str = ""
    address: str = ""
    items: tuple[str, ...]
    plan: str = ""
    trigger_kind: TriggerKind | None = None
    trigger_no: str = ""
    officers: tuple[str, ...] = ()
    assistants: int = 0
    planned_from: datetime
    planned_to: datetime
    scheme_method: str = ""
    place: str = ""
    created_at: datetime
    created_by: str
    list_versions: dict[str, int] = {}
    """The list versions that the visit pins, by list kind."""
    approval: Approval | None = None
    oral_report: OralReport | None = None
    notified_at: datetime | None = None
    arrived_at: datetime | None = None
    scan: Scan | None = None
    identified_at: datetime | None = None
    person_met: PersonMet | None = None
    rights_told_at: datetime | None = None
    recusal_asked: bool | None = None
    recusal_officers: tuple[str, ...] = ()
    recusal_decision: RecusalDecision | None = None
    remarks: tuple[Remark, ...] = ()
    moved_at: datetime | None = None
    """The instant of the last move, as the device's clock gave it."""
    opened_at: datetime | None = None
    """When the gates were last judged with the answer open."""
    deviations: tuple[Deviation, ...] = ()
    overrides: tuple[Override, ...] = ()
    refused: Refused | None = None
    inspecting_at: datetime | None = None
    recorded_at: datetime | None = None
    result_told_at: datetime | None = None
    conclusion: str = ""
    measures: str = ""
    party_opinion: str = ""
    correct_by: date | None = None
    closed_at: datetime | None = None
    corrected_at: datetime | None = None
    correction_note: str = ""
    case_number: str = ""
    archived_at: datetime | None = None
    abort_reason: str = ""
    parent: str = ""
    """The visit that a follow-up re-checks."""
    joint_visit: str = ""
    is_demo: bool = False
