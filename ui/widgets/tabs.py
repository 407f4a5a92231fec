"""A line of tabs over the parts of a page; only the part in front is read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ui.theme import px
from ui.widgets.basic import box, button, row


class Tabs(QWidget):
    """`changed` carries the name of the part that came to the front."""

    changed = Signal(str)

    def __init__(self, parts: Sequence[tuple[str, str, QWidget]]) -> None:
        """Take (name, words, widget) of each part."""
        super().__init__()
        self.buttons: dict[str, QPushButton] = {}
        self._parts = {name: widget for name, _, widget in parts}
        self._group = QButtonGroup(self)
        self.stack = QStackedWidget()
        for name, words, widget in parts:
            made = self.buttons[name] = button(words, self._on_clicked, role="tab")
            made.setCheckable(True)
            made.setObjectName(name)
            self._group.addButton(made)
            self.stack.addWidget(widget)
        line = row(*self.buttons.values(), None, spacing=4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(8))
        layout.addWidget(box(line))
        layout.addWidget(self.stack, 1)
        next(iter(self.buttons.values())).setChecked(True)

    def current(self) -> str:
        """Return the name of the part in front."""
        return next(name for name, one in self.buttons.items() if one.isChecked())

    def show_part(self, name: str) -> None:
        """Bring a part to the front."""
        self.buttons[name].setChecked(True)
        self.stack.setCurrentWidget(self._parts[name])
        self.changed.emit(name)

    def name_part(self, name: str, words: str) -> None:
        """Write other words on a tab, for example with a count."""
        self.buttons[name].setText(words)
        self.buttons[name].setAccessibleName(words)

    @Slot()
    def _on_clicked(self) -> None:
        self.show_part(self.sender().objectName())
