"""A town lives a schedule, then calms down: `Town(seed, makers)`, `live()`, `calm()`.

What does not hold raises Broken with the number of the invariant.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from core.cli.bench.simulation import acts, checks
from core.cli.bench.simulation.ends import Broken, Makers
from core.cli.bench.simulation.place import Place
from core.cli.bench.simulation.steps import LENGTH, Step, draw
from core.cli.bench.simulation.wire import deliver_all
from core.kernel.ids import ids_from

QUIET_ROUNDS_MAX = 14


class Town(Place):
    """One town from one seed. The same seed and steps give the same town, whatever machine it runs on."""

    def __init__(
        self, seed: int, makers: Makers, *, stations: int = 3, length: int = LENGTH, steps: Sequence[Step] | None = None
    ) -> None:
        super().__init__(seed, makers, stations=stations)
        self.steps = tuple(steps) if steps is not None else draw(seed, stations, length)

    def live(self) -> None:
        """Let the whole schedule happen."""
        with ids_from(self.new_id):
            for step in self.steps:
                self.happen(step)

    def happen(self, step: Step) -> None:
        """Let one step happen."""
        dice = random.Random(step.dice)
        laptop = self.at(step.who, dice)
        try:
            acts.ACTS[step.what](self, laptop, step, dice)
        finally:
            self.trip.disarm()

    def calm(self) -> None:
        """Make the wire good; let everyone sync until nothing moves; check what must hold."""
        with ids_from(self.new_id):
            must = checks.must_survive(self)
            quiet = ""
            # Again while an old body still moves something: what it lacked before it may have come meanwhile.
            for _ in range(2):
                deliver_all(self.post)
                if self.fingerprint() != quiet:
                    quiet = self._until_quiet()
            checks.after_the_storm(self, must)

    def _until_quiet(self) -> str:
        """Let everyone sync until a whole round moves nothing; return where everything stands then."""
        before = ""
        for _ in range(QUIET_ROUNDS_MAX):
            for laptop in self.laptops:
                self.session(laptop, random.Random(0), rough=0)
            now = self.fingerprint()
            if now == before:
                return now
            before = now
        raise Broken(8, f"still moving after {QUIET_ROUNDS_MAX} rounds")
