"""A worker that starts before its database: it lives, says that it waits, and serves as soon as it can."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from core.hq.app import make_app
from core.hq.front import Front
from core.hq.opening import PatientApp
from core.kernel.errors import Fault, Refusal, Trouble
from tests.helpers.clock import standing_clock
from tests.helpers.headquarters import Headquarters
from tests.helpers.hq_door import KEYS, service_for

UNREACHABLE = Trouble("hq.database_unreachable", where="db")


class Gate:
    """Lets the worker sleep until a test lets it go on."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._may_go_on = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self._may_go_on.wait()
        self._may_go_on.clear()

    def go_on(self) -> None:
        self._may_go_on.set()


def opener(hq: Headquarters, *faults: Fault) -> Callable[[], Front]:
    """Return what opens headquarters after it failed with each of the faults."""
    left = list(faults)

    def open_front() -> Front:
        if left:
            raise left.pop(0)
        return make_app(service_for(hq), KEYS.signer(), root_signature=KEYS.root_signature)

    return open_front


@pytest.fixture
def hq(sqlite_path: str) -> Iterator[Headquarters]:
    headquarters = Headquarters(sqlite_path)
    yield headquarters
    headquarters.close()


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """The log says that it waits: that is wanted here."""
    caplog.set_level(logging.CRITICAL, "mingjian.hq")


@asynccontextmanager
async def living(app: PatientApp) -> AsyncGenerator[dict[str, Any]]:
    """Let a worker live, and give what it said of its start."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    life = asyncio.create_task(app({"type": "lifespan", "app": app}, inbox.get, outbox.put))  # pyright: ignore[reportArgumentType]  # the library types messages more narrowly than the queue
    await inbox.put({"type": "lifespan.startup"})
    said = await outbox.get()
    yield said
    if said["type"] == "lifespan.startup.complete":
        await inbox.put({"type": "lifespan.shutdown"})
        assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
    await life


def client_of(app: PatientApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)  # pyright: ignore[reportArgumentType]  # the library types messages more narrowly than the queue
    return httpx.AsyncClient(transport=transport, base_url="http://testserver.local")


async def until(client: httpx.AsyncClient, name: str, value: object) -> None:
    """Ask for the health until it says so."""
    for _ in range(10_000):
        if (await client.get("/health")).json().get(name) == value:
            return
        # The other tasks get their turn.
        await asyncio.to_thread(int)
    raise AssertionError(f"never {value}")


def test_a_worker_waits_for_its_database_and_then_serves(hq: Headquarters) -> None:
    async def story() -> None:
        gate = Gate()
        app = PatientApp(opener(hq, UNREACHABLE, UNREACHABLE), clock=standing_clock(), sleep=gate.sleep)
        async with living(app) as started, client_of(app) as client:
            assert started["type"] == "lifespan.startup.complete"
            said = (await client.get("/health")).json()
            assert (said["status"], said["why"], said["attempts"]) == ("waiting", "hq.database_unreachable", 1)
            turned_away = await client.get("/v1")
            assert (turned_away.status_code, "Retry-After" in turned_away.headers) == (503, True)
            # Without this header a station takes it for a gateway that does not reach headquarters.
            assert "Mingjian-Protocol" not in turned_away.headers
            gate.go_on()
            await until(client, "attempts", 2)
            gate.go_on()
            await until(client, "status", "alive")
            assert (await client.get("/ready")).status_code == 200
        assert len(gate.waits) == 2

    asyncio.run(story())


def test_a_worker_may_end_while_it_waits(hq: Headquarters) -> None:
    async def story() -> None:
        app = PatientApp(opener(hq, UNREACHABLE), clock=standing_clock(), sleep=Gate().sleep)
        async with living(app) as started:
            assert started["type"] == "lifespan.startup.complete"

    asyncio.run(story())


@pytest.mark.parametrize(
    "fault", [Refusal("hq.newer_version", found="h9", known="h2"), Trouble("hq.key_mismatch", folder="x")]
)
def test_what_no_waiting_mends_ends_the_worker(hq: Headquarters, fault: Fault) -> None:
    async def story() -> None:
        async with living(PatientApp(opener(hq, fault), clock=standing_clock())) as started:
            assert started == {"type": "lifespan.startup.failed", "message": fault.code}

    asyncio.run(story())
