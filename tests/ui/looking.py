"""What a person reads on a part of the window."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QApplication, QLabel, QWidget

from ui.desk import Desk
from ui.sync.page import SyncPage
from ui.today.page import TodayPage
from ui.window import MainWindow


def settle() -> None:
    """Let what was put into a layout come into sight."""
    for _ in range(3):
        QApplication.processEvents()


def words_on(widget: QWidget) -> str:
    """Return the words of every label that stands on the widget and is not hidden, a line each."""
    settle()
    shown = (one for one in widget.findChildren(QLabel) if one.isVisibleTo(widget))
    return "\n".join(one.text() for one in shown)


def sync_page(qtbot: Any, desk: Desk) -> tuple[MainWindow, SyncPage]:
    """Return a shown window of Today and sync, and its page of sync in front; whoever asked lets it leave."""
    window = MainWindow(desk, (TodayPage, SyncPage))
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.show_page("sync")
    page = window.page("sync")
    assert isinstance(page, SyncPage)
    settle()
    return window, page
