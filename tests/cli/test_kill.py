"""Killed at any moment while answers are saved: at most the last one is missing, and the visit opens where it was."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.cli.line import OFFICER, CommandLine
from tests.cli.steps import begun, checklists
from tests.helpers.house import ROOT

KILLS = 20
SEED = 20260317


@dataclass
class Answering:
    """The visit that a child answers. `last` is the newest number in the store."""

    line: CommandLine
    visit: str
    item: str
    points: list[str]
    last: int = 0

    def until_killed(self, dice: random.Random) -> int:
        """Let a child answer, kill it at a random moment, and return the last number that it said was saved."""
        words = [str(self.line.home), OFFICER, self.line.passwords[OFFICER], self.visit, self.item, str(self.last + 1)]
        command = [sys.executable, "-m", "tests.cli.answering", *words, *self.points]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            said = [child.stdout.readline() for _ in range(dice.randrange(1, 30))]
            # Somewhere inside a later answer: the child goes on while these are counted.
            for _ in range(dice.randrange(60_000)):
                pass
            child.send_signal(signal.SIGKILL)
            said += child.stdout.read().splitlines(keepends=True)
        assert child.returncode == -signal.SIGKILL
        numbers = [int(one) for one in said if one.strip().isdigit() and one.endswith("\n")]
        return max(numbers, default=self.last)

    def check_after(self, said: int) -> None:
        """Check that everything that was said is there, and at most one answer more."""
        assert self.line.ask("log", "verify")["verdict"] == "intact"
        shown = self.line.ask("visit", "show", self.visit)
        assert shown["visit"]["state"] == "inspecting"
        answers = {one["point"]: one for one in shown["checklists"][0]["answers"] if one["point"] in self.points}
        newest = max((int(one["note"]) for one in answers.values()), default=0)
        assert newest in (said, said + 1)
        for number in range(max(1, newest - len(self.points) + 1), newest + 1):
            assert answers[self.points[number % len(self.points)]]["note"] == str(number)
        failed = {one["id"] for one in answers.values() if one["verdict"] == "fail"}
        assert {one["answer"] for one in shown["findings"] if not one["is_void"]} == failed
        self.last = newest


@pytest.fixture
def answering(demo: CommandLine) -> Answering:
    visit = begun(demo)
    (listed,) = checklists(demo, visit["id"])
    points = [
        one["id"]
        for one in listed["checklist"]["points"]
        if one["kind"] == "verdict" and not one["asked_if_point"] and not one["repeats"]
    ]
    assert len(points) > 3
    return Answering(demo, visit["id"], listed["item"], points)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="only POSIX systems kill without a word")
@pytest.mark.timeout(600)
def test_twenty_kills_lose_at_most_the_answer_that_was_being_saved(answering: Answering) -> None:
    dice = random.Random(SEED)
    for _ in range(KILLS):
        answering.check_after(answering.until_killed(dice))
    assert answering.last > KILLS
    rest = answering.line.ask(
        "visit", "answer-rest", answering.visit, "--item", answering.item, "--verdict", "not_checked"
    )
    assert rest["answered"] > 0
