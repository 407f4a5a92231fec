"""The wire: the real bytes of the protocol, lost, cut, flipped, doubled, held back, and answered by either worker."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import msgspec

from core.cli.bench.simulation.ends import CentreEnd, Desk, Died, Tripwire
from core.crypto import signing
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record
from core.sync import wire as messages
from core.sync.runs import Run, decode_run, encode_run
from core.sync.streams import Page, Reset, decode_page, encode_page
from core.sync.wire import (
    ChainAnswer,
    DigestAnswer,
    DigestRequest,
    EnrolAnswer,
    EnrolRequest,
    PartsAnswer,
    PullRequest,
    PushAnswer,
)

T = TypeVar("T")
M = TypeVar("M", bound=Record)


@lru_cache(maxsize=1 << 16)
def verified(public: bytes, message: bytes, signature: bytes) -> bool:
    """Check a signature as everybody does, and remember the answer: the same runs pass by many times."""
    return signing.verify(public, message, signature)


MAIL_MAX = 30
"""Bodies of pushes that may still arrive late."""
PORTAL = b"<html>Please log in to this network</html>"


@dataclass
class Faults:
    """What went wrong so far, by kind."""

    counts: dict[str, int] = field(default_factory=dict[str, int])

    def note(self, kind: str) -> None:
        """Count one."""
        self.counts[kind] = self.counts.get(kind, 0) + 1

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@dataclass
class Post:
    """What the wires of one town share: the far end, late mail, and who is told of every answer."""

    centre: CentreEnd
    trip: Tripwire
    faults: Faults
    told: Callable[[str, object], None]
    """(call, answer) at the moment at which headquarters answers."""
    gave: Callable[[str], None]
    """The device that was given something to read."""
    mail: list[bytes] = field(default_factory=list[bytes])


class BadWire:
    """A line to headquarters (core.sync.ports.Line) for one session of one device.

    `rough` 0 is a good wire; at 3 two of five calls meet with something.
    """

    def __init__(self, post: Post, device: str, dice: random.Random, rough: int) -> None:
        self._post = post
        self._device = device
        self._dice = dice
        self._rough = rough

    @property
    def is_good(self) -> bool:
        """Tell whether nothing can happen on this line."""
        return not self._rough

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        raise AssertionError("stations of a simulation are enrolled beside the wire")

    def chain(self, device: str) -> ChainAnswer:
        return self._json(ChainAnswer, lambda desk: desk.chain(device))

    def push(self, run: Run) -> PushAnswer:
        body = encode_run(run)
        self._post.mail.append(body)
        del self._post.mail[:-MAIL_MAX]
        body = self._bent(body)
        return self._json(PushAnswer, lambda desk: push_body(self._post, desk, body))

    def pull(self, request: PullRequest) -> Sequence[Page | Reset]:
        asked = messages.encode(request)
        # Small pages: a page's end falls everywhere, not only after a year.
        limit = self._dice.choice((1, 3, 10, request.limit)) if self._rough else request.limit

        def serve(desk: Desk) -> list[bytes]:
            plain = messages.decode(PullRequest, asked)
            assert isinstance(plain, PullRequest)
            answers = desk.pull(self._device, msgspec.structs.replace(plain, limit=limit))
            self._post.told("pull", answers)
            self._post.gave(self._device)
            return [encode_page(answer) for answer in answers]

        return [decode_page(self._bent(body)) for body in self._call(serve)]

    def digest(self, streams: Sequence[str]) -> DigestAnswer:
        asked = DigestRequest(streams=tuple(streams))
        return self._json(DigestAnswer, lambda desk: desk.digest(self._device, asked.streams))

    def parts(self, sha256: str) -> PartsAnswer:
        return self._json(PartsAnswer, lambda desk: desk.parts(self._device, sha256))

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        self._call(lambda desk: desk.put_part(self._device, sha256, number, content))

    def complete(self, sha256: str, size: int) -> None:
        self._call(lambda desk: desk.complete(self._device, sha256, size))

    def blob(self, sha256: str, *, start: int = 0, limit: int | None = None) -> bytes:
        return self._call(lambda desk: desk.blob(self._device, sha256, start=start, limit=limit))

    def _json(self, kind: type[M], serve: Callable[[Desk], M]) -> M:
        answer = messages.encode(self._call(serve))
        if self._is("truncated"):
            answer = answer[: self._dice.randrange(len(answer))]
        elif self._is("portal"):
            answer = PORTAL
        plain = messages.decode(kind, answer)
        assert isinstance(plain, kind)
        return plain

    def _call(self, serve: Callable[[Desk], T]) -> T:
        if self._is("lost"):
            raise Trouble("sync.unreachable")
        if self._is("twice"):
            self._serve(serve)
        answer = self._serve(serve)
        if self._is("unheard"):
            raise Trouble("sync.line_broken")
        return answer

    def _serve(self, serve: Callable[[Desk], T]) -> T:
        desk = self._dice.choice(self._post.centre.desks) if self._rough else self._post.centre.desks[0]
        if self._is("hq_died"):
            self._post.trip.arm("hq.", self._dice.randrange(self._dice.choice((4, 14))))
        elif self._is("hq_full"):
            self._post.trip.arm("hq.", self._dice.randrange(self._dice.choice((4, 14))), is_full=True)
        try:
            return serve(desk)
        except Died as died:
            self._post.centre.reopen()
            raise Trouble("sync.line_broken") from died
        finally:
            # Whatever waits for the laptop's own writes stays.
            self._post.trip.disarm("hq.")

    def _bent(self, body: bytes) -> bytes:
        if self._is("cut"):
            return body[: self._dice.randrange(len(body))]
        if self._is("flipped"):
            at = self._dice.randrange(len(body))
            return body[:at] + bytes([body[at] ^ (1 << self._dice.randrange(8))]) + body[at + 1 :]
        return body

    def _is(self, kind: str) -> bool:
        """Tell whether this goes wrong now."""
        if not self._rough or self._dice.random() >= ODDS[kind] * self._rough:
            return False
        self._post.faults.note(kind)
        return True


ODDS = {
    "lost": 0.03,
    "unheard": 0.04,
    "twice": 0.05,
    "truncated": 0.01,
    "portal": 0.01,
    "cut": 0.02,
    "flipped": 0.02,
    "hq_died": 0.04,
    "hq_full": 0.01,
}


def push_body(post: Post, desk: Desk, body: bytes) -> PushAnswer:
    """Let headquarters take in the body of a push, as its route does, and tell of the answer."""
    run = decode_run(body)
    answer = desk.push(run)
    post.told("push", (run.header.device, answer))
    return answer


def deliver(post: Post, dice: random.Random) -> None:
    """Let an old body arrive once more, late; headquarters may refuse what it does not understand any more."""
    if post.mail:
        _deliver(post, dice.choice(post.centre.desks), dice.choice(post.mail))


def deliver_all(post: Post) -> None:
    """Let every body that may still arrive do so, in the order in which they were sent."""
    for body in tuple(post.mail):
        _deliver(post, post.centre.desks[0], body)


def _deliver(post: Post, desk: Desk, body: bytes) -> None:
    post.faults.note("late")
    try:
        push_body(post, desk, body)
    except Refusal:
        post.faults.note("late_refused")
