"""The pieces of the search: whatever stands in a row is found by whatever part of it is typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.domain.enterprises import Enterprise
from core.domain.search_terms import normal, terms
from core.storage.ref_pieces import INITIALS, NAMES, PLACES, asked_pieces, row_pieces

CHINESE = st.text("长沙市岳麓区湘江新区餐饮管理有限公司药店A1", min_size=1, max_size=14)
LETTERS = st.text("ABCDXYZ", min_size=1, max_size=12)


def pieces_of(row: Enterprise) -> set[str]:
    return set(row_pieces(row).split(" "))


@given(name=CHINESE, begin=st.integers(0, 13), length=st.integers(1, 14))
def test_any_part_of_a_name_is_held(name: str, begin: int, length: int) -> None:
    part = name[begin : begin + length] or name
    (word,) = terms(part)
    assert set(asked_pieces(NAMES, word)) <= pieces_of(Enterprise(id="x", name=name))


@given(address=CHINESE, begin=st.integers(0, 13), length=st.integers(2, 14))
def test_any_two_characters_of_an_address_are_held(address: str, begin: int, length: int) -> None:
    part = address[begin : begin + length] or address
    (word,) = terms(part)
    assert set(asked_pieces(PLACES, word)) <= pieces_of(Enterprise(id="x", name="某店", address=address))


@given(letters=LETTERS, begin=st.integers(0, 11), length=st.integers(2, 12))
def test_any_two_letters_of_the_initials_are_held(letters: str, begin: int, length: int) -> None:
    part = letters[begin : begin + length]
    asked = asked_pieces(INITIALS, terms(part)[0]) if len(part) > 1 else ()
    assert set(asked) <= pieces_of(Enterprise(id="x", name="某店", initials=letters))


def test_one_letter_means_initials_that_begin_with_it() -> None:
    held = pieces_of(Enterprise(id="x", name="长沙药店", initials="CSYD"))
    (first,), (second,) = terms("C"), terms("S")
    assert set(asked_pieces(INITIALS, first)) <= held
    assert not set(asked_pieces(INITIALS, second)) <= held


def test_one_character_is_no_place_and_chinese_is_no_initials() -> None:
    (road,), (name,) = terms("路"), terms("药店")
    assert asked_pieces(PLACES, road) == ()
    assert asked_pieces(INITIALS, name) == ()


@given(name=CHINESE)
def test_pieces_of_a_row_are_its_normal_form_cut(name: str) -> None:
    assert set(normal(name)) <= pieces_of(Enterprise(id="x", name=name))
