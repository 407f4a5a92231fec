"""Everything the routes need, put together once a worker."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from litestar import Request

from core.hq.auth import Guard
from core.hq.bundles import HqBundles
from core.hq.carried import CarriedFiles
from core.hq.desk import RECEIVES, Desk
from core.hq.device_rows import DeviceRow
from core.hq.duties import Duties
from core.hq.enrolment import Enrolment
from core.hq.front import DEVICE_KEY
from core.hq.limits import BY_DEVICE, DOORS, Buckets, Running
from core.hq.metrics import Metrics
from core.hq.people import People
from core.hq.rotation import with_living_seals
from core.hq.sessions import Sessions
from core.hq.store import HqStore
from core.hq.waiting import HeadWatch
from core.kernel.clock import Clock
from core.kernel.errors import Fault, Refusal
from core.remote.door import pack
from core.sync.streams import encode_page
from core.sync.wire import PullRequest

T = TypeVar("T")
log = logging.getLogger("mingjian.hq")
AnyRequest = Request[Any, Any, Any]

THREADS = 16
"""Requests of a worker that work on the database at once; more wait for their turn."""
RUNNING_MAX = THREADS + 64
"""Requests that a worker holds at once, waiting ones included. Source: sync.md 3.11."""
DUTIES_EVERY_S = 20.0
"""How often a worker looks whether a duty is due."""
WAITING_MAX = 2_000
"""Pulls that hold an answer until news come."""
CARRYING_MAX = 2
"""Files that a worker takes in or writes at once: they are large."""
NOTED_EVERY = timedelta(minutes=1)
"""A device that asks often is noted as seen this often."""


@dataclass
class Service:
    """One worker's headquarters."""

    store: HqStore
    desk: Desk
    guard: Guard
    enrolment: Enrolment
    people: People
    sessions: Sessions
    bundles: HqBundles
    carried: CarriedFiles
    clock: Clock
    reseal: Callable[[bytes], bytes] | None = None
    """Signs with the living service key, where headquarters had another one before."""
    duties: Duties | None = None
    """The schedule; None: this worker does nothing by itself."""
    name: str = "总部"
    overdue_days: int = 3
    metrics: Metrics = field(default_factory=Metrics)
    running: Running = field(default_factory=lambda: Running(RUNNING_MAX))

    def __post_init__(self) -> None:
        self.by_device = Buckets(BY_DEVICE, self.clock)
        self.doors = Buckets(DOORS, self.clock)
        self.watch = HeadWatch(self._last_of)
        self.carrying = asyncio.Semaphore(CARRYING_MAX)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hq")
        # Beside the requests: a long duty must not take their room.
        self._duty_thread = ThreadPoolExecutor(1, thread_name_prefix="hq-duty")
        self._looking: asyncio.Task[None] | None = None

    async def call(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        """Run work that waits for the database in a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *args, **named))

    async def begin(self) -> None:
        """Begin to look after the schedule."""
        if self.duties is not None:
            self._looking = asyncio.create_task(self._look_after(self.duties))

    async def _look_after(self, duties: Duties) -> None:
        # Workers that start together look at different moments.
        wait_s = random.uniform(1, DUTIES_EVERY_S / 4)
        while True:
            await asyncio.sleep(wait_s)
            wait_s = DUTIES_EVERY_S
            try:
                await asyncio.get_running_loop().run_in_executor(self._duty_thread, duties.tick)
            except Fault as fault:
                log.warning("the schedule waits: %s", fault.code)

    async def close(self) -> None:
        """Let the threads end; a duty that runs stops between two steps."""
        if self.duties is not None:
            self.duties.is_stopped = True
        if self._looking is not None:
            self._looking.cancel()
        self._duty_thread.shutdown(wait=True)
        self._threads.shutdown(wait=True)

    def pull(self, device: str, request: PullRequest) -> bytes:
        """Return the packed answers to a pull."""
        answers = self.desk.pull(device, request)
        if self.reseal is not None:
            answers = with_living_seals(answers, self.reseal)
        return pack([encode_page(answer) for answer in answers])

    async def _last_of(self, stream: str) -> int:
        head = await self.call(self.store.read.stream_head, stream)
        return head.seq if head is not None else 0

    def caller(self, headers: dict[str, str], method: str, path: str) -> DeviceRow:
        """Return the device that sent a request, whatever its status, and note that it was seen.

        Raises:
            Refusal: "sync.token_bad", "sync.proof_bad", "sync.nonce_stale", "hq.too_many_requests",
                "sync.device_unknown".
        """
        device = self.guard.device(headers, method=method, path=path)
        self.by_device.take(device)
        row = self.store.directory.find(device)
        if row is None:
            raise Refusal("sync.device_unknown", device=device)
        now: datetime = self.clock.now()
        if row.seen_at is None or now - row.seen_at >= NOTED_EVERY:
            self.store.directory.note_seen(device, now)
        return row


def service_of(request: AnyRequest) -> Service:
    """Return the service behind a request."""
    return request.app.state.service


async def caller_of(request: AnyRequest, *, reads: bool) -> DeviceRow:
    """Return the device that sent a request; with `reads`, only one that may be given something.

    Raises:
        Refusal: as Service.caller; "sync.device_retired", params device: it may hand over, and gets nothing.
    """
    service = service_of(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    row = await service.call(service.caller, headers, request.method, request.scope["path"])
    request.scope["state"][DEVICE_KEY] = row.device
    if reads and row.status not in RECEIVES:
        raise Refusal("sync.device_retired", device=row.device)
    return row


def address_of(request: AnyRequest) -> str:
    """Return the address that a request came from, as far as anybody can tell."""
    return request.client.host if request.client is not None else ""
