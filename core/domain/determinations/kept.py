"""Memories that end: what comes again and again is made once, and a stranger's values cannot fill the memory."""

from __future__ import annotations

from typing import Any, TypeVar

V = TypeVar("V")


class Kept(dict[Any, V]):
    """A memory of unchanging things that forgets everything when it is full."""

    def __init__(self, size_max: int) -> None:
        super().__init__()
        self._size_max = size_max

    def keep(self, key: Any, value: V) -> V:
        """Keep and return the value."""
        if len(self) >= self._size_max:
            self.clear()
        self[key] = value
        return value
