"""Waiting for news of a stream: one look a second for everybody who waits in this worker. Source: sync.md 6."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from core.sync.streams import Cursor

WAIT_S_MAX = 25
LOOK_EVERY_S = 1.0


class HeadWatch:
    """Looks at the ends of streams.

    Args:
        look: Returns the number of the last entry of a stream, 0 where there is none.
        sleep: Lets so many seconds pass; tests let none.
    """

    def __init__(
        self,
        look: Callable[[str], Awaitable[int]],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._look = look
        self._sleep = sleep
        self._ends: dict[str, tuple[float, int]] = {}
        self.waiting = 0

    async def news(self, cursors: Sequence[Cursor], wait_s: int) -> bool:
        """Wait until one of the streams goes on beyond its cursor; tell whether one did in time."""
        self.waiting += 1
        try:
            for _ in range(int(min(wait_s, WAIT_S_MAX) / LOOK_EVERY_S)):
                await self._sleep(LOOK_EVERY_S)
                for cursor in cursors:
                    if await self._end(cursor.stream) != cursor.seq:
                        return True
            return False
        finally:
            self.waiting -= 1

    async def _end(self, stream: str) -> int:
        now = asyncio.get_running_loop().time()
        at, seq = self._ends.get(stream, (-LOOK_EVERY_S, 0))
        if now - at >= LOOK_EVERY_S:
            seq = await self._look(stream)
            self._ends[stream] = (now, seq)
        return seq
