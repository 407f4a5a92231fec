"""The unlock page."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from core.kernel.errors import Refusal
from tests.ui.fakes import FakeDoor, FakeSession, FakeStation
from ui.i18n import t
from ui.jobs import InlineJobs
from ui.unlock import UnlockPage

Open = Callable[[FakeStation | None], UnlockPage]


@pytest.fixture
def open_page(qtbot: Any, tmp_path: Path) -> Any:
    pages: list[UnlockPage] = []

    def opened(station: FakeStation | None) -> UnlockPage:
        page = UnlockPage(InlineJobs(), FakeDoor(station), tmp_path)
        qtbot.addWidget(page)
        page.show()
        page.begin()
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.stop()


def test_the_right_password_and_enter_unlock(qtbot: Any, open_page: Open, session: FakeSession) -> None:
    page = open_page(FakeStation(session))
    QTest.keyClicks(page.password, "correct horse")
    with qtbot.waitSignal(page.unlocked) as told:
        QTest.keyClick(page.password, Qt.Key.Key_Return)
    assert told.args == [session]
    assert page.password.text() == ""


def test_a_wrong_password_says_that_the_data_is_safe(open_page: Open, session: FakeSession) -> None:
    page = open_page(FakeStation(session))
    QTest.keyClicks(page.password, "wrong")
    page.unlock_button.click()
    assert not page.fault_line.isHidden()
    assert page.unlock_button.isEnabled()


def test_waiting_counts_down_and_then_lets_try_again(open_page: Open, session: FakeSession) -> None:
    page = open_page(FakeStation(session, Refusal("unlock.wait", seconds=2)))
    page.unlock_button.click()
    assert page.note.text() == t("ui.unlock.wait", seconds=2)
    assert not page.unlock_button.isEnabled()
    for _ in range(2):
        page._on_second()  # pyright: ignore[reportPrivateUsage] - a test does not wait for real seconds
    assert page.unlock_button.isEnabled()


def test_caps_lock_is_noticed_from_the_letters(open_page: Open, session: FakeSession) -> None:
    page = open_page(FakeStation(session))
    QTest.keyClick(page.password, Qt.Key.Key_A)
    small = page.caps.isHidden()
    QTest.sendKeyEvent(QTest.KeyAction.Click, page.password, Qt.Key.Key_A, "A", Qt.KeyboardModifier.ShiftModifier)
    shifted = page.caps.isHidden()
    QTest.sendKeyEvent(QTest.KeyAction.Click, page.password, Qt.Key.Key_A, "A", Qt.KeyboardModifier.NoModifier)
    assert (small, shifted, page.caps.isHidden()) == (True, True, False)


def test_without_a_station_the_demo_is_offered_and_its_passwords_shown(open_page: Open) -> None:
    page = open_page(None)
    page.make_button.click()
    words = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "abcd-efgh" in words
    QApplication.processEvents()
    assert page.go_on_button.isVisible()


def test_the_first_paint_needs_no_heavy_room() -> None:
    code = "import sys, ui.app; print(sorted(set(sys.modules) & {'core.station', 'sqlalchemy', 'reportlab', 'numpy'}))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
