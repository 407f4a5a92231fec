"""What the parts of the page of papers have in common: they read when they come to the front, and tell faults."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.kernel.changes import Done
from core.kernel.errors import Fault
from ui.desk import Desk
from ui.theme import px


class Part(QWidget):
    """One tab of the page. `failed` carries a Fault, None when an earlier one no longer matters."""

    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(px(8))

    def read(self) -> None:
        """Ask the services again and show the answer."""

    def done(self, done: Done[Any]) -> None:
        """Tell the other pages what changed, and that nothing is wrong any more."""
        self.failed.emit(None)
        if done.changed:
            self.desk.bus.changed.emit(done.changed)

    @Slot(object)
    def on_failed(self, fault: Fault) -> None:
        """Hand a fault to the page."""
        self.failed.emit(fault)
