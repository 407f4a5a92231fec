"""The frame of a page: a fault line on top, the content below; and what the window asks of every page."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.kernel.changes import Done, Topic
from core.kernel.errors import Fault
from ui.desk import Desk
from ui.i18n import t
from ui.theme import px
from ui.widgets.lines import FaultLine


class Page(QWidget):
    """One subject of the rail. A page reads when it is shown and when one of its topics changed."""

    name: ClassVar[str] = ""
    icon: ClassVar[str] = "info"
    topics: ClassVar[frozenset[Topic]] = frozenset()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.fault_line = FaultLine()
        self.is_stale = True
        self.frame = QVBoxLayout(self)
        self.frame.setContentsMargins(px(24), px(16), px(24), px(16))
        self.frame.setSpacing(px(12))
        self.frame.addWidget(self.fault_line)
        self.setAccessibleName(t(f"ui.page.{self.name}"))

    def read(self) -> None:
        """Ask the services again and show the answer."""

    def open(self, argument: Any) -> None:
        """Show the thing that another page pointed to."""

    def shown(self) -> None:
        """Called when the page comes to the front."""
        if self.is_stale:
            self.is_stale = False
            self.read()

    def mark_changed(self, changed: frozenset[Topic]) -> None:
        """Read again if this page shows one of the topics: now if it can be seen, else when it comes to the front."""
        if not (self.topics & changed):
            return
        if self.isVisible():
            self.read()
        else:
            self.is_stale = True

    def take_scan(self, raw: str, source: str) -> bool:
        """Take what a scanner read anywhere in the window; False: this page has no use for it."""
        return False

    def accept(self, done: Done[Any]) -> None:
        """Take the answer of a use case: clear the old fault and tell the other pages what changed."""
        self.fault_line.hide()
        if done.changed:
            self.desk.bus.changed.emit(done.changed)

    @Slot(object)
    def on_failed(self, fault: Fault) -> None:
        """Show a refusal or a trouble in the page."""
        self.fault_line.tell(fault)
