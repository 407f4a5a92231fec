"""Commands on a real store: one outcome each, in the order in which headquarters took them in."""

from __future__ import annotations

from core.domain.shared_state import Task
from core.sync.hq_pen import draft
from tests.helpers.headquarters import STREAM, Author, Headquarters
from tests.hq.town import ask, move


def outcome(hq: Headquarters, command: str) -> dict[str, object]:
    """Return headquarters' answer to a command."""
    with hq.store.open_work(STREAM) as work:
        found = work.find("outcome", command)
    assert found is not None
    return found.body


def test_inv11_a_command_that_comes_twice_is_answered_once(hq: Headquarters, author: Author) -> None:
    ask(author, "c-1", size=20)
    ask(author, "c-1", size=20)
    hq.push(author)
    assert hq.store.read.digest(STREAM).families["outcome"] == 1
    assert (outcome(hq, "c-1")["first"], outcome(hq, "c-1")["last"]) == (1, 20)


def test_f27_of_two_laptops_that_take_one_task_one_is_told_why_not(hq: Headquarters, author: Author) -> None:
    other = Author("d-2", clock=hq.clock)
    hq.admit(other)
    task = Task(id="t-1", kind="plan", about="p-1", at=hq.clock.now())
    hq.store.run(STREAM, lambda work: hq.pen().write(work, (draft(task),)))
    move(author, "c-1", "t-1", version=1, to="taken")
    move(other, "c-2", "t-1", version=1, to="taken")
    hq.push(other)
    hq.push(author)
    assert outcome(hq, "c-2")["accepted"] is True
    assert (outcome(hq, "c-1")["accepted"], outcome(hq, "c-1")["reason"]) == (False, "version_passed")
    with hq.store.open_work(STREAM) as work:
        held = work.find("task", "t-1")
    assert held is not None
    assert (held.body["holder"], held.body["version"]) == ("d-2", 2)


def test_an_illegal_move_is_refused_and_moves_nothing(hq: Headquarters, author: Author) -> None:
    task = Task(id="t-1", kind="plan", about="p-1", at=hq.clock.now())
    hq.store.run(STREAM, lambda work: hq.pen().write(work, (draft(task),)))
    move(author, "c-1", "t-1", version=1, to="done")
    move(author, "c-2", "t-9", version=1, to="taken")
    hq.push(author)
    assert outcome(hq, "c-1")["reason"] == "move_illegal"
    assert outcome(hq, "c-2")["reason"] == "task_missing"


def test_blocks_of_one_series_follow_each_other(hq: Headquarters, author: Author) -> None:
    for number in range(1, 4):
        ask(author, f"c-{number}", size=10)
    hq.push(author)
    blocks = [(outcome(hq, f"c-{number}")["first"], outcome(hq, f"c-{number}")["last"]) for number in range(1, 4)]
    assert blocks == [(1, 10), (11, 20), (21, 30)]
