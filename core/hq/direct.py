"""The line to a headquarters in the same process, for the simulation and for whoever holds both ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.hq.desk import Desk
from core.kernel.errors import Refusal
from core.sync.ports import Line
from core.sync.runs import Run
from core.sync.streams import Page, Reset
from core.sync.wire import (
    ChainAnswer,
    DigestAnswer,
    EnrolAnswer,
    EnrolRequest,
    PartsAnswer,
    PullRequest,
    PushAnswer,
)


class DirectLine:
    """The line of one device (core.sync.ports.Line).

    Args:
        enrol: Takes a device in; where none is given, nobody is.
    """

    def __init__(self, desk: Desk, device: str, *, enrol: Callable[[EnrolRequest], EnrolAnswer] | None = None) -> None:
        self._desk = desk
        self._device = device
        self._enrol = enrol

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        if self._enrol is None:
            raise Refusal("hq.code_unknown")
        return self._enrol(request)

    def chain(self, device: str) -> ChainAnswer:
        return self._desk.chain(device)

    def push(self, run: Run) -> PushAnswer:
        return self._desk.push(run)

    def pull(self, request: PullRequest) -> Sequence[Page | Reset]:
        return self._desk.pull(self._device, request)

    def digest(self, streams: Sequence[str]) -> DigestAnswer:
        return self._desk.digest(self._device, streams)

    def parts(self, sha256: str) -> PartsAnswer:
        return self._desk.parts(self._device, sha256)

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        self._desk.put_part(self._device, sha256, number, content)

    def complete(self, sha256: str, size: int) -> None:
        self._desk.complete(self._device, sha256, size)

    def blob(self, sha256: str, *, start: int = 0, limit: int | None = None) -> bytes:
        return self._desk.blob(self._device, sha256, start=start, limit=limit)


def line_of(desk: Desk, device: str) -> Line:
    """Return the line of a device, as the protocol sees it."""
    return DirectLine(desk, device)
