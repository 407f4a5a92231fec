"""From laptop to laptop over a cable or a shared network: two bundles change places.

Both sides first prove that they hold the key which headquarters told of them, then two people look at the fingerprints
and agree; only then does anything move. The bundles are signed by their senders and sealed to each other, so the
connection needs no secret; a stranger who connects learns a device id and nothing else. Source: sync.md 3.8.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record
from core.sync.ports import Sign
from core.sync.runs import Verify

T = TypeVar("T")
R = TypeVar("R", bound=Record)

PROTOCOL = 2
WAIT_S = 300
"""Seconds without a byte after which the other laptop is taken to be gone; people compare fingerprints meanwhile."""
TURN_S = 0.25
"""How long one look at the cable lasts: as often the person may stop it."""
MESSAGE_BYTES_MAX = 1 << 20
BUNDLE_BYTES_MAX = 2 << 30
CHUNK = 1 << 18
UNREAD_MAX = 64
"""Pieces that are read away before hanging up; somebody who never stops is hung up on all the same."""
DOMAIN = b"peer1|"
NONCE_BYTES = 24
# Nobody is spoken to at these: they only make the system say from which of its addresses it would.
_FAR_ADDRESSES = ("10.255.255.254", "172.31.255.254", "192.168.255.254", "169.254.255.254", "198.51.100.1")


class Hello(Record):
    """The first thing that either side says."""

    protocol: int
    device: str
    nonce: str


class Said(Record):
    """What a side proves: which conversation this is, and how far it holds the chains of others."""

    device: str
    to: str
    nonce: str
    """The word that the other side wanted to have signed."""
    tails: dict[str, int] = {}


class Proof(Record):
    """What was said, as it was signed, and the signature of the device's key."""

    said: bytes
    signature: bytes


class Word(Record):
    """Whether the person at a side agreed."""

    agrees: bool


class End(Record):
    """Where a chain ends."""

    n: int
    chain: bytes


class Ends(Record):
    """What both sides hold after the exchange: the chain of whoever speaks, as sent, and the other's as held there."""

    own: End
    yours: End


class Side(Record):
    """Who speaks at this end."""

    device: str
    public_of: Callable[[str], bytes | None]
    """Key of a device, or None for a stranger; may raise a Refusal for one that is known and not to be spoken to."""
    sign: Sign
    verify: Verify
    tails: dict[str, int]


class Cable:
    """A connection that is looked at in short turns, so that the person can stop it at any time.

    Raises (all methods):
        Trouble: "peer.broken", params why.
        Cancelled: the person stopped it.
    """

    def __init__(self, connection: socket.socket, progress: Progress, *, wait_s: float = WAIT_S) -> None:
        self._connection = connection
        self._turns = max(1, round(wait_s / TURN_S))
        self.progress = progress
        connection.settimeout(TURN_S)

    def close(self) -> None:
        """Hang up. What was not read yet is read first: left lying, it would cost the other side our last word."""
        with suppress(OSError):
            self._connection.setblocking(False)
            for _ in range(UNREAD_MAX):
                if not self._connection.recv(CHUNK):
                    break
        with suppress(OSError):
            self._connection.close()

    def send(self, message: Record) -> None:
        """Send one message."""
        body = msgspec.json.encode(message)
        self._send_bytes(len(body).to_bytes(8, "big") + body, "peer_wait")

    def receive(self, kind: type[R]) -> R:
        """Return the next message.  Raises Refusal "peer.not_ours"."""
        size = int.from_bytes(self._receive_bytes(8), "big")
        if size > MESSAGE_BYTES_MAX:
            raise Refusal("peer.not_ours")
        try:
            return msgspec.json.decode(self._receive_bytes(size), type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Refusal("peer.not_ours") from error

    def send_file(self, path: Path) -> None:
        """Send a file."""
        size = path.stat().st_size
        self._send_bytes(size.to_bytes(8, "big"), "peer_send")
        sent = 0
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                self._send_bytes(chunk, "peer_send", done=sent, total=size)
                sent += len(chunk)

    def receive_file(self, path: Path) -> None:
        """Receive a file.  Raises Refusal "sync.body_too_large"."""
        size = int.from_bytes(self._receive_bytes(8), "big")
        if size > BUNDLE_BYTES_MAX:
            raise Refusal("sync.body_too_large", bytes_max=BUNDLE_BYTES_MAX)
        left = size
        with path.open("wb") as file:
            while left:
                chunk = self._some(min(CHUNK, left), "peer_receive", done=size - left, total=size)
                file.write(chunk)
                left -= len(chunk)

    def _send_bytes(self, content: bytes, note: str, *, done: int = 0, total: int | None = None) -> None:
        at = 0
        while at < len(content):
            at += self._turn(lambda start=at: self._connection.send(content[start:]), done + at, total, note)

    def _receive_bytes(self, size: int) -> bytes:
        pieces: list[bytes] = []
        while size:
            pieces.append(self._some(size, "peer_wait", done=0, total=None))
            size -= len(pieces[-1])
        return b"".join(pieces)

    def _some(self, most: int, note: str, *, done: int, total: int | None) -> bytes:
        piece = self._turn(lambda: self._connection.recv(most), done, total, note)
        if not piece:
            raise Trouble("peer.broken", why="closed")
        return piece

    def _turn(self, act: Callable[[], T], done: int, total: int | None, note: str) -> T:
        for _ in range(self._turns):
            self.progress.step(done, total, note)
            try:
                return act()
            except TimeoutError:
                continue
            except OSError as error:
                raise Trouble("peer.broken", why=error.strerror or str(error)) from error
        raise Trouble("peer.broken", why="silent")


class Meeting:
    """Two laptops that know each other, before anything moved.

    Args:
        is_first: Whether this side sends first; the one that connected does.
    """

    def __init__(self, cable: Cable, other: str, tails: dict[str, int], *, is_first: bool) -> None:
        self.cable = cable
        self.other = other
        self.tails = tails
        """How far the other side says that it holds the chains of others."""
        self._is_first = is_first

    def agree(self) -> None:
        """Say that the person here agreed, and wait until the person there does.  Raises Refusal "peer.declined"."""
        # Whoever declined has hung up already: what was said last can still be read.
        with suppress(Trouble):
            self.cable.send(Word(agrees=True))
        if not self.cable.receive(Word).agrees:
            raise Refusal("peer.declined")

    def decline(self) -> None:
        """Say that the person here did not agree, and hang up."""
        with suppress(Trouble):
            self.cable.send(Word(agrees=False))
        self.cable.close()

    def change(self, write: Callable[[Path], object], take: Callable[[Path], T], folder: Path) -> T:
        """Write the bundle for the other side, change it for theirs, and return what `take` gave.

        A bundle is taken in only when it came whole: cut before, nothing was taken in.
        """
        folder.mkdir(parents=True, exist_ok=True)
        name = secrets.token_hex(8)
        ours, theirs = folder / f"peer-{name}.out", folder / f"peer-{name}.in"
        try:
            write(ours)
            if self._is_first:
                self.cable.send_file(ours)
            self.cable.receive_file(theirs)
            if not self._is_first:
                self.cable.send_file(ours)
            return take(theirs)
        except OSError as error:
            raise Trouble("peer.broken", why=error.strerror or str(error)) from error
        finally:
            ours.unlink(missing_ok=True)
            theirs.unlink(missing_ok=True)

    def tell(self, ends: Ends) -> Ends:
        """Tell the other side what is held here now, and return what is held there."""
        self.cable.send(ends)
        return self.cable.receive(Ends)


def own_addresses() -> tuple[str, ...]:
    """Return the addresses under which another laptop may reach this one; nothing is sent to find out."""
    found: list[str] = []
    for far in _FAR_ADDRESSES:
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.connect((far, 9))
            found.append(str(asked.getsockname()[0]))
    return tuple(dict.fromkeys(found))


@contextmanager
def listening(host: str, port: int) -> Generator[socket.socket]:
    """Give a socket that waits for one other laptop.  Raises Trouble "peer.cannot_listen", params port, why."""
    try:
        server = socket.create_server((host, port), backlog=1)
    except (OSError, OverflowError) as error:
        raise Trouble("peer.cannot_listen", port=port, why=getattr(error, "strerror", "") or str(error)) from error
    with server:
        yield server


def accepted(server: socket.socket, progress: Progress, *, wait_s: float = WAIT_S) -> socket.socket:
    """Return the connection of the other laptop.  Raises Trouble "peer.nobody_came"; Cancelled."""
    server.settimeout(TURN_S)
    for _ in range(max(1, round(wait_s / TURN_S))):
        progress.step(0, None, "peer_listen")
        try:
            return server.accept()[0]
        except TimeoutError:
            continue
        except OSError as error:
            raise Trouble("peer.nobody_came") from error
    raise Trouble("peer.nobody_came")


def connected(host: str, port: int, *, wait_s: float = 15) -> socket.socket:
    """Return a connection to the other laptop.  Raises Trouble "peer.unreachable", params host, why."""
    try:
        return socket.create_connection((host, port), timeout=wait_s)
    except (OSError, OverflowError) as error:
        raise Trouble("peer.unreachable", host=host, why=getattr(error, "strerror", "") or str(error)) from error


def meet(cable: Cable, side: Side, *, is_first: bool) -> Meeting:
    """Learn who is at the other end, and that it holds the key that is known of it.

    Raises:
        Refusal: "peer.stranger" (params device), "peer.not_ours", "peer.impostor" (params device), and what
            `side.public_of` raises.
        Trouble: "peer.broken".
    """
    nonce = secrets.token_hex(NONCE_BYTES)
    cable.send(Hello(protocol=PROTOCOL, device=side.device, nonce=nonce))
    hello = cable.receive(Hello)
    if hello.protocol != PROTOCOL or hello.device == side.device:
        raise Refusal("peer.not_ours")
    public = side.public_of(hello.device)
    if public is None:
        raise Refusal("peer.stranger", device=hello.device)
    said = msgspec.json.encode(Said(device=side.device, to=hello.device, nonce=hello.nonce, tails=side.tails))
    cable.send(Proof(said=said, signature=side.sign(DOMAIN + said)))
    proof = cable.receive(Proof)
    theirs = _said(proof.said)
    is_theirs = side.verify(public, DOMAIN + proof.said, proof.signature)
    if not is_theirs or (theirs.device, theirs.to, theirs.nonce) != (hello.device, side.device, nonce):
        raise Refusal("peer.impostor", device=hello.device)
    return Meeting(cable, hello.device, theirs.tails, is_first=is_first)


def _said(raw: bytes) -> Said:
    try:
        return msgspec.json.decode(raw, type=Said)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("peer.not_ours") from error
