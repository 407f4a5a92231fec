"""The front door: what is done for every request before and after its route, as one plain ASGI layer.

Room or "come again"; the protocol window; headquarters' date, nonce and signature on every answer; one log line and the
figures. The log holds no body and nobody's name: route, status, sizes, time and the device's random id.
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from email.utils import format_datetime
from typing import Any

import msgspec
from litestar import Litestar
from litestar.types import Message, Receive, Scope, Send

from core.crypto.signing import Signer
from core.hq.auth import Nonces
from core.hq.faults import body_of, headers_of, status_of
from core.hq.limits import BY_ADDRESS, Buckets, Running
from core.hq.metrics import Metrics
from core.kernel.clock import Clock
from core.kernel.errors import Fault, Refusal, Trouble
from core.kernel.ids import new_id
from core.remote.door import (
    ANSWER_HEADER,
    ASK_HEADER,
    KEY_HEADER,
    NONCE_HEADER,
    PROTOCOL_HEADER,
    answer_text,
    understands,
)
from core.sync.wire import PROTOCOL

log = logging.getLogger("mingjian.hq")
OWN_WORD_CHARS_MAX = 64
DEVICE_KEY = "mingjian_device"
"""Where a route leaves the device's id for the log line."""
_ALWAYS = frozenset({"/health", "/ready", "/metrics"})
# What an old station still may do: hand over what it has. Source: sync.md 3.6.
_NEEDS_WINDOW = frozenset({"/v1/pull", "/v1/enrol"})
_SAFE = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}


class Front:
    """The layer around all routes."""

    def __init__(
        self,
        app: Litestar,
        *,
        signer: Signer,
        key_header: str,
        nonces: Nonces,
        clock: Clock,
        running: Running,
        metrics: Metrics,
    ) -> None:
        self._app = app
        self._signer = signer
        self._key_header = key_header
        self._nonces = nonces
        self._clock = clock
        self._running = running
        self._by_address = Buckets(BY_ADDRESS, clock)
        self._metrics = metrics

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """Return what runs while the application serves."""
        return self._app.lifespan()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = _Answer(send, self._dress, headers)
        path = scope["path"]
        is_counted = path not in _ALWAYS
        fault = _objection(path, headers) or (self._flood(scope) if is_counted else None)
        if fault is None and is_counted and not self._running.enter():
            fault, is_counted = Trouble("sync.busy", retry_after_s=2), False
        elif fault is not None:
            is_counted = False
        try:
            if fault is not None:
                await _refuse(answer, fault)
            else:
                await self._app(scope, receive, answer.send)
        finally:
            if is_counted:
                self._running.leave()
            self._tell(scope, headers, answer, time.perf_counter() - started)

    def _flood(self, scope: Any) -> Fault | None:
        try:
            self._by_address.take(str((scope.get("client") or ("",))[0]))
        except Refusal as refusal:
            return refusal
        return None

    def _dress(self, status: int, body: bytes, asked: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        """Return the headers that every answer gets."""
        found = {
            PROTOCOL_HEADER: str(PROTOCOL),
            "Date": format_datetime(self._clock.now(), usegmt=True),
            NONCE_HEADER: self._nonces.issue(),
        }
        word = asked.get(ASK_HEADER.lower(), "")
        if word and len(word) <= OWN_WORD_CHARS_MAX and word.isascii():
            found[KEY_HEADER] = self._key_header
            found[ANSWER_HEADER] = base64.b64encode(self._signer.sign(answer_text(word, status, body))).decode()
        return [(name.lower().encode(), value.encode()) for name, value in found.items()]

    def _tell(self, scope: Any, headers: Mapping[str, str], answer: _Answer, seconds: float) -> None:
        route = str(scope.get("path_template") or "other")
        received = int(said) if (said := headers.get("content-length", "0")).isdigit() else 0
        self._metrics.request(
            route, scope["method"], answer.status, seconds=seconds, received=received, sent=answer.size
        )
        line = {
            "at": self._clock.now().isoformat(),
            "request": new_id(),
            "route": route,
            "method": scope["method"],
            "status": answer.status,
            "ms": round(seconds * 1000, 1),
            "bytes_in": received,
            "bytes_out": answer.size,
            "device": scope.get("state", {}).get(DEVICE_KEY, ""),
        }
        log.info("%s", msgspec.json.encode(line).decode())


class _Answer:
    """Holds an answer back until it is whole, so that it can be signed; every body of ours is in memory anyway."""

    def __init__(self, send: Send, dress: Any, asked: Mapping[str, str]) -> None:
        self._send = send
        self._dress = dress
        self._asked = asked
        self._start: Any = None
        self._body: list[bytes] = []
        self.status = 500
        self.size = 0

    async def send(self, message: Message) -> None:
        """Take one message of the application."""
        if message["type"] == "http.response.start":
            self._start = message
            self.status = message["status"]
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body.append(message["body"])
        if message.get("more_body", False):
            return
        body = b"".join(self._body)
        self.size = len(body)
        set_by_route = {name.lower() for name, _ in self._start["headers"]}
        safe = [(name, value) for name, value in _SAFE.items() if name not in set_by_route]
        headers = [*self._start["headers"], *safe, *self._dress(self.status, body, self._asked)]
        self._start["headers"] = headers
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


def _objection(path: str, headers: Mapping[str, str]) -> Fault | None:
    said = headers.get(PROTOCOL_HEADER.lower(), str(PROTOCOL))
    if path not in _NEEDS_WINDOW:
        return None
    if not said.isascii() or not said.isdigit() or len(said) > 6:
        return Refusal("sync.body_damaged", why="protocol")
    if understands(int(said)):
        return None
    if int(said) < PROTOCOL:
        return Refusal("sync.upgrade_station", theirs=PROTOCOL, ours=int(said))
    return Refusal("sync.upgrade_hq", theirs=PROTOCOL, ours=int(said))


async def _refuse(answer: _Answer, fault: Fault) -> None:
    body = body_of(fault)
    found = headers_of(fault) | {"Content-Length": str(len(body))}
    headers = [(name.lower().encode(), value.encode()) for name, value in found.items()]
    await answer.send({"type": "http.response.start", "status": status_of(fault), "headers": headers})
    await answer.send({"type": "http.response.body", "body": body, "more_body": False})
