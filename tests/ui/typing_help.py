"""Typing that keyClicks cannot do: letters beyond ASCII come through the input method, as they do for people."""

from __future__ import annotations

from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget


def type_words(widget: QWidget, words: str) -> None:
    """Commit words into a widget as an input method does."""
    event = QInputMethodEvent("", [])
    event.setCommitString(words)
    QApplication.sendEvent(widget, event)
