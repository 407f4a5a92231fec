"""Chinese line breaking."""

from hypothesis import given
from hypothesis import strategies as st

from core.papers.lines import NO_END, NO_START, break_lines

MEASURE = len
TEXT = st.text(st.sampled_from("检查企业书，。；：《》（）“”、12.3aB"), max_size=120)


def test_a_closing_mark_never_starts_a_line() -> None:
    assert break_lines("一二三四，五六", MEASURE, 4) == ["一二三", "四，五六"]


def test_an_opening_mark_never_ends_a_line() -> None:
    assert break_lines("一二三《四五》", MEASURE, 4) == ["一二三", "《四五》"]


def test_a_number_is_not_split() -> None:
    assert break_lines("共计1,234.5元整", MEASURE, 7) == ["共计", "1,234.5", "元整"]


def test_a_word_longer_than_the_line_is_split() -> None:
    assert break_lines("a" * 9, MEASURE, 4) == ["aaaa", "aaaa", "a"]


def test_the_first_line_is_shorter_by_its_indent() -> None:
    assert break_lines("一二三四五六", MEASURE, 4, 2) == ["一二", "三四五六"]


@given(TEXT, st.integers(8, 40))
def test_every_line_fits_and_nothing_is_lost(text: str, width: int) -> None:
    lines = break_lines(text, MEASURE, width)
    assert "".join(lines) == text
    assert all(len(line) <= width for line in lines)


@given(
    st.lists(st.sampled_from(["检查", "企业，", "《条例》", "（二）", "3.25元；", "“是”。"]), max_size=40).map("".join)
)
def test_ordinary_prose_has_no_bad_start_and_no_bad_end(text: str) -> None:
    lines = break_lines(text, MEASURE, 14)
    assert all(line[0] not in NO_START for line in lines[1:])
    assert all(line[-1] not in NO_END for line in lines[:-1] if line)
