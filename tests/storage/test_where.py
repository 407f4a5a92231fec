"""Reading the rows of a family by their indexed fields."""

from __future__ import annotations

from pathlib import Path

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
