"""Two laptops change bundles over a pair of sockets; strangers, liars and broken cables are told in words."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.kernel.errors import Fault
from core.kernel.progress import Unwatched
from core.remote.peer import Ends, exchange


def ends(folder: Path, device: str, content: bytes, *, knows: tuple[str, ...] = ("d-1", "d-2")) -> Ends:
    def write(to: str, path: Path) -> None:
        path.write_bytes(to.encode() + b"|" + content)

    return Ends(
        device=device,
        is_known=lambda other: other in knows,
        write=write,
        take=lambda path: path.read_bytes(),
        folder=folder,
    )


def both(one: Ends, other: Ends) -> tuple[object, object]:
    """Run both sides to their end; what a side raised stands in the place of its answer."""
    left, right = socket.socketpair()
    answers: dict[int, object] = {}

    def run(number: int, connection: socket.socket, side: Ends) -> None:
        with connection:
            try:
                answers[number] = exchange(connection, side, is_first=number == 0, progress=Unwatched(), wait_s=10)
            except Fault as fault:
                answers[number] = fault.code

    thread = threading.Thread(target=run, args=(1, right, other))
    thread.start()
    run(0, left, one)
    thread.join()
    return answers[0], answers[1]


def against(say: Callable[[socket.socket], None], side: Ends) -> Fault:
    """Return what a side says of somebody who speaks as `say` does and then hangs up."""
    left, right = socket.socketpair()
    with left, right:
        say(right)
        right.shutdown(socket.SHUT_WR)
        with pytest.raises(Fault) as fault:
            exchange(left, side, is_first=False, progress=Unwatched(), wait_s=10)
    return fault.value


def test_each_takes_in_what_the_other_wrote_for_it(tmp_path: Path) -> None:
    big = bytes(range(256)) * 4000
    got = both(ends(tmp_path, "d-1", b"from one"), ends(tmp_path, "d-2", big))
    assert got == (b"d-1|" + big, b"d-2|from one")


def test_no_file_stays_behind(tmp_path: Path) -> None:
    both(ends(tmp_path, "d-1", b"a"), ends(tmp_path, "d-2", b"b"))
    assert list(tmp_path.iterdir()) == []


def test_a_stranger_gets_no_bundle(tmp_path: Path) -> None:
    one, other = both(ends(tmp_path, "d-1", b"a", knows=()), ends(tmp_path, "d-2", b"b"))
    assert one == "peer.stranger"
    assert other == "peer.broken"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"", "peer.broken"),
        (b"GET / HTTP/1.1\r\n\r\n", "peer.not_ours"),
        ((5).to_bytes(8, "big") + b"[[[[[", "peer.not_ours"),
        ((29).to_bytes(8, "big") + b'{"protocol":9,"device":"d-2"}', "peer.not_ours"),
        ((29).to_bytes(8, "big") + b'{"protocol":1,"device":"d-2"}' + b"\xff" * 8, "sync.body_too_large"),
        ((29).to_bytes(8, "big") + b'{"protocol":1,"device":"d-2"}' + (9).to_bytes(8, "big") + b"1234", "peer.broken"),
    ],
)
def test_what_is_no_laptop_of_ours_is_told_in_words(tmp_path: Path, said: bytes, code: str) -> None:
    assert against(lambda connection: connection.sendall(said), ends(tmp_path, "d-1", b"a")).code == code
    assert list(tmp_path.iterdir()) == []
