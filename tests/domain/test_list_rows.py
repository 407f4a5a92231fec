"""Rows become records or complaints, and records become rows that say the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.catalog import Cap, Item, LeniencyEntry
from core.domain.enterprises import Enterprise
from core.domain.list_cells import clean
from core.domain.list_rows import NATURAL_KEYS, RECORDS, REQUIRED, WANTED, RawRow, field_names, read_row, show_row
from core.domain.lists import ListKind, Origin
from core.domain.officers import CertState, Officer, Role
from core.domain.plans import Plan

words = st.text(alphabet="检查甲乙丙ab12（）、《》- ", max_size=12).map(clean)


def read(kind: ListKind, **values: str) -> Any:
    return read_row(kind, RawRow(1, values))


def codes(notes: tuple[Any, ...]) -> list[tuple[str, str]]:
    return [(note.field, note.code) for note in notes]


@pytest.mark.parametrize("kind", ListKind)
def test_an_empty_row_is_rejected_for_what_it_lacks(kind: ListKind) -> None:
    row = read(kind)
    assert row.record is None
    assert {note.code for note in row.faults} >= set(REQUIRED[kind].values())


@pytest.mark.parametrize("kind", ListKind)
def test_the_rules_name_only_fields_of_the_record(kind: ListKind) -> None:
    fields = set(field_names(kind))
    assert set(REQUIRED[kind]) | set(WANTED.get(kind, ())) | set(NATURAL_KEYS.get(kind, ())) <= fields
    assert RECORDS[kind].__struct_fields__ == field_names(kind)


@given(words, words, words, st.lists(words.filter(bool), max_size=3), st.none() | st.dates(), st.sampled_from(Origin))
def test_a_shown_item_is_read_again(
    subject: str, name: str, method: str, bases: list[str], day: date | None, origin: Origin
) -> None:
    item = Item(
        id="i-1",
        subject=subject or "甲",
        name=name or "乙",
        method=method,
        legal_basis=tuple(bases),
        in_force_from=day,
        origin=origin,
    )
    assert read_row(ListKind.ITEMS, RawRow(1, show_row(item))).record == item


@given(
    st.lists(st.sampled_from(Role), min_size=1, max_size=4, unique=True),
    st.sampled_from(CertState),
    st.text("0123456789ABC", min_size=4, max_size=32),
)
def test_a_shown_officer_is_read_again(roles: list[Role], state: CertState, number: str) -> None:
    officer = Officer(id="o-1", name="张三", subject="甲局", roles=tuple(roles), cert_no=number, cert_state=state)
    assert read_row(ListKind.OFFICERS, RawRow(1, show_row(officer))).record == officer


@pytest.mark.parametrize("times", [None, 3])
def test_a_shown_cap_is_read_again(times: int | None) -> None:
    cap = Cap(id="c-1", subject="甲局", times=times, text="看情况")
    assert read_row(ListKind.CAPS, RawRow(1, show_row(cap))).record == cap


def test_two_typists_meet_on_one_id() -> None:
    one = read(ListKind.ITEMS, subject="甲局", name="对（乙）的检查", legal_basis="《丁法》")
    other = read(ListKind.ITEMS, subject=" 甲局", name="对(乙)的\n检查", legal_basis="《戊法》")
    assert one.record.id == other.record.id
    assert read(ListKind.ITEMS, subject="甲局", name="对（丙）的检查").record.id != one.record.id


def test_a_titles_body_fills_only_an_empty_cell() -> None:
    context = {"subject": "甲局"}
    empty = read_row(ListKind.ITEMS, RawRow(1, {"name": "乙", "subject": "\u3000"}, context)).record
    filled = read_row(ListKind.ITEMS, RawRow(1, {"name": "乙", "subject": "丙局"}, context)).record
    assert isinstance(empty, Item)
    assert isinstance(filled, Item)
    assert (empty.subject, filled.subject) == ("甲局", "丙局")


def test_every_bad_cell_of_a_row_is_told() -> None:
    row = read(ListKind.OFFICERS, name="张三", subject="甲局", cert_no="12", cert_to="明天", cert_state="好")
    assert codes(row.faults) == [
        ("cert_to", "DATE_UNREADABLE"),
        ("cert_state", "WORD_UNKNOWN"),
        ("cert_no", "CERT_NO_LENGTH"),
    ]


@pytest.mark.parametrize(("length", "is_kept"), [(3, False), (4, True), (32, True), (33, False)])
def test_a_certificate_number_has_four_to_thirty_two_characters(length: int, is_kept: bool) -> None:
    row = read(ListKind.OFFICERS, name="张三", subject="甲局", cert_no="7" * length, cert_to="2027-01-01")
    assert (row.record is not None) is is_kept


def test_an_officer_without_a_certificate_is_kept_as_an_auxiliary() -> None:
    row = read(ListKind.OFFICERS, name="张三", subject="甲局")
    assert row.record.cert_no == ""
    assert codes(row.warnings) == [("cert_no", "CERT_MISSING")]


def test_a_certificate_that_ends_before_it_begins_is_rejected() -> None:
    row = read(
        ListKind.OFFICERS, name="张三", subject="甲局", cert_no="1234", cert_from="2026-02-01", cert_to="2026-01-31"
    )
    assert codes(row.faults) == [("cert_to", "PERIOD_BACKWARDS")]


def test_a_credit_code_is_cleaned_and_checked() -> None:
    good = read(ListKind.ENTERPRISES, name="甲店", uscc=" ９2430104ma2ax8mk5l ")
    assert isinstance(good.record, Enterprise)
    assert (good.record.id, good.record.uscc) == ("92430104MA2AX8MK5L", "92430104MA2AX8MK5L")
    bad = read(ListKind.ENTERPRISES, name="甲店", uscc="92430104MA2AX8MK5M")
    assert (bad.record, codes(bad.faults)) == (None, [("uscc", "USCC_WRONG")])


def test_an_enterprise_without_a_code_is_known_by_name_and_address() -> None:
    one = read(ListKind.ENTERPRISES, name="甲店", address="麓山路1号")
    assert one.record.id.startswith("x-")
    assert codes(one.warnings) == [("uscc", "USCC_MISSING")]
    assert read(ListKind.ENTERPRISES, name=" 甲店", address="麓山路１号").record.id == one.record.id
    assert read(ListKind.ENTERPRISES, name="甲店", address="麓山路2号").record.id != one.record.id
    assert read(ListKind.ENTERPRISES, name="甲店", no_uscc_reason="农贸市场摊位").warnings == ()


def test_initials_are_made_where_they_are_missing_and_kept_where_they_are_given() -> None:
    assert read(ListKind.ENTERPRISES, name="长沙商行").record.initials == "CSSH"
    assert read(ListKind.ENTERPRISES, name="长沙商行", initials="ABC").record.initials == "ABC"


@pytest.mark.parametrize(("typed", "kept"), [("A", "A"), ("b级", "B"), ("Ｃ", "C"), ("优秀", "")])
def test_a_grade_is_one_of_four_or_not_known(typed: str, kept: str) -> None:
    row = read(ListKind.ENTERPRISES, name="甲店", no_uscc_reason="无", grade=typed)
    assert row.record.grade == kept
    assert codes(row.warnings) == ([] if kept else [("grade", "GRADE_UNKNOWN")])


def test_a_plan_without_a_year_counts_for_none() -> None:
    row = read(ListKind.PLANS, item_name="乙检查", subject="甲局", ratio_or_count="5%", months_text="3-5月")
    assert isinstance(row.record, Plan)
    assert (row.record.year, row.record.months) == (0, (3, 4, 5))
    assert codes(row.warnings) == [("year", "YEAR_MISSING")]


def test_months_that_cannot_be_read_are_told_and_kept_as_text() -> None:
    row = read(
        ListKind.PLANS, item_name="乙", subject="甲局", year="2026", ratio_or_count="1", months_text="中小学寒假期间"
    )
    assert (row.record.months, row.record.months_text) == ((), "中小学寒假期间")
    assert codes(row.warnings) == [("months_text", "MONTHS_NOT_READ")]


@pytest.mark.parametrize(
    ("basis", "is_old"),
    [
        ("《中华人民共和国行政处罚法》第二十七条", True),
        ("《行政处罚法》第二十七条第二款;《甲法》第一条", True),
        ("《中华人民共和国行政处罚法》第三十三条", False),
        ("《行政处罚法》第三十三条;《甲法》第二十七条", False),
        ("《治安管理处罚法》第二十七条", False),
    ],
)
def test_the_old_number_of_the_leniency_article_is_told(basis: str, is_old: bool) -> None:
    row = read(
        ListKind.LENIENCY, list_type="不予处罚", agency="甲局", violation="乙", conditions="首次", leniency_basis=basis
    )
    assert isinstance(row.record, LeniencyEntry)
    assert codes(row.warnings) == ([("leniency_basis", "BASIS_OLD_NUMBERING")] if is_old else [])


def test_a_cap_that_is_no_number_is_kept_as_text() -> None:
    row = read(ListKind.CAPS, text="每三年至少覆盖一次")
    assert isinstance(row.record, Cap)
    assert (row.record.times, row.record.text) == (None, "每三年至少覆盖一次")
    assert codes(row.warnings) == [("text", "CAP_NOT_A_NUMBER")]


def test_a_holiday_and_a_worked_weekend_are_told_apart() -> None:
    assert read(ListKind.CALENDAR, day="2026-10-01", is_working="放假").record.is_working is False
    assert read(ListKind.CALENDAR, day="2026年10月10日", is_working="调休上班").record.is_working is True
