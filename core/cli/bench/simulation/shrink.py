"""Making a failing schedule small by delta debugging: ever smaller pieces are left out, then the roughness."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.cli.bench.simulation.steps import Step
from core.kernel.records import changed

TRIES_MAX = 400

Fails = Callable[[Sequence[Step]], bool]


def shrunk(steps: Sequence[Step], fails: Fails, *, tries_max: int = TRIES_MAX) -> tuple[Step, ...]:
    """Return a small schedule that still fails; the one given where nothing can be left out.

    Args:
        fails: Runs a schedule from the start and tells whether it fails in the way in question.
        tries_max: How often it may be run.
    """
    search = _Search(fails, tries_max)
    found = search.without_pieces(tuple(steps))
    return search.smoothed(found)


class _Search:
    def __init__(self, fails: Fails, tries_max: int) -> None:
        self._fails = fails
        self._left = tries_max

    def _still(self, steps: Sequence[Step]) -> bool:
        if self._left <= 0:
            return False
        self._left -= 1
        return self._fails(steps)

    def without_pieces(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Leave out pieces, from halves down to single steps, for as long as it still fails."""
        size = max(1, len(steps) // 2)
        while True:
            at, is_smaller = 0, False
            while at < len(steps):
                rest = steps[:at] + steps[at + size :]
                if self._still(rest):
                    steps, is_smaller = rest, True
                else:
                    at += size
            if size == 1 and not is_smaller:
                return steps
            size = max(1, size // 2)

    def smoothed(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Take the roughness out of every step that does not need it."""
        for at, step in enumerate(steps):
            smooth = (*steps[:at], changed(step, rough=0), *steps[at + 1 :])
            if step.rough and self._still(smooth):
                steps = smooth
        return steps
