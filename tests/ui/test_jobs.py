"""The lanes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject

from core.kernel.errors import Fault, Refusal
from ui.jobs import InlineJobs, Lane, LaneJobs, Watch


class Receiver(QObject):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[Any] = []
        self.faults: list[Fault] = []
        self.cancelled = 0
        self.threads: set[str] = set()

    def on_done(self, value: Any) -> None:
        self.values.append(value)
        self.threads.add(threading.current_thread().name)

    def on_failed(self, fault: Fault) -> None:
        self.faults.append(fault)

    def on_cancelled(self) -> None:
        self.cancelled += 1


@pytest.fixture
def jobs(qapp: Any) -> Iterator[LaneJobs]:
    made = LaneJobs()
    yield made
    made.shut()


def test_writes_keep_the_order_of_the_gestures(qtbot: Any, jobs: LaneJobs) -> None:
    receiver = Receiver()
    for number in range(20):
        jobs.run(lambda number=number: number, receiver.on_done, receiver.on_failed)
    qtbot.waitUntil(lambda: len(receiver.values) == 20)
    assert receiver.values == list(range(20))


def test_answers_arrive_in_the_thread_of_the_window(qtbot: Any, jobs: LaneJobs) -> None:
    receiver = Receiver()
    jobs.run(lambda: 1, receiver.on_done, receiver.on_failed, lane=Lane.ERRAND)
    qtbot.waitUntil(lambda: bool(receiver.values))
    assert receiver.threads == {threading.main_thread().name}


def test_a_newer_search_makes_the_older_worthless(qtbot: Any, jobs: LaneJobs) -> None:
    receiver, gate = Receiver(), threading.Event()
    jobs.run(lambda: gate.wait(5) and "old", receiver.on_done, receiver.on_failed, lane=Lane.READ, key="search")
    jobs.run(lambda: "new", receiver.on_done, receiver.on_failed, lane=Lane.READ, key="search")
    gate.set()
    qtbot.waitUntil(lambda: bool(receiver.values))
    assert receiver.values == ["new"]


def test_a_newer_search_interrupts_the_one_that_runs(qtbot: Any) -> None:
    receiver, began, gate = Receiver(), threading.Event(), threading.Event()
    jobs = LaneJobs(interrupt_reads=gate.set)

    def slow() -> str:
        began.set()
        gate.wait(5)
        return "old"

    jobs.run(slow, receiver.on_done, receiver.on_failed, lane=Lane.READ, key="search")
    assert began.wait(5)
    jobs.run(lambda: "new", receiver.on_done, receiver.on_failed, lane=Lane.READ, key="search")
    qtbot.waitUntil(lambda: receiver.values == ["new"])
    jobs.shut()
    assert gate.is_set()


def _refuse() -> None:
    raise Refusal("ui.scan.no_code")


def test_a_refusal_reaches_the_receiver_of_faults(qtbot: Any, jobs: LaneJobs) -> None:
    receiver = Receiver()
    jobs.run(_refuse, receiver.on_done, receiver.on_failed)
    qtbot.waitUntil(lambda: bool(receiver.faults))
    assert receiver.faults[0].code == "ui.scan.no_code"


def test_long_work_stops_when_it_is_cancelled(qtbot: Any, jobs: LaneJobs) -> None:
    receiver, began = Receiver(), threading.Event()

    def count(watch: Watch) -> None:
        for number in range(10**9):
            began.set()
            watch.step(number, 10**9)

    watch = jobs.watch(count, receiver.on_done, receiver.on_failed, receiver.on_cancelled)
    assert began.wait(5)
    watch.cancel()
    qtbot.waitUntil(lambda: receiver.cancelled == 1)
    assert receiver.values == []


def test_a_receiver_that_is_gone_gets_nothing(qtbot: Any, jobs: LaneJobs) -> None:
    import shiboken6

    receiver, other = Receiver(), Receiver()
    jobs.run(lambda: 1, receiver.on_done, receiver.on_failed)
    shiboken6.delete(receiver)
    jobs.run(lambda: 2, other.on_done, other.on_failed)
    qtbot.waitUntil(lambda: other.values == [2])
    assert receiver.values == []


def test_inline_jobs_answer_on_the_spot() -> None:
    receiver = Receiver()
    jobs = InlineJobs()
    jobs.run(lambda: 3, receiver.on_done, receiver.on_failed)
    jobs.run(_refuse, receiver.on_done, receiver.on_failed)
    assert (receiver.values, len(receiver.faults)) == ([3], 1)
