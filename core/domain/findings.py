"""Findings (检查发现的问题): what is wrong, where it came from, what is done about it."""

from __future__ import annotations

from datetime import date, datetime

from core.kernel.records import Record


class Finding(Record):
    """One problem found in a visit. `facts` are what the determination engine was told, by variable name."""

    id: str
    visit: str
    item: str
    answer: str = ""
    violation: str = ""
    """Key of the violation in the rule packages; empty: not classified yet."""
    text: str
    breached: str = ""
    found_at: datetime
    found_by: str
    corrected_on_spot: bool | None = None
    correct_by: date | None = None
    requirement: str = ""
    facts: dict[str, bool | int | str] = {}
    is_void: bool = False
    void_reason: str = ""


class Determined(Record):
    """A stored determination of one finding: everything that is needed to replay it bit for bit."""

    id: str
    visit: str
    finding: str
    package: str
    package_sha256: str
    engine: str
    proposal: str
    result: str
    """The canonical JSON of the engine's Determination, facts included."""
    made_at: datetime
    made_by: str
    chosen: str = ""
    """What the person took instead of the proposal; empty: the proposal."""
    override_reason: str = ""
    chosen_by: str = ""
    chosen_at: datetime | None = None
    package_blob: str = ""
    """Content address of the rule package's bytes in this store; empty: not kept here (older records)."""
