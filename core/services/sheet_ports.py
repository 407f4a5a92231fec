"""What the services need from the sheets room: lists read out of spreadsheets, and written into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.domain.list_rows import RawRow
from core.domain.lists import ListKind, SheetMapping


@dataclass(frozen=True)
class SheetTable:
    """One sheet that holds a list. `rows` can be walked once, before the next table is asked for."""

    mapping: SheetMapping
    rows: Iterator[RawRow]
    rows_about: int | None = None
    """Rows to expect, for the progress bar; an estimate for CSV, None where nobody knows."""


class SheetFiles(Protocol):
    """Spreadsheets: .xlsx, .xls and CSV by content, not by name."""

    def tables(self, path: Path, kind: ListKind, *, mapping: Sequence[SheetMapping] = ()) -> Iterator[SheetTable]:
        """Give the sheets that hold a list of that kind, one after the other, streaming.

        Args:
            mapping: Corrections; a column named there is read as said, the others as recognised.

        Raises:
            Trouble: "sheets.unreadable", "sheets.damaged", "sheets.encoding".
            Refusal: "sheets.password", "sheets.not_a_table", "sheets.empty", "sheets.too_big", "lists.no_header",
                "lists.mapping_unknown".
        """
        ...

    def recognise(self, path: Path) -> tuple[SheetMapping, ...]:
        """Return for each sheet what list it seems to hold and how its columns are read.  Raises like tables."""
        ...

    def write(self, path: Path, kind: ListKind, rows: Iterable[Mapping[str, str]]) -> None:
        """Write a list with all fields, as .xlsx or .csv by the name of the file; an existing file is replaced whole.

        Raises:
            Trouble: "sheets.not_written".
            Refusal: "sheets.suffix", "sheets.too_many_rows".
        """
        ...

    def write_template(self, path: Path, kind: ListKind) -> None:
        """Write an empty list with headings and a sheet that explains them.  Raises like write."""
        ...
