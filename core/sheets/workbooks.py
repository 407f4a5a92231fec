"""Workbooks: .xlsx by openpyxl, .xls by xlrd. Small ones are read whole, because only then merged cells are known."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from core.kernel.errors import Trouble
from core.sheets.sheet import Sheet, SheetRow

# Unpacked size of the largest sheet up to which a workbook is read whole; openpyxl needs about fifty times as much.
WHOLE_BYTES_MAX = 12 << 20

_BLOCK_ROWS = 200

Merge = tuple[int, int, int, int]
"""First row, last row, first column, last column; all from 0, all included."""


def is_locked(path: Path) -> bool:
    """Tell whether an OLE file is a workbook under a password.  Raises Trouble "sheets.damaged"."""
    import msoffcrypto

    try:
        with path.open("rb") as file:
            return bool(msoffcrypto.OfficeFile(file).is_encrypted())
    except Exception as error:
        # The library lets struct errors, IndexError and its own errors out alike.
        raise Trouble("sheets.damaged", file=path.name) from error


def xlsx_sheets(path: Path) -> Iterator[Sheet]:
    """Give the visible sheets of an .xlsx.  Raises Trouble "sheets.damaged"."""
    import openpyxl

    with zipfile.ZipFile(path) as package:
        largest = max((one.file_size for one in package.infolist() if "/worksheets/" in one.filename), default=0)
    is_whole = largest <= WHOLE_BYTES_MAX
    # An opened file, not its name: openpyxl goes by the suffix and leaves the file open when it fails.
    with path.open("rb") as file:
        with _damage_told(path):
            book = openpyxl.load_workbook(file, read_only=not is_whole, data_only=True)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield _whole_xlsx(sheet) if is_whole else _streamed_xlsx(path, sheet)


@contextmanager
def _damage_told(path: Path) -> Generator[None]:
    """Turn what the libraries raise on broken files into one Trouble, and keep their chatter about styles down."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:
        # A broken workbook lets KeyError, zlib, XML and other errors out alike.
        raise Trouble("sheets.damaged", file=path.name) from error


def _whole_xlsx(sheet: Any) -> Sheet:
    merges: list[Merge] = [
        (one.min_row - 1, one.max_row - 1, one.min_col - 1, one.max_col - 1) for one in sheet.merged_cells.ranges
    ]
    hidden = frozenset(
        column - 1
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden
        for column in range(dimension.min, dimension.max + 1)
    )
    grid = [[_xlsx_cell_text(cell) for cell in row] for row in sheet.iter_rows()]
    return Sheet(sheet.title, merged_rows(grid, merges), hidden, len(grid))


def _streamed_xlsx(path: Path, sheet: Any) -> Sheet:
    def rows() -> Iterator[SheetRow]:
        walk = sheet.iter_rows()
        number = 0
        while True:
            # By blocks, because keeping the library's chatter down costs more than reading a row.
            with _damage_told(path):
                block = [tuple(_xlsx_cell_text(cell) for cell in row) for row in islice(walk, _BLOCK_ROWS)]
            for cells in block:
                number += 1
                yield SheetRow(number, cells)
            if len(block) < _BLOCK_ROWS:
                return

    return Sheet(sheet.title, rows(), frozenset(), sheet.max_row, knows_merges=False)


def _xlsx_cell_text(cell: Any) -> str:
    value = cell.value
    if value is None or isinstance(value, str):
        return value or ""
    return _text(value, cell.number_format or "")


def xls_sheets(path: Path) -> Iterator[Sheet]:
    """Give the visible sheets of an .xls.  Raises Trouble "sheets.damaged"."""
    import xlrd

    with _damage_told(path):
        book = xlrd.open_workbook(str(path), formatting_info=True)
    for sheet in book.sheets():
        if sheet.visibility == 0:
            merges = [(r1, r2 - 1, c1, c2 - 1) for r1, r2, c1, c2 in sheet.merged_cells]
            hidden = frozenset(column for column, look in sheet.colinfo_map.items() if look.hidden)
            cell_text = _xls_cell_text(book, sheet)
            with _damage_told(path):
                grid = [[cell_text(row, column) for column in range(sheet.ncols)] for row in range(sheet.nrows)]
            yield Sheet(sheet.name, merged_rows(grid, merges), hidden, sheet.nrows)


def _xls_cell_text(book: Any, sheet: Any) -> Callable[[int, int], str]:
    import xlrd

    def text(row: int, column: int) -> str:
        cell = sheet.cell(row, column)
        if cell.ctype == xlrd.XL_CELL_DATE:
            return _text(xlrd.xldate_as_datetime(cell.value, book.datemode), "")
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return _text(bool(cell.value), "")
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return ""
        if cell.ctype != xlrd.XL_CELL_NUMBER:
            return str(cell.value)
        number_format = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
        return _text(cell.value, number_format)

    return text


def merged_rows(grid: list[list[str]], merges: Iterable[Merge]) -> Iterator[SheetRow]:
    """Give the rows of a grid; a cell merged downwards fills the rows below in its first column, marked as filled."""
    filled: dict[int, set[int]] = {}
    spans: dict[int, list[tuple[int, int]]] = {}
    for top, bottom, left, right in merges:
        if right > left:
            for row in range(top, bottom + 1):
                spans.setdefault(row, []).append((left, right))
        for row in range(top + 1, min(bottom + 1, len(grid))):
            if left < len(grid[row]):
                grid[row][left] = grid[top][left]
                filled.setdefault(row, set()).update(range(left, right + 1))
    for at, cells in enumerate(grid):
        yield SheetRow(at + 1, tuple(cells), frozenset(filled.get(at, ())), tuple(sorted(spans.get(at, ()))))


def _text(value: object, number_format: str) -> str:
    """Return what a person sees in the cell, as far as it matters to a list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float | int) and "%" in number_format:
        return f"{round(value * 100, 6):g}%"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
