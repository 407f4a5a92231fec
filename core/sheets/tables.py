"""A sheet to the data rows of a list: headings found, corrections applied, everything that is no data left out.

What is left out: titles, repeated headings, chapter rows (一、…), blank rows, column numbers, totals, notes and
signature lines. A row that is none of these and no data row for certain is handed on to be told about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from core.domain.list_cells import clean
from core.domain.list_rows import GROUP_FIELDS, RECORDS, REQUIRED, RawRow
from core.domain.lists import ListKind, SheetMapping
from core.kernel.errors import Refusal
from core.services.sheet_ports import SheetTable
from core.sheets.context import chapter_text, context_of
from core.sheets.files import read_sheets
from core.sheets.headings import heading_key
from core.sheets.recognise import HEADING_ROWS_MAX, LOOK_ROWS, Header, find_header, mapping_of, sequence_columns
from core.sheets.sheet import Sheet, SheetRow, letter_of

_TOTAL = re.compile(r"(?:本页)?(?:合|总|小|共|累)\s*计[:：]?")
_RUNNING_NUMBER = re.compile(r"[\d.()（）]{1,8}")
_COLUMN_NUMBER = re.compile(r"[(（]?(\d{1,3})[)）]?")
_NOTE = re.compile(
    r"(?:注\d*|备注|说明|附注|填表说明|填表人|填报人|制表人?|审核人?|填报单位|填表单位|填报日期|负责人|单位负责人"
    r"|联系人|联系电话|资料来源)\s*[:：、.．]"
)


def read_tables(path: Path, kind: ListKind, mapping: Sequence[SheetMapping] = ()) -> Iterator[SheetTable]:
    """Give the sheets of a file that hold a list of the kind.  Raises like SheetFiles.tables."""
    seen: list[str] = []
    found = False
    for sheet in read_sheets(path):
        seen.append(sheet.name)
        ahead = list(islice(sheet.rows, LOOK_ROWS + HEADING_ROWS_MAX))
        correction = correction_for(sheet.name, mapping)
        header = find_header(
            ahead,
            kind,
            at_row=correction.header_row if correction else 0,
            height=correction.header_rows if correction and correction.header_row else 0,
        )
        header = corrected(header, correction, kind, ahead)
        if header is None:
            continue
        found = True
        reading = mapping_of(sheet, kind, header, ahead[header.first].number)
        rows = _data_rows(sheet, kind, header, ahead)
        yield SheetTable(reading, rows, sheet.rows_about)
    if not found:
        raise Refusal("lists.no_header", file=path.name, kind=str(kind), sheets="、".join(seen))


def correction_for(name: str, mapping: Sequence[SheetMapping]) -> SheetMapping | None:
    """Return the correction for a sheet: the one with its name, else the one for every sheet."""
    by_name = {one.sheet: one for one in mapping}
    return by_name.get(name) or by_name.get("")


def corrected(
    header: Header | None, correction: SheetMapping | None, kind: ListKind, ahead: Sequence[SheetRow]
) -> Header | None:
    """Return the headings with the columns that a person named read as the person said.

    Raises:
        Refusal: "lists.mapping_unknown", params field, column.
    """
    if correction is None or not correction.columns:
        return header
    if header is None:
        if not correction.header_row:
            return None
        first = next((at for at, row in enumerate(ahead) if row.number == correction.header_row), None)
        if first is None:
            return None
        rows = ahead[first : first + correction.header_rows]
        width = max(len(row.cells) for row in rows)
        headings = tuple("/".join(row.spread()[at] for row in rows if at < len(row.cells)) for at in range(width))
        header = Header(first, correction.header_rows, headings, {}, 0)
    letters = {letter_of(at): at for at in range(len(header.headings))}
    fields = dict(header.fields)
    for column in correction.columns:
        if column.letter not in letters or (column.field and column.field not in RECORDS[kind].__struct_fields__):
            raise Refusal("lists.mapping_unknown", field=column.field, column=column.letter)
        fields = {at: field for at, field in fields.items() if field != column.field or not column.field}
        fields.pop(letters[column.letter], None)
        if column.field:
            fields[letters[column.letter]] = column.field
    return replace(header, fields=fields)


def _data_rows(sheet: Sheet, kind: ListKind, header: Header, ahead: Sequence[SheetRow]) -> Iterator[RawRow]:
    titles = [clean(text) for row in ahead[: header.first] for text in row.own().values()]
    context = context_of(kind, sheet.name, titles)
    heads = _heads(ahead[header.first : header.first + header.height])
    sequence = sequence_columns(header)
    needed = {column for column, field in header.fields.items() if field in REQUIRED[kind]}
    groups = None if sheet.knows_merges else _Groups(kind)
    is_after_notes = False
    for row in chain(ahead[header.first + header.height :], sheet.rows):
        own = row.own()
        if _is_blank(own, sequence) or _is_heading(own, heads) or _is_numbering(own):
            continue
        first = clean(own[min(own)])
        if _TOTAL.fullmatch(re.sub(r"\s", "", first)):
            continue
        if _NOTE.match(first):
            is_after_notes = True
            continue
        chapter = chapter_text(row, own, needed, is_after_notes=is_after_notes)
        if chapter is not None:
            context = context | context_of(kind, "", [chapter])
            groups = groups and _Groups(kind)
        elif not (is_after_notes and len(own) == 1):
            yield _raw_row(row, own, header, context, groups)


class _Groups:
    """What the rows above said in columns that are merged over many rows, for files that show it only once."""

    def __init__(self, kind: ListKind) -> None:
        self._needed = GROUP_FIELDS & set(REQUIRED[kind])
        self._above: dict[str, str] = {}

    def carry(self, values: dict[str, str]) -> tuple[str, ...]:
        """Fill what the row leaves empty, if it lacks its body, and return the names of the filled fields.

        A row that names its body stands for itself: what it leaves empty beside that is empty.
        """
        carried: tuple[str, ...] = ()
        if not self._needed <= values.keys():
            carried = tuple(field for field in self._above if field not in values)
            values |= {field: self._above[field] for field in carried}
        self._above = {field: text for field, text in values.items() if field in GROUP_FIELDS}
        return carried


def _raw_row(
    row: SheetRow, own: Mapping[int, str], header: Header, context: Mapping[str, str], groups: _Groups | None
) -> RawRow:
    if not any(at in header.fields for at in own):
        return RawRow(row.number, {}, {}, unread=clean(" ".join(own.values())))
    cells = row.spread()
    values = {field: cells[at] for at, field in header.fields.items() if at < len(cells) and cells[at].strip()}
    if groups is None:
        return RawRow(row.number, values, context)
    carried = groups.carry(values)
    return RawRow(row.number, values, context, carried=carried)


def _heads(rows: Sequence[SheetRow]) -> dict[int, set[str]]:
    """Return for each column the keys of its headings."""
    heads: dict[int, set[str]] = {}
    for row in rows:
        for at, text in enumerate(row.spread()):
            heads.setdefault(at, set()).add(heading_key(text))
    return heads


def _is_blank(own: Mapping[int, str], sequence: frozenset[int]) -> bool:
    """Tell whether a row holds nothing but its running number; words in that column are a chapter or a note."""
    return all(at in sequence and _RUNNING_NUMBER.fullmatch(clean(text)) for at, text in own.items())


def _is_heading(own: Mapping[int, str], heads: Mapping[int, set[str]]) -> bool:
    """Tell whether a row repeats the headings: every cell says what its column's heading says."""
    return len(own) > 1 and all(heading_key(text) in heads.get(at, ()) for at, text in own.items())


def _is_numbering(own: Mapping[int, str]) -> bool:
    """Tell whether a row only numbers the columns: 1 2 3, (1) (2) (3)."""
    expected = None
    for text in own.values():
        found = _COLUMN_NUMBER.fullmatch(text.strip())
        if found is None or expected not in (None, int(found[1])):
            return False
        expected = int(found[1]) + 1
    return len(own) >= 3
