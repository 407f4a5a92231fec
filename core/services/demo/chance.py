"""Chance that is the same on every machine: mixing of whole numbers, and weighted tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

MASK64 = (1 << 64) - 1


def mix(number: int) -> int:
    """Return a well-mixed 64-bit number (the finaliser of splitmix64); equal numbers give equal results."""
    number = (number + 0x9E3779B97F4A7C15) & MASK64
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK64
    return number ^ (number >> 31)


def weighted(pairs: Sequence[tuple[T, int]], *, size: int = 1024) -> list[T]:
    """Return a table of `size` places in which each value stands as often as its weight says."""
    total = sum(weight for _, weight in pairs)
    table: list[T] = []
    reached = 0
    for value, weight in pairs:
        reached += weight
        table.extend([value] * (reached * size // total - len(table)))
    return table


class Dice:
    """A row of choices from one seed; used where speed does not matter."""

    def __init__(self, *seed: int) -> None:
        self._state = 0
        for part in seed:
            self._state = mix(self._state ^ part)

    def below(self, limit: int) -> int:
        """Return the next number from 0 to limit - 1."""
        self._state = mix(self._state)
        return self._state % limit

    def one_of(self, values: Sequence[T]) -> T:
        """Return one of the values."""
        return values[self.below(len(values))]

    def some_of(self, values: Sequence[T], count: int) -> tuple[T, ...]:
        """Return `count` different values, in the order they were taken."""
        left = list(values)
        return tuple(left.pop(self.below(len(left))) for _ in range(count))
