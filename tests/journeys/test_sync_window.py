"""A station is taken in by a headquarters in another process; statements, a cut line, and what the window says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from tests.journeys.hq_process import HqProcess
from tests.journeys.test_main_job import Person
from tests.ui.typing_help import type_words
from ui.app import Application, StationDoor
from ui.i18n import t
from ui.jobs import LaneJobs
from ui.sync.enrol import EnrolAssistant
from ui.sync.page import SyncPage
from ui.sync.words import reason
from ui.theme import Tone

SUBJECT = "430104"


@pytest.fixture
def person(qtbot: Any, qapp: QApplication, demo_home: Any) -> Iterator[Person]:
    """Somebody at the window of an unlocked demo station."""
    home, passwords = demo_home
    app = Application(qapp, home, jobs=LaneJobs(), door=StationDoor(), lang="zh")
    app.start()
    qtbot.addWidget(app.stack)
    someone = Person(qtbot, app)
    someone.unlock("zhangmin", passwords["zhangmin"])
    yield someone
    app.leave()


def sync_page(person: Person) -> SyncPage:
    person.click(person.app.window.unsynced)
    page = person.app.window.page("sync")
    assert isinstance(page, SyncPage)
    person.wait(lambda: page.view is not None)
    return page


def words_of(page: SyncPage) -> str:
    return "\n".join(one.text() for one in page.state.findChildren(QLabel))


def enrol(person: Person, hq: HqProcess) -> None:
    """Take the station in through the assistant, after the fingerprints were compared."""
    issued = hq.say("enrol", "--subject", SUBJECT, "--officer", "张敏")
    person.app.window.desk.messages.go("enrol")
    assistant = person.app.window.findChild(EnrolAssistant)
    assert assistant is not None
    type_words(assistant.url, hq.url)
    type_words(assistant.code, issued["code"])
    person.click(assistant.look_button)
    person.wait(assistant.compare_card.isVisible)
    shown = "\n".join(one.text() for one in assistant.facts.findChildren(QLabel))
    assert issued["root_fingerprint"] in shown
    assistant.compared.setChecked(True)
    person.click(assistant.enrol_button)
    person.wait(assistant.done_card.isVisible)
    person.click(assistant.close_button)


def wait_until_even(person: Person, page: SyncPage) -> None:
    """Wait for a statement that is green at both ends."""
    rounds = page.rounds

    def is_even() -> bool:
        view = page.view
        return not rounds.is_running and view is not None and view.statement is not None and view.statement.equal

    person.qtbot.waitUntil(is_even, timeout=180_000)


@pytest.mark.enable_socket
@pytest.mark.timeout(480)
def test_enrol_sync_a_cut_line_and_even_again(person: Person, hq: HqProcess) -> None:
    page = sync_page(person)
    assert t("ui.sync.not_enrolled") in words_of(page)
    enrol(person, hq)
    wait_until_even(person, page)
    assert page.statement.property("tone") == Tone.PASS.value
    assert page.view is not None
    assert page.view.statement.records.only_here == 0
    person.wait(lambda: person.app.window.unsynced.text() == t("ui.bar.unsynced", count=0))

    hq.stop()
    person.click(page.state.sync_button)
    person.wait(lambda: page.rounds.last_fault is not None and not page.rounds.is_running)
    assert page.rounds.last_fault is not None
    assert page.rounds.last_fault.code == "sync.unreachable"
    person.wait(lambda: reason("sync.unreachable") in page.history.table.model.index(0, 6).data())
    assert page.rounds.next_at is not None

    hq.serve()
    person.wait(page.state.sync_button.isEnabled)
    person.click(page.state.sync_button)
    person.wait(lambda: page.rounds.last_fault is None and not page.rounds.is_running)
    wait_until_even(person, page)
    assert page.statement.property("tone") == Tone.PASS.value
