"""Rows of published lists: from the texts of a sheet to a record with complaints, and back to texts.

Pure. The sheets room says which text belongs to which field; this module says whether the row can be kept.
A row is rejected for what makes it useless or false; for what is merely missing it is kept with a warning, because
a published list is what it is (real lists have such gaps).
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import msgspec

from core.domain.catalog import CalendarDay, Cap, Item, LeniencyEntry, Subject, SubjectKind
from core.domain.codes import clean_uscc, is_uscc
from core.domain.enterprises import Enterprise
from core.domain.initials import initials_of
from core.domain.list_cells import BadCell, clean, key, parse_months, parse_times, parser_of, show
from core.domain.lists import ListKind, Origin
from core.domain.officers import Officer
from core.domain.plans import Plan
from core.kernel.ids import cell_id
from core.kernel.records import Record

RECORDS: dict[ListKind, type[Record]] = {
    ListKind.SUBJECTS: Subject,
    ListKind.ITEMS: Item,
    ListKind.PLANS: Plan,
    ListKind.ENTERPRISES: Enterprise,
    ListKind.OFFICERS: Officer,
    ListKind.LENIENCY: LeniencyEntry,
    ListKind.CALENDAR: CalendarDay,
    ListKind.CAPS: Cap,
}
# Without these a row says nothing. The code of the complaint stands beside the field.
REQUIRED: dict[ListKind, dict[str, str]] = {
    ListKind.SUBJECTS: {"name": "NAME_MISSING"},
    ListKind.ITEMS: {"name": "NAME_MISSING", "subject": "SUBJECT_MISSING"},
    ListKind.PLANS: {"item_name": "NAME_MISSING", "subject": "SUBJECT_MISSING"},
    ListKind.ENTERPRISES: {"name": "NAME_MISSING"},
    ListKind.OFFICERS: {"name": "NAME_MISSING", "subject": "SUBJECT_MISSING"},
    ListKind.LENIENCY: {"violation": "NAME_MISSING", "agency": "SUBJECT_MISSING"},
    ListKind.CALENDAR: {"day": "DAY_MISSING", "is_working": "DAY_KIND_MISSING"},
    ListKind.CAPS: {"text": "CAP_MISSING"},
}
# With a gap here the row is kept and the gap is told.
WANTED: dict[ListKind, dict[str, str]] = {
    ListKind.ITEMS: {"legal_basis": "ITEM_BASIS_MISSING", "object_class": "OBJECT_MISSING"},
    ListKind.PLANS: {"year": "YEAR_MISSING", "ratio_or_count": "RATIO_MISSING", "months_text": "MONTHS_MISSING"},
    ListKind.LENIENCY: {"conditions": "CONDITION_MISSING"},
    ListKind.OFFICERS: {"cert_no": "CERT_MISSING"},
}
# What offices merge over many rows; a CSV file shows it in the first of them only.
GROUP_FIELDS = frozenset({"subject", "agency", "title"})
# What the id of a row is made of: two typists who write the same row meet on one id.
NATURAL_KEYS: dict[ListKind, tuple[str, ...]] = {
    ListKind.SUBJECTS: ("name",),
    ListKind.ITEMS: ("subject", "name", "content"),
    ListKind.PLANS: ("title", "year", "subject", "item_name", "object_class", "months_text"),
    ListKind.OFFICERS: ("subject", "name", "cert_no"),
    ListKind.LENIENCY: ("list_type", "agency", "violation", "conditions", "place"),
    ListKind.CALENDAR: ("day",),
    ListKind.CAPS: ("subject", "item_name", "credit_grade", "object_class"),
}
CERT_NO_CHARS_MIN, CERT_NO_CHARS_MAX = 4, 32  # domain.md 5.4: opaque, 4 to 32 characters.


@dataclass(frozen=True)
class RawRow:
    """The texts of one data row by field. `number` is the spreadsheet's own; `context` fills fields that are empty.

    `carried` names the fields whose text was taken from a row above, because the file cannot say what was merged.
    `unread` is set on a row that is no data row for certain and yet no known kind of note: its text, to be told.
    """

    number: int
    values: Mapping[str, str]
    context: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    unread: str = ""
    carried: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellNote:
    """Something to tell about one field of a row."""

    field: str
    value: str
    code: str
    params: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])


@dataclass(frozen=True)
class ReadRow:
    """What a row became: a record, or faults; warnings in both cases."""

    record: Record | None
    faults: tuple[CellNote, ...] = ()
    warnings: tuple[CellNote, ...] = ()


@cache
def _parsers(kind: ListKind) -> dict[str, Callable[[str], Any]]:
    hints = get_type_hints(RECORDS[kind])
    return {name: parser_of(name, hint) for name, hint in hints.items() if not name.startswith("_")}


def field_names(kind: ListKind) -> tuple[str, ...]:
    """Return the fields of the record of a list, in the order they were written down."""
    return RECORDS[kind].__struct_fields__


def read_row(kind: ListKind, row: RawRow, *, origin: Origin = Origin.OWN) -> ReadRow:
    """Return the record of a row, or why there is none. Never raises for what stands in a cell."""
    texts = {name: text for name, text in row.values.items() if clean(text)}
    texts = {name: text for name, text in row.context.items() if name not in texts and text} | texts
    values: dict[str, Any] = {"origin": origin}
    faults: list[CellNote] = []
    parsers = _parsers(kind)
    for name, text in texts.items():
        try:
            values[name] = parsers[name](text)
        except BadCell as bad:
            faults.append(CellNote(name, text, bad.code, bad.params))
    warnings = [CellNote(name, "", code) for name, code in WANTED.get(kind, {}).items() if name not in texts]
    warnings += [CellNote(name, texts[name], "FILLED_FROM_ABOVE") for name in row.carried]
    faults += [CellNote(name, "", code) for name, code in REQUIRED[kind].items() if name not in texts]
    _FINISH.get(kind, _nothing_more)(values, texts, faults, warnings)
    if faults:
        return ReadRow(None, tuple(faults), tuple(warnings))
    values.setdefault("id", _id_of(kind, values))
    return ReadRow(RECORDS[kind](**values), (), tuple(warnings))


def show_row(record: Record) -> dict[str, str]:
    """Return the texts of a record by field; `read_row` of them gives the equal record."""
    return {name: show(value) for name, value in msgspec.structs.asdict(record).items()}


def _id_of(kind: ListKind, values: Mapping[str, Any]) -> str:
    if kind is ListKind.ENTERPRISES:
        return values["uscc"] if values.get("uscc") else _id_without_uscc(values)
    return cell_id(str(kind), *(key(show(values.get(name))) for name in NATURAL_KEYS[kind]))


def _id_without_uscc(values: Mapping[str, Any]) -> str:
    named = key(values["name"]) + "\x1f" + key(values.get("address", ""))
    return "x-" + hashlib.sha256(named.encode()).hexdigest()[:32]


_Values = dict[str, Any]
_Texts = Mapping[str, str]
_Notes = list[CellNote]


def _nothing_more(values: _Values, texts: _Texts, faults: _Notes, warnings: _Notes) -> None:
    return None


def _finish_plan(values: _Values, texts: _Texts, faults: _Notes, warnings: _Notes) -> None:
    # 0 stands for a plan that names no year; no gate takes it for the year of a visit.
    values.setdefault("year", 0)
    values.setdefault("title", "")
    text = texts.get("months_text", "")
    values.setdefault("months", parse_months(text))
    if text and not values["months"] and re.search(r"\d月|季|假|节|[上中下]旬", text) and "本年" not in text:
        warnings.append(CellNote("months_text", text, "MONTHS_NOT_READ"))


# A, A级, 低风险(A): one of four letters and no other.
_GRADE = re.compile(r"[^A-Z]*([ABCD])[^A-Z]*")


def _finish_enterprise(values: _Values, texts: _Texts, faults: _Notes, warnings: _Notes) -> None:
    code = clean_uscc(values.get("uscc", ""))
    if code:
        values["uscc"] = code
        if not is_uscc(code):
            faults.append(CellNote("uscc", texts["uscc"], "USCC_WRONG"))
    elif not values.get("no_uscc_reason"):
        warnings.append(CellNote("uscc", "", "USCC_MISSING"))
    grade = _GRADE.fullmatch(values.get("grade", "").upper())
    if grade is None and values.get("grade"):
        warnings.append(CellNote("grade", texts["grade"], "GRADE_UNKNOWN"))
    values["grade"] = grade[1] if grade is not None else ""
    if not values.get("initials") and values.get("name"):
        values["initials"] = initials_of(values["name"])


def _finish_officer(values: _Values, texts: _Texts, faults: _Notes, warnings: _Notes) -> None:
    number = values.get("cert_no", "")
    if not number:
        return
    if not CERT_NO_CHARS_MIN <= len(number) <= CERT_NO_CHARS_MAX:
        faults.append(CellNote("cert_no", number, "CERT_NO_LENGTH"))
    if values.get("cert_to") is None and "cert_to" not in texts:
        warnings.append(CellNote("cert_to", "", "CERT_TO_MISSING"))
    _check_period(values, texts, faults, "cert_from", "cert_to")


# The law was renumbered in 2021: what was art. 27 is art. 33 now. Source: 行政处罚法 (2021) art. 33; data notes on A53.
_OLD_ARTICLE = re.compile(r"行政处罚法》?[^;；《]*第二十七条")


def _finish_leniency(values: _Values, texts: _Texts, faults: _Notes, warnings: _Notes) -> None:
    basis = values.get("leniency_basis", "")
    if _OLD_ARTICLE.search(basis):
        warnings.append(CellNote("leniency_basis", basis, "BASIS_OLD_NUMBERING"))
    if not values.get("list_type"):
        faults.append(CellNote("list_type", "", "LIST_TYPE_MISSING"))
    _check_period(values, texts, faults, "valid_from", "valid_to")


def _finish_cap(values: _Values, texts: _Texts, faults: _Notes, warnings: _Notes) -> None:
    text = values.get("text", "")
    if "times" in values:
        return
    values["times"] = parse_times(text)
    if text and values["times"] is None:
        warnings.append(CellNote("text", text, "CAP_NOT_A_NUMBER"))


def _finish_item(values: _Values, texts: _Texts, faults: _Notes, warnings: _Notes) -> None:
    _check_period(values, texts, faults, "in_force_from", "in_force_to")


def _finish_subject(values: _Values, texts: _Texts, faults: _Notes, warnings: _Notes) -> None:
    # A list without a column for it is a list of organs, the first of the three lawful kinds (domain.md 1.3).
    values.setdefault("kind", SubjectKind.ORGAN)
    _check_period(values, texts, faults, "listed_from", "listed_to")


def _check_period(values: _Values, texts: _Texts, faults: _Notes, begin: str, end: str) -> None:
    first, last = values.get(begin), values.get(end)
    if first is not None and last is not None and last < first:
        faults.append(CellNote(end, texts[end], "PERIOD_BACKWARDS", {"begin": first.isoformat()}))


_FINISH: dict[ListKind, Callable[[_Values, _Texts, _Notes, _Notes], None]] = {
    ListKind.SUBJECTS: _finish_subject,
    ListKind.ITEMS: _finish_item,
    ListKind.PLANS: _finish_plan,
    ListKind.ENTERPRISES: _finish_enterprise,
    ListKind.OFFICERS: _finish_officer,
    ListKind.LENIENCY: _finish_leniency,
    ListKind.CAPS: _finish_cap,
}
