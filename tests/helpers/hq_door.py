"""The application of a test headquarters in process, and lines to it for the devices of a test."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
from litestar.testing import TestClient

from core.crypto import signing
from core.crypto.signing import Ed25519Signer
from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.hq.app import make_app
from core.hq.auth import Guard
from core.hq.bundles import HqBundles
from core.hq.carried import CarriedFiles
from core.hq.enrolment import Enrolment
from core.hq.keys import ServiceKeys
from core.hq.people import People
from core.hq.proofs import StoredProofs
from core.hq.service import Service
from core.hq.sessions import Sessions
from core.remote.door import hq_key_text
from core.remote.line import HttpLine
from core.remote.tokens import Caller
from core.sync.hq_pen import HqPen
from tests.helpers.headquarters import HQ_KEY, Author, Headquarters

ROOT_KEY = bytes(range(32, 64))
ROOT_PUBLIC = signing.public_key_of(ROOT_KEY)
KEYS = ServiceKeys(
    private=HQ_KEY,
    root_public=ROOT_PUBLIC,
    root_signature=signing.sign(ROOT_KEY, hq_key_text(signing.public_key_of(HQ_KEY))),
    age_identity="AGE-SECRET-KEY-1DN5EN8M8TETWXL4SPMDHGCA8CKX24H36X267WW3RK5ANH5AUQCTQDCV5VX",
)


class Door:
    """The front door of one worker.

    Attributes:
        client: Sends requests to it, without a socket.
    """

    def __init__(self, hq: Headquarters, client: httpx.Client, service: Service) -> None:
        self.hq = hq
        self.client = client
        self.service = service

    def line(self, author: Author, *, client: httpx.Client | None = None, years_off: int = 0) -> HttpLine:
        """Return the line of a device; its clock may be years off."""

        def now() -> float:
            return author.clock.now().timestamp() + years_off * 365 * 86_400

        caller = Caller(device=author.device, public=author.public, sign=partial(signing.sign, author.private), now=now)
        return HttpLine(client or self.client, caller=caller, verify=signing.verify, root_public=ROOT_PUBLIC)


def service_for(hq: Headquarters) -> Service:
    """Return a worker's service over a test headquarters."""

    def public_of(device: str) -> bytes | None:
        row = hq.store.directory.find(device)
        return row.public if row is not None else None

    guard = Guard(
        Ed25519Signer(HQ_KEY),
        HQ_KEY,
        clock=hq.clock,
        seen=StoredProofs(hq.store.engines, hq.clock),
        public_of=public_of,
    )
    enrolment = Enrolment(hq.store, KEYS, pen=lambda actor: pen_of(hq, actor), clock=hq.clock)
    return Service(
        store=hq.store,
        desk=hq.desk,
        guard=guard,
        enrolment=enrolment,
        people=People(hq.store.engines, hq.clock, cost=CHEAP_COST_FOR_TESTS),
        sessions=Sessions(HQ_KEY, hq.clock),
        bundles=HqBundles(hq.store, hq.desk, KEYS, versions=lambda _: (), clock=hq.clock),
        carried=CarriedFiles(hq.store, hq.blobs),
        clock=hq.clock,
    )


def pen_of(hq: Headquarters, actor: str) -> HqPen:
    """Return headquarters' pen in the hand of a person."""
    return HqPen(partial(signing.sign, HQ_KEY), hq.clock.now, actor=actor)


@contextmanager
def open_door(hq: Headquarters, *, change: Callable[[Service], None] | None = None) -> Generator[Door]:
    """Open the front door of a headquarters."""
    service = service_for(hq)
    if change is not None:
        change(service)
    app: Any = make_app(service, KEYS.signer(), root_signature=KEYS.root_signature)
    with TestClient(app, base_url="http://testserver.local", raise_server_exceptions=False) as client:
        yield Door(hq, client, service)


class CuttingWire(httpx.BaseTransport):
    """Carries requests to the door until so many bytes of parts went up, then breaks for good."""

    def __init__(self, inner: httpx.Client, *, at: int) -> None:
        self._inner = inner
        self._left = at
        self.carried = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request, or cut it within its body."""
        body = request.read()
        if request.method == "PUT":
            if len(body) > self._left:
                self.carried += self._left
                self._left = 0
                raise httpx.WriteError("cut")
            self._left -= len(body)
            self.carried += len(body)
        answer = self._inner.request(request.method, request.url, content=body, headers=request.headers)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


def cut_wire(door: Door, author: Author, *, at: int) -> tuple[CuttingWire, HttpLine]:
    """Return a line that breaks after so many bytes of parts."""
    cutting = CuttingWire(door.client, at=at)
    client = httpx.Client(base_url="http://testserver.local", transport=cutting)
    return cutting, door.line(author, client=client)
