"""Headquarters goes back to a backup: what it lost comes back from whoever holds it, and nothing counts twice."""

from __future__ import annotations

from core.domain.shared_state import Task
from core.kernel.ids import ids_from
from core.sync.hq_pen import draft
from tests.simulation.towns import HOME, OneFault, Story, even


def test_inv17_f13_a_restored_headquarters_gets_everything_back(story: Story) -> None:
    story.all_do(("backup", 0), ("edit", 0), ("sync", 0), ("edit", 1), ("sync", 1), ("restore", 0))
    assert "answer" not in story.families(HOME)
    even(story.sync(story.laptop(0)))
    even(story.sync(story.laptop(1)))
    assert story.families(HOME)["answer"] > 0
    story.check()


def test_inv17_f14_the_work_of_a_dead_laptop_comes_back_from_a_colleague(story: Story) -> None:
    story.all_do(("edit", 0), ("sync", 0), ("backup", 0), ("edit", 0), ("sync", 0), ("sync", 1))
    count = story.families(HOME)["answer"]
    story.all_do(("lose", 0), ("restore", 0), ("sync", 1))
    assert story.families(HOME)["answer"] == count
    story.check()


def test_inv17_f14_even_of_a_laptop_that_the_backup_never_knew(story: Story) -> None:
    story.do("backup", 0)
    story.do("lose", 0)
    story.all_do(("edit", 0), ("sync", 0), ("sync", 1))
    count = story.families(HOME)["answer"]
    story.all_do(("lose", 0), ("restore", 0), ("sync", 1))
    assert story.families(HOME)["answer"] == count
    story.check()


def test_inv17_f14_even_from_a_colleague_who_was_retired_since(story: Story) -> None:
    story.all_do(("edit", 0), ("sync", 0), ("backup", 0), ("edit", 0), ("sync", 0), ("sync", 1))
    count = story.families(HOME)["answer"]
    story.all_do(("lose", 0), ("restore", 0), ("retire", 1), ("sync", 1))
    assert story.town.is_closed(story.laptop(1))
    assert story.families(HOME)["answer"] == count
    story.check()


def test_a_headquarters_restored_twice_before_anybody_read_is_followed(story: Story) -> None:
    story.all_do(("backup", 0), ("edit", 0), ("sync", 0), ("restore", 0))
    laptop = story.laptop(0)
    # The reset is heard, the page behind it is not.
    story.town.try_session(laptop, OneFault(story.town, laptop, "unheard", at=4))
    story.do("restore", 0)
    even(story.sync(laptop))
    story.check()


def test_inv11_an_answer_that_was_lost_and_given_anew_stays_the_only_one(story: Story) -> None:
    story.all_do(("backup", 0), ("lease", 0), ("sync", 0), ("sync", 1), ("restore", 0))
    laptop = story.laptop(0)
    with ids_from(story.town.new_id):
        story.town.centre.write(HOME, [draft(Task(id="t", kind="plan", about="p", at=story.town.hq_clock.now()))])
    run = laptop.end.store.own_run(laptop.device, 1, entries_max=500, bytes_max=1 << 20)
    assert run is not None
    if story.town.is_unknown(laptop):
        story.town.admit(laptop)
    with ids_from(story.town.new_id):
        # The command alone is heard first; the colleague brings the old answer later.
        story.town.centre.desks[0].push(run)
    even(story.sync(story.laptop(1)))
    even(story.sync(laptop))
    assert story.families(HOME)["outcome"] == 1
    story.check()


def test_inv11_an_answer_that_came_back_and_was_lost_again_gives_way_to_a_new_one(story: Story) -> None:
    story.all_do(("backup", 0), ("lease", 0), ("sync", 0), ("restore", 0))
    story.all_do(("task", 0), ("sync", 0), ("sync", 1))
    laptop, colleague = story.laptop(0), story.laptop(1)
    (carrier,) = (place for place in colleague.end.rows() if place[0] == "kept_entry")
    story.all_do(("restore", 0), ("task", 0))
    run = laptop.end.store.own_run(laptop.device, 1, entries_max=500, bytes_max=1 << 20)
    assert run is not None
    with ids_from(story.town.new_id):
        # The command alone is heard first; the colleague brings the answer inside of its carrier later.
        story.town.centre.desks[0].push(run)
    even(story.sync(colleague))
    counted = story.families(HOME)
    assert counted["outcome"] == 1
    even(story.sync(laptop))
    even(story.sync(colleague))
    # Nobody shows the carrier any more, and that it is void was written once.
    assert story.families(HOME) == counted
    for one in (laptop, colleague):
        shown = one.end.rows().get(carrier)
        assert shown is None or shown.body is None
    story.check()


def test_no_number_is_given_out_twice_however_often_a_backup_is_put_in_place(story: Story) -> None:
    story.do("backup", 0)
    for _ in range(3):
        for dice in range(4):
            story.do("lease", 0, dice=dice)
        story.all_do(("sync", 0), ("sync", 1), ("restore", 0))
    for dice in range(4):
        story.do("lease", 1, dice=dice)
    story.do("sync", 1)
    assert story.town.ledger.numbers
    story.check()
