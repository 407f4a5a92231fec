"""Bad files get a clear fault; odd but sound ones are read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from core.domain.lists import ListKind
from core.kernel.errors import Fault, Refusal, Trouble
from core.kernel.words import fault_words
from core.sheets import files
from core.sheets.csv_files import encoding_of
from core.sheets.files import read_sheets
from core.sheets.room import SpreadsheetFiles
from core.sheets.sheet import SheetRow
from core.sheets.workbooks import WHOLE_BYTES_MAX, merged_rows
from tests.helpers.old_books import DAY, PERCENT, old_book
from tests.helpers.sheet_books import Desk, book

ROWS = [["检查主体", "检查事项", "检查依据"], ["甲局", "乙检查", "《丁法》第一条"]]


def fault_of(path: Path) -> Fault:
    with pytest.raises(Fault) as fault:
        Desk().bring(ListKind.ITEMS, path)
    for lang in ("zh", "en"):
        assert all(fault_words(fault.value, lang).__dict__.values())
    return fault.value


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    fault = fault_of(tmp_path / "none.xlsx")
    assert (type(fault), fault.code) == (Trouble, "sheets.unreadable")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert fault_of(tmp_path).code == "sheets.unreadable"


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    assert fault_of(written(tmp_path / "a.csv", b" \r\n")).code == "sheets.empty"


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_cut_off_workbook_is_damaged(kept: float, tmp_path: Path) -> None:
    whole = book(tmp_path / "a.xlsx", ROWS).read_bytes()
    fault = fault_of(written(tmp_path / "b.xlsx", whole[: int(len(whole) * kept)]))
    assert (type(fault), fault.code) == (Trouble, "sheets.damaged")


def test_a_workbook_with_broken_sheets_inside_is_damaged(tmp_path: Path) -> None:
    source = zipfile.ZipFile(book(tmp_path / "a.xlsx", ROWS))
    with source, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:200] if "worksheets" in name else content)
    assert fault_of(tmp_path / "b.xlsx").code == "sheets.damaged"


def test_a_workbook_under_a_password_is_refused(tmp_path: Path) -> None:
    plain = io.BytesIO(book(tmp_path / "a.xlsx", ROWS).read_bytes())
    with (tmp_path / "locked.xlsx").open("wb") as file:
        OOXMLFile(plain).encrypt("secret", file)
    fault = fault_of(tmp_path / "locked.xlsx")
    assert (type(fault), fault.code) == (Refusal, "sheets.password")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"%PDF-1.7 ..."),
        ("a.xls", b"<html><table><tr><td>x</td></tr></table></html>"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("a.csv", b"\x01\x00\x02\x00\x03"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_its_content(name: str, content: bytes, tmp_path: Path) -> None:
    fault = fault_of(written(tmp_path / name, content))
    assert (type(fault), fault.code) == (Refusal, "sheets.not_a_table")


@pytest.mark.parametrize(("inside", "kind"), [("word/document.xml", "DOCX"), ("content.xml", "ODS"), ("x.txt", "ZIP")])
def test_other_packages_are_refused_by_name(inside: str, kind: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
        package.writestr(inside, "x")
    fault = fault_of(tmp_path / "a.xlsx")
    assert (fault.code, fault.params["kind"]) == ("sheets.not_a_table", kind)


def test_a_workbook_that_unpacks_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "UNPACKED_BYTES_MAX", 100)
    assert fault_of(book(tmp_path / "a.xlsx", ROWS)).code == "sheets.too_big"


def test_an_old_workbook_is_read_with_its_merged_and_hidden_cells(tmp_path: Path) -> None:
    path = old_book(
        tmp_path / "旧清单.xls",
        [
            ["某局清单", "", "", "", "", ""],
            ["检查主体", "检查事项", "检查依据", "抽查比例", "生效日期", "系统编码"],
            ["甲局", "乙检查", "《丁法》", (0.05, PERCENT), (46023, DAY), "A1"],
            ["", "丙检查", "《丁法》", (0.3, PERCENT), (46023, DAY), "A2"],
        ],
        merges=[(0, 0, 0, 5), (2, 3, 0, 0)],
        hidden=[5],
    )
    desk = Desk()
    report = desk.bring(ListKind.ITEMS, path)
    assert (report.accepted, report.rejected) == (2, ())
    rows = desk.rows(ListKind.ITEMS)
    assert [(row.subject, row.name, row.frequency) for row in rows] == [
        ("甲局", "乙检查", "5%"),
        ("甲局", "丙检查", "30%"),
    ]
    assert {row.in_force_from for row in rows} == {date(2026, 1, 1)}
    assert [column.letter for column in report.sheets[0].columns if column.is_hidden] == ["F"]


def test_a_cut_off_old_workbook_is_damaged(tmp_path: Path) -> None:
    whole = old_book(tmp_path / "a.xls", ROWS).read_bytes()
    assert fault_of(written(tmp_path / "b.xls", whole[:1100])).code == "sheets.damaged"


def test_noise_with_an_old_workbook_head_is_damaged(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x07" * 4000)
    assert fault_of(path).code == "sheets.damaged"


def test_the_extension_does_not_matter(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ROWS).rename(tmp_path / "清单.csv")
    assert Desk().bring(ListKind.ITEMS, path).accepted == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_file_is_read_in_any_usual_encoding(encoding: str, separator: str, tmp_path: Path) -> None:
    text = "某局清单\r\n\r\n" + "".join(separator.join(row) + "\r\n" for row in ROWS)
    report = Desk().bring(ListKind.ITEMS, written(tmp_path / "a.csv", text.encode(encoding)))
    assert report.accepted == 1
    assert report.sheets[0].header_row == 3


def test_a_csv_file_that_changes_its_encoding_half_way_is_told(tmp_path: Path) -> None:
    rows = "检查主体,检查事项,检查依据\n" + f"甲局,乙检查,{'《丁法》' * 20}\n" * 6_000
    path = written(tmp_path / "a.csv", rows.encode() + "甲局,丙检查,《丁法》\n".encode("gb18030"))
    desk = Desk()
    with pytest.raises(Trouble) as trouble:
        desk.bring(ListKind.ITEMS, path)
    assert trouble.value.code == "sheets.encoding"
    assert desk.reference.versions(ListKind.ITEMS) == []


def test_a_character_cut_by_the_look_ahead_is_still_utf8() -> None:
    assert encoding_of("长沙".encode()[:-1]) == "utf-8"
    assert encoding_of("长沙".encode("gb18030")) == "gb18030"


def test_an_unfinished_quotation_is_told_or_read_but_never_a_defect(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", '检查主体,检查事项,检查依据\n甲局,"乙检查,《丁法》\n'.encode() + b"x" * 200_000)
    assert fault_of(path).code == "sheets.damaged"


def test_numbers_dates_and_percentages_are_read_as_they_are_shown(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet["A1"], sheet["B1"], sheet["C1"], sheet["D1"] = 0.3, 2026.0, 12.5, True
    sheet["A1"].number_format = "0%"
    sheet["E1"] = "2026-03-17"
    made.save(tmp_path / "a.xlsx")
    (only,) = read_sheets(tmp_path / "a.xlsx")
    (row,) = only.rows
    assert row.cells == ("30%", "2026", "12.5", "是", "2026-03-17")


def test_a_workbook_too_large_to_hold_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert WHOLE_BYTES_MAX > 1_000_000
    monkeypatch.setattr("core.sheets.workbooks.WHOLE_BYTES_MAX", 100)
    path = book(tmp_path / "a.xlsx", [["某局清单"], *ROWS])
    report = Desk().bring(ListKind.ITEMS, path)
    assert (report.accepted, report.sheets[0].header_row) == (1, 2)


def test_cells_merged_downwards_fill_and_are_marked() -> None:
    rows = list(merged_rows([["甲", "1"], ["", "2"], ["乙", "3"]], [(0, 1, 0, 0)]))
    assert rows[1] == SheetRow(2, ("甲", "2"), frozenset({0}))
    assert rows[1].own() == {1: "2"}


@pytest.mark.parametrize("name", ["清单.docx", "清单"])
def test_an_export_needs_a_suffix_it_can_write(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        SpreadsheetFiles().write(tmp_path / name, ListKind.ITEMS, [])
    assert refusal.value.code == "sheets.suffix"


def test_an_export_into_a_place_that_is_not_there_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        SpreadsheetFiles().write(tmp_path / "none" / "a.csv", ListKind.ITEMS, [])
    assert trouble.value.code == "sheets.not_written"
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    old = written(tmp_path / "a.csv", b"old")

    def rows() -> Iterator[dict[str, str]]:
        yield {"name": "甲"}
        raise Trouble("sheets.encoding", file="x", encoding="utf-8")

    with pytest.raises(Trouble):
        SpreadsheetFiles().write(old, ListKind.SUBJECTS, rows())
    assert old.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
