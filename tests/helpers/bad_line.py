"""A line between two processes on which things go wrong: a TCP proxy on this machine, all its mischief from one seed.

What it does to a connection, and at which byte, follows from the seed and the number of the connection alone; only the
system decides when bytes come in which pieces.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

KINDS = ("none", "refused", "reset_up", "reset_down", "cut_down", "stalled", "trickled", "flipped_up", "flipped_down")
BYTES_MAX = 6_000
"""Within so many bytes of a direction something goes wrong, if it does."""
STALL_S, TRICKLE_S = 0.3, 0.002
TRICKLE_BYTES = 40
PIECE = 1 << 16
PATIENCE_S, QUIET_S = 30, 0.5
MAIL_BYTES_MAX = 1 << 20
_RESET = struct.pack("ii", 1, 0)


@dataclass
class _Fate:
    """What happens to one connection, and behind how many bytes."""

    kind: str
    at: int


class BadLine:
    """A proxy before a port of this machine.

    Args:
        kinds: What may happen to a connection, each as likely as the others.

    Attributes:
        port: Where it listens.
        is_good: Whether everything passes.
        counts: What went wrong so far, by kind.
    """

    def __init__(self, target: int, *, seed: int, kinds: tuple[str, ...] = KINDS) -> None:
        self._target = target
        self._seed = seed
        self._kinds = kinds
        self._lock = threading.Lock()
        self._count = 0
        self.is_good = False
        self._closed = threading.Event()
        self._open: set[socket.socket] = set()
        self._mail: list[bytes] = []
        self.counts: Counter[str] = Counter()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, name="bad line", daemon=True)
        self._thread.start()

    def repeat(self) -> int:
        """Send everything that was ever sent up once more, as it was; return how many bodies that are."""
        with self._lock:
            mail = list(self._mail)
        for sent in mail:
            with socket.create_connection(("127.0.0.1", self._target), timeout=QUIET_S) as again, suppress(OSError):
                again.sendall(sent)
                while again.recv(PIECE):
                    continue
        return len(mail)

    def close(self) -> None:
        """Cut every connection and stop listening."""
        self._closed.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            waiting = list(self._open)
        for one in waiting:
            _reset(one)
        self._thread.join(PATIENCE_S)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._count += 1
            dice = random.Random(f"{self._seed} {self._count}")
            fate = _Fate("none" if self.is_good else dice.choice(self._kinds), dice.randrange(BYTES_MAX))
            self.counts[fate.kind] += 1
            threading.Thread(target=self._carry, args=(near, fate, dice), daemon=True).start()

    def _carry(self, near: socket.socket, fate: _Fate, dice: random.Random) -> None:
        if fate.kind == "refused":
            _reset(near)
            return
        try:
            far = socket.create_connection(("127.0.0.1", self._target), timeout=PATIENCE_S)
        except OSError:
            _reset(near)
            return
        with self._lock:
            self._open |= {near, far}
        sent: list[bytes] = []
        back = threading.Thread(target=self._pass, args=(far, near, fate, "down", dice, []), daemon=True)
        back.start()
        self._pass(near, far, fate, "up", dice, sent)
        back.join(2 * PATIENCE_S)
        with self._lock:
            self._open -= {near, far}
            if sum(map(len, self._mail)) < MAIL_BYTES_MAX:
                self._mail.append(b"".join(sent))
        near.close()
        far.close()

    def _pass(
        self, source: socket.socket, to: socket.socket, fate: _Fate, way: str, dice: random.Random, kept: list[bytes]
    ) -> None:
        """Carry bytes one way until one end closes, or until fate has it otherwise."""
        at = 0
        try:
            # The line may have been taken down before this way of it begins.
            source.settimeout(2 * PATIENCE_S)
            while piece := source.recv(PIECE):
                kept.append(piece)
                begin, at = at, at + len(piece)
                if not self._send(piece, begin, to, fate, way, dice):
                    _reset(source)
                    _reset(to)
                    return
            to.shutdown(socket.SHUT_WR)
        except OSError:
            _reset(source)
            _reset(to)

    def _send(self, piece: bytes, begin: int, to: socket.socket, fate: _Fate, way: str, dice: random.Random) -> bool:
        """Send a piece as fate has it; False where the connection ends with it."""
        cut = fate.at - begin
        is_here = 0 <= cut < len(piece)
        if fate.kind == "trickled":
            for start in range(0, min(len(piece), 50 * TRICKLE_BYTES), TRICKLE_BYTES):
                to.sendall(piece[start : start + TRICKLE_BYTES])
                self._closed.wait(TRICKLE_S)
            to.sendall(piece[50 * TRICKLE_BYTES :])
        elif is_here and fate.kind in (f"reset_{way}", f"cut_{way}"):
            to.sendall(piece[:cut])
            return False
        elif is_here and fate.kind == "stalled":
            to.sendall(piece[:cut])
            self._closed.wait(STALL_S)
            # What stalled comes after all, or never.
            if dice.random() < 0.5:
                return False
            to.sendall(piece[cut:])
        elif is_here and fate.kind == f"flipped_{way}":
            to.sendall(piece[:cut] + bytes([piece[cut] ^ (1 << dice.randrange(8))]) + piece[cut + 1 :])
        else:
            to.sendall(piece)
        return True


def _reset(one: socket.socket) -> None:
    """End a connection at once, with a reset instead of a farewell."""
    # It may be gone already.
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        one.shutdown(socket.SHUT_RDWR)
    one.close()
