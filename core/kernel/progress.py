"""Progress of long work, and the wish to stop it."""

from __future__ import annotations

from typing import Protocol

from core.kernel.errors import Cancelled


class Progress(Protocol):
    """Somebody who watches long work."""

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell how far the work is; `total` is None while it is unknown.

        Raises:
            Cancelled: the person asked to stop; the caller undoes what it began.
        """
        ...


class Unwatched:
    """Progress that nobody looks at."""

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        return None


class Stoppable:
    """Progress kept in memory with a stop flag; used by lanes and tests."""

    def __init__(self) -> None:
        self.done = 0
        self.total: int | None = None
        self.note = ""
        self.stop = False

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        self.done, self.total, self.note = done, total, note
        if self.stop:
            raise Cancelled
