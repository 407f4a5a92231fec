"""The window of sync over real stations and a real headquarters in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.domain.checklists import Answer, Verdict
from core.domain.documents import DocumentKind
from core.kernel.errors import Trouble
from core.kernel.records import changed
from core.station import Session
from tests.helpers.station_town import URL, Town, answers_at, put_answer
from tests.helpers.stores import answer
from tests.ui.looking import sync_page, words_on
from tests.ui.typing_help import type_words
from ui.bus import Bus
from ui.desk import Desk, Memory
from ui.i18n import t
from ui.jobs import InlineJobs
from ui.messages import Messages
from ui.sync.enrol import EnrolAssistant
from ui.sync.page import SyncPage
from ui.sync.stick import StickAssistant
from ui.sync.words import reason
from ui.theme import Tone
from ui.window import MainWindow

OpenPage = Callable[[Session], SyncPage]


@pytest.fixture
def page_of(qtbot: Any, town: Town, tmp_path: Path) -> Iterator[OpenPage]:
    """Give a way to open the page of sync of a station."""
    windows: list[MainWindow] = []

    def opened(session: Session) -> SyncPage:
        home = tmp_path / f"window-{len(windows)}"
        home.mkdir()
        desk = Desk(session, InlineJobs(), Bus(), Messages(), Memory(home), home)
        window, page = sync_page(qtbot, desk)
        windows.append(window)
        return page

    yield opened
    for window in windows:
        window.leave()


def write(session: Session, number: int, verdict: Verdict, note: str) -> None:
    """Answer a question with a note."""
    with session.open_work() as work:
        work.table(Answer).put(changed(answer(number, verdict=verdict), note=note))


def parted(town: Town) -> tuple[Session, Session]:
    """Return two stations that answered one question differently, and both synced."""
    one, two = town.enrolled("one"), town.enrolled("two")
    put_answer(one, 1)
    one.sync.run()
    two.sync.run()
    write(one, 1, Verdict.FAIL, "通道堆放纸箱")
    write(two, 1, Verdict.NOT_APPLICABLE, "无通道")
    for session in (one, two, one):
        session.sync.run()
    return one, two


def test_enrolling_in_the_window_ends_in_a_green_statement(qtbot: Any, town: Town, page_of: OpenPage) -> None:
    session = town.station("one")
    put_answer(session, 1)
    page = page_of(session)
    assistant = EnrolAssistant(page.desk)
    qtbot.addWidget(assistant)
    assistant.enrolled.connect(page.rounds.begin)
    type_words(assistant.url, URL)
    type_words(assistant.code, town.code())
    assistant.look_button.click()
    assistant.compared.setChecked(True)
    assistant.enrol_button.click()
    assert page.view is not None
    assert page.view.statement.equal
    assert page.statement.property("tone") == Tone.PASS.value
    assert t("ui.sync.is_even") in words_on(page.state)


def test_a_cut_line_shows_the_reason_and_the_next_attempt(town: Town, page_of: OpenPage) -> None:
    session = town.enrolled("one")
    page = page_of(session)
    put_answer(session, 2)
    town.cut = lambda place: place == "push.before"
    page.state.sync_button.click()
    assert isinstance(page.rounds.last_fault, Trouble)
    assert page.rounds.next_at is not None
    assert t("ui.sync.last_trouble") in words_on(page.state)
    model = page.history.table.model
    assert reason("sync.line_broken") in model.index(0, model.columnCount() - 1).data()


def test_f26_two_answers_stand_side_by_side_and_one_decision_ends_it_everywhere(town: Town, page_of: OpenPage) -> None:
    one, two = parted(town)
    page = page_of(one)
    page.show_tab("decide")
    card = page.decide.clashes[0]
    shown = words_on(card)
    assert t("ui.sync.value.verdict.fail") in shown
    assert t("ui.sync.value.verdict.not_applicable") in shown
    assert "无通道" in shown
    for made in card.rows:
        made.choose(0)
    card.decide_button.click()
    assert page.decide.clashes == []
    one.sync.run()
    two.sync.run()
    assert (one.sync.clashes(), two.sync.clashes()) == ((), ())
    assert answers_at(one) == answers_at(two)


def test_asked_numbers_wait_and_are_leased_with_the_next_sync(town: Town, page_of: OpenPage) -> None:
    session = town.enrolled("one")
    page = page_of(session)
    page.supply.kind.setCurrentIndex(page.supply.kind.findData(DocumentKind.INSPECTION_NOTICE))
    page.supply.ask_button.click()
    waiting = words_on(page.decide)
    page.state.sync_button.click()
    assert t("ui.sync.ask_waits") in waiting
    assert t("ui.sync.ask_waits") not in words_on(page.decide)
    assert page.view is not None
    assert [one.left for one in page.view.stocks if one.kind is DocumentKind.INSPECTION_NOTICE] == [50]


def test_a_stick_for_a_colleague_is_read_and_read_twice(
    qtbot: Any, town: Town, page_of: OpenPage, tmp_path: Path
) -> None:
    one, two = town.enrolled("one"), town.enrolled("two")
    for session in (one, two, one):
        session.sync.run()
    write(one, 3, Verdict.PASS, "现场联合检查")
    path = tmp_path / "colleague.mjbundle"
    writing = StickAssistant(page_of(one).desk, "export")
    qtbot.addWidget(writing)
    writing.to.setCurrentIndex(1)
    writing.carry(path)
    assert not writing.fault_line.isVisibleTo(writing)
    reading = StickAssistant(page_of(two).desk, "import")
    qtbot.addWidget(reading)
    reading.carry(path)
    first = words_on(reading)
    reading.carry(path)
    assert t("ui.sync.taken", file=path.name) in first
    assert t("ui.sync.taken_twice", file=path.name) in words_on(reading)
    assert any(found.note == "现场联合检查" for found in answers_at(two).values())
