"""The main window over a small session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QListView, QWidget

from core.kernel.changes import Topic
from core.kernel.errors import Refusal
from tests.ui.fakes import FakeSession
from tests.ui.typing_help import type_words
from ui.desk import Desk
from ui.i18n import t
from ui.palette import PaletteDialog
from ui.settings.page import SettingsPage
from ui.theme import RAIL_WIDTH, RAIL_WIDTH_FOLDED
from ui.today.page import TodayPage
from ui.visits.page import VisitsPage
from ui.widgets.page import Page
from ui.window import MainWindow


@pytest.fixture
def window(qtbot: Any, desk: Desk) -> Iterator[MainWindow]:
    made = MainWindow(desk, (TodayPage, VisitsPage, SettingsPage))
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    yield made
    made.leave()


def first_words(page: SettingsPage) -> str:
    item = page.verdict.itemAt(0)
    assert item is not None
    shown = item.widget()
    assert isinstance(shown, QLabel)
    return shown.text()


def front(window: MainWindow) -> str:
    page = window.stack.currentWidget()
    assert isinstance(page, Page)
    return page.name


def test_today_is_the_first_page_and_says_what_to_do(window: MainWindow) -> None:
    assert front(window) == "today"
    assert window.title.text() == t("ui.page.today")


def test_the_unsynced_count_is_always_there(window: MainWindow) -> None:
    assert window.unsynced.text() == t("ui.bar.unsynced", count=7)


def test_demo_data_is_said_on_every_page(window: MainWindow) -> None:
    for name in ("today", "visits", "settings"):
        window.show_page(name)
        assert not window.demo_band.isHidden()


def test_a_window_that_has_left_asks_the_lanes_for_nothing_more(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(window.desk.jobs, "run", lambda *_, key="", **__: asked.append(key))
    window.rounds.changed.emit()
    assert asked == ["counts"]
    window.leave()
    window.rounds.changed.emit()
    window.rounds.failed.emit(None)
    assert asked == ["counts"]


def test_keys_reach_every_page(qtbot: Any, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert front(window) == "visits"


def test_the_rail_folds_on_a_narrow_window(window: MainWindow) -> None:
    wide = window.rail.width()
    window.resize(1000, 800)
    QApplication.processEvents()
    assert (wide, window.rail.width()) == (RAIL_WIDTH, RAIL_WIDTH_FOLDED)


def test_a_change_is_read_again_only_where_it_can_be_seen(window: MainWindow, session: FakeSession) -> None:
    window.show_page("visits")
    session.visits.asked.clear()
    window.desk.bus.changed.emit(frozenset({Topic.VISITS}))
    seen = list(session.visits.asked)
    window.show_page("today")
    assert (seen, session.visits.asked) == (["recent"], ["recent", "today"])


def test_locking_by_hand_and_by_the_clock_are_told_apart(qtbot: Any, window: MainWindow) -> None:
    with qtbot.waitSignal(window.locked) as told:
        window.lock_button.click()
    assert told.args == [False]
    with qtbot.waitSignal(window.locked) as told:
        window._idle.timeout.emit()  # pyright: ignore[reportPrivateUsage] - a test does not wait ten minutes
    assert told.args == [True]


def test_a_fault_is_a_line_in_the_page(window: MainWindow) -> None:
    window.desk.messages.fail(Refusal("ui.scan.no_code"))
    page = window.stack.currentWidget()
    assert isinstance(page, Page)
    assert not page.fault_line.isHidden()


def test_the_palette_finds_pages_and_enterprises(qtbot: Any, desk: Desk) -> None:
    dialog = PaletteDialog(desk, ["today", "visits"])
    qtbot.addWidget(dialog)
    type_words(dialog.words, "湖南")
    assert dialog.hits.count() == 1
    with qtbot.waitSignal(dialog.chosen) as told:
        QTest.keyClick(dialog.words, Qt.Key.Key_Return)
    assert told.args == ["enterprises", "91430104MA4XJT0158"]


def test_a_scanner_anywhere_leads_to_the_visits(qtbot: Any, window: MainWindow) -> None:
    window._wedge.scanned.emit("91430104MA4XJT0158")  # pyright: ignore[reportPrivateUsage] - the scanner itself
    page = window.page("visits")
    assert front(window) == "visits"
    assert isinstance(page, VisitsPage)
    assert page.stack.currentWidget() is page.new_visit


def test_every_control_that_takes_keys_has_a_name(window: MainWindow) -> None:
    nameless: list[str] = []
    for name in ("today", "visits", "settings"):
        window.show_page(name)
        for widget in window.page(name).findChildren(QWidget):
            # Qt makes the lists inside drop-downs itself; check boxes and labelled buttons speak with their words.
            is_qts_own = widget.objectName().startswith("qt_") or isinstance(widget, QListView)
            words = getattr(widget, "text", str)()
            takes_keys = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
            if takes_keys and not is_qts_own and not (widget.accessibleName() or words):
                nameless.append(f"{name}: {type(widget).__name__} {widget.objectName()}")
    assert nameless == []


def test_the_log_is_verified_from_the_settings(window: MainWindow) -> None:
    window.show_page("settings")
    page = window.page("settings")
    assert isinstance(page, SettingsPage)
    page.verify_button.click()
    good = first_words(page)
    page.head.setText("ab")
    page.verify_button.click()
    bad = first_words(page)
    assert good.startswith("✓")
    assert bad.startswith("✕")


@pytest.mark.parametrize("zoom", ["100", "200"])
def test_settings_are_kept_and_put_on(qtbot: Any, window: MainWindow, zoom: str) -> None:
    window.show_page("settings")
    page = window.page("settings")
    assert isinstance(page, SettingsPage)
    page.zoom.setCurrentIndex(page.zoom.findData(int(zoom)))
    with qtbot.waitSignal(window.desk.messages.goes) as told:
        page.apply_button.click()
    assert told.args == ["dress", None]
    assert window.desk.memory.text("zoom") == zoom
