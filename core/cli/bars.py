"""Progress on stderr, only for work that takes more than a second."""

from __future__ import annotations

import sys
import time
from typing import Any

from tqdm import tqdm

DELAY_S = 1.0


class Bar:
    """A progress bar that appears after a second (core.kernel.progress.Progress)."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._bar: Any = None

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        """Move the bar; Ctrl+C stops the work, which then undoes what it began."""
        if self._bar is None:
            if time.monotonic() - self._begun < DELAY_S or not sys.stderr.isatty():
                return
            self._bar = tqdm(total=total, file=sys.stderr, leave=False)
        self._bar.total = total
        self._bar.n = done
        self._bar.set_description_str(note[:40], refresh=False)
        self._bar.update(0)
