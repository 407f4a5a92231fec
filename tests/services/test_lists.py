"""Lists come in, stay versioned, and go out equal."""

from __future__ import annotations

import csv
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.domain import list_cells, list_rows
from core.domain.enterprises import Enterprise
from core.domain.list_rows import RECORDS, RawRow
from core.domain.lists import COMPLAINTS_MAX, ColumnMapping, ListKind, ListVersion, Origin, SheetMapping
from core.kernel.changes import Topic
from core.kernel.errors import Cancelled, Refusal
from core.kernel.progress import Stoppable, Unwatched
from core.kernel.words import catalogue
from core.services import list_import
from core.services.lists import Lists
from core.services.sheet_ports import SheetTable
from core.sheets.room import SpreadsheetFiles
from core.sheets.sheet import SheetRow
from tests.helpers.fake_reference import CountingReference, MemoryReference
from tests.helpers.sheet_books import Desk, book

ITEM_HEAD = ["检查主体", "检查事项", "检查内容", "检查对象", "检查依据", "生效日期"]
FIRST = ["岳麓区城管局", "占道经营检查", "是否占道", "临街商户", "《城市道路管理条例》第二十七条", "2026-01-01"]
SECOND = ["岳麓区城管局", "户外广告检查", "是否牢固", "广告设施", "《城市市容和环境卫生管理条例》", "2026年2月"]
# One filled row of each kind, by the headings of its template.
FILLED: dict[ListKind, dict[str, str]] = {
    ListKind.SUBJECTS: {
        "检查主体名称": "湘新市场监管局",
        "主体性质": "行政机关",
        "机关代字": "湘新市监",
        "公告日期": "2026-01-01",
    },
    ListKind.ITEMS: {
        "检查主体": "甲局",
        "检查事项": "乙检查",
        "检查对象": "企业",
        "检查依据": "《甲法》第一条;《乙法》第二条",
    },
    ListKind.PLANS: {
        "计划名称": "2026年度计划",
        "年度": "2026",
        "牵头部门": "甲局",
        "配合部门": "乙局、丙局",
        "检查事项": "乙检查",
        "抽查比例户数": "10%",
        "检查时间": "3-6月、9月",
        "是否专项": "是",
        "备案日期": "2026/1/15",
    },
    ListKind.ENTERPRISES: {
        "企业名称": "长沙重行厂",
        "统一社会信用代码": "92430104MA2AX8MK5L",
        "信用等级": "A",
        "成立日期": "2020-5-1",
    },
    ListKind.OFFICERS: {
        "姓名": "张三",
        "执法主体": "甲局",
        "角色": "执法人员;承办机构负责人",
        "执法证号": "18010012345",
        "有效期至": "2027-12-31",
        "证件状态": "暂扣",
    },
    ListKind.LENIENCY: {
        "清单类型": "首违不罚",
        "实施机关": "甲局",
        "违法行为": "未公示",
        "适用条件": "首次;及时改正",
        "有效期自": "2025-01-01",
    },
    ListKind.CALENDAR: {"日期": "2026-10-01", "是否工作日": "休息日", "说明": "国庆节"},
    ListKind.CAPS: {"频次上限": "每年不超过2次", "检查主体": "甲局", "信用等级": "A"},
}


def items(path: Path, *rows: list[str]) -> Path:
    return book(path, [ITEM_HEAD, *rows])


def fill_template(path: Path, kind: ListKind) -> None:
    """Type the filled row of the kind under the headings of its template."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            titles = next(csv.reader(file))
        with path.open("a", encoding="utf-8-sig", newline="") as file:
            # The mark at the beginning is there already.
            csv.writer(file).writerow([FILLED[kind].get(title.rstrip("*"), "") for title in titles])
        text = path.read_bytes()
        path.write_bytes(text[:3] + text[3:].replace(b"\xef\xbb\xbf", b""))
        return
    made = openpyxl.load_workbook(path)
    sheet = made.worksheets[0]
    titles = [str(cell.value) for cell in sheet[1]]
    assert set(FILLED[kind]) <= {title.rstrip("*") for title in titles}
    sheet.append([FILLED[kind].get(title.rstrip("*"), "") for title in titles])
    made.save(path)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
@pytest.mark.parametrize("kind", ListKind)
def test_a_template_filled_in_comes_back_equal_from_its_export(kind: ListKind, suffix: str, tmp_path: Path) -> None:
    desk, other = Desk(), Desk()
    template = tmp_path / f"模板{suffix}"
    desk.lists.template(kind, template)
    fill_template(template, kind)
    report = desk.bring(kind, template)
    assert (report.accepted, report.rejected) == (1, ())
    out = tmp_path / f"导出{suffix}"
    assert desk.lists.export(kind, out).value == 1
    other.bring(kind, out, origin=Origin.PUBLISHED)
    assert other.rows(kind) == desk.rows(kind)
    again = desk.bring(kind, out)
    assert (again.accepted, again.unchanged, again.version) == (0, 1, None)


@pytest.mark.parametrize("kind", ListKind)
def test_an_empty_template_holds_no_rows(kind: ListKind, tmp_path: Path) -> None:
    desk = Desk()
    desk.lists.template(kind, tmp_path / "t.xlsx")
    report = desk.bring(kind, tmp_path / "t.xlsx")
    assert (report.accepted, report.rejected, report.version) == (0, (), None)


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    desk = Desk()
    report = desk.bring(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST, SECOND), dry_run=True)
    assert (report.accepted, report.version, report.dry_run) == (2, None, True)
    assert desk.reference.versions(ListKind.ITEMS) == []
    assert desk.store.all(ListVersion) == []


def test_an_import_is_one_version_and_one_journal_record(tmp_path: Path) -> None:
    desk = Desk()
    done = desk.lists.import_file(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST, SECOND))
    assert done.changed == {Topic.LISTS, Topic.CATALOG}
    (version,) = desk.store.all(ListVersion)
    assert (version.id, version.row_count, version.imported_by) == ("items-1", 2, "officer-1")
    assert (version.file_name, version.effective_on) == ("a.xlsx", date(2026, 3, 17))
    assert len(version.file_sha256) == 64


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    desk = Desk()
    path = items(tmp_path / "a.xlsx", FIRST, SECOND)
    desk.bring(ListKind.ITEMS, path)
    done = desk.lists.import_file(ListKind.ITEMS, path)
    assert (done.value.accepted, done.value.unchanged, done.value.version, done.changed) == (0, 2, None, frozenset())
    assert len(desk.store.all(ListVersion)) == 1


def test_a_second_file_adds_to_the_first(tmp_path: Path) -> None:
    desk = Desk()
    desk.bring(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST))
    report = desk.bring(ListKind.ITEMS, items(tmp_path / "b.xlsx", FIRST, SECOND))
    assert (report.accepted, report.unchanged, report.version) == (1, 1, 2)
    assert [row.name for row in desk.rows(ListKind.ITEMS)] == ["占道经营检查", "户外广告检查"]


def test_a_replacing_file_is_the_whole_list(tmp_path: Path) -> None:
    desk = Desk()
    desk.bring(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST, SECOND))
    shorter = items(tmp_path / "b.xlsx", SECOND)
    assert desk.bring(ListKind.ITEMS, shorter, replace=True).version == 2
    assert [row.name for row in desk.rows(ListKind.ITEMS)] == ["户外广告检查"]
    assert desk.bring(ListKind.ITEMS, shorter, replace=True).version is None


def test_good_rows_stay_when_others_are_bad(tmp_path: Path) -> None:
    bad = ["", "无主体检查", "", "", "", "明天"]
    report = Desk().bring(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST, bad, SECOND))
    assert (report.accepted, report.rejected_rows) == (2, 1)
    (first,) = report.rejected
    assert (first.sheet, first.row, first.column, first.value, first.code) == (
        "清单",
        3,
        "F",
        "明天",
        "DATE_UNREADABLE",
    )
    assert [(one.row, one.column, one.code) for one in report.further] == [(3, "A", "SUBJECT_MISSING")]


def test_every_complaint_has_words_in_both_languages() -> None:
    source = "".join(map(inspect.getsource, (list_cells, list_rows, list_import)))
    codes = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', source))
    assert len(codes) > 15
    assert {code for code in codes if not catalogue().get(f"lists.row.{code}", {}).get("zh")} == set()
    assert {code for code in codes if not catalogue()[f"lists.row.{code}"].get("en")} == set()


def test_a_repeated_row_is_told_and_counted_once(tmp_path: Path) -> None:
    report = Desk().bring(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST, FIRST))
    assert (report.accepted, report.unchanged) == (1, 1)
    assert [(one.row, one.code) for one in report.warnings] == [(3, "DUPLICATE_ROW")]


def test_a_second_row_of_one_entry_with_other_content_is_rejected(tmp_path: Path) -> None:
    other = [*FIRST[:3], "另一对象", *FIRST[4:]]
    desk = Desk()
    report = desk.bring(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST, other))
    assert [(one.row, one.code) for one in report.rejected] == [(3, "DUPLICATE_KEY")]
    assert [row.object_class for row in desk.rows(ListKind.ITEMS)] == ["临街商户"]


def test_a_correction_reads_a_column_as_the_person_said(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["单位", "甲栏", "检查内容"], ["甲局", "乙检查", "丙"]])
    with pytest.raises(Refusal) as refusal:
        Desk().bring(ListKind.ITEMS, path)
    assert refusal.value.code == "lists.no_header"
    said = SheetMapping(
        header_row=1, columns=(ColumnMapping(letter="A", field="subject"), ColumnMapping(letter="B", field="name"))
    )
    desk = Desk()
    report = desk.bring(ListKind.ITEMS, path, mapping=(said,))
    assert report.accepted == 1
    assert [(row.subject, row.name) for row in desk.rows(ListKind.ITEMS)] == [("甲局", "乙检查")]


def test_a_mapping_that_was_shown_can_be_handed_back_corrected(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["检查主体", "检查事项", "检查内容"], ["甲局", "乙检查", "丙企业"]])
    desk = Desk()
    (shown,) = desk.lists.recognise(path)
    assert shown.kind is ListKind.ITEMS
    turned = [ColumnMapping(letter="C", field="object_class") if one.letter == "C" else one for one in shown.columns]
    desk.bring(ListKind.ITEMS, path, mapping=(SheetMapping(sheet=shown.sheet, header_row=1, columns=tuple(turned)),))
    (row,) = desk.rows(ListKind.ITEMS)
    assert (row.content, row.object_class) == ("", "丙企业")


@pytest.mark.parametrize(("letter", "field"), [("Z", "name"), ("A", "colour")])
def test_a_correction_that_fits_nothing_is_refused(letter: str, field: str, tmp_path: Path) -> None:
    said = SheetMapping(columns=(ColumnMapping(letter=letter, field=field),))
    with pytest.raises(Refusal) as refusal:
        Desk().bring(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST), mapping=(said,))
    assert refusal.value.code == "lists.mapping_unknown"


def test_the_status_tells_version_rows_and_age(tmp_path: Path) -> None:
    desk = Desk()
    desk.bring(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST), effective_on=date(2026, 3, 7), origin=Origin.DEMO)
    by_kind = {line.kind: line for line in desk.lists.status()}
    assert list(by_kind) == list(ListKind)
    line = by_kind[ListKind.ITEMS]
    assert (line.version, line.rows, line.age_days, line.is_demo) == (1, 1, 0, True)
    assert (by_kind[ListKind.PLANS].version, by_kind[ListKind.PLANS].effective_on) == (0, None)


def test_stopping_an_import_keeps_nothing(tmp_path: Path) -> None:
    desk = Desk()
    watcher = Stoppable()
    watcher.stop = True
    with pytest.raises(Cancelled):
        desk.lists.import_file(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST), progress=watcher)
    assert desk.reference.versions(ListKind.ITEMS) == []
    assert desk.store.all(ListVersion) == []


def big_csv(path: Path, rows: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["企业名称", "地址", "无代码原因", "拼音首字母"])
        writer.writerows([f"第{number}店", "麓山路", "个体", "DD"] for number in range(rows))
    return path


def test_a_large_file_never_stands_in_memory_as_a_whole(tmp_path: Path) -> None:
    reference = CountingReference(SheetRow, RawRow, Enterprise)
    watcher = Stoppable()
    done = Desk(reference).lists.import_file(
        ListKind.ENTERPRISES, big_csv(tmp_path / "big.csv", 4_000), progress=watcher
    )
    assert (done.value.accepted, reference.came, watcher.done) == (4_000, 4_000, 4_000)
    assert reference.alive_max < 100


def test_the_progress_of_a_csv_file_has_an_end_in_sight(tmp_path: Path) -> None:
    totals: list[int | None] = []

    class Watcher(Unwatched):
        def step(self, done: int, total: int | None = None, note: str = "") -> None:
            totals.append(total)

    Desk().bring(ListKind.ENTERPRISES, big_csv(tmp_path / "big.csv", 3_000), progress=Watcher())
    assert len(totals) >= 6
    assert all(total is not None and 2_900 <= total <= 3_100 for total in totals)


class _OnlyBadRows:
    """Sheets with one endless-looking table of rows without a name."""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def tables(self, path: Path, kind: ListKind, *, mapping: Sequence[SheetMapping] = ()) -> Iterator[SheetTable]:
        bad = (RawRow(number, {"address": "某处"}) for number in range(1, self._rows + 1))
        yield SheetTable(SheetMapping(sheet="x", kind=kind), bad)

    def recognise(self, path: Path) -> tuple[SheetMapping, ...]:
        return ()

    def write(self, path: Path, kind: ListKind, rows: Any) -> None:
        raise AssertionError

    def write_template(self, path: Path, kind: ListKind) -> None:
        raise AssertionError


def test_complaints_are_counted_on_when_there_are_too_many_to_keep(tmp_path: Path) -> None:
    desk = Desk()
    lists = Lists(
        open_work=desk.store, reference=MemoryReference(), sheets=_OnlyBadRows(COMPLAINTS_MAX + 5), clock=desk.clock
    )
    report = lists.import_file(ListKind.ENTERPRISES, tmp_path / "x.csv", dry_run=True).value
    assert (report.rejected_rows, len(report.rejected)) == (COMPLAINTS_MAX + 5, COMPLAINTS_MAX)


def test_no_spreadsheet_takes_an_exported_text_for_a_formula(tmp_path: Path) -> None:
    names: list[Mapping[str, str]] = [{"name": "=1+1"}, {"name": "-壹号店"}, {"name": "'单引号店"}]
    for suffix in (".xlsx", ".csv"):
        path = tmp_path / f"x{suffix}"
        SpreadsheetFiles().write(path, ListKind.ENTERPRISES, names)
        desk = Desk()
        desk.bring(ListKind.ENTERPRISES, path)
        assert [row.name for row in desk.rows(ListKind.ENTERPRISES)] == [row["name"] for row in names]
    assert "'=1+1" in (tmp_path / "x.csv").read_text("utf-8-sig")
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_every_kind_has_a_record_and_a_filled_row_here() -> None:
    assert set(RECORDS) == set(FILLED) == set(ListKind)


def test_confirming_a_list_says_since_when_it_is_known_to_hold_and_makes_no_version(tmp_path: Path) -> None:
    desk = Desk()
    desk.bring(ListKind.ITEMS, items(tmp_path / "a.xlsx", FIRST))
    done = desk.lists.confirm(ListKind.ITEMS)
    (version,) = desk.store.all(ListVersion)
    assert (version.id, version.confirmed_at) == ("items-1", done.value.confirmed_at)
    assert version.confirmed_at is not None
    assert done.changed == {Topic.LISTS, Topic.CATALOG}


def test_a_list_that_was_never_imported_cannot_be_confirmed() -> None:
    with pytest.raises(Refusal) as refusal:
        Desk().lists.confirm(ListKind.CAPS)
    assert refusal.value.code == "lists.nothing_to_confirm"
