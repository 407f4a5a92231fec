"""Reading the rows of a family by their indexed fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.checklists import Answer
from core.kernel.records import changed
from tests.helpers.stores import answer, fresh_store, opener


def test_several_values_of_a_field_mean_any_of_them_in_the_order_they_were_made(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    made = [changed(answer(number), visit=f"v-{number}") for number in (3, 1, 2)]
    with opener(store)() as work:
        for one in made:
            work.table(Answer).put(one)
    with opener(store)() as work:
        table = work.table(Answer)
        assert table.where(visit=("v-1", "v-3")) == (made[0], made[1])
        assert table.where(visit=frozenset({"v-2"})) == (made[2],)
        assert table.where(visit=()) == ()


def test_a_work_that_only_reads_does_not_ask_for_the_end_of_the_chain(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with opener(store)() as work:
        assert work.table(Answer).where(visit="v-1") == ()
        assert work.before is None
        assert work.chain_head() == store.head().chain.hex()


def test_the_newest_rows_come_first_and_no_more_than_asked(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    made = [changed(answer(number), visit=f"v-{number}") for number in (3, 1, 2)]
    with opener(store)() as work:
        for one in made:
            work.table(Answer).put(one)
    with opener(store)() as work:
        table = work.table(Answer)
        assert table.newest("visit", limit=2) == (made[0], made[2])
        assert table.newest("visit", limit=9) == (made[0], made[2], made[1])


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("现场已拍照", "已拍"),
        ("Factory A", "factory a"),
        ("50% done", "50%"),
        ("a_b", "a_b"),
        ('he said "no"', 'said "no'),
        ("back\\slash", "k\\s"),
        ("ÉCOLE", "école"),
    ],
)
def test_a_row_that_holds_the_text_is_never_left_out(tmp_path: Path, note: str, text: str) -> None:
    store = fresh_store(tmp_path)
    with opener(store)() as work:
        work.table(Answer).put(changed(answer(1), note=note))
    with opener(store)() as work:
        assert len(work.table(Answer).newest("visit", limit=9, text=text)) == 1


@pytest.mark.parametrize("text", ["没有", "5% d", "axb"])
def test_rows_that_hold_the_text_nowhere_are_left_out(tmp_path: Path, text: str) -> None:
    store = fresh_store(tmp_path)
    with opener(store)() as work:
        work.table(Answer).put(changed(answer(1), note="50% done, a_b"))
    with opener(store)() as work:
        assert work.table(Answer).newest("visit", limit=9, text=text) == ()
