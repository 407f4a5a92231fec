"""Finds the headings of a list in a sheet: anywhere in its first rows, one to three rows high, merged or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.list_rows import REQUIRED
from core.domain.lists import ColumnMapping, ListKind, SheetMapping
from core.sheets.headings import SEQUENCE, heading_key, match
from core.sheets.sheet import Sheet, SheetRow, letter_of

LOOK_ROWS = 20
"""The headings begin in one of this many rows."""
HEADING_ROWS_MAX = 3
_HEADING_CHARS_MAX = 40
_COLUMNS_MIN = 2


@dataclass(frozen=True)
class Header:
    """The headings of a sheet: where they stand and which field each column fills (column from 0)."""

    first: int
    """Index of the first heading row among the rows looked at."""
    height: int
    headings: tuple[str, ...]
    fields: dict[int, str]
    score: int


def find_header(rows: Sequence[SheetRow], kind: ListKind, *, at_row: int = 0, height: int = 0) -> Header | None:
    """Return the best headings for the kind, or None when there are none.

    Args:
        at_row: The spreadsheet's own row number when a person said where they are; 0: look for them.
    """
    best: Header | None = None
    for first, row in enumerate(rows[:LOOK_ROWS]):
        if at_row and row.number != at_row:
            continue
        # The lower half of a merged heading: the block begins in a row above.
        if row.filled and not at_row:
            continue
        heights = (height,) if at_row and height else range(1, HEADING_ROWS_MAX + 1)
        for tall in heights:
            found = _read_header(rows[first : first + tall], kind, first, tall)
            # Of equal readings the lowest block wins: what stands above it are titles, not headings.
            if found is not None and (best is None or (found.score, -found.height) > (best.score, -best.height)):
                best = found
    return best


def _read_header(rows: Sequence[SheetRow], kind: ListKind, first: int, height: int) -> Header | None:
    if len(rows) < height:
        return None
    paths = _heading_paths(rows)
    if any(len(part) > _HEADING_CHARS_MAX for part in rows[-1].own().values()):
        return None
    claims: list[tuple[int, int, str]] = []
    for column, path in enumerate(paths):
        claims += [(weight, column, field) for field, weight in _claims(kind, path).items()]
    fields: dict[int, str] = {}
    score = 0
    for weight, column, field in sorted(claims, key=lambda claim: (-claim[0], claim[1])):
        if column not in fields and field not in fields.values():
            fields[column] = field
            score += 30 + weight
    headings = tuple("/".join(path) for path in paths)
    is_list = _needed(kind) <= set(fields.values()) and len(fields) >= _COLUMNS_MIN
    return Header(first, height, headings, fields, score) if is_list else None


def _needed(kind: ListKind) -> set[str]:
    """Return the field without whose column a sheet is no list of the kind: the first required one."""
    return {next(iter(REQUIRED[kind]))}


def _heading_paths(rows: Sequence[SheetRow]) -> list[list[str]]:
    """Return for each column its headings from the top down, each once."""
    width = max((len(row.cells) for row in rows), default=0)
    paths: list[list[str]] = [[] for _ in range(width)]
    for row in rows:
        for column, text in enumerate(row.spread()):
            plain = "".join(text.split())
            if plain and plain not in paths[column][-1:]:
                paths[column].append(plain)
    return paths


def _claims(kind: ListKind, path: list[str]) -> dict[str, int]:
    """Return the fields a column may fill: by its lowest heading, or by that and the ones above it together."""
    if not path:
        return {}
    found: dict[str, int] = {}
    for heading in {path[-1], "".join(path), "".join(path[-2:])}:
        for field, weight in match(kind, heading).items():
            found[field] = max(weight, found.get(field, 0))
    return found


def best_kind(rows: Sequence[SheetRow]) -> tuple[ListKind, Header] | None:
    """Return the kind of list whose headings fit the sheet best; of equal ones the first kind."""
    found = [(kind, header) for kind in ListKind if (header := find_header(rows, kind)) is not None]
    return max(found, key=lambda one: one[1].score) if found else None


def sequence_columns(header: Header) -> frozenset[int]:
    """Return the columns that only number the rows."""
    return frozenset(
        column
        for column, heading in enumerate(header.headings)
        if column not in header.fields and heading_key(heading) in SEQUENCE
    )


def mapping_of(sheet: Sheet, kind: ListKind, header: Header, number: int) -> SheetMapping:
    """Return the reading of a sheet as it is shown to a person."""
    columns = tuple(
        ColumnMapping(
            letter=letter_of(column),
            heading=heading,
            field=header.fields.get(column, ""),
            is_hidden=column in sheet.hidden,
        )
        for column, heading in enumerate(header.headings)
        if heading or column in header.fields
    )
    return SheetMapping(sheet=sheet.name, kind=kind, header_row=number, header_rows=header.height, columns=columns)
