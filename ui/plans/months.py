"""Twelve months to look at and to choose from: each with its count and a bar as long as its share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QProgressBar, QPushButton, QWidget

from ui.i18n import t
from ui.theme import px
from ui.widgets.basic import box, button, column

ACROSS = 6
WHOLE_YEAR = 0
ANY_TIME = 13
BAR_HEIGHT = 6


class MonthGrid(QWidget):
    """`chosen` carries 1..12, WHOLE_YEAR or ANY_TIME."""

    chosen = Signal(int)

    def __init__(self, today: date) -> None:
        super().__init__()
        self.month = 0
        self.buttons: dict[int, QPushButton] = {}
        self._bars: dict[int, QProgressBar] = {}
        self._today = today
        self._group = QButtonGroup(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(px(8))
        for month in range(14):
            made = self.buttons[month] = button("", self._on_clicked, role="answer")
            made.setObjectName(str(month))
            made.setCheckable(True)
            self._group.addButton(made)
            if month in (WHOLE_YEAR, ANY_TIME):
                grid.addWidget(made, 0, 0 if month == WHOLE_YEAR else ACROSS // 2, 1, ACROSS // 2)
                continue
            bar = self._bars[month] = QProgressBar()
            bar.setTextVisible(False)
            bar.setFixedHeight(px(BAR_HEIGHT))
            at_row, at_column = divmod(month - 1, ACROSS)
            grid.addWidget(box(column(made, bar, spacing=4)), at_row + 1, at_column)
        self.buttons[0].setChecked(True)

    def fill(self, counts: Mapping[int, int], *, whole: int, any_time: int) -> None:
        """Show how many plans are bound to each month (1..12), to the year, and to no month."""
        most = max(1, *counts.values())
        self._write(WHOLE_YEAR, t("ui.plans.whole_year"), whole)
        self._write(ANY_TIME, t("ui.plans.any_month"), any_time)
        for month, count in counts.items():
            name = t(f"ui.plans.month_{month}")
            self._write(month, t("ui.plans.this_month", month=name) if month == self._today.month else name, count)
            self._bars[month].setRange(0, most)
            self._bars[month].setValue(count)
            self._bars[month].setAccessibleName(f"{name} {count}")

    def _write(self, month: int, name: str, count: int) -> None:
        words = f"{name}   {count:,}"
        self.buttons[month].setText(words)
        self.buttons[month].setAccessibleName(words)

    @Slot()
    def _on_clicked(self) -> None:
        self.month = int(self.sender().objectName())
        self.chosen.emit(self.month)
