"""A wedge scanner (USB or Bluetooth) types its code like a very fast keyboard and ends with Enter.

It may do so anywhere in the window. In a text field the keys go through as always, and what the scanner typed is taken
out again once its Enter shows that it was a scanner. Elsewhere the keys are held back for the blink in which a scanner
would have sent its next one, so that a code on the checklist does not answer questions.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

# Scanners send a key every 1 to 20 ms; the fastest typists stay above 60 ms over ten keys.
GAP_MS_MAX = 35
LENGTH_MIN = 8


def _now_ms() -> float:
    return time.monotonic() * 1000


class Wedge(QObject):
    """`scanned` carries the text. Install it as an event filter of the application."""

    scanned = Signal(str)

    def __init__(self, *, now_ms: Callable[[], float] = _now_ms) -> None:
        super().__init__()
        self._now_ms = now_ms
        self._burst = ""
        self._at = 0.0
        self._held: list[tuple[QObject, QKeyEvent]] = []
        self._field: QWidget | None = None
        self._is_replaying = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GAP_MS_MAX + 5)
        self._timer.timeout.connect(self.let_go)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The class first: every event of the program passes here, and asking one for its kind is slow.
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if self._is_replaying or not isinstance(watched, QWidget):
            return False
        if event.spontaneous() or watched is QApplication.focusWidget() or QApplication.focusWidget() is None:
            return self._on_key(watched, event)
        return False

    def _on_key(self, watched: QWidget, event: QKeyEvent) -> bool:
        now = self._now_ms()
        if self._burst and now - self._at > GAP_MS_MAX:
            self.let_go()
        self._at = now
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self._on_enter()
        letter = event.text()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Shift:
            return False
        if not (plain and len(letter) == 1 and " " < letter <= "~"):
            self.let_go()
            return False
        self._burst += letter
        field = text_field(watched)
        if field is not None:
            self._field = field
            return False
        self._held.append((watched, event.clone()))
        self._timer.start()
        return True

    def _on_enter(self) -> bool:
        burst, field = self._burst, self._field
        if len(burst) < LENGTH_MIN:
            self.let_go()
            return False
        self._timer.stop()
        self._held.clear()
        self._burst, self._field = "", None
        if field is not None:
            take_back(field, burst)
        self.scanned.emit(burst)
        return True

    @Slot()
    def let_go(self) -> None:
        """It was a person: give the held keys to where they were meant to go."""
        self._timer.stop()
        held, self._held = self._held, []
        self._burst, self._field = "", None
        self._is_replaying = True
        try:
            for target, event in held:
                QCoreApplication.sendEvent(target, event)
        finally:
            self._is_replaying = False


def text_field(widget: QWidget) -> QWidget | None:
    """Return the widget if keys typed into it become text."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit) and widget.isEnabled() and not widget.isReadOnly():
        return widget
    return None


def take_back(field: QWidget, burst: str) -> None:
    """Remove what the scanner typed, just before the cursor, and leave what the person typed."""
    if isinstance(field, QLineEdit):
        at, words = field.cursorPosition(), field.text()
        if words[max(0, at - len(burst)) : at] == burst:
            field.setText(words[: at - len(burst)] + words[at:])
            field.setCursorPosition(at - len(burst))
    elif isinstance(field, QTextEdit | QPlainTextEdit):
        cursor = field.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(burst))
        if cursor.selectedText() == burst:
            cursor.removeSelectedText()
