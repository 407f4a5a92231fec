"""A column of facts: the name in muted ink, the value beside it; a fact without a value is left out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.theme import Tone, px
from ui.widgets.basic import SIGNS, clear, label

Fact = tuple[str, str, Tone | None]
NAME_WIDTH = 104


class Facts(QWidget):
    """Name and value, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(px(16))
        self.grid.setVerticalSpacing(px(4))
        self.grid.setColumnMinimumWidth(0, px(NAME_WIDTH))
        self.grid.setColumnStretch(1, 1)

    def show_facts(self, *facts: Fact) -> None:
        """Show these facts instead of what was there."""
        clear(self.grid)
        shown = [fact for fact in facts if fact[1].strip()]
        for place, (name, value, tone) in enumerate(shown):
            sign = f"{SIGNS[tone]} " if tone is not None and tone in SIGNS else ""
            words = label(f"{sign}{value}", tone=tone, wrap=True)
            words.setAccessibleName(f"{name}: {value}")
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            named = label(name, "muted")
            # The smaller name stands on the line of the value's first row.
            named.setContentsMargins(0, px(3), 0, 0)
            self.grid.addWidget(named, place, 0, Qt.AlignmentFlag.AlignTop)
            self.grid.addWidget(words, place, 1)
        self.setVisible(bool(shown))
