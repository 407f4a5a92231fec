"""What hides the pages while a last sync runs before the lock; it is gone after seconds, whatever the line does."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.i18n import t
from ui.widgets.basic import box, button, column, label, row


class LockCover(QWidget):
    """`impatient` is emitted when the person wants the lock at once."""

    impatient = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.now_button = button(t("ui.sync.lock_now"), self.impatient.emit, role="main", icon="lock")
        words = column(
            label(t("ui.sync.locking"), "section"),
            label(t("ui.sync.locking_more"), "hint", wrap=True),
            spacing=12,
        )
        words.addLayout(row(self.now_button, None))
        self.setLayout(column(None, box(words), None, margins=(48, 0, 48, 0)))
        self.setAccessibleName(t("ui.sync.locking"))
        self.hide()
