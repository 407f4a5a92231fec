"""Lists are recognised by their headings, however they were laid out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from core.domain.lists import ListKind
from core.sheets.headings import aliases, match, sheet_fields, title_of
from core.sheets.recognise import best_kind, find_header
from core.sheets.room import SpreadsheetFiles
from core.sheets.sheet import SheetRow, letter_of
from tests.helpers.sheet_books import Desk, book


def read(kind: ListKind, path: Path) -> list[Any]:
    """Import the file and return its rows; nothing may be rejected."""
    desk = Desk()
    report = desk.bring(kind, path)
    assert report.rejected == ()
    return desk.rows(kind)


@pytest.mark.parametrize("kind", ListKind)
def test_every_heading_of_the_alias_table_finds_its_field_and_no_other_surer(kind: ListKind) -> None:
    for field in sheet_fields(kind):
        found = match(kind, title_of(kind, field))
        assert max(found, key=lambda name: found[name]) == field


@pytest.mark.parametrize("kind", ListKind)
def test_the_headings_of_an_export_are_all_different(kind: ListKind) -> None:
    titles = [title_of(kind, field) for field in sheet_fields(kind)]
    assert len(set(titles)) == len(titles)
    assert set(aliases(kind)) == set(sheet_fields(kind))


@pytest.mark.parametrize("kind", ListKind)
def test_the_kind_of_an_export_is_recognised_again(kind: ListKind, tmp_path: Path) -> None:
    SpreadsheetFiles().write(tmp_path / "x.xlsx", kind, [])
    (mapping,) = SpreadsheetFiles().recognise(tmp_path / "x.xlsx")
    assert mapping.kind is kind
    assert {column.field for column in mapping.columns} == set(sheet_fields(kind))


@given(st.permutations(["检查主体", "检查事项", "检查内容", "检查对象", "检查依据", "检查方式"]), st.integers(0, 12))
def test_moved_columns_below_any_titles_are_found(heads: list[str], titles: int) -> None:
    rows = [SheetRow(number + 1, ("某市清单", *[""] * 5)) for number in range(titles)]
    rows.append(SheetRow(titles + 1, tuple(heads)))
    rows.append(SheetRow(titles + 2, tuple("内容" + head for head in heads)))
    header = find_header(rows, ListKind.ITEMS)
    assert header is not None
    assert (header.first, header.height) == (titles, 1)
    named = {heads[column]: field for column, field in header.fields.items()}
    assert named["检查事项"] == "name"
    assert named["检查主体"] == "subject"
    assert named["检查依据"] == "legal_basis"


def test_renamed_headings_with_remarks_and_line_breaks_are_read(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["2026年涉企检查事项目录"],
            [
                "序 号",
                "实施\n部门",
                "★ 事项名称（必填）",
                "抽查要点",
                "监管对象",
                "法律法规依据",
                "检查方法",
                "年度频次",
                "备注",
            ],
            [1, "甲局", "乙检查", "看丙", "企业", "《丁法》第一条", "现场检查", "１次/年", "略"],
        ],
    )
    (row,) = read(ListKind.ITEMS, path)
    assert (row.subject, row.name, row.object_class) == ("甲局", "乙检查", "企业")
    assert (row.legal_basis, row.method, row.frequency) == (("《丁法》第一条",), "现场检查", "1次/年")


def test_three_rows_of_merged_headings_are_read(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["表一", None, None, None, None],
            ["基本情况", None, None, "检查安排", None],
            ["检查事项", None, "检查主体", "要求", None],
            ["名称", "检查内容", None, "检查方式", "检查频次"],
            ["乙检查", "看丙", "甲局", "现场检查", "1次/年"],
        ],
        merges=["A1:E1", "A2:C2", "D2:E2", "A3:B3", "C3:C4", "D3:E3"],
    )
    (row,) = read(ListKind.ITEMS, path)
    assert (row.name, row.content, row.subject, row.method, row.frequency) == (
        "乙检查",
        "看丙",
        "甲局",
        "现场检查",
        "1次/年",
    )


def test_merged_cells_fill_down_and_right(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["检查主体", "检查事项", "检查方式", "检查频次"],
            ["甲局", "乙检查", "按实际需要", None],
            [None, "丙检查", "现场检查", "1次/年"],
            [None, None, None, None],
            [None, "丁检查", "现场检查", "2次/年"],
        ],
        merges=["A2:A5", "C2:D2"],
    )
    rows = read(ListKind.ITEMS, path)
    assert [(row.subject, row.name) for row in rows] == [("甲局", "乙检查"), ("甲局", "丙检查"), ("甲局", "丁检查")]
    assert (rows[0].method, rows[0].frequency) == ("按实际需要", "按实际需要")


def test_one_column_made_of_two_merged_ones_is_read_once(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [["检查主体", "检查事项", None, "检查对象"], ["甲局", "乙检查", None, "企业"]],
        merges=["B1:C1", "B2:C2"],
    )
    (row,) = read(ListKind.ITEMS, path)
    assert (row.name, row.object_class) == ("乙检查", "企业")


def test_everything_that_is_no_data_is_left_out(tmp_path: Path) -> None:
    head = ["序号", "检查主体", "检查事项", "检查对象", "检查依据"]
    path = book(
        tmp_path / "a.xlsx",
        [
            head,
            ["(1)", "(2)", "(3)", "(4)", "(5)"],
            ["一、综合类"],
            [1, "甲局", "乙检查", "企业", "《丁法》"],
            [2, None, None, None, None],
            [],
            head,
            ["（二）专项类"],
            [3, "甲局", "丙检查", "企业", "《丁法》"],
            ["小计", None, "2项"],
            ["合　计", None, "2项"],
            ["注：本表一式两份。"],
            ["2.空白处未载明。"],
            ["填表人：张三", None, "审核人：李四"],
        ],
    )
    desk = Desk()
    report = desk.bring(ListKind.ITEMS, path)
    assert [row.name for row in desk.rows(ListKind.ITEMS)] == ["乙检查", "丙检查"]
    assert (report.rejected, report.warnings) == ((), ())


def test_a_chapter_names_the_body_of_the_rows_below(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["序号", "检查事项", "检查对象", "检查依据"],
            ["一、市场监管局"],
            [1, "乙检查", "企业", "《丁法》"],
            ["二、应急管理局"],
            [2, "丙检查", "企业", "《丁法》"],
        ],
        merges=["A2:D2", "A4:D4"],
    )
    assert [row.subject for row in read(ListKind.ITEMS, path)] == ["市场监管局", "应急管理局"]


def test_a_row_that_only_looks_odd_is_told_not_dropped(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["检查主体", "检查事项", "检查对象", "说明栏"],
            ["甲局", "乙检查", "企业", None],
            [None, None, None, "见附表7"],
        ],
    )
    report = Desk().bring(ListKind.ITEMS, path, dry_run=True)
    assert [(one.row, one.code, one.value) for one in report.warnings if one.code == "ROW_NOT_READ"] == [
        (3, "ROW_NOT_READ", "见附表7")
    ]


def test_every_sheet_of_the_kind_is_read_and_the_others_are_left(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for title, subject in (("市局", "甲局"), ("县局", "乙局")):
        sheet = made.create_sheet(title)
        sheet.append(["检查主体", "检查事项", "检查依据"])
        sheet.append([subject, "丙检查", "《丁法》"])
    made.create_sheet("填表说明").append(["检查事项应与权责清单一致。"])
    hidden = made.create_sheet("旧")
    hidden.append(["检查主体", "检查事项", "检查依据"])
    hidden.append(["丙局", "丙检查", "《丁法》"])
    hidden.sheet_state = "hidden"
    made.save(tmp_path / "a.xlsx")
    assert [row.subject for row in read(ListKind.ITEMS, tmp_path / "a.xlsx")] == ["甲局", "乙局"]


def test_two_kinds_in_one_workbook_are_told_apart(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].append(["姓名", "执法主体", "执法证号", "有效期至"])
    made.create_sheet("企业").append(["企业名称", "统一社会信用代码", "住所"])
    made.save(tmp_path / "a.xlsx")
    kinds = [mapping.kind for mapping in SpreadsheetFiles().recognise(tmp_path / "a.xlsx")]
    assert kinds == [ListKind.OFFICERS, ListKind.ENTERPRISES]


def test_prose_is_no_list() -> None:
    rows = [SheetRow(number, ("检查事项应与权责清单名称一致,检查依据填写现行有效的法律。",)) for number in range(1, 9)]
    assert best_kind(rows) is None


@given(st.integers(0, 16_383))
def test_column_letters_count_as_spreadsheets_do(column: int) -> None:
    assert letter_of(column) == get_column_letter(column + 1)


def test_a_csv_file_made_from_merged_cells_fills_down_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "序号,检查主体,检查事项,检查对象,检查依据\n1,甲局,乙检查,企业,《丁法》\n2,,丙检查,企业,《丁法》\n", "gb18030"
    )
    desk = Desk()
    report = desk.bring(ListKind.ITEMS, path)
    assert [row.subject for row in desk.rows(ListKind.ITEMS)] == ["甲局", "甲局"]
    assert [(one.row, one.column, one.code) for one in report.warnings] == [(3, "B", "FILLED_FROM_ABOVE")]


def test_a_cap_for_everybody_takes_no_body_from_the_row_above(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("检查主体,检查事项,频次上限\n甲局,乙检查,2次/年\n,丙检查,1次/年\n", "utf-8")
    assert [row.subject for row in read(ListKind.CAPS, path)] == ["甲局", ""]


def test_a_workbook_leaves_empty_what_is_not_merged(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [["检查主体", "检查事项", "检查依据"], ["甲局", "乙检查", "《丁法》"], [None, "丙检查", "《丁法》"]],
    )
    report = Desk().bring(ListKind.ITEMS, path)
    assert [(one.row, one.code) for one in report.rejected] == [(3, "SUBJECT_MISSING")]


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("平江县农业农村局随机抽查事项清单", "平江县农业农村局"),
        ("2026年度岳麓区城市管理局涉企检查事项目录", "岳麓区城市管理局"),
        ("检查频次上限(河南省工业和信息化厅,2025-06-06公布)", "河南省工业和信息化厅"),
        ("填报单位(盖章)：望城区商务局　　填报日期：2026年1月", "望城区商务局"),
    ],
)
def test_a_title_names_the_body_of_rows_without_one(title: str, subject: str, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [[title], ["检查事项", "检查对象", "检查依据"], ["乙检查", "企业", "《丁法》"]])
    assert [row.subject for row in read(ListKind.ITEMS, path)] == [subject]


def test_a_roll_of_officers_as_offices_keep_it(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["湖南湘江新区执法人员名册"],
            ["序号", "姓名", "性别", "工作单位", "行政执法证号码", "执法证有效期限", "证件状态"],
            [1, "张三", "男", "湘新市场监管局", "18010012345", "2023.1.1-2027.12.31", "正常"],
            [2, "李四", "女", "湘新市场监管局", "18010012346", "2022年5月1日至2026年4月30日", "注销"],
        ],
        merges=["A1:G1"],
    )
    rows = read(ListKind.OFFICERS, path)
    assert [row.cert_no for row in rows] == ["18010012345", "18010012346"]
    assert [str(row.cert_to) for row in rows] == ["2027-12-31", "2026-04-30"]
    assert [row.cert_state.value for row in rows] == ["valid", "revoked"]


def test_a_roll_of_enterprises_as_streets_keep_it(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            [
                "序号",
                "企业(单位)名称",
                "统一社会信用代码/注册号",
                "经营场所",
                "经营者姓名",
                "所属镇街",
                "信用风险等级",
                "成立时间",
            ],
            [1, "甲店", "92430104MA2AX8MK5L", "麓山路1号", "王五", "岳麓街道", "低风险(A级)", "2020.5.1"],
        ],
    )
    (row,) = read(ListKind.ENTERPRISES, path)
    assert (row.name, row.uscc, row.address, row.street) == ("甲店", "92430104MA2AX8MK5L", "麓山路1号", "岳麓街道")
    assert (row.grade, str(row.established_on), row.legal_rep) == ("A", "2020-05-01", "王五")


def test_a_roll_of_bodies_as_published(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["行政检查主体公告"],
            ["序号", "行政检查主体名称", "主体性质（法定/授权/委托）", "委托机关", "办公地址", "监督举报电话"],
            [1, "湘新市场监管局", "法定行政机关", None, "岳麓大道1号", "12315"],
            [2, "麓谷街道综合执法队", "委托", "湘新城管局", "文轩路2号", None],
        ],
    )
    rows = read(ListKind.SUBJECTS, path)
    assert [row.kind.value for row in rows] == ["organ", "entrusted_org"]
    assert (rows[1].entrusting_subject, rows[0].complaint_phone) == ("湘新城管局", "12315")


def test_a_calendar_as_offices_keep_it(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["2026年节假日安排"],
            ["日期", "星期", "类型", "备注"],
            ["2026年10月1日", "四", "放假", "国庆节"],
            ["2026/10/10", "六", "上班", "调休"],
        ],
    )
    assert [(str(row.day), row.is_working) for row in read(ListKind.CALENDAR, path)] == [
        ("2026-10-01", False),
        ("2026-10-10", True),
    ]
