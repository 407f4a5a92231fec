"""The published workbooks come in as they are: exactly the true rows, with their natural gaps told."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.domain.list_cells import key
from core.domain.lists import ListKind, Origin
from tests.helpers.sheet_books import Desk

BOOKS = {
    "附件1-涉企行政检查事项清单.xlsx": ListKind.ITEMS,
    "附件2-市场监管随机抽查事项清单.xlsx": ListKind.ITEMS,
    "附件3-双随机抽查事项清单(各部门).xlsx": ListKind.ITEMS,
    "附件4-年度部门联合抽查计划表.xlsx": ListKind.PLANS,
    "附件5-轻微违法行为不予处罚等清单.xlsx": ListKind.LENIENCY,
    "附件6-检查频次上限.csv": ListKind.ITEMS,
}
# Columns of the CSV files by the fields they are read into; level and list_type of some rows stand in no workbook.
FIELDS = {
    ListKind.ITEMS: {
        "subject": "subject",
        "item_name": "name",
        "object_class": "object_class",
        "frequency": "frequency",
    },
    ListKind.PLANS: {
        "lead_subject": "subject",
        "item_name": "item_name",
        "plan_title": "title",
        "months": "months_text",
    },
    ListKind.LENIENCY: {"agency": "agency", "violation": "violation", "conditions": "conditions", "place": "place"},
}


@pytest.fixture
def published(shared_data: Path) -> Path:
    return shared_data / "published"


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _own_sheet(sheet: str) -> str:
    return "(csv)" if sheet.startswith("(csv") else sheet


@pytest.mark.parametrize("name", BOOKS)
def test_exactly_the_true_rows_of_a_published_workbook_are_accepted(name: str, published: Path) -> None:
    expected = [row for row in _table(published / "rows_expected.csv") if row["file"] == name]
    desk = Desk()
    report = desk.bring(BOOKS[name], published / name)
    assert (report.accepted, report.unchanged, report.rejected) == (len(expected), 0, ())
    names = sorted(key(row["name"]) for row in expected)
    field = (
        "violation" if BOOKS[name] is ListKind.LENIENCY else "item_name" if BOOKS[name] is ListKind.PLANS else "name"
    )
    assert sorted(key(getattr(row, field)) for row in desk.rows(BOOKS[name])) == names


@pytest.mark.parametrize("name", BOOKS)
def test_the_fields_of_a_published_workbook_are_those_of_its_csv(name: str, published: Path) -> None:
    kind = BOOKS[name]
    expected = [row for row in _table(published / "rows_expected.csv") if row["file"] == name]
    source = _table(published / f"{kind}.csv")
    desk = Desk()
    desk.bring(kind, published / name)
    for place, row in zip(expected, desk.rows(kind), strict=True):
        wanted = {field: key(source[int(place["csv_row"]) - 1][column]) for column, field in FIELDS[kind].items()}
        assert {field: key(str(getattr(row, field))) for field in wanted} == wanted


def test_three_hundred_and_two_true_rows_come_in(published: Path) -> None:
    reports = [Desk().bring(kind, published / name, dry_run=True) for name, kind in BOOKS.items()]
    assert sum(report.accepted for report in reports) == 302


@pytest.mark.parametrize("name", BOOKS)
def test_natural_gaps_are_warnings_at_their_row_and_field(name: str, published: Path) -> None:
    findings = [row for row in _table(published / "natural_findings.csv") if row["file"] == name]
    report = Desk().bring(BOOKS[name], published / name, dry_run=True)
    fields = {"months": "months_text"}
    wanted = {(row["sheet"], int(row["row"]), row["code"], fields.get(row["field"], row["field"])) for row in findings}
    told = {(one.sheet, one.row, one.code, one.field) for one in report.warnings}
    assert wanted <= told
    assert {code for _, _, code, _ in told - wanted} <= {"MONTHS_NOT_READ"}


@pytest.mark.parametrize("row", range(8))
def test_the_headings_are_found_where_they_are(row: int, published: Path) -> None:
    place = _table(published / "workbooks.csv")[row]
    report = Desk().bring(BOOKS[place["file"]], published / place["file"], dry_run=True)
    found = {sheet.sheet: (sheet.header_row, sheet.header_rows) for sheet in report.sheets}
    assert found[_own_sheet(place["sheet"])] == (int(place["header_row"]), int(place["header_rows"]))
    hidden = {column.letter for sheet in report.sheets for column in sheet.columns if column.is_hidden}
    assert set(filter(None, place["hidden_columns"].split("、"))) <= hidden


def test_the_sheet_of_caps_is_a_list_of_caps_too(published: Path) -> None:
    desk = Desk()
    report = desk.bring(ListKind.CAPS, published / "附件6-检查频次上限.csv")
    assert (report.accepted, report.rejected) == (10, ())
    caps = desk.rows(ListKind.CAPS)
    assert [cap.times for cap in caps] == [None, None, 1, 1, 1, 1, 1, 4, 1, 1]
    assert {cap.subject for cap in caps} == {"河南省工业和信息化厅"}


@pytest.mark.parametrize(
    ("name", "kind", "rows"), [("items", "items", 165), ("plans", "plans", 56), ("leniency", "leniency", 81)]
)
def test_the_data_files_come_in_by_their_english_headings(name: str, kind: str, rows: int, published: Path) -> None:
    desk = Desk()
    report = desk.bring(ListKind(kind), published / f"{name}.csv", origin=Origin.PUBLISHED)
    assert (report.accepted, report.rejected) == (rows, ())
    assert {row.origin for row in desk.rows(ListKind(kind))} == {Origin.PUBLISHED}
    assert all(row.source_id for row in desk.rows(ListKind(kind)))


def test_the_generated_enterprises_come_in(shared_data: Path) -> None:
    desk = Desk()
    report = desk.bring(ListKind.ENTERPRISES, shared_data / "enterprises-2000.csv")
    assert (report.accepted, report.rejected, report.warnings) == (2000, (), ())
    assert all(row.initials and row.id == row.uscc for row in desk.rows(ListKind.ENTERPRISES))


def test_the_attachments_add_up_and_a_second_time_changes_nothing(published: Path) -> None:
    desk = Desk()
    books = [name for name, kind in BOOKS.items() if kind is ListKind.ITEMS]
    for name in books:
        desk.bring(ListKind.ITEMS, published / name)
    assert len(desk.rows(ListKind.ITEMS)) == 165
    versions = len(desk.reference.versions(ListKind.ITEMS))
    again = [desk.bring(ListKind.ITEMS, published / name) for name in books]
    assert [(one.accepted, one.version) for one in again] == [(0, None)] * len(books)
    assert sum(one.unchanged for one in again) == 165
    assert len(desk.reference.versions(ListKind.ITEMS)) == versions
