"""The failures of sync.md section 5, one by one, on the same ends as the simulation; and what the simulation found."""

from __future__ import annotations

import pytest

from core.cli.bench.simulation.acts import change
from core.cli.bench.simulation.ends import Change
from core.cli.bench.simulation.laptop import Laptop
from core.cli.bench.simulation.wire import ODDS
from core.domain.shared_state import Command, CommandKind, Outcome, Task, TaskState
from core.kernel.errors import Fault, Refusal
from core.kernel.ids import ids_from
from core.kernel.records import changed, from_plain
from core.sync.entries import decode
from core.sync.hq_pen import draft
from tests.simulation.towns import HOME, OneFault, Story, even


def outcomes(story: Story, laptop: Laptop) -> list[Outcome]:
    """Return the outcomes that a laptop shows."""
    rows = [row for (family, _), row in laptop.end.rows().items() if family == "outcome"]
    return [from_plain(Outcome, row.body) for row in rows if row.body is not None]


# The line.


@pytest.mark.parametrize("kind", list(ODDS))
@pytest.mark.parametrize("at", range(6))
def test_f05_f06_f07_f08_f11_one_fault_anywhere_costs_nothing(model_story: Story, kind: str, at: int) -> None:
    model_story.all_do(("edit", 0), ("edit", 1), ("task", 0))
    model_story.do("sync", 1)
    line = OneFault(model_story.town, model_story.laptop(0), kind, at)
    model_story.town.try_session(model_story.laptop(0), line)
    even(model_story.sync(model_story.laptop(0)))
    model_story.check()


def test_f08_an_old_push_that_arrives_late_changes_nothing(story: Story) -> None:
    story.all_do(("edit", 0), ("sync", 0), ("edit", 0), ("sync", 0))
    before = story.town.centre.read.digest(HOME)
    for dice in range(6):
        story.do("late", dice=dice)
    assert story.town.centre.read.digest(HOME) == before


def test_inv05_what_is_answered_is_on_the_disk_of_the_other_worker(story: Story) -> None:
    story.do("edit", 0)
    story.do("sync", 0)
    held = story.town.ledger.chain_of(story.laptop(0).device)
    assert held is not None
    assert held.have == story.laptop(0).end.store.tail(story.laptop(0).device).n > 0


def test_f09_two_sessions_of_one_laptop_take_turns_and_give_one_chain(story: Story) -> None:
    story.do("edit", 0)
    laptop = story.laptop(0)
    run = laptop.end.store.own_run(laptop.device, 1, entries_max=500, bytes_max=1 << 20)
    assert run is not None
    first, second = (desk.push(run) for desk in story.town.centre.desks)
    assert (first.verdict, first.have, first.head) == (second.verdict, second.have, second.head)
    assert first.stream_seq == second.stream_seq
    story.check()


def test_inv19_a_run_that_names_another_stream_is_refused_and_stops_nobody(story: Story) -> None:
    """No seal covers the stream in a header: a bit that flips there must not stand before everybody who reads."""
    story.do("edit", 0)
    laptop = story.laptop(0)
    run = laptop.end.store.own_run(laptop.device, 1, entries_max=500, bytes_max=1 << 20)
    assert run is not None
    with pytest.raises(Refusal) as refused:
        story.town.centre.desks[0].push(changed(run, header=changed(run.header, stream="org/330107")))
    assert refused.value.code == "sync.stream_foreign"
    even(story.sync(story.laptop(1)))
    even(story.sync(laptop))
    story.check()


# Disks of laptops.


@pytest.mark.parametrize("left", range(12))
def test_inv01_f01_f02_f10_a_laptop_that_dies_at_any_write_goes_on(model_story: Story, left: int) -> None:
    model_story.all_do(("edit", 1), ("sync", 1), ("edit", 0))
    laptop = model_story.laptop(0)
    model_story.town.trip.arm("station.", left)
    model_story.do("edit", 0)
    model_story.town.trip.arm("station.", left)
    model_story.town.try_session(laptop, model_story.town.good_wire(laptop))
    model_story.town.trip.disarm()
    laptop.check_saved()
    even(model_story.sync(laptop))
    model_story.check()


@pytest.mark.parametrize("left", range(8))
def test_f04_a_full_disk_saves_nothing_and_loses_nothing(model_story: Story, left: int) -> None:
    model_story.all_do(("edit", 1), ("sync", 1), ("edit", 0))
    laptop = model_story.laptop(0)
    model_story.town.trip.arm("station.", left, is_full=True)
    model_story.town.try_session(laptop, model_story.town.good_wire(laptop))
    model_story.town.trip.disarm()
    laptop.check_saved()
    even(model_story.sync(laptop))
    model_story.check()


def test_inv18_f15_an_old_image_cannot_hide_what_was_pushed_since(story: Story) -> None:
    story.all_do(("edit", 0), ("sync", 0), ("image", 0), ("edit", 0), ("sync", 0))
    pushed = set(story.laptop(0).end.held())
    story.do("rollback", 0)
    story.do("edit", 0)
    fresh = set(story.laptop(0).saved) - pushed
    before = story.laptop(0).device
    even(story.sync(story.laptop(0)))
    assert story.laptop(0).device != before
    # What was written on the old image comes in too, although its chain had parted.
    assert fresh
    assert pushed | fresh <= set(story.laptop(1).end.held()) | _synced(story, 1)
    story.check()


def _synced(story: Story, who: int) -> set[str]:
    even(story.sync(story.laptop(who)))
    held = set(story.laptop(who).end.held())
    kept = [decode(line) for line in story.laptop(who).end.held().values()]
    return held | {entry.ent for entry in kept if entry.fam == "kept_entry"}


def test_inv18_an_old_image_on_which_nothing_was_written_takes_a_new_key_and_reads_on(story: Story) -> None:
    story.all_do(("edit", 0), ("image", 0), ("edit", 0), ("sync", 0), ("rollback", 0))
    even(story.sync(story.laptop(0)))
    story.check()


def test_inv13_f15_both_lines_of_a_cloned_laptop_are_kept(story: Story) -> None:
    story.all_do(("edit", 0), ("sync", 0))
    story.do("clone", 0)
    clone = story.clone_of(0)
    with ids_from(story.town.new_id):
        for laptop in (story.laptop(0), clone):
            wish = Change(family="wonder", entity=f"by {laptop.number}", body={})
            laptop.end.save([wish], actor=laptop.actor)
    even(story.sync(story.laptop(0)))
    even(story.sync(clone))
    assert clone.device != story.laptop(0).device
    assert story.families(HOME)["wonder"] == 2
    story.check()


def test_inv11_a_command_in_a_chain_that_parted_is_answered_too(story: Story) -> None:
    story.all_do(("edit", 0), ("sync", 0))
    story.do("clone", 0)
    clone = story.clone_of(0)
    story.do("edit", 0)
    story.do("lease", 0)
    with ids_from(story.town.new_id):
        lease = Command(
            id="c-clone", kind=CommandKind.SUGGEST, at=clone.clock.now(), by=clone.actor, text="the clone asks"
        )
        clone.end.save([change(lease)], actor=clone.actor)
    even(story.sync(story.laptop(0)))
    even(story.sync(clone))
    assert "c-clone" in {one.id for one in outcomes(story, clone)}
    story.check()


def test_f16_what_only_a_lost_laptop_had_is_gone_and_nobody_else_suffers(story: Story) -> None:
    story.all_do(("edit", 0), ("sync", 0), ("edit", 0), ("lose", 0))
    even(story.sync(story.laptop(0)))
    story.check()


# What several share.


def test_f27_of_two_who_take_one_task_one_gets_it_and_the_other_hears_why(story: Story) -> None:
    story.do("task", 0)
    story.all_do(("sync", 0), ("sync", 1))
    for who in (0, 1):
        laptop = story.laptop(who)
        (task,) = [row.body for (family, _), row in laptop.end.rows().items() if family == "task"]
        assert task is not None
        move = Command(
            id=f"take-{who}",
            kind=CommandKind.MOVE_TASK,
            at=laptop.clock.now(),
            by=laptop.actor,
            task=str(task["id"]),
            expected_version=1,
            to_state=TaskState.TAKEN.value,
        )
        with ids_from(story.town.new_id):
            laptop.end.save([change(move)], actor=laptop.actor)
    even(story.sync(story.laptop(0)))
    even(story.sync(story.laptop(1)))
    even(story.sync(story.laptop(0)))
    for who in (0, 1):
        said = {one.id: (one.accepted, one.reason) for one in outcomes(story, story.laptop(who))}
        assert said == {"take-0": (True, ""), "take-1": (False, "version_passed")}
    story.check()


def test_inv10_what_only_headquarters_may_write_is_never_shown_from_others(story: Story) -> None:
    story.do("task", 0)
    story.all_do(("sync", 0), ("forge", 0), ("sync", 0), ("sync", 1))
    for who in (0, 1):
        tasks = [row.body for (family, _), row in story.laptop(who).end.rows().items() if family == "task"]
        assert [task and task["version"] for task in tasks] == [1]
    story.check()


def test_inv19_f28_an_unknown_family_blocks_nobody(story: Story) -> None:
    for dice in range(4):
        story.do("future", 0, dice=dice)
    story.do("edit", 0)
    story.all_do(("sync", 0), ("sync", 1))
    assert even(story.sync(story.laptop(1))).statement is not None
    story.check()


def test_inv03_an_entry_under_the_id_of_another_counts_at_neither_end(story: Story) -> None:
    story.all_do(("edit", 0), ("sync", 0), ("sync", 1), ("twin", 1))
    for dice in range(4):
        # Some of these change the same answer and name the twin as their parent.
        story.do("edit", 1, dice=dice)
    even(story.sync(story.laptop(1)))
    story.check()


def test_inv10_an_id_that_was_forged_before_headquarters_wrote_under_it_hides_nothing(story: Story) -> None:
    laptop = story.laptop(0)
    with ids_from(lambda: "x-1"):
        laptop.end.save([Change(family="wonder", entity="early", body={})], actor=laptop.actor)
        task = Task(id="t-1", kind="plan", about="p", at=story.town.hq_clock.now())
        story.town.centre.write(HOME, [draft(task)])
    even(story.sync(laptop))
    even(story.sync(story.laptop(1)))
    for one in (laptop, story.laptop(1)):
        assert one.end.rows()["task", "t-1"].body is not None
    story.check()


def test_inv09_what_is_written_after_a_void_stands_behind_it(story: Story) -> None:
    story.all_do(("edit", 0), ("void", 0))
    for dice in range(6):
        story.do("edit", 0, dice=dice)
    even(story.sync(story.laptop(0)))
    even(story.sync(story.laptop(1)))
    assert not any(row.clashes for row in story.laptop(1).end.rows().values())
    story.check()


def test_inv22_f25_no_clock_matters(story: Story) -> None:
    for turn in range(3):
        story.all_do(
            ("clock", 0), ("edit", 0), ("clock", 1), ("edit", 1), ("clock", turn % 2), ("sync", 0), ("sync", 1)
        )
    story.check()


@pytest.mark.parametrize("story", [3], indirect=True)
def test_inv15_a_stream_of_another_body_is_refused(story: Story) -> None:
    stranger = story.laptop(2)
    stranger.end.subscribe((HOME,), {})
    with pytest.raises(Fault) as caught:
        story.town.try_strictly(stranger, story.town.good_wire(stranger))
    assert caught.value.code == "sync.stream_forbidden"


def test_inv23_a_laptop_whose_disk_lost_something_in_silence_hears_of_it(story: Story) -> None:
    story.all_do(("edit", 0), ("sync", 0))
    laptop = story.laptop(0)
    assert laptop.end.rot(0)
    report = story.town.try_strictly(laptop, story.town.good_wire(laptop), is_checked=False)
    assert report.statement is not None
    assert not report.statement.equal


def test_inv23_a_laptop_that_reads_an_empty_stream_is_even_too(story: Story) -> None:
    report = even(story.sync(story.laptop(1)))
    assert report.statement is not None
    assert report.statement.root_here == report.statement.root_there


# Sticks.


def test_inv16_f24_a_stick_may_be_read_twice_and_out_of_order(story: Story) -> None:
    story.all_do(("edit", 0), ("stick_out", 0), ("edit", 0), ("stick_out", 0))
    for dice in (1, 0, 1, 0, 3):
        story.do("stick_in", 0, dice=dice)
    assert story.families(HOME)["answer"] > 0
    for dice in range(4):
        story.do("answer_in", 0, dice=dice)
    even(story.sync(story.laptop(0)))
    story.check()


def test_inv16_a_colleague_brings_what_he_was_given_on_site(story: Story) -> None:
    story.all_do(("sync", 0), ("sync", 1), ("edit", 0))
    story.do("peer", 0, 1)
    story.do("answer_in", 1)
    story.all_do(("lose", 0), ("sync", 1))
    assert story.families(HOME)["answer"] > 0
    story.check()
