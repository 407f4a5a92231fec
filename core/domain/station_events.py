"""What happened to a station itself: made, restored from a backup."""

from __future__ import annotations

from datetime import datetime

from core.kernel.records import Record


class StationEvent(Record):
    """One event. After a restore it is the first entry of the new chain and names the old one."""

    id: str
    kind: str
    """created or restored."""
    at: datetime
    device: str
    old_device: str = ""
    old_n: int = 0
    old_head: str = ""
    """Chain value in hex at which the old chain ended."""
