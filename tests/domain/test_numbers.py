"""Document numbers: blocks, use, gaps."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import DocumentKind
from core.domain.numbers import (
    DEFAULT_PATTERN,
    NumberBlock,
    NumberUse,
    UseState,
    block_for,
    burnt,
    format_number,
    is_low,
    new_block,
    next_first,
    remaining,
    report,
    take,
    void,
)
from core.kernel.errors import Refusal

AT = datetime(2026, 3, 6, tzinfo=UTC)


def block(identifier: str = "b-1", *, year: int = 2026, first: int = 1, size: int = 10) -> NumberBlock:
    return new_block(
        identifier,
        body="甲局",
        kind=DocumentKind.SUMMARY_PENALTY,
        year=year,
        station="站",
        first=first,
        size=size,
        at=AT,
    )


def take_one(of: NumberBlock) -> tuple[NumberBlock, NumberUse]:
    return take(of, f"{of.next_seq}号", document=f"d-{of.next_seq}", at=AT, by="officer-1")


def test_the_real_example_of_hunan_is_one_pattern_away() -> None:
    number = format_number(
        "{agency_abbr}{type_abbr}〔{year}〕第{seq}号", agency_abbr="潭县教", type_abbr="罚字", year=2025, seq=2
    )
    assert number == "潭县教罚字〔2025〕第2号"


def test_the_default_pattern_has_no_leading_zero() -> None:
    assert (
        format_number(DEFAULT_PATTERN, agency_abbr="湘新城管", type_abbr="检通", year=2026, seq=7)
        == "湘新城管检通〔2026〕7号"
    )


@pytest.mark.parametrize("pattern", ["{year}", "{seq}", "{year}{seq}{name}", "{year}{seq}{", "{year}{seq}{0}"])
def test_a_pattern_that_cannot_tell_numbers_apart_is_refused(pattern: str) -> None:
    with pytest.raises(Refusal) as refused:
        format_number(pattern, agency_abbr="a", type_abbr="b", year=2026, seq=1)
    assert refused.value.code == "numbers.pattern_invalid"


def test_the_last_number_may_be_taken_and_no_further() -> None:
    of = block(size=1)
    of, use = take_one(of)
    assert (use.seq, remaining(of)) == (1, 0)
    with pytest.raises(Refusal) as refused:
        take_one(of)
    assert refused.value.code == "numbers.block_exhausted"


@pytest.mark.parametrize(("size", "low"), [(4, True), (5, False)])
def test_below_five_left_is_low(size: int, low: bool) -> None:
    assert is_low([block(size=size)]) is low


def test_a_new_year_does_not_take_from_last_years_block() -> None:
    assert block_for([block(year=2025)], year=2026) is None


def test_an_own_block_of_a_new_year_begins_at_one() -> None:
    assert next_first([block(year=2025)], year=2026) == 1


def test_a_burnt_block_gives_nothing_and_its_numbers_are_passed_over() -> None:
    dead = burnt(block(), "restored")
    assert remaining(dead) == 0
    assert block_for([dead], year=2026) is None
    assert next_first([dead], year=2026) == 11


def test_the_lowest_free_number_is_taken_first() -> None:
    assert block_for([block("b-2", first=11), block("b-1")], year=2026) == block("b-1")


def test_voiding_needs_a_reason_and_happens_once() -> None:
    _, use = take_one(block())
    with pytest.raises(Refusal) as refused:
        void(use, " ", at=AT, by="officer-1")
    assert refused.value.code == "numbers.void_reason_missing"
    gone = void(use, "打印机卡纸", at=AT, by="officer-1")
    assert (gone.state, gone.reason) == (UseState.VOID, "打印机卡纸")
    with pytest.raises(Refusal) as again:
        void(gone, "再次", at=AT, by="officer-1")
    assert again.value.code == "numbers.already_void"


def test_the_gap_report_names_what_nobody_explained() -> None:
    of, first = take_one(block())
    of, second = take_one(of)
    of, third = take_one(of)
    told = report(of, [first, void(third, "污损", at=AT, by="x")], ["d-1", "d-2"])
    assert [(gap.seq, gap.why) for gap in told.gaps] == [(second.seq, "no_record")]
    assert (told.taken, told.void, told.unused) == (1, 1, 7)


def test_a_number_without_its_document_is_a_gap() -> None:
    of, first = take_one(block())
    assert [gap.why for gap in report(of, [first], []).gaps] == ["no_document"]


@given(st.lists(st.sampled_from(["take", "void"]), max_size=40))
def test_no_number_is_ever_given_twice_and_none_is_unexplained(steps: list[str]) -> None:
    blocks = [block(size=3)]
    uses: list[NumberUse] = []
    for step in steps:
        of = block_for(blocks, year=2026)
        if of is None:
            of = block(f"b-{len(blocks) + 1}", first=next_first(blocks, year=2026), size=3)
            blocks.append(of)
        after, use = take_one(of)
        blocks[blocks.index(of)] = after
        uses.append(void(use, "污损", at=AT, by="x") if step == "void" else use)
    assert [use.seq for use in uses] == list(range(1, len(steps) + 1))
    documents = [use.document for use in uses if use.state is UseState.TAKEN]
    assert not [gap for of in blocks for gap in report(of, uses, documents).gaps]
