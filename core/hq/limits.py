"""Bounds: how much one caller may ask, how much runs at once, how long a body may be. Invariant 20, sync.md 3.11."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from core.kernel.clock import Clock
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record


class Rate(Record):
    """A burst that is free, and how many requests a second come after it."""

    burst: int
    per_s: float


BY_DEVICE = Rate(burst=600, per_s=40.0)
"""A device in a first load asks for some 30 pages or parts a second; a visit's photos are 60 parts."""
BY_ADDRESS = Rate(burst=2_000, per_s=200.0)
"""Before anybody is known, and for pushes: a whole office may lie behind one address."""
DOORS = Rate(burst=20, per_s=0.5)
"""Enrolling and logging in, by address: codes and passwords are not guessed here."""
_CALLERS_MAX = 100_000


class Buckets:
    """Token buckets by caller, of one worker; the longest unused are forgotten first."""

    def __init__(self, rate: Rate, clock: Clock, *, callers_max: int = _CALLERS_MAX) -> None:
        self._rate = rate
        self._clock = clock
        self._callers_max = callers_max
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """Count one request of a caller.  Raises Refusal "hq.too_many_requests", params retry_after_s."""
        now = self._clock.now().timestamp()
        left, at = self._left.pop(caller, (float(self._rate.burst), now))
        left = min(float(self._rate.burst), left + max(0.0, now - at) * self._rate.per_s)
        self._left[caller] = (max(0.0, left - 1), now)
        if len(self._left) > self._callers_max:
            self._left.popitem(last=False)
        if left < 1:
            raise Refusal("hq.too_many_requests", retry_after_s=1 + int((1 - left) / self._rate.per_s))


class Running:
    """How many requests run in this worker. More than the bound are told to come again."""

    def __init__(self, bound: int) -> None:
        self.bound = bound
        self.count = 0

    def enter(self) -> bool:
        """Count one in, if there is room."""
        if self.count >= self.bound:
            return False
        self.count += 1
        return True

    def leave(self) -> None:
        """Count one out."""
        self.count -= 1


async def read_body(pieces: Callable[[], AsyncIterator[bytes]], said: str, *, bytes_max: int) -> bytes:
    """Return the body of a request, reading no further than the bound.

    Args:
        said: The length header, if any: a body that says to be too long is not read at all.

    Raises:
        Refusal: "sync.body_too_large", params bytes_max; "sync.body_damaged" where less came than was said.
    """
    found = bytearray()
    async for piece in _bounded(pieces, said, bytes_max):
        found += piece
    return bytes(found)


async def save_body(pieces: Callable[[], AsyncIterator[bytes]], said: str, path: Path, *, bytes_max: int) -> None:
    """Write the body of a request into a file as it comes; as read_body, and Trouble "hq.disk_failed", params where."""
    try:
        with path.open("wb") as file:
            async for piece in _bounded(pieces, said, bytes_max):
                file.write(piece)
    except OSError as error:
        raise Trouble("hq.disk_failed", where=str(path.parent)) from error


async def _bounded(pieces: Callable[[], AsyncIterator[bytes]], said: str, bytes_max: int) -> AsyncIterator[bytes]:
    if said.isascii() and said.isdigit() and int(said) > bytes_max:
        raise Refusal("sync.body_too_large", bytes_max=bytes_max)
    size = 0
    async for piece in pieces():
        size += len(piece)
        if size > bytes_max:
            raise Refusal("sync.body_too_large", bytes_max=bytes_max)
        yield piece
    if said.isascii() and said.isdigit() and int(said) != size:
        raise Refusal("sync.body_damaged", why="length")
