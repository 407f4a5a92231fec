"""How a station stands with headquarters, and what one sync came to."""

from __future__ import annotations

from datetime import datetime

from core.kernel.records import Record
from core.sync.statement import Statement


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
