"""What every bench is given: how many rows, where stores lie, who watches, and how often to repeat."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.cli.bench.store import BenchStore, ready_store
from core.kernel.progress import Progress

MANY = 200
"""Schedules of a simulation where nobody says how many."""


@dataclass(frozen=True)
class Setting:
    """The circumstances of one run."""

    rows: int
    base: Path
    """The folder of the stores, one a size."""
    progress: Progress
    is_quick: bool = False
    """Few repetitions: for the tests, which look at the shape of the answer and not at its figures."""

    schedules: int = MANY
    """Of a simulation; `rows` counts enterprises."""
    seed: int = 0
    """Of a simulation: the first one."""

    @property
    def store(self) -> BenchStore:
        """The store of that size, made now if it is not there yet."""
        return ready_store(self.base, self.rows, self.progress)

    def times(self, usual: int) -> int:
        """Return how often to repeat."""
        return max(3, usual // 50) if self.is_quick else usual
