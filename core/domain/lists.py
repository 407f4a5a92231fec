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
    confirmed_at: datetime | None = None
    """When a person, or headquarters, last said that this version still holds; freshness counts from then."""


class ColumnMapping(Record):
    """One column of a sheet: its letter, the heading as read, and the field it fills; empty field: not read."""

    letter: str
    heading: str = ""
    field: str = ""
    is_hidden: bool = False


class SheetMapping(Record):
    """How one sheet is read. Shown before an import; handed back with other fields it corrects the reading.

    `sheet` empty: every sheet. `header_row` 0: found by its headings. `kind` None: no list was recognised.
    """

    sheet: str = ""
    kind: ListKind | None = None
    header_row: int = 0
    """The spreadsheet's own number of the first heading row, from 1."""
    header_rows: int = 1
    columns: tuple[ColumnMapping, ...] = ()


class Complaint(Record):
    """What is wrong with one cell of an imported sheet. `row` is the spreadsheet's own row number, from 1."""

    sheet: str
    row: int
    column: str
    """Column letter; empty where the sheet has no column for the field."""
    value: str
    code: str
    """Words: `lists.row.<code>`."""
    params: dict[str, str] = {}
    field: str = ""
    """Field of the record that the cell fills."""


class ImportReport(Record):
    """What an import did, or would do in a dry run. Every data row counts once.

    accepted + unchanged + rejected_rows is the number of data rows. `rejected` has one complaint a row, the other
    bad cells of such rows are in `further`. At most COMPLAINTS_MAX complaints of a sort are kept, the counts go on.
    """

    kind: ListKind
    file: str
    dry_run: bool
    accepted: int
    unchanged: int
    rejected: tuple[Complaint, ...]
    warnings: tuple[Complaint, ...]
    version: int | None = None
    further: tuple[Complaint, ...] = ()
    rejected_rows: int = 0
    warning_count: int = 0
    sheets: tuple[SheetMapping, ...] = ()
    """How each sheet was read; sheets without a list are left out."""


COMPLAINTS_MAX = 10_000
"""A file of millions of bad rows must not fill the memory with complaints."""
