"""What every step of the workspace has in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.kernel.changes import Done
from core.kernel.errors import Fault
from ui.desk import Desk
from ui.theme import px
from ui.visits.reading import Case
from ui.widgets.basic import scrolled


class Step(QWidget):
    """`changed`: the case must be read again; `failed` carries a Fault; `goes` the name of another step."""

    name: ClassVar[str] = ""
    changed = Signal()
    failed = Signal(object)
    goes = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.case: Case | None = None
        self.content = QWidget()
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(0, 0, px(8), px(16))
        self.body.setSpacing(px(8))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.area = scrolled(self.content)
        layout.addWidget(self.area)

    def show_case(self, case: Case) -> None:
        """Show the case as it is now."""
        self.case = case

    def take_keys(self) -> None:
        """Put the keyboard where this step wants it."""

    def take_scan(self, raw: str, source: str) -> None:
        """Take what a scanner read."""

    @property
    def visit_id(self) -> str:
        assert self.case is not None, "a step acts on a case only"
        return self.case.visit.id

    def do(self, call: Callable[[], Any]) -> None:
        """Ask one use case in the write lane, then have the case read again."""
        self.desk.jobs.run(call, self._on_done, self.on_failed)

    def _on_done(self, done: Any) -> None:
        if isinstance(done, Done):
            self.desk.bus.changed.emit(done.changed)
        self.changed.emit()

    @Slot(object)
    def on_failed(self, fault: Fault) -> None:
        self.failed.emit(fault)
        # The page may show a thing that the store refused: what is true is read again.
        self.changed.emit()
