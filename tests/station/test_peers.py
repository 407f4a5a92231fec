"""Two stations meet over a pair of sockets: both hold both chains afterwards, and a cut cable costs nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.domain.shared_state import DeviceStatus
from core.kernel.errors import Fault
from core.kernel.progress import Unwatched
from core.remote import peer as line_of_peers
from core.station import Session, peers
from core.station.peers import PeerMeeting, PeerReport
from tests.helpers.station_town import Town, acquainted, answers_at


@pytest.fixture
def pair(town: Town) -> tuple[Session, Session]:
    return acquainted(town)


def meet(session: Session, connection: socket.socket, *, is_first: bool) -> PeerMeeting:
    cable = line_of_peers.Cable(connection, Unwatched(), wait_s=30)
    return peers.met(session, session.sync, cable, is_first=is_first)


def both(one: Session, two: Session, act: Callable[[PeerMeeting], object] | None = None) -> tuple[object, object]:
    """Let two stations meet; a fault stands in the place of a report."""
    left, right = socket.socketpair()
    answers: dict[int, object] = {}

    def run(number: int, session: Session, connection: socket.socket) -> None:
        with connection:
            try:
                meeting = meet(session, connection, is_first=number == 0)
                way = act if act is not None and number == 1 else _exchange
                answers[number] = way(meeting)
            except Fault as fault:
                answers[number] = fault.code

    thread = threading.Thread(target=run, args=(1, two, right))
    thread.start()
    run(0, one, left)
    thread.join()
    return answers[0], answers[1]


def _exchange(meeting: PeerMeeting) -> PeerReport:
    return meeting.exchange(progress=Unwatched())


def test_both_hold_what_the_other_wrote_and_say_so(pair: tuple[Session, Session]) -> None:
    one, two = pair
    reports = both(one, two)
    for report, session, other in ((reports[0], one, two), (reports[1], two, one)):
        assert isinstance(report, PeerReport)
        assert report.equal
        assert report.taken.bad == ()
        assert (report.other.device, report.other.officer) == (other.device_id, "o-zhangmin")
        assert {chain.device for chain in report.chains} == {session.device_id, other.device_id}
    assert answers_at(one) == answers_at(two)
    assert len(answers_at(one)) == 2
    # Only what the other lacked was sent: what came by headquarters did not go again.
    assert isinstance(reports[0], PeerReport)
    assert reports[0].taken.pulled.entries == 1


def test_inv16_what_went_by_cable_and_by_line_counts_once(pair: tuple[Session, Session]) -> None:
    one, two = pair
    both(one, two)
    # Two hands over both chains; one finds its own there already.
    assert two.sync.run().statement is not None
    report = one.sync.run()
    assert report.statement is not None
    assert report.statement.equal
    again = both(one, two)[0]
    assert isinstance(again, PeerReport)
    assert (again.equal, again.taken.pulled.entries) == (True, 0)


def test_a_person_who_does_not_agree_keeps_everything(pair: tuple[Session, Session]) -> None:
    one, two = pair
    before = answers_at(one)
    # Whether the last word comes through depends on who hangs up first; nothing moves either way.
    assert both(one, two, PeerMeeting.decline)[0] in ("peer.declined", "peer.broken")
    assert answers_at(one) == before


def test_a_cable_pulled_in_the_middle_takes_nothing_and_is_begun_again(
    pair: tuple[Session, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = pair

    def pulled(self: line_of_peers.Cable, path: Path) -> None:
        self._send_bytes(path.stat().st_size.to_bytes(8, "big") + path.read_bytes()[:700], "peer_send")
        self.close()

    with monkeypatch.context() as broken:
        broken.setattr(line_of_peers.Cable, "send_file", pulled)
        assert both(one, two) == ("peer.broken", "peer.broken")
    assert len(answers_at(two)) == 1
    assert list(one.exchange_folder.iterdir()) == []
    report = both(one, two)[1]
    assert isinstance(report, PeerReport)
    assert report.equal
    assert len(answers_at(two)) == 2


def test_strangers_and_retired_colleagues_are_refused_in_words(town: Town, pair: tuple[Session, Session]) -> None:
    one, two = pair
    late = town.enrolled("late")
    late.sync.run()
    assert both(one, late)[0] == "peer.stranger"
    town.enrolment().retire(two.device_id, DeviceStatus.RETIRED, reason="moved", by="hq-1")
    one.sync.run()
    assert both(one, two)[0] == "peer.not_active"
