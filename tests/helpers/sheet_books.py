"""Workbooks made in the tests, and a lists service over fakes to bring them in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl

from core.domain.list_rows import RECORDS
from core.domain.lists import ImportReport, ListKind
from core.kernel.clock import FixedClock
from core.services.lists import Lists
from core.sheets.room import SpreadsheetFiles
from tests.helpers.fake_reference import MemoryReference
from tests.helpers.fakes import FakeStore

NOW = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)


def book(path: Path, rows: Iterable[Sequence[Any]], *, merges: Iterable[str] = (), title: str = "清单") -> Path:
    """Save the rows as the only sheet of an .xlsx and return its path."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merges:
        sheet.merge_cells(area)
    made.save(path)
    return path


class Desk:
    """A lists service over a store and reference lists in memory."""

    def __init__(self, reference: MemoryReference | None = None) -> None:
        self.store = FakeStore()
        self.reference = reference or MemoryReference()
        self.clock = FixedClock(NOW)
        self.lists = Lists(open_work=self.store, reference=self.reference, sheets=SpreadsheetFiles(), clock=self.clock)

    def bring(self, kind: ListKind, path: Path, **options: Any) -> ImportReport:
        """Import a file and return the report."""
        return self.lists.import_file(kind, path, **options).value

    def rows(self, kind: ListKind) -> list[Any]:
        """Return the rows of the newest version."""
        return list(self.reference.where(RECORDS[kind]))
