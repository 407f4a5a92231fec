"""Handing headquarters what others wrote: one refused run stops only what cannot go in without it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from core.kernel.errors import Refusal
from core.sync.pull import witness
from core.sync.runs import Run, RunHeader
from core.sync.wire import PushAnswer


def run_of(device: str, first: int) -> Run:
    header = RunHeader(device=device, stream="org/某局", first=first, count=1, prev=b"", head=b"", seal=b"")
    return Run(header=header, lines=(b"{}",))


class Held:
    """A station that holds two runs of one colleague and one of another."""

    def held_elsewhere(self) -> tuple[Run, ...]:
        return run_of("d-2", 1), run_of("d-2", 2), run_of("d-3", 1)


class Line:
    """A line on which headquarters refuses the first run."""

    def __init__(self, why: str) -> None:
        self._why = why
        self.offered: list[tuple[str, int]] = []

    def push(self, run: Run) -> PushAnswer:
        self.offered.append((run.header.device, run.header.first))
        if len(self.offered) == 1 and self._why in ("gap", "fork"):
            return answer(self._why)
        if len(self.offered) == 1:
            raise Refusal(self._why)
        return answer("taken")


def answer(verdict: str) -> PushAnswer:
    return PushAnswer(verdict=cast("Any", verdict), have=1, head=b"", stream_seq=1, durable=0, epoch="e")


@pytest.mark.parametrize("why", ["sync.device_unknown", "gap"])
def test_what_lies_behind_a_missing_beginning_is_not_offered(why: str) -> None:
    line = Line(why)
    said = witness(cast("Any", Held()), cast("Any", line), watch=lambda _: None)
    assert line.offered == [("d-2", 1), ("d-3", 1)]
    assert said.entries == 1
    assert [device for device, _ in said.refused] == ["d-2"]


@pytest.mark.parametrize("why", ["sync.run_damaged", "sync.seal_forged"])
def test_inv19_one_bad_run_does_not_stop_the_others(why: str) -> None:
    line = Line(why)
    said = witness(cast("Any", Held()), cast("Any", line), watch=lambda _: None)
    assert line.offered == [("d-2", 1), ("d-2", 2), ("d-3", 1)]
    assert (said.entries, said.refused) == (2, (("d-2", why),))


def test_a_run_that_headquarters_keeps_beside_its_chain_is_told() -> None:
    said = witness(cast("Any", Held()), cast("Any", Line("fork")), watch=lambda _: None)
    assert (said.entries, said.refused, said.beside) == (3, (), (run_of("d-2", 1).header,))
