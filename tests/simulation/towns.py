"""Towns whose story a test tells step by step, instead of drawing it from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable

from core.cli.bench.simulation.acts import ACTS
from core.cli.bench.simulation.laptop import Laptop
from core.cli.bench.simulation.steps import Step
from core.cli.bench.simulation.town import Town
from core.cli.bench.simulation.wire import BadWire
from core.kernel.ids import ids_from
from core.sync.session import SessionReport

HOME = "org/330106"


class Story:
    """A town and short words for what happens in it; every step is smooth unless said otherwise."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._dice = 0

    def do(self, what: str, who: int = 0, other: int = 0, *, rough: int = 0, dice: int | None = None) -> None:
        """Let one step of the simulation happen."""
        self._dice += 1
        step = Step(what=what, who=who, other=other, rough=rough, dice=self._dice if dice is None else dice)
        with ids_from(self.town.new_id):
            ACTS[what](self.town, self.laptop(who), step, random.Random(step.dice))

    def all_do(self, *steps: tuple[str, int]) -> None:
        """Let several steps happen, one after the other."""
        for what, who in steps:
            self.do(what, who)

    def laptop(self, who: int) -> Laptop:
        """Return a laptop, not its clones."""
        return next(one for one in self.town.laptops if one.number == who)

    def clone_of(self, who: int) -> Laptop:
        """Return the first clone of a laptop."""
        return next(one for one in self.town.laptops if one.number % 100 == who and one.number >= 100)

    def sync(self, laptop: Laptop) -> SessionReport | None:
        """Let one laptop sync over a good wire."""
        with ids_from(self.town.new_id):
            return self.town.session(laptop, random.Random(0), rough=0)

    def check(self) -> None:
        """Calm the town down and check what must hold."""
        self.town.calm()

    def families(self, stream: str) -> dict[str, int]:
        """Return how many effective entries headquarters has of each family."""
        return dict(self.town.centre.read.digest(stream).families)


class OneFault(BadWire):
    """A wire on which exactly one thing goes wrong: the `at`-th call that could meet with `kind` does."""

    def __init__(self, town: Town, laptop: Laptop, kind: str, at: int = 0) -> None:
        super().__init__(town.post, laptop.device, random.Random(at), 0)
        self._kind = kind
        self._left = at
        self.is_fired = False

    @property
    def is_good(self) -> bool:
        """A line on which one thing goes wrong is not a good one."""
        return False

    def _is(self, kind: str) -> bool:
        if kind != self._kind or self.is_fired:
            return False
        self._left -= 1
        self.is_fired = self._left < 0
        return self.is_fired


def even(report: SessionReport | None) -> SessionReport:
    """Return the report of a session that came to its end with everything equal."""
    assert report is not None
    assert report.state == "even"
    assert report.statement is not None
    assert report.statement.differences == ()
    assert report.statement.equal
    return report


def held_by(laptops: Iterable[Laptop]) -> set[str]:
    """Return the ids of all entries that any of the laptops holds."""
    return {identifier for laptop in laptops for identifier in laptop.end.held()}
