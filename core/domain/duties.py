"""What a visit still owes after a fall-back path, and how long there is: three clocks that are never mixed.

Source: domain.md 0 (2), 1.6, 1.7.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.gate_settings import GateSettings
from core.domain.visits import Deviation, Duty, EntryPath, Visit
from core.kernel.errors import Refusal
from core.kernel.records import Record, changed


class Urgency(StrEnum):
    """How a clock is shown."""

    RUNNING = "running"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


class OpenClock(Record):
    """One duty that is not made good yet. `due_at` is None where it is due before the record, not by a time."""

    visit: str
    duty: Duty
    path: EntryPath
    reason_code: str
    opened_at: datetime
    due_at: datetime | None
    urgency: Urgency
    needs_supervisor: bool
    """Overdue: it can no longer be closed without a supervisor's note."""


def is_open(deviation: Deviation) -> bool:
    """Tell whether something is owed for this deviation."""
    owed = deviation.duty is not Duty.NONE
    return owed and deviation.made_good_at is None and not deviation.supervisor_note


def owes(visit: Visit, duty: Duty, *, path: EntryPath | None = None) -> bool:
    """Tell whether the visit owes the duty, on that path or on any."""
    return any(
        is_open(deviation) and deviation.duty is duty and path in (None, deviation.path)
        for deviation in visit.deviations
    )


def settled(
    visit: Visit, duty: Duty, *, made_good_at: datetime | None = None, supervisor: str = "", supervisor_note: str = ""
) -> tuple[Deviation, ...]:
    """Return the visit's deviations with every open one of that duty settled.

    Raises Refusal "visit.nothing_owed".
    """
    if not owes(visit, duty):
        raise Refusal("visit.nothing_owed", duty=duty.value)
    return tuple(
        changed(
            deviation,
            made_good_at=made_good_at,
            supervisor=supervisor or deviation.supervisor,
            supervisor_note=supervisor_note or deviation.supervisor_note,
        )
        if is_open(deviation) and deviation.duty is duty
        else deviation
        for deviation in visit.deviations
    )


def open_clocks(visit: Visit, now: datetime, settings: GateSettings) -> tuple[OpenClock, ...]:
    """Return what the visit owes, the most pressing first.

    A duty is due soon once `settings.late_scan_red_after_days` have passed since it was opened, and overdue from
    the instant after `due_at`.
    """
    clocks = [_clock(visit, deviation, now, settings) for deviation in visit.deviations if is_open(deviation)]
    return tuple(sorted(clocks, key=lambda clock: (clock.due_at or clock.opened_at, clock.duty)))


def _clock(visit: Visit, deviation: Deviation, now: datetime, settings: GateSettings) -> OpenClock:
    red_at = deviation.opened_at + timedelta(days=settings.late_scan_red_after_days)
    overdue = deviation.due_at is not None and now > deviation.due_at
    soon = deviation.due_at is None or now >= min(red_at, deviation.due_at)
    urgency = Urgency.OVERDUE if overdue else Urgency.DUE_SOON if soon else Urgency.RUNNING
    return OpenClock(
        visit=visit.id,
        duty=deviation.duty,
        path=deviation.path,
        reason_code=deviation.reason_code,
        opened_at=deviation.opened_at,
        due_at=deviation.due_at,
        urgency=urgency,
        needs_supervisor=overdue,
    )


def late_scan_due_at(path: EntryPath, at: datetime, settings: GateSettings) -> datetime | None:
    """Return by when a scan or upload is due: None in an emergency (before the record), else some calendar days."""
    if path is EntryPath.EMERGENCY:
        return None
    return at + timedelta(days=settings.late_scan_network_days)


def approval_due_at(at: datetime, settings: GateSettings) -> datetime:
    """Return by when the written approval of an emergency visit is owed."""
    return at + timedelta(hours=settings.approval_makeup_hours)
