"""The hand scanner: anywhere in the window, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from ui.camera.wedge import Wedge

CODE = "91430104MA4XJT0158"


class Sheet(QWidget):
    """Counts the keys that reach it, like a checklist."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.keys: list[str] = []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.keys.append(event.text())


class Scene:
    """A window with a field, an area and a sheet, a clock that is moved by hand, and the wedge."""

    def __init__(self, qtbot: Any) -> None:
        self.now = 0.0
        self.scanned: list[str] = []
        self.window = QWidget()
        layout = QVBoxLayout(self.window)
        self.field, self.area, self.sheet = QLineEdit(), QPlainTextEdit(), Sheet()
        for part in (self.field, self.area, self.sheet):
            layout.addWidget(part)
        qtbot.addWidget(self.window)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitExposed(self.window)
        self.wedge = Wedge(now_ms=lambda: self.now)
        self.wedge.scanned.connect(self.scanned.append)
        QApplication.instance().installEventFilter(self.wedge)  # pyright: ignore[reportOptionalMemberAccess] - qapp stands

    def keys(self, widget: QWidget, words: str, *, gap_ms: float) -> None:
        widget.setFocus()
        for letter in words:
            self.now += gap_ms
            QTest.keyClicks(widget, letter)

    def enter(self, widget: QWidget) -> None:
        QTest.keyClick(widget, Qt.Key.Key_Return)


@pytest.fixture
def scene(qtbot: Any) -> Iterator[Scene]:
    made = Scene(qtbot)
    yield made
    QApplication.instance().removeEventFilter(made.wedge)  # pyright: ignore[reportOptionalMemberAccess] - qapp stands
    made.wedge.let_go()


def test_a_scan_in_a_text_field_leaves_what_was_typed(scene: Scene) -> None:
    scene.field.setText("张敏")
    scene.keys(scene.field, CODE, gap_ms=5)
    scene.enter(scene.field)
    assert (scene.scanned, scene.field.text()) == ([CODE], "张敏")


def test_a_scan_in_a_text_area_leaves_what_was_typed(scene: Scene) -> None:
    scene.area.setPlainText("现场无异常")
    scene.area.moveCursor(scene.area.textCursor().MoveOperation.End)
    scene.keys(scene.area, CODE, gap_ms=5)
    scene.enter(scene.area)
    assert (scene.scanned, scene.area.toPlainText()) == ([CODE], "现场无异常")


def test_a_scan_on_the_checklist_answers_no_question(scene: Scene) -> None:
    scene.keys(scene.sheet, CODE, gap_ms=5)
    scene.enter(scene.sheet)
    assert (scene.scanned, scene.sheet.keys) == ([CODE], [])


def test_a_person_who_types_slowly_is_no_scanner(scene: Scene) -> None:
    scene.keys(scene.field, CODE, gap_ms=120)
    scene.enter(scene.field)
    assert (scene.scanned, scene.field.text()) == ([], CODE)


def test_single_keys_reach_the_checklist(qtbot: Any, scene: Scene) -> None:
    scene.keys(scene.sheet, "1", gap_ms=500)
    qtbot.waitUntil(lambda: scene.sheet.keys == ["1"])
    assert scene.scanned == []


def test_a_short_burst_is_given_back(scene: Scene) -> None:
    scene.keys(scene.sheet, "112", gap_ms=5)
    scene.wedge.let_go()
    assert scene.sheet.keys == ["1", "1", "2"]
