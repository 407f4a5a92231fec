"""Lists into spreadsheets: exports that come back equal, and templates that explain themselves."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from core.domain.list_rows import REQUIRED
from core.domain.lists import ListKind
from core.kernel.errors import Refusal, Trouble
from core.kernel.words import catalogue
from core.sheets.csv_files import guarded
from core.sheets.headings import sheet_fields, title_of

XLSX_ROWS_MAX = 1_048_576  # ECMA-376 part 1, 18.3.1.73: the rows a worksheet can hold.
_WIDTH_CHARS = 20
_TEXT_FORMAT = "@"
_EXPLAINED = "填表说明"


def write_list(path: Path, kind: ListKind, rows: Iterable[Mapping[str, str]]) -> None:
    """Write all fields of the rows; the file appears whole or not at all.  Raises like SheetFiles.write."""
    fields = sheet_fields(kind)
    lines = ([row.get(field, "") for field in fields] for row in rows)
    titles = [title_of(kind, field) for field in fields]
    _write_whole(
        path, lambda part: _write_xlsx(part, kind, titles, lines), lambda part: _write_csv(part, titles, lines)
    )


def write_template(path: Path, kind: ListKind) -> None:
    """Write the headings, required ones marked *, and for a workbook a sheet that explains each column."""
    fields = [field for field in sheet_fields(kind) if field not in ("id", "origin", "initials")]
    titles = [title_of(kind, field) + ("*" if field in REQUIRED[kind] else "") for field in fields]
    explained = [(title, _hint(kind, field)) for title, field in zip(titles, fields, strict=True)]
    _write_whole(
        path,
        lambda part: _write_xlsx(part, kind, titles, (), explained),
        lambda part: _write_csv(part, titles, ()),
    )


def _hint(kind: ListKind, field: str) -> str:
    """Return the sentence about a column: its own one, or the one for the kind of its values."""
    words = catalogue()
    for name in (f"lists.hint.{kind}.{field}", f"lists.hint.{field}"):
        if name in words:
            return str(words[name]["zh"])
    return ""


def _write_whole(path: Path, as_xlsx: Callable[[Path], None], as_csv: Callable[[Path], None]) -> None:
    writers = {".xlsx": as_xlsx, ".csv": as_csv}
    if path.suffix.lower() not in writers:
        raise Refusal("sheets.suffix", file=path.name)
    part = path.with_name(path.name + ".part")
    try:
        try:
            writers[path.suffix.lower()](part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Trouble("sheets.not_written", file=path.name, why=error.strerror or str(error)) from error


def _write_csv(path: Path, titles: list[str], lines: Iterable[list[str]]) -> None:
    # The byte order mark tells Excel that this is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(titles)
        for line in lines:
            writer.writerow([guarded(text) for text in line])


def _write_xlsx(
    path: Path,
    kind: ListKind,
    titles: list[str],
    lines: Iterable[list[str]],
    explained: Iterable[tuple[str, str]] = (),
) -> None:
    import openpyxl
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    # Opened first: a place that cannot be written is told before openpyxl has begun its own temporary sheets.
    path.open("wb").close()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(str(kind))
    sheet.freeze_panes = "A2"
    for column in range(1, len(titles) + 1):
        dimension = sheet.column_dimensions[get_column_letter(column)]
        dimension.width = _WIDTH_CHARS
        # A code of eighteen digits or 2025.6 typed into the template stays what was typed.
        dimension.number_format = _TEXT_FORMAT
    sheet.append([_text_cell(sheet, title, Font(bold=True)) for title in titles])
    for count, line in enumerate(lines, 2):
        if count > XLSX_ROWS_MAX:
            book.close()
            raise Refusal("sheets.too_many_rows", rows_max=XLSX_ROWS_MAX - 1)
        sheet.append([_text_cell(sheet, text) if text[:1] in ("=", "#") else text or None for text in line])
    notes = list(explained)
    if notes:
        legend = book.create_sheet(_EXPLAINED)
        legend.column_dimensions["A"].width = _WIDTH_CHARS
        legend.column_dimensions["B"].width = 4 * _WIDTH_CHARS
        legend.append([_EXPLAINED])
        for title, hint in notes:
            legend.append([_text_cell(legend, title), _text_cell(legend, hint)])
    book.save(path)


def _text_cell(sheet: Any, text: str, font: Any = None) -> Any:
    """Return a cell that is text whatever it begins with: "=1" from a list is no formula, "#N/A" no error."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.number_format = _TEXT_FORMAT
    if font is not None:
        cell.font = font
    return cell
