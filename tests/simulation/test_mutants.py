"""Mistakes that a protocol of this kind can have, each made on purpose: the simulation must find every one.

A test of the tests. `FIRST` is the seed at which a mistake was found when this was written; when schedules change, the
search goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pytest

from core.cli.bench.simulation import checks, model_station
from core.cli.bench.simulation.ends import Change as Wish
from core.cli.bench.simulation.ends import Died
from core.cli.bench.simulation.model_hq import HqState, ModelDesk, ModelHq, ModelHqWork, no_trip
from core.cli.bench.simulation.model_station import ModelStation
from core.cli.bench.simulation.model_town import ModelLaptop
from core.cli.bench.simulation.running import makers_of, run
from core.kernel.errors import Trouble
from core.kernel.records import changed
from core.sync import commands, push, session
from core.sync.merge import Change, Projection
from core.sync.ports import Applied
from core.sync.push import Pushed
from core.sync.runs import CheckedRun, Run
from core.sync.statement import Statement
from core.sync.streams import Page, cursor_after
from core.sync.wire import ChainAnswer

Patch = pytest.MonkeyPatch
SEEDS_MAX = 250


def no_duplicate_check(patch: Patch) -> None:
    def known(self: ModelHqWork, identifiers: Sequence[str]) -> dict[str, bytes]:
        return {}

    patch.setattr(ModelHqWork, "known", known)


def last_writer_wins(patch: Patch) -> None:
    def project(changes: Iterable[Change], *, quiet: Iterable[str] = ()) -> Projection:
        last = max(changes, key=lambda one: (one.hlc, one.id))
        return Projection(parents=(last.id,), body=None if last.op == "void" else last.body)

    patch.setattr(model_station, "project", project)


def no_rewind(patch: Patch) -> None:
    """Believe for ever what headquarters once said that it has."""
    whole = ModelStation.own_run
    best: dict[tuple[int, str], int] = {}

    def own_run(self: ModelStation, device: str, first: int, *, entries_max: int, bytes_max: int) -> Run | None:
        seen = max(best.get((id(self), device), 0), self.state.confirmed[device])
        best[id(self), device] = seen
        return whole(self, device, max(first, seen + 1), entries_max=entries_max, bytes_max=bytes_max)

    patch.setattr(ModelStation, "own_run", own_run)


def no_witness(patch: Patch) -> None:
    def held_elsewhere(self: ModelStation) -> Iterable[Run]:
        return ()

    patch.setattr(ModelStation, "held_elsewhere", held_elsewhere)


def answer_before_commit(patch: Patch) -> None:
    @contextmanager
    def open_work(self: ModelHq, stream: str) -> Generator[ModelHqWork]:
        work = ModelHqWork(stream, self.state.copy(), self.trip)
        yield work
        try:
            self.trip("hq.commit")
        except Died:
            # The answer is on its way already.
            return
        self.state = work.state

    patch.setattr(ModelHq, "open_work", open_work)


def digest_always_equal(patch: Patch) -> None:
    whole = checks.statement

    def statement(*arguments: Any, **named: Any) -> Statement:
        return changed(whole(*arguments, **named), equal=True, differences=())

    patch.setattr(checks, "statement", statement)


def fork_overwritten(patch: Patch) -> None:
    def has_parted(*_: Any) -> bool:
        return False

    patch.setattr(push, "_has_parted", has_parted)


def fork_not_handed_over(patch: Patch) -> None:
    def hand_over(store: Any, line: Any, device: str, state: Any, watch: Any) -> Pushed:
        return Pushed(device=device, sent=0, left=store.unconfirmed(), state=state)

    patch.setattr(push, "_hand_over", hand_over)


def no_number_margin(patch: Patch) -> None:
    whole = ModelHq.restore

    def restore(self: ModelHq, backup: HqState, epoch: str, *, margin: int = 0) -> None:
        self.state = backup
        whole(self, backup, epoch, margin=0)

    patch.setattr(ModelHq, "restore", restore)


def command_carried_out_again(patch: Patch) -> None:
    whole = commands.answer

    class Forgetful:
        """A work that never finds an outcome."""

        def __init__(self, work: Any) -> None:
            self._work = work

        def __getattr__(self, name: str) -> Any:
            return getattr(self._work, name)

        def find(self, family: str, entity: str) -> Any:
            return None if family == "outcome" else self._work.find(family, entity)

    def answer(work: Any, device: str, entry: Any, *, now: Any) -> Any:
        return whole(cast("Any", Forgetful(work)), device, entry, now=now)

    patch.setattr(commands, "answer", answer)


def page_half_applied(patch: Patch) -> None:
    """Leave the last entry of every run out, and keep the cursor as if it were there."""
    whole = model_station.note_effect
    seen = 0

    def note_effect(effective: Any, line: bytes, entry: Any, *, by_hq: bool) -> None:
        nonlocal seen
        seen += 1
        if seen % 97:
            whole(effective, line, entry, by_hq=by_hq)

    patch.setattr(model_station, "note_effect", note_effect)


def cursor_before_data(patch: Patch) -> None:
    """Move the cursor in a write of its own, before what it stands for."""
    whole = ModelStation.apply_page

    def apply_page(self: ModelStation, page: Page, runs: Sequence[CheckedRun]) -> Applied:
        _commit_cursor(self, page)
        return whole(self, page, runs)

    patch.setattr(ModelStation, "apply_page", apply_page)


def data_before_cursor(patch: Patch) -> None:
    """Keep what a page brought in a write of its own, and move the cursor afterwards."""
    whole = ModelStation.apply_page

    def apply_page(self: ModelStation, page: Page, runs: Sequence[CheckedRun]) -> Applied:
        before = self.state.cursors[page.stream]
        with patch.context() as inside:
            inside.setattr(model_station, "cursor_after", lambda _: before)
            applied = whole(self, page, runs)
        _commit_cursor(self, page)
        return applied

    patch.setattr(ModelStation, "apply_page", apply_page)


def _commit_cursor(station: ModelStation, page: Page) -> None:
    state = station.state.copy()
    state.cursors[page.stream] = cursor_after(page)
    station.trip("station.commit")
    station.state = state
    station.trip("station.committed")


def said_before_saved(patch: Patch) -> None:
    """Say that entries are saved although the disk may refuse them or the machine stop."""
    whole = ModelLaptop.save

    def save(self: ModelLaptop, changes: Sequence[Wish], *, actor: str) -> tuple[bytes, ...]:
        before = self.store.state
        try:
            return whole(self, changes, actor=actor)
        except Trouble:
            trip, self.store.trip = self.store.trip, no_trip
            lines = whole(self, changes, actor=actor)
            self.store.trip, self.store.state = trip, before
            return lines

    patch.setattr(ModelLaptop, "save", save)


def retired_reads_on(patch: Patch) -> None:
    patch.setattr(ModelDesk, "_receives", ModelDesk.streams)
    patch.setattr(session, "_CLOSED", frozenset[str]())


def retired_is_not_heard(patch: Patch) -> None:
    """Let a retired station keep what it has."""
    whole = vars(session)["_push_all"]

    def push_all(store: Any, line: Any, answers: Sequence[ChainAnswer], progress: Any) -> tuple[Pushed, ...]:
        if answers[-1].status in ("retired", "lost"):
            return tuple(Pushed(device=one.device, sent=0, left=0, state="even") for one in answers)
        return whole(store, line, answers, progress)

    patch.setattr(session, "_push_all", push_all)


FIRST: dict[Callable[[Patch], None], int] = {
    no_duplicate_check: 2,
    last_writer_wins: 0,
    no_rewind: 15,
    no_witness: 90,
    answer_before_commit: 48,
    digest_always_equal: 0,
    fork_overwritten: 2,
    fork_not_handed_over: 2,
    no_number_margin: 51,
    command_carried_out_again: 11,
    page_half_applied: 0,
    cursor_before_data: 3,
    data_before_cursor: 7,
    said_before_saved: 1,
    retired_reads_on: 0,
    retired_is_not_heard: 0,
}


@pytest.mark.parametrize("mutant", FIRST, ids=lambda one: one.__name__)
def test_the_simulation_finds_the_mistake(mutant: Callable[[Patch], None], monkeypatch: Patch) -> None:
    makers = makers_of("model")
    first = FIRST[mutant]
    assert run(first, makers).broken == "", "the seed holds without the mistake"
    mutant(monkeypatch)
    found = (seed for seed in range(first, first + SEEDS_MAX) if run(seed, makers).broken)
    assert next(found, None) is not None
