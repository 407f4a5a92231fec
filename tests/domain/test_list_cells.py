"""Texts of cells become values, and values become texts that mean the same."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.catalog import SubjectKind
from core.domain.list_cells import (
    WORDS,
    BadCell,
    clean,
    key,
    parse_date,
    parse_int,
    parse_months,
    parse_times,
    parse_word,
    show,
    split_names,
    split_parts,
)
from core.domain.officers import CertState

cell_texts = st.text(
    alphabet=st.sampled_from("检查abAB12１２ＡＢ％（），；;、《》\n\r\t \u3000\xa0\u200b\ufeff·"), max_size=30
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\u3000对建筑工地的检查 ", "对建筑工地的检查"),
        ("对占用城市道\n路照明设施的检查", "对占用城市道路照明设施的检查"),
        ("市场主体\xa0", "市场主体"),
        ("２-１１月", "2-11月"),
        ("４％", "4%"),
        ("ISO\n9001", "ISO 9001"),
        ("甲  乙", "甲 乙"),
        ("营业执照（登记证）", "营业执照（登记证）"),
        ("甲\ufeff\u200b乙", "甲乙"),
    ],
)
def test_what_layout_left_in_a_text_is_gone(typed: str, meant: str) -> None:
    assert clean(typed) == meant


@given(cell_texts)
def test_a_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(cell_texts)
def test_the_key_of_a_text_is_the_key_of_its_clean_form(text: str) -> None:
    assert key(clean(text)) == key(text)
    assert not any(char.isspace() for char in key(text))
    assert unicodedata.is_normalized("NFKC", key(text))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("《甲法》第一条;《乙法》第二条", ("《甲法》第一条", "《乙法》第二条")),
        ("《甲法》第一条；\n《乙法》第二条。", ("《甲法》第一条", "《乙法》第二条。")),
        ("《甲法》第一条\n《乙法》", ("《甲法》第一条", "《乙法》")),
        ("《甲\n法》第一条", ("《甲法》第一条",)),
        ("1.《甲法》\n2.《乙法》", ("1.《甲法》", "2.《乙法》")),
        ("", ()),
    ],
)
def test_legal_bases_part_where_a_new_one_begins(text: str, parts: tuple[str, ...]) -> None:
    assert split_parts(text) == parts


def test_bodies_part_at_enumeration_commas_outside_brackets() -> None:
    assert split_names("甲局、乙局（丙、丁科）;戊局") == ("甲局", "乙局（丙、丁科）", "戊局")


@pytest.mark.parametrize(
    "text",
    [
        "2025-06-30",
        "2025/6/30",
        "2025.06.30",
        "2025年6月30日",
        "２０２５年６月３０日",
        "20250630",
        "45838",
        "2025-06-30 00:00:00",
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert parse_date(text) == date(2025, 6, 30)


def test_a_month_alone_is_its_first_or_its_last_day() -> None:
    assert parse_date("2025年6月") == date(2025, 6, 1)
    assert parse_date("2025年6月", is_end=True) == date(2025, 6, 30)
    assert parse_date("2024.2", is_end=True) == date(2024, 2, 29)
    assert parse_date("2025年12月", is_end=True) == date(2025, 12, 31)


def test_a_period_without_end_has_no_last_day() -> None:
    assert parse_date("长期", is_end=True) is None


@pytest.mark.parametrize(
    "text", ["明天", "2025", "2025-13-01", "2025年6月31日", "6月30日", "19999", "80001", "0000-01-01"]
)
def test_what_is_no_day_is_complained_about(text: str) -> None:
    with pytest.raises(BadCell) as bad:
        parse_date(text)
    assert bad.value.code == "DATE_UNREADABLE"


@given(st.dates())
def test_a_shown_day_is_read_again(day: date) -> None:
    assert parse_date(show(day)) == day


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("9月", (9,)),
        ("5-10月", (5, 6, 7, 8, 9, 10)),
        ("２-１１月", (2, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
        ("10月-次年3月", (10, 11, 12, 1, 2, 3)),
        ("5月-次年1月", (5, 6, 7, 8, 9, 10, 11, 12, 1)),
        ("一季度、9月", (1, 2, 3, 9)),
        ("下半年", (7, 8, 9, 10, 11, 12)),
        ("2025年3月", (3,)),
        ("2025年3月至2025年5月", (3, 4, 5)),
        ("13月", ()),
        ("9-3月", ()),
        ("本年度", ()),
        ("中小学寒假期间", ()),
        ("春、秋季,根据上级监管要求确定", ()),
        ("", ()),
    ],
)
def test_months_are_read_only_where_they_are_named(text: str, months: tuple[int, ...]) -> None:
    assert parse_months(text) == months


@given(cell_texts)
def test_months_are_months_whatever_the_text(text: str) -> None:
    found = parse_months(text)
    assert len(set(found)) == len(found)
    assert set(found) <= set(range(1, 13))


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("1次/年", 1),
        ("每年不超过２次", 2),
        ("4", 4),
        ("每年一次", 1),
        ("不超过两次", 2),
        ("每三年至少覆盖一次", None),
        ("A、B、C、D类煤矿现场执法检查年度分别不超过2次、4次、6次、4次", None),
        ("1次/月", None),
        ("适时", None),
    ],
)
def test_a_cap_is_a_number_only_where_it_is_one_a_year(text: str, times: int | None) -> None:
    assert parse_times(text) == times


def test_a_year_is_read_with_its_word() -> None:
    assert parse_int("２０２５年度") == 2025
    with pytest.raises(BadCell):
        parse_int("去年")


def test_words_of_a_closed_set_are_read_and_others_are_told_with_the_choices() -> None:
    assert parse_word(SubjectKind, "法律、法规授权的组织") is SubjectKind.AUTHORIZED_ORG
    assert parse_word(CertState, "suspended") is CertState.SUSPENDED
    with pytest.raises(BadCell) as bad:
        parse_word(CertState, "可能有效")
    assert (bad.value.code, bad.value.params) == ("WORD_UNKNOWN", {"choices": "有效、暂扣、吊销"})


def test_every_value_of_a_closed_set_is_shown_as_a_word_that_reads_as_itself() -> None:
    for kind, table in WORDS.items():
        for value in table:
            assert parse_word(kind, show(value)) == value
    assert all(set(table) == set(kind) for kind, table in WORDS.items() if kind is not bool)  # type: ignore[call-overload]  # enums are iterable
