"""Published lists: their kinds, versions and complaints about rows."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from core.kernel.records import Record


class ListKind(StrEnum):
    """A kind of reference list; each has its own versioned file."""

    SUBJECTS = "subjects"
    ITEMS = "items"
    PLANS = "plans"
    ENTERPRISES = "enterprises"
    OFFICERS = "officers"
    LENIENCY = "leniency"
    CALENDAR = "calendar"
    CAPS = "caps"


class Origin(StrEnum):
    """Where a row comes from. Only PUBLISHED rows may ever be cited as published."""

    PUBLISHED = "published"
    DEMO = "demo"
    """Made up for the demo station: shown as 示例·推演 on every page and paper."""
    OWN = "own"
    """Brought in by this office from its own file."""


class ListVersion(Record):
    """One version of one list. Rows live in ref-<kind>-<version>.db; a visit pins the versions of its day."""

    id: str
    """`<kind>-<version>`."""
    kind: ListKind
    version: int
    effective_on: date
    imported_at: datetime
    imported_by: str
    file_name: str
    file_sha256: str
    row_count: int
    rows_sha256: str
    is_demo: bool = False


class Complaint(Record):
    """What is wrong with one cell of an imported sheet. `row` is the spreadsheet's own row number, from 1."""

    sheet: str
    row: int
    column: str
    value: str
    code: str
    params: dict[str, str] = {}


class ImportReport(Record):
    """What an import did, or would do in a dry run. Every data row counts once."""

    kind: ListKind
    file: str
    dry_run: bool
    accepted: int
    unchanged: int
    rejected: tuple[Complaint, ...]
    warnings: tuple[Complaint, ...]
    version: int | None = None
