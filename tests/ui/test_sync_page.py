"""The page of sync over a facade from memory: what it says, and what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.domain.checklists import Answer
from core.domain.documents import DocumentKind
from core.domain.numbers import NumberBlock
from core.domain.shared_state import Command, Outcome
from core.kernel.errors import Refusal
from core.kernel.progress import Unwatched
from core.sync.statement import Difference
from tests.ui import sync_fakes
from tests.ui.fakes import FakeSession
from tests.ui.looking import settle, sync_page, words_on
from tests.ui.sync_fakes import NOW, FakeStatus, FakeSync
from ui.desk import Desk
from ui.i18n import moment, t
from ui.sync.page import TABS, SyncPage
from ui.sync.words import differs, reason
from ui.theme import Tone
from ui.window import MainWindow

Opened = Callable[[FakeSync], SyncPage]


@pytest.fixture
def opened(qtbot: Any, desk: Desk, session: FakeSession) -> Iterator[Opened]:
    """Give a way to open the page over a facade in some state."""
    windows: list[MainWindow] = []

    def open_page(sync: FakeSync) -> SyncPage:
        session.sync = sync
        window, page = sync_page(qtbot, desk)
        windows.append(window)
        return page

    yield open_page
    for window in windows:
        window.leave()


def enrolled(**changes: Any) -> FakeSync:
    return FakeSync(now=FakeStatus(), stated=sync_fakes.statement(), **changes)


def test_a_station_that_is_not_enrolled_says_what_to_do_first(opened: Opened) -> None:
    page = opened(FakeSync())
    assert t("ui.sync.not_enrolled") in words_on(page.state)
    assert t("ui.sync.first_1") in words_on(page.state)
    assert page.state.buttons.isHidden()


def test_green_only_when_both_ends_were_equal(opened: Opened) -> None:
    page = opened(enrolled())
    assert page.state.property("tone") == Tone.PASS.value
    assert page.statement.property("tone") == Tone.PASS.value
    assert t("ui.sync.equal") in words_on(page.statement)


def test_what_was_written_since_takes_the_green_away(opened: Opened) -> None:
    page = opened(FakeSync(now=FakeStatus(unconfirmed=2), stated=sync_fakes.statement()))
    assert page.statement.property("tone") == Tone.WARN.value
    assert t("ui.sync.written_since", count="2") in words_on(page.statement)


def test_inv23_any_inequality_is_red_and_named(opened: Opened) -> None:
    page = opened(FakeSync(now=FakeStatus(), stated=sync_fakes.UNEQUAL))
    shown = words_on(page.statement)
    assert page.state.property("tone") == Tone.BLOCK.value
    assert page.statement.property("tone") == Tone.BLOCK.value
    assert all(differs(one) in shown for one in sync_fakes.UNEQUAL.differences)


def test_unequal_roots_alone_are_red_too(opened: Opened) -> None:
    page = opened(FakeSync(now=FakeStatus(), stated=sync_fakes.statement(equal=False)))
    assert t("ui.sync.is_unequal_roots") in words_on(page.state)


@pytest.mark.parametrize("what", ["chain", "epoch", "position", "hash", "leaves", "families", "blobs"])
def test_every_kind_of_difference_has_words(what: str) -> None:
    said = differs(Difference(what=what, where="org/330106", here="7", there="8"))
    assert what not in said
    assert "org/330106" in said


def test_what_waits_is_told_with_its_age(opened: Opened) -> None:
    status = FakeStatus(unconfirmed=43, blobs_waiting=6, oldest_unsynced_at=NOW - timedelta(days=2))
    shown = words_on(opened(FakeSync(now=status)).state)
    assert t("ui.sync.waiting", entries="43", blobs="6") in shown
    assert t("ui.sync.days", count=2) in shown


def test_why_the_last_one_failed_stands_in_words(opened: Opened) -> None:
    status = FakeStatus(unconfirmed=1, last_error="sync.not_our_server")
    assert reason("sync.not_our_server") in words_on(opened(FakeSync(now=status)).state)


def test_a_reason_without_words_is_shown_with_its_code() -> None:
    assert "odd.code" in reason("odd.code")


def test_history_tells_results_and_reasons(opened: Opened) -> None:
    page = opened(enrolled(notes=(sync_fakes.note(), sync_fakes.note(ok=False, error="sync.unreachable"))))
    model = page.history.table.model
    shown = [model.index(place, model.columnCount() - 1).data() for place in range(2)]
    assert shown == [f"✓ {t('ui.sync.went_well')}", f"✕ {reason('sync.unreachable')}"]


def test_a_person_chooses_by_key_and_both_values_are_named(qtbot: Any, opened: Opened) -> None:
    page = opened(enrolled(open_clashes=(sync_fakes.clash("verdict", "note"),)))
    page.show_tab("decide")
    settle()
    card = page.decide.clashes[0]
    assert not card.decide_button.isEnabled()
    card.rows[0].sides[0].take_button.setFocus()
    QTest.keyClick(card.rows[0].sides[0].take_button, Qt.Key.Key_2)
    # A single key may be the beginning of a scan: the scanner's filter gives it back after a moment.
    qtbot.waitUntil(lambda: card.rows[0].entry() != "")
    QTest.keyClick(card.rows[1].sides[0].take_button, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: card.rows[1].entry() != "")
    card.note.setText("现场复核")
    card.decide_button.click()
    chosen = {"verdict": "e-verdict-1", "note": "e-note-0"}
    assert ("resolve", "answer", "a-1", chosen, "现场复核") in page.desk.session.sync.asked
    assert page.decide.clashes == []


def test_a_click_anywhere_on_a_value_takes_it(opened: Opened) -> None:
    page = opened(enrolled(open_clashes=(sync_fakes.clash("verdict"),)))
    page.show_tab("decide")
    settle()
    card = page.decide.clashes[0]
    QTest.mouseClick(card.rows[0].sides[1], Qt.MouseButton.LeftButton)
    assert card.rows[0].entry() == "e-verdict-1"
    assert card.decide_button.isEnabled()


def test_undo_answers_once_more_as_it_was_shown(opened: Opened, session: FakeSession) -> None:
    answer = Answer(id="a-1", visit="v-1", item="fire", point="fire-7", answered_at=NOW, answered_by="o-1")
    session.records = {Answer: (answer,)}
    page = opened(enrolled(open_clashes=(sync_fakes.clash("verdict"),)))
    page.show_tab("decide")
    settle()
    card = page.decide.clashes[0]
    card.rows[0].choose(0)
    card.decide_button.click()
    window = page.window()
    assert isinstance(window, MainWindow)
    window.toast.undo_button.click()
    assert session.checklists.answered == [("fire-7", "pass", "")]


def test_a_decision_about_a_moved_visit_offers_no_undo(opened: Opened) -> None:
    moved = sync_fakes.clash("state")
    moved.family = "visit"
    page = opened(enrolled(open_clashes=(moved,)))
    page.decide.clashes[0].rows[0].choose(0)
    page.decide.clashes[0].decide_button.click()
    window = page.window()
    assert isinstance(window, MainWindow)
    assert window.toast.undo_button.isHidden()


def test_a_lease_that_is_over_is_red_with_what_to_do(opened: Opened) -> None:
    until = NOW - timedelta(days=1)
    shown = words_on(opened(FakeSync(now=FakeStatus(lease_until=until))).state)
    assert t("ui.sync.lease_over", at=moment(until)) in shown


def test_a_station_whose_chain_parted_does_not_try_on(opened: Opened) -> None:
    page = opened(FakeSync(now=FakeStatus(is_forked=True)))
    assert not page.state.sync_button.isEnabled()
    assert ("run",) not in page.desk.session.sync.asked


def test_a_refused_decision_is_told_and_the_clash_stays(opened: Opened) -> None:
    sync = enrolled(open_clashes=(sync_fakes.clash("verdict"),))
    page = opened(sync)
    sync.fault = Refusal("ui.scan.no_code")
    page.decide.clashes[0].rows[0].choose(0)
    page.decide.clashes[0].decide_button.click()
    assert not page.fault_line.isHidden()
    assert len(page.decide.clashes) == 1


def test_a_doubt_is_settled_with_words_only(opened: Opened) -> None:
    page = opened(enrolled(open_conflicts=(sync_fakes.doubt(),)))
    page.show_tab("decide")
    settle()
    card = page.decide.doubts[0]
    card.settle_button.click()
    item = card.place.itemAt(0)
    assert item is not None
    asking: Any = item.widget()
    assert not asking.confirm_button.isEnabled()
    asking.words.setText("两次检查属不同事项")
    asking.confirm_button.click()
    assert ("settle", "c-cap", "两次检查属不同事项") in page.desk.session.sync.asked


def test_quarantined_entries_and_a_parted_chain_stand_in_words(opened: Opened) -> None:
    sync = FakeSync(now=FakeStatus(is_forked=True), quarantined=(("e-9", "unknown_schema"),))
    page = opened(sync)
    page.rounds.last_report = page.desk.session.sync.run(progress=Unwatched())
    page.read()
    shown = words_on(page.decide)
    assert t("ui.sync.forked_more") in shown
    assert "e-9" in shown
    assert "unknown_schema" not in shown


def test_requests_wait_are_refused_with_a_reason_or_leased(opened: Opened, session: FakeSession) -> None:
    waiting, refused, leased = (sync_fakes.asked(f"k-{place}") for place in range(3))
    answers = (sync_fakes.answered(refused, reason="year_far"), sync_fakes.answered(leased))
    session.records = {Command: (waiting, refused, leased), Outcome: answers}
    shown = words_on(opened(enrolled()).decide)
    assert t("ui.sync.ask_waits") in shown
    assert t("ui.sync.ask_leased", first=251, last=300) in shown
    assert "year_far" not in shown


def test_low_numbers_are_asked_for_with_one_click(opened: Opened, session: FakeSession) -> None:
    low = sync_fakes.block(left=3)
    session.records = {NumberBlock: (low, sync_fakes.block(left=40, kind=DocumentKind.ORDER_TO_CORRECT))}
    page = opened(enrolled())
    page.show_tab("supply")
    settle()
    shown = words_on(page.supply)
    assert t("ui.sync.low") in shown
    page.supply.findChild(QWidget, "0").click()  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess] - its button
    assert ("request_numbers", low.body, low.kind, 2026, 50) in page.desk.session.sync.asked


def test_numbers_of_any_kind_can_be_asked_for(opened: Opened) -> None:
    page = opened(enrolled())
    page.supply.kind.setCurrentIndex(page.supply.kind.findData(DocumentKind.INSPECTION_NOTICE))
    page.supply.ask_button.click()
    asked = page.desk.session.sync.asked[-1]
    assert asked == ("request_numbers", FakeStatus().subject, DocumentKind.INSPECTION_NOTICE, 2026, 50)


@pytest.mark.parametrize("tab", TABS)
def test_every_control_of_every_tab_has_a_name(opened: Opened, session: FakeSession, tab: str) -> None:
    session.records = {NumberBlock: (sync_fakes.block(left=3),)}
    page = opened(
        enrolled(
            open_clashes=(sync_fakes.clash("verdict"),),
            open_conflicts=(sync_fakes.doubt(),),
            notes=(sync_fakes.note(),),
        )
    )
    page.show_tab(tab)
    nameless = [
        type(widget).__name__
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert nameless == []


def test_today_tells_what_is_only_here_and_what_headquarters_changed(opened: Opened, session: FakeSession) -> None:
    refused = sync_fakes.asked("k-2")
    session.records = {Outcome: (sync_fakes.answered(refused, reason="lease_senseless"),)}
    status = FakeStatus(unconfirmed=43, oldest_unsynced_at=NOW - timedelta(days=2), clash_count=1)
    page = opened(FakeSync(now=status))
    window = page.window()
    assert isinstance(window, MainWindow)
    window.show_page("today")
    shown = words_on(window.page("today"))
    assert t("ui.today.unsynced", count="43") in shown
    assert t("ui.today.clashes", count=1) in shown
    assert t("ui.today.news") in shown
