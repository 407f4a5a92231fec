"""The sheets room as the services see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from core.domain.lists import ListKind, SheetMapping
from core.services.sheet_ports import SheetTable
from core.sheets.files import read_sheets
from core.sheets.recognise import HEADING_ROWS_MAX, LOOK_ROWS, best_kind, mapping_of
from core.sheets.tables import read_tables
from core.sheets.write import write_list, write_template


class SpreadsheetFiles:
    """Implements core.services.sheet_ports.SheetFiles."""

    def tables(self, path: Path, kind: ListKind, *, mapping: Sequence[SheetMapping] = ()) -> Iterator[SheetTable]:
        return read_tables(path, kind, mapping)

    def recognise(self, path: Path) -> tuple[SheetMapping, ...]:
        found: list[SheetMapping] = []
        for sheet in read_sheets(path):
            ahead = list(islice(sheet.rows, LOOK_ROWS + HEADING_ROWS_MAX))
            best = best_kind(ahead)
            if best is None:
                found.append(SheetMapping(sheet=sheet.name))
            else:
                kind, header = best
                found.append(mapping_of(sheet, kind, header, ahead[header.first].number))
        return tuple(found)

    def write(self, path: Path, kind: ListKind, rows: Iterable[Mapping[str, str]]) -> None:
        write_list(path, kind, rows)

    def write_template(self, path: Path, kind: ListKind) -> None:
        write_template(path, kind)
