"""Pinyin initials and the words of a search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.initials import initials_of
from core.domain.search_terms import Term, TermKind, bigrams, normal, terms


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("长沙", "CS"),
        ("重庆", "CQ"),
        ("厦门", "XM"),
        ("长沙市岳麓区银宇昇五金店商行", "CSSYLQYYSWJDSH"),
        ("湖南长沙麓谷源烟酒行", "HNCSLGYYJH"),
        ("溁左路", "YZL"),
        ("广厦建设", "GSJS"),
        ("长沙市岳麓区星辰KTV", "CSSYLQXCKTV"),
        ("7天(湖南)酒店", "7THNJD"),
        ("ＡＢ１号", "AB1H"),
        ("", ""),
    ],
)
def test_initials_read_polyphones_as_the_place_and_the_trade_do(name: str, initials: str) -> None:
    assert initials_of(name) == initials


@given(st.text(max_size=30))
def test_initials_hold_only_upper_case_letters_and_digits(name: str) -> None:
    initials = initials_of(name)
    assert all(letter.isascii() and letter.isalnum() and letter == letter.upper() for letter in initials)


def test_the_normal_form_drops_brackets_and_folds_width_and_case() -> None:
    assert normal("湖南（长沙）ａｂ 有限公司·一店") == "湖南长沙AB有限公司一店"


def test_bigrams_are_the_distinct_pieces_in_order() -> None:
    assert bigrams("商贸商贸行") == ("商贸", "贸商", "贸行")
    assert bigrams("湘") == ("湘",)
    assert bigrams("()") == ()


def test_a_query_falls_into_words_that_know_what_they_look_like() -> None:
    assert terms("长沙 麓谷，hncs 91430104 3号") == (
        Term(text="长沙", kind=TermKind.TEXT),
        Term(text="麓谷", kind=TermKind.TEXT),
        Term(text="HNCS", kind=TermKind.INITIALS),
        Term(text="91430104", kind=TermKind.CODE),
        Term(text="3号", kind=TermKind.TEXT),
    )


def test_a_code_typed_in_groups_is_one_whole_code() -> None:
    (term,) = terms("91430104 ma4x jt0158")
    assert term == Term(text="91430104MA4XJT0158", kind=TermKind.CODE)
    assert term.is_whole_code


def test_an_empty_query_asks_for_nothing() -> None:
    assert terms(" （） ") == ()


@given(st.text(max_size=40))
def test_the_normal_form_is_stable(text: str) -> None:
    assert normal(normal(text)) == normal(text)
