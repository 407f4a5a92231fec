"""What a person reads on a part of the window."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel, QWidget


def settle() -> None:
    """Let what was put into a layout come into sight."""
    for _ in range(3):
        QApplication.processEvents()


def words_on(widget: QWidget) -> str:
    """Return the words of every label that stands on the widget and is not hidden, a line each."""
    settle()
    shown = (one for one in widget.findChildren(QLabel) if one.isVisibleTo(widget))
    return "\n".join(one.text() for one in shown)
