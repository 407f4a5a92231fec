"""A worker that starts before its database can be reached: it waits, says so, and serves as soon as it can.

While a cluster chooses a leader a worker must not die: whoever restarts it would only make the choice take longer.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from litestar.types import Receive, Send

from core.hq.faults import body_of, headers_of
from core.hq.front import Front
from core.kernel.clock import Clock
from core.kernel.errors import Fault, Trouble
from core.kernel.records import Record

log = logging.getLogger("mingjian.hq")
PASSES = frozenset({"hq.database_unreachable", "hq.database_read_only", "hq.database_busy"})
"""Troubles of a database that may be there in a moment."""
WAIT_S_MAX = 30.0


class Waiting(Record):
    """What a waiting worker says of itself."""

    status: str
    why: str
    since: datetime
    attempts: int


class PatientApp:
    """The application of a worker that opens its headquarters when it starts, and again until it can.

    Args:
        open_front: Opens headquarters and returns its front door; raises Trouble of PASSES where it cannot yet.
        sleep: Lets so many seconds pass; tests let none.
    """

    def __init__(
        self,
        open_front: Callable[[], Front],
        *,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._open_front = open_front
        self._clock = clock
        self._sleep = sleep
        self._front: Front | None = None
        self._waiting: Waiting | None = None

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the worker."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._front is not None:
            await self._front(scope, receive, send)
        elif scope["type"] == "http":
            await self._say_waiting(scope, send)

    async def _live(self, receive: Receive, send: Any) -> None:
        await receive()
        tried, ends = asyncio.Event(), asyncio.Event()
        # One task from beginning to end: what the application runs must be left where it was entered.
        life = asyncio.create_task(self._serve(tried, ends))
        first = asyncio.create_task(tried.wait())
        await asyncio.wait({life, first}, return_when=asyncio.FIRST_COMPLETED)
        first.cancel()
        if life.done() and (error := life.exception()) is not None:
            if not isinstance(error, Fault):
                raise error
            log.error("headquarters cannot be opened: %s", error.code)
            await send({"type": "lifespan.startup.failed", "message": error.code})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        ends.set()
        if self._front is None:
            life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, tried: asyncio.Event, ends: asyncio.Event) -> None:
        """Open, wait and open again, then serve until the worker ends.

        Args:
            tried: Set after the first attempt, unless a fault that no waiting mends came out of it.
        """
        attempt = 0
        while (front := await self._opened(has_started=tried.is_set())) is None:
            tried.set()
            attempt = min(attempt + 1, 10)
            # Full jitter: the workers of a province do not come back at the same moment.
            await self._sleep(random.uniform(0.5, min(WAIT_S_MAX, 2.0**attempt)))
        async with front.lifespan():
            self._front, self._waiting = front, None
            tried.set()
            await ends.wait()

    async def _opened(self, *, has_started: bool) -> Front | None:
        try:
            front = await asyncio.to_thread(self._open_front)
        except Fault as fault:
            if fault.code not in PASSES and not has_started:
                raise
            # What says no for good after the database came is shown until somebody mends it.
            self._note(fault.code)
            log.warning("waiting for the database: %s, attempt %s", fault.code, self._attempts)
            return None
        if self._waiting is not None:
            log.warning("the database is there after %s attempts", self._attempts + 1)
        return front

    @property
    def _attempts(self) -> int:
        return self._waiting.attempts if self._waiting is not None else 0

    def _note(self, why: str) -> None:
        since = self._waiting.since if self._waiting is not None else self._clock.now()
        self._waiting = Waiting(status="waiting", why=why, since=since, attempts=self._attempts + 1)

    async def _say_waiting(self, scope: Any, send: Any) -> None:
        waiting = self._waiting or Waiting(status="starting", why="", since=self._clock.now(), attempts=0)
        if scope["path"] == "/health":
            status, body, headers = 200, msgspec.json.encode(waiting), {"Content-Type": "application/json"}
        else:
            fault = Trouble(waiting.why or "hq.database_unreachable", where="")
            status, body, headers = 503, body_of(fault), headers_of(fault)
        headers["Content-Length"] = str(len(body))
        named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": named})
        await send({"type": "http.response.body", "body": body, "more_body": False})
