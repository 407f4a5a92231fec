"""Pages: what follows a cursor, what does not, and what is left of a page that was read in part."""

from __future__ import annotations

import msgspec
import pytest

from core.crypto import signing
from core.kernel.errors import Refusal
from core.sync.runs import check_run
from core.sync.streams import Cursor, Page, Reset, check_page, cursor_after, cut_page, decode_page, encode_page, runs_of
from tests.sync.chains import STREAM, Author, page


def two_runs() -> tuple[Author, Page]:
    author = Author()
    author.write(7)
    return author, page(author.run(1, 4), author.run(5, 7))


def test_a_page_goes_over_the_line_and_comes_back_equal() -> None:
    _, sent = two_runs()
    assert decode_page(encode_page(sent)) == sent


def test_a_reset_goes_over_the_line_and_comes_back_equal() -> None:
    sent = Reset(stream=STREAM, epoch="e-2", why="epoch")
    assert decode_page(encode_page(sent)) == sent


def test_a_page_follows_the_empty_cursor_and_moves_it_to_its_end() -> None:
    _, given = two_runs()
    check_page(given, Cursor(stream=STREAM))
    assert cursor_after(given) == Cursor(stream=STREAM, epoch="e-1", seq=7, head=given.head)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"first": 2}, "does_not_follow"),
        ({"prev": bytes([1]) * 32}, "does_not_follow"),
        ({"head": bytes([1]) * 32}, "hash"),
    ],
)
def test_inv12_a_page_that_does_not_follow_is_refused(change: dict[str, object], why: str) -> None:
    _, given = two_runs()
    with pytest.raises(Refusal) as refusal:
        check_page(msgspec.structs.replace(given, **change), Cursor(stream=STREAM))
    assert (refusal.value.code, refusal.value.params["why"]) == ("sync.page_damaged", why)


def test_inv12_a_page_with_two_lines_swapped_is_refused() -> None:
    _, given = two_runs()
    lines = (given.lines[1], given.lines[0], *given.lines[2:])
    with pytest.raises(Refusal) as refusal:
        check_page(msgspec.structs.replace(given, lines=lines), Cursor(stream=STREAM))
    assert refusal.value.params["why"] == "hash"


@pytest.mark.parametrize("known", range(7))
def test_a_page_read_in_part_is_cut_to_what_is_new_and_its_seals_still_hold(known: int) -> None:
    author, given = two_runs()
    before = page(author.run(1, known)) if known else None
    cursor = Cursor(stream=STREAM) if before is None else cursor_after(before)
    left = cut_page(given, cursor)
    assert left is not None
    check_page(left, cursor)
    assert left.lines == given.lines[known:]
    assert [check_run(run, author.public, signing.verify).header.last for run in runs_of(left)][-1] == 7


def test_a_page_that_was_read_whole_leaves_nothing() -> None:
    _, given = two_runs()
    assert cut_page(given, cursor_after(given)) is None


def test_a_page_that_tells_another_past_is_refused() -> None:
    author, given = two_runs()
    other = Author("d-9")
    other.write(3)
    with pytest.raises(Refusal) as refusal:
        cut_page(given, cursor_after(page(other.run())))
    assert refusal.value.code == "sync.page_damaged"
    assert author.lines != other.lines
