"""The assistants between colleagues: the cable, and files that one carries for the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.kernel.errors import Fault, Refusal, Trouble
from core.sync.bundle import BadMember
from tests.ui.fakes import FakeSession
from tests.ui.looking import words_on
from tests.ui.sync_fakes import FakeStatus, FakeSync, statement
from tests.ui.typing_help import type_words
from ui.desk import Desk
from ui.i18n import t
from ui.sync.peer import PeerAssistant
from ui.sync.relay import RelayAssistant
from ui.sync.words import reason
from ui.window import MainWindow


@pytest.fixture
def peer(qtbot: Any, desk: Desk, session: FakeSession) -> PeerAssistant:
    """The assistant of an enrolled station."""
    session.sync = FakeSync(now=FakeStatus(unconfirmed=7), stated=statement())
    made = PeerAssistant(desk)
    qtbot.addWidget(made)
    made.show()
    return made


def met(peer: PeerAssistant) -> None:
    type_words(peer.address, "192.168.1.5:47613")
    peer.call_button.click()


def test_who_waits_sees_the_addresses_to_type_at_the_other_laptop(peer: PeerAssistant) -> None:
    assert "A001 52BE C09A 7F31" in words_on(peer)
    peer.wait_button.click()
    assert peer.addresses.text() == "192.168.1.5:47613\n169.254.7.1:47613"
    assert not peer.other.isHidden()


def test_nothing_moves_before_the_fingerprints_were_compared(peer: PeerAssistant, session: FakeSession) -> None:
    assert not peer.call_button.isEnabled()
    met(peer)
    assert "7QHX 2M9D K0A4 9F31" in words_on(peer)
    assert not peer.agree_button.isEnabled()
    peer.agree_button.click()
    assert session.sync.asked == [("call", "192.168.1.5:47613")]


def test_after_both_agreed_the_result_says_what_both_hold(peer: PeerAssistant) -> None:
    met(peer)
    peer.compared.setChecked(True)
    peer.agree_button.click()
    shown = words_on(peer)
    assert t("ui.sync.peer_equal") in shown
    assert t("ui.sync.peer_held", here="890", there="890") in shown
    assert peer.progress.isHidden()
    assert not peer.agree_button.isVisibleTo(peer)


def test_what_was_set_aside_is_red_and_named(peer: PeerAssistant, session: FakeSession) -> None:
    session.sync.bad = (BadMember(name="m000001.age", about="d-77aa:848", why="bundle.damaged"),)
    met(peer)
    peer.compared.setChecked(True)
    peer.agree_button.click()
    shown = words_on(peer)
    assert t("ui.sync.peer_unequal") in shown
    assert t("ui.sync.set_aside", part="d-77aa:848", why=reason("bundle.damaged")) in shown


@pytest.mark.parametrize("way", ["decline_button", "close_button"])
def test_somebody_else_is_told_no(peer: PeerAssistant, session: FakeSession, way: str) -> None:
    met(peer)
    getattr(peer, way).click()
    assert session.sync.asked[-1] == ("decline",)
    assert peer.meeting is None


@pytest.mark.parametrize(
    "fault", [Refusal("peer.stranger", device="d-9"), Trouble("peer.broken", why="closed"), Refusal("peer.declined")]
)
def test_a_refusal_is_told_and_everything_may_begin_again(
    peer: PeerAssistant, session: FakeSession, fault: Fault
) -> None:
    met(peer)
    peer.compared.setChecked(True)
    session.sync.fault = fault
    peer.agree_button.click()
    assert not peer.fault_line.isHidden()
    assert not peer.begin.isHidden()
    session.sync.fault = None
    peer.call_button.click()
    assert peer.fault_line.isHidden()
    assert not peer.compared.isChecked()


def test_the_page_and_the_search_open_it(qtbot: Any, desk: Desk, session: FakeSession) -> None:
    from ui.sync.page import SyncPage

    session.sync = FakeSync(now=FakeStatus(unconfirmed=7), stated=statement())
    window = MainWindow(desk, (SyncPage,))
    qtbot.addWidget(window)
    window.show()
    page = window.page("sync")
    assert isinstance(page, SyncPage)
    page.state.peer_button.click()
    (shown,) = [one for one in window.findChildren(PeerAssistant) if one.isVisible()]
    shown.close()
    window.leave()


def test_colleagues_files_are_carried_and_their_answers_named(
    qtbot: Any, desk: Desk, session: FakeSession, tmp_path: Path
) -> None:
    session.sync = FakeSync(now=FakeStatus(unconfirmed=7), stated=statement())
    relay = RelayAssistant(desk)
    qtbot.addWidget(relay)
    relay.show()
    relay.carry([tmp_path / "li.isb", tmp_path / "wang.isb"])
    shown = words_on(relay)
    assert t("ui.sync.relay_taken", file="li.isb") in shown
    assert t("ui.sync.relay_answer", file="answer-d-77aa-1.x") in shown
    assert t("ui.sync.relay_refused", file="wang.isb") in shown
    session.sync.fault = Trouble("sync.unreachable")
    relay.carry([tmp_path / "li.isb"])
    assert not relay.fault_line.isHidden()
    assert relay.go_button.isEnabled()
