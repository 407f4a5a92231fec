"""The frame of an assistant: a dialog over any page with a title, a fault line, a body and progress."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from core.kernel.errors import Fault
from ui.desk import Desk
from ui.i18n import t
from ui.theme import px
from ui.widgets.basic import button, label, row, scrolled
from ui.widgets.lines import FaultLine, ProgressLine

WIDTH, HEIGHT = 720, 640


class Assistant(QDialog):
    """Whoever works on a page keeps it: the assistant lies over it and goes away again."""

    def __init__(self, desk: Desk, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.fault_line = FaultLine()
        self.progress = ProgressLine()
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(0, 0, px(8), 0)
        self.body.setSpacing(px(12))
        self.close_button = button(t("ui.sync.close"), self.reject)
        self.foot = row(None, self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(24), px(16), px(24), px(16))
        layout.setSpacing(px(12))
        layout.addWidget(label(title, "section"))
        layout.addWidget(self.fault_line)
        self.area = scrolled(content)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.progress)
        layout.addLayout(self.foot)
        room = parent.size() if parent is not None else None
        width, height = px(WIDTH), px(HEIGHT)
        if room is not None and not room.isEmpty():
            width, height = min(width, room.width() - px(24)), min(height, room.height() - px(24))
        self.resize(width, height)

    def stand_on(self, control: QWidget) -> None:
        """Put the focus on what the person does next, and bring it into sight."""
        control.setFocus(Qt.FocusReason.OtherFocusReason)
        # Once its card has its place: at a large zoom it lies below the fold.
        QTimer.singleShot(0, self, lambda: self.area.ensureWidgetVisible(control))

    def on_failed(self, fault: Fault) -> None:
        """Show why a step did not come off; nothing that was typed is lost."""
        self.progress.end()
        self.settle()
        self.fault_line.tell(fault)

    @Slot()
    def on_cancelled(self) -> None:
        """The person stopped the step."""
        self.progress.end()
        self.settle()

    def settle(self) -> None:
        """A step has ended, whichever way: give the buttons back."""

    def reject(self) -> None:
        """Close; a step that runs is stopped first."""
        if not self.progress.isHidden():
            self.progress.cancel_button.click()
        super().reject()
