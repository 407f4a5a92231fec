"""Two laptops change bundles over a pair of sockets; strangers, liars and broken cables are told in words."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from core.crypto import signing
from core.kernel.errors import Cancelled, Fault, Refusal
from core.kernel.progress import Stoppable, Unwatched
from core.remote.peer import Cable, End, Ends, Meeting, Side, Word, meet

KEYS = {"d-1": b"1" * 32, "d-2": b"2" * 32}
PUBLICS = {device: signing.public_key_of(key) for device, key in KEYS.items()}
HERE = Ends(own=End(n=3, chain=b"c" * 32), yours=End(n=2, chain=b"d" * 32))


def side(device: str, *, knows: tuple[str, ...] = ("d-1", "d-2"), key: bytes = b"", **tails: int) -> Side:
    return Side(
        device=device,
        public_of=lambda other: PUBLICS[other] if other in knows else None,
        sign=lambda message: signing.sign(key or KEYS[device], message),
        verify=signing.verify,
        tails=tails,
    )


def cable(connection: socket.socket, *, wait_s: float = 10) -> Cable:
    return Cable(connection, Unwatched(), wait_s=wait_s)


def agreed(meeting: Meeting, folder: Path, content: bytes) -> tuple[bytes, Ends]:
    """Agree, change `content` for what the other side has, and tell where the chains end."""
    meeting.agree()
    got = meeting.change(lambda path: path.write_bytes(content), lambda path: path.read_bytes(), folder)
    return got, meeting.tell(HERE)


def both(one: Callable[[Cable], object], other: Callable[[Cable], object]) -> tuple[object, object]:
    """Run both sides to their end; what a side raised stands in the place of its answer as its code."""
    left, right = socket.socketpair()
    answers: dict[int, object] = {}

    def run(number: int, connection: socket.socket, act: Callable[[Cable], object]) -> None:
        with connection:
            try:
                answers[number] = act(cable(connection))
            except Fault as fault:
                answers[number] = fault.code

    thread = threading.Thread(target=run, args=(1, right, other))
    thread.start()
    run(0, left, one)
    thread.join()
    return answers[0], answers[1]


def test_each_takes_in_what_the_other_wrote_for_it(tmp_path: Path) -> None:
    big = bytes(range(256)) * 4000
    got = both(
        lambda line: agreed(meet(line, side("d-1"), is_first=True), tmp_path, b"from one"),
        lambda line: agreed(meet(line, side("d-2"), is_first=False), tmp_path, big),
    )
    assert got == ((big, HERE), (b"from one", HERE))
    assert list(tmp_path.iterdir()) == []


def test_each_learns_how_far_the_other_holds_the_chains_of_others() -> None:
    one, other = both(
        lambda line: meet(line, side("d-1", far=7), is_first=True).tails,
        lambda line: meet(line, side("d-2", far=5), is_first=False).tails,
    )
    assert (one, other) == ({"far": 5}, {"far": 7})


def test_a_stranger_gets_no_bundle() -> None:
    one, other = both(
        lambda line: meet(line, side("d-1", knows=()), is_first=True),
        lambda line: meet(line, side("d-2"), is_first=False),
    )
    assert (one, other) == ("peer.stranger", "peer.broken")


def test_who_takes_a_colleagues_name_without_the_key_is_found_out() -> None:
    one, _ = both(
        lambda line: meet(line, side("d-1"), is_first=True),
        lambda line: meet(line, side("d-2", key=b"x" * 32), is_first=False),
    )
    assert one == "peer.impostor"


def test_nothing_moves_where_one_person_does_not_agree(tmp_path: Path) -> None:
    def decline(line: Cable) -> None:
        meeting = meet(line, side("d-2"), is_first=False)
        line.receive(Word)
        meeting.decline()

    one, other = both(lambda line: agreed(meet(line, side("d-1"), is_first=True), tmp_path, b"secret"), decline)
    assert (one, other) == ("peer.declined", None)


def against(said: bytes, act: Callable[[Cable], object]) -> Fault:
    """Return what a side says of somebody who says this and then hangs up."""
    left, right = socket.socketpair()
    with left, right:
        right.sendall(said)
        right.shutdown(socket.SHUT_WR)
        with pytest.raises(Fault) as fault:
            act(cable(left))
    return fault.value


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(8, "big") + body


HELLO = framed(b'{"protocol":2,"device":"d-2","nonce":"n"}')


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"", "peer.broken"),
        (b"GET / HTTP/1.1\r\n\r\n", "peer.not_ours"),
        (framed(b"[[[[["), "peer.not_ours"),
        (framed(b"[" * 100_000), "peer.not_ours"),
        (framed(b'{"protocol":9,"device":"d-2","nonce":"n"}'), "peer.not_ours"),
        (framed(b'{"protocol":2,"device":"d-1","nonce":"n"}'), "peer.not_ours"),
        (HELLO + framed(b'{"said":"AAAA","signature":""}'), "peer.not_ours"),
        (HELLO + framed(b'{"said":"e30=","signature":""}'), "peer.not_ours"),
        (HELLO + (1 << 40).to_bytes(8, "big"), "peer.not_ours"),
    ],
)
def test_what_is_no_laptop_of_ours_is_told_in_words(said: bytes, code: str) -> None:
    assert against(said, lambda line: meet(line, side("d-1"), is_first=False)).code == code


def test_an_old_proof_is_no_proof() -> None:
    said = msgspec.json.encode({"device": "d-2", "to": "d-1", "nonce": "of another day"})
    signature = signing.sign(KEYS["d-2"], b"peer1|" + said)
    proof = framed(msgspec.json.encode({"said": said, "signature": signature}))
    fault = against(HELLO + proof, lambda line: meet(line, side("d-1"), is_first=False))
    assert fault.code == "peer.impostor"


@pytest.mark.parametrize(
    ("said", "code"), [(b"\xff" * 8, "sync.body_too_large"), ((9).to_bytes(8, "big") + b"1234", "peer.broken")]
)
def test_a_bundle_that_does_not_come_whole_is_not_taken_in(tmp_path: Path, said: bytes, code: str) -> None:
    def take(_: Path) -> None:
        raise AssertionError("nothing came whole")

    def act(line: Cable) -> None:
        Meeting(line, "d-2", {}, is_first=False).change(lambda path: path.write_bytes(b""), take, tmp_path)

    assert against(said, act).code == code
    assert list(tmp_path.iterdir()) == []


def test_a_silent_laptop_is_given_up_and_a_person_may_stop_sooner() -> None:
    left, right = socket.socketpair()
    with left, right:
        with pytest.raises(Fault) as fault:
            cable(left, wait_s=0).receive(End)
        assert (fault.value.code, isinstance(fault.value, Refusal)) == ("peer.broken", False)
        stopped = Stoppable()
        stopped.stop = True
        with pytest.raises(Cancelled):
            Cable(left, stopped).receive(End)
