"""How a station stands with headquarters, and what one sync came to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from core.kernel.records import Record, changed
from core.sync.statement import Statement

if TYPE_CHECKING:
    from core.station.following import Followed
    from core.sync.session import SessionReport


class SyncStatus(Record):
    """How this station stands with headquarters."""

    is_enrolled: bool
    url: str
    subject: str
    device: str
    last_success_at: datetime | None
    last_attempt_at: datetime | None
    last_error: str
    """Code of the last fault; empty after a success."""
    unconfirmed: int
    oldest_unsynced_at: datetime | None
    lease_until: datetime | None
    clash_count: int
    blobs_waiting: int
    is_forked: bool
    """The chain parted, or a backup was restored: a new code is needed; nothing is lost."""
    failures: int = 0
    pending: int = 0
    """Entries that only a later program reads."""
    status: str = ""
    """What headquarters last said of this device."""


class SyncReport(Record):
    """What one sync came to."""

    pushed: int
    pulled: int
    own_confirmed: int
    clashes: int
    pending: int
    blobs_sent: int
    lists_taken: tuple[str, ...]
    outcomes: tuple[str, ...]
    """Ids of the commands that headquarters answered."""
    statement: Statement | None
    quarantined: tuple[tuple[str, str], ...]
    state: str
    conflicts: int = 0
    """Doubts that arose."""
    witnessed: int = 0
    """Entries of others that headquarters had lost and got back from here."""
    is_erased: bool = False
    """The key slots of this laptop were erased, as headquarters ordered."""


def summed(total: SyncReport | None, report: SessionReport, followed: Followed) -> SyncReport:
    """Return what several sessions in a row came to."""
    now = SyncReport(
        pushed=sum(one.sent for one in report.pushed),
        pulled=report.pulled.entries,
        own_confirmed=report.pulled.own_confirmed,
        clashes=report.pulled.clashes,
        pending=report.pulled.pending,
        blobs_sent=report.media.blobs,
        lists_taken=followed.lists_taken,
        outcomes=followed.outcomes,
        statement=report.statement,
        quarantined=report.quarantined,
        state=report.state,
        conflicts=followed.conflicts,
        witnessed=report.witnessed.entries,
        is_erased=followed.is_erased,
    )
    if total is None:
        return now
    names = ("pushed", "pulled", "own_confirmed", "clashes", "pending", "blobs_sent", "conflicts", "witnessed")
    sums = {name: getattr(total, name) + getattr(now, name) for name in names}
    joined = {name: getattr(total, name) + getattr(now, name) for name in ("lists_taken", "outcomes", "quarantined")}
    return changed(now, **sums, **joined)
