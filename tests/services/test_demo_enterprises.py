"""Made-up enterprises."""

from __future__ import annotations

import csv
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from core.domain.initials import initials_of
from core.domain.list_rows import read_row
from core.domain.lists import ListKind, Origin
from core.kernel.errors import Cancelled, Trouble
from core.kernel.progress import Stoppable
from core.kernel.records import changed
from core.services.demo.enterprises import CSV_HEADINGS, EnterpriseMaker, generate, write_csv
from core.services.demo.published import rows_of
from core.services.demo.usccs import CHARACTERS, SERIALS, UsccMaker
from core.sheets.tables import read_tables

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "enterprises-2000.csv"
MAKER = UsccMaker(("91430104",))


def organisation_check(first8: str) -> str:
    """GB 11714, written out a second time from the standard."""
    values = [int(c) if c.isdigit() else ord(c) - 55 for c in first8]
    rest = 11 - sum(v * w for v, w in zip(values, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


@given(st.integers(0, SERIALS - 1))
def test_every_code_has_both_check_digits_right(serial: int) -> None:
    code = MAKER.code("91430104", serial)
    assert uscc.is_valid(code)
    assert code[16] == organisation_check(code[8:16])


@given(st.integers(0, SERIALS - 1))
def test_a_code_tells_its_serial_so_two_serials_never_share_one(serial: int) -> None:
    read = 0
    for character in MAKER.code("91430104", serial)[10:16]:
        read = read * 31 + CHARACTERS.index(character)
    assert read == serial


def test_the_first_rows_are_the_same_for_a_larger_number() -> None:
    assert list(generate(50)) == list(islice(generate(1_000_000), 50))


def test_another_seed_gives_other_enterprises() -> None:
    assert {row.uscc for row in generate(50)}.isdisjoint({row.uscc for row in generate(50, seed=7)})


def test_two_thousand_enterprises_are_demo_and_have_their_own_codes() -> None:
    rows = list(generate(2000))
    assert len({row.id for row in rows}) == 2000
    assert {row.origin for row in rows} == {Origin.DEMO}
    assert {row.street_code for row in rows} == {row["street_code"] for row in rows_of("streets")}


def test_initials_put_together_from_parts_are_those_of_the_whole_name() -> None:
    different = [row.name for row in generate(2000) if row.initials != initials_of(row.name)]
    # A part of a name is read without its neighbours: 乐 after 雅 may be read either way.
    assert len(different) <= 10


def test_the_matter_is_that_of_the_shared_sample() -> None:
    if not SHARED.exists():
        pytest.skip("the shared sample of enterprises is not beside this checkout")
    with SHARED.open(encoding="utf-8-sig", newline="") as file:
        sample = [(row["uscc"], row["name"], row["address"], row["legal_rep"]) for row in csv.DictReader(file)]
    assert [(row.uscc, row.name, row.address, row.legal_rep) for row in generate(2000)] == sample


def test_the_csv_file_holds_every_row_under_chinese_headings(tmp_path: Path) -> None:
    path = tmp_path / "enterprises.csv"
    watched = Stoppable()
    write_csv(120, path, watched)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    first = EnterpriseMaker().row(0)
    assert (len(rows), watched.done) == (120, 120)
    assert list(rows[0]) == [heading for _, heading in CSV_HEADINGS]
    assert (rows[0]["统一社会信用代码"], rows[0]["拼音首字母"]) == (first.uscc, first.initials)
    assert date.fromisoformat(rows[0]["成立日期"]) == first.established_on


def test_writing_stops_when_the_person_says_so(tmp_path: Path) -> None:
    watched = Stoppable()
    watched.stop = True
    with pytest.raises(Cancelled):
        write_csv(10, tmp_path / "enterprises.csv", watched)


def test_a_folder_that_is_not_there_is_trouble_with_words(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        write_csv(1, tmp_path / "missing" / "enterprises.csv")
    assert trouble.value.code == "demo.file_unwritable"


def test_the_csv_file_comes_in_as_a_list_without_correction(tmp_path: Path) -> None:
    path = tmp_path / "enterprises.csv"
    write_csv(60, path)
    (table,) = read_tables(path, ListKind.ENTERPRISES)
    rows = [read_row(ListKind.ENTERPRISES, row, origin=Origin.DEMO) for row in table.rows]
    assert [(row.faults, row.warnings) for row in rows] == [((), ())] * 60
    assert [row.record for row in rows] == [changed(row, source_id="") for row in generate(60)]
