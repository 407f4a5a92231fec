"""From laptop to laptop over a cable or a shared network: two bundles change places.

The bundles are signed by their senders and sealed to each other, so the connection needs no secret; a stranger who
connects learns a device id and nothing else. Source: sync.md 3.8 (peer bundle).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record

T = TypeVar("T")

PROTOCOL = 1
PORT = 47613
WAIT_S = 120
"""Seconds without a byte after which the other laptop is taken to be gone."""
HELLO_BYTES_MAX = 4_096
BUNDLE_BYTES_MAX = 2 << 30
CHUNK = 1 << 18


class Hello(Record):
    """The first thing that either side says."""

    protocol: int
    device: str


class Ends(Record):
    """What one side brings to an exchange."""

    device: str
    is_known: Callable[[str], bool]
    """Tells whether a device is one whose keys are known here."""
    write: Callable[[str, Path], object]
    """Writes the bundle for a device into a file."""
    take: Callable[[Path], object]
    """Takes in the bundle of a file."""
    folder: Path
    """Where the two files lie meanwhile; both are sealed."""


@contextmanager
def listening(host: str, port: int) -> Generator[socket.socket]:
    """Give a socket that waits for one other laptop.  Raises Trouble "peer.cannot_listen", params port, why."""
    try:
        server = socket.create_server((host, port), backlog=1)
    except OSError as error:
        raise Trouble("peer.cannot_listen", port=port, why=error.strerror or str(error)) from error
    with server:
        yield server


def accepted(server: socket.socket, *, wait_s: float = WAIT_S) -> socket.socket:
    """Return the connection of the other laptop.  Raises Trouble "peer.nobody_came"."""
    server.settimeout(wait_s)
    try:
        connection, _ = server.accept()
    except OSError as error:
        raise Trouble("peer.nobody_came") from error
    return connection


def connected(host: str, port: int) -> socket.socket:
    """Return a connection to the other laptop.  Raises Trouble "peer.unreachable", params host, why."""
    try:
        return socket.create_connection((host, port), timeout=WAIT_S)
    except OSError as error:
        raise Trouble("peer.unreachable", host=host, why=error.strerror or str(error)) from error


def exchange(
    connection: socket.socket, ends: Ends, *, is_first: bool, progress: Progress, wait_s: float = WAIT_S
) -> object:
    """Change bundles with the other laptop and return what `ends.take` gave.

    Args:
        is_first: Whether this side sends first; the one that connected does.

    Raises:
        Trouble: "peer.broken"; nothing was taken in, or all of it: a bundle is taken in only when it is whole.
        Refusal: "peer.stranger" (params device), "peer.not_ours", "sync.body_too_large".
    """
    ends.folder.mkdir(parents=True, exist_ok=True)
    ours, theirs = ends.folder / f"out-{ends.device}.isb", ends.folder / f"in-{ends.device}.isb"
    connection.settimeout(wait_s)
    try:
        other = _greet(connection, ends)
        ends.write(other, ours)
        if is_first:
            _send_file(connection, ours, progress)
        _receive_file(connection, theirs, progress)
        if not is_first:
            _send_file(connection, ours, progress)
        return ends.take(theirs)
    except OSError as error:
        raise Trouble("peer.broken", why=error.strerror or str(error)) from error
    finally:
        ours.unlink(missing_ok=True)
        theirs.unlink(missing_ok=True)


def _greet(connection: socket.socket, ends: Ends) -> str:
    hello = msgspec.json.encode(Hello(protocol=PROTOCOL, device=ends.device))
    connection.sendall(len(hello).to_bytes(8, "big") + hello)
    size = int.from_bytes(_exactly(connection, 8), "big")
    if size > HELLO_BYTES_MAX:
        raise Refusal("peer.not_ours")
    try:
        said = msgspec.json.decode(_exactly(connection, size), type=Hello)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refusal("peer.not_ours") from error
    if said.protocol != PROTOCOL:
        raise Refusal("peer.not_ours")
    if not ends.is_known(said.device):
        raise Refusal("peer.stranger", device=said.device)
    return said.device


def _send_file(connection: socket.socket, path: Path, progress: Progress) -> None:
    size = path.stat().st_size
    connection.sendall(size.to_bytes(8, "big"))
    sent = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            connection.sendall(chunk)
            sent += len(chunk)
            progress.step(sent, size, "peer")


def _receive_file(connection: socket.socket, path: Path, progress: Progress) -> None:
    size = int.from_bytes(_exactly(connection, 8), "big")
    if size > BUNDLE_BYTES_MAX:
        raise Refusal("sync.body_too_large", bytes_max=BUNDLE_BYTES_MAX)
    left = size
    with path.open("wb") as file:
        while left:
            chunk = _some(connection, min(CHUNK, left))
            file.write(chunk)
            left -= len(chunk)
            progress.step(size - left, size, "peer")


def _exactly(connection: socket.socket, size: int) -> bytes:
    pieces: list[bytes] = []
    while size:
        pieces.append(_some(connection, size))
        size -= len(pieces[-1])
    return b"".join(pieces)


def _some(connection: socket.socket, most: int) -> bytes:
    piece = connection.recv(most)
    if not piece:
        raise Trouble("peer.broken", why="closed")
    return piece
