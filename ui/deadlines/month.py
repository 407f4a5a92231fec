"""A month to look at: what ends on which day, days off marked as the official calendar has them."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from core.domain.deadline_book import DeadlineLine, LineState
from core.domain.deadlines import WorkCalendar
from ui.i18n import day as day_words
from ui.i18n import t, term
from ui.theme import Tone, px
from ui.widgets.basic import box, button, clear, label, mark, row, scrolled

WEEKS, WEEKDAYS = 6, 7
CELL_HEIGHT = 60
TONES = {
    LineState.OVERDUE: Tone.BLOCK,
    LineState.DUE_TODAY: Tone.WARN,
    LineState.RUNNING: Tone.ACCENT,
    LineState.EXPIRED: Tone.MUTED,
}


class MonthView(QWidget):
    """`opened` carries the id of a visit."""

    opened = Signal(str)

    def __init__(self, today: date) -> None:
        super().__init__()
        self.today = today
        self.first = today.replace(day=1)
        self._lines: dict[date, list[DeadlineLine]] = {}
        self._calendar = WorkCalendar(())
        self.title = label("", "section")
        self.back_button = button("", self._on_back, icon="chevron-left", name=t("ui.deadlines.month_back"))
        self.on_button = button("", self._on_on, icon="chevron-right", name=t("ui.deadlines.month_on"))
        self.now_button = button(t("ui.deadlines.this_month"), self._on_now)
        self.note = label("", "muted", wrap=True)
        self.grid = QGridLayout()
        self.grid.setSpacing(px(4))
        self.cells: dict[date, QPushButton] = {}
        self._group = QButtonGroup(self)
        self.list = QVBoxLayout()
        content = QWidget()
        content.setLayout(self.list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(box(row(self.back_button, self.title, self.on_button, self.now_button, None)))
        layout.addWidget(self.note)
        layout.addLayout(self.grid)
        layout.addWidget(scrolled(content), 1)

    def fill(self, lines: Iterable[DeadlineLine], work_calendar: WorkCalendar) -> None:
        """Show these lines on the days on which they end."""
        self._calendar = work_calendar
        self._lines = {}
        for line in lines:
            if line.due_on is not None:
                self._lines.setdefault(line.due_on, []).append(line)
        self._draw()

    def ending(self) -> Mapping[date, list[DeadlineLine]]:
        """Return the lines by the day on which they end."""
        return self._lines

    def _draw(self) -> None:
        clear(self.grid)
        self.cells = {}
        self.title.setText(t("ui.deadlines.month", year=self.first.year, month=self.first.month))
        for place in range(WEEKDAYS):
            self.grid.addWidget(label(t(f"ui.deadlines.weekday_{place}"), "muted"), 0, place)
        start = self.first - timedelta(days=self.first.weekday())
        last = self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])
        day = start
        while day <= last or day.weekday():
            cell = self._cell(day)
            self.cells[day] = cell
            self.grid.addWidget(cell, (day - start).days // WEEKDAYS + 1, day.weekday())
            day += timedelta(days=1)
        known = self.first.year in self._calendar.years
        self.note.setVisible(not known)
        self.note.setText(t("ui.deadlines.no_calendar", year=self.first.year))
        chosen = self.today if self.today in self.cells else self.first
        self.cells[chosen].setChecked(True)
        self._show(chosen)

    def _cell(self, day: date) -> QPushButton:
        lines = self._lines.get(day, [])
        is_off = day.year in self._calendar.years and not self._calendar.is_working(day)
        parts = [str(day.day), t("ui.deadlines.off") if is_off else "", "●" if day == self.today else ""]
        pressing = any(one.state in {LineState.OVERDUE, LineState.DUE_TODAY} for one in lines)
        said = t("ui.deadlines.ending", count=len(lines)) if lines else ""
        made = button(
            "  ".join(one for one in parts if one) + (f"\n{'! ' if pressing else ''}{said}" if said else ""),
            self._on_day_clicked,
            role="answer",
            name=f"{day_words(day)} {said}".strip(),
        )
        made.setCheckable(True)
        made.setObjectName(day.isoformat())
        made.setMinimumHeight(px(CELL_HEIGHT))
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if day.month != self.first.month:
            made.setEnabled(bool(lines))
        self._group.addButton(made)
        return made

    @Slot()
    def _on_day_clicked(self) -> None:
        self._show(date.fromisoformat(self.sender().objectName()))

    def _show(self, day: date) -> None:
        clear(self.list)
        lines = self._lines.get(day, [])
        self.list.addWidget(label(day_words(day), "strong"))
        if not lines:
            self.list.addWidget(label(t("ui.deadlines.nothing_ends"), "muted"))
        for line in lines:
            state = t(f"deadlines.state.{line.state.value}")
            said = "   ".join(one for one in (state, term("deadline_rule", line.rule), line.about) if one)
            self.list.addWidget(mark(TONES.get(line.state, Tone.UNKNOWN), said))
            doubt = "" if line.is_verified else f" ({t('ui.word.unverified')})"
            self.list.addWidget(label(f"{line.citation}{doubt}", "muted", wrap=True))
            if line.visit:
                go = button(t("ui.papers.to_visit"), self._on_open_clicked, role="link", icon="arrow-right")
                go.setObjectName(line.visit)
                self.list.addWidget(go)
        self.list.addStretch(1)

    @Slot()
    def _on_open_clicked(self) -> None:
        self.opened.emit(self.sender().objectName())

    @Slot()
    def _on_back(self) -> None:
        self._go((self.first - timedelta(days=1)).replace(day=1))

    @Slot()
    def _on_on(self) -> None:
        self._go((self.first + timedelta(days=31)).replace(day=1))

    @Slot()
    def _on_now(self) -> None:
        self._go(self.today.replace(day=1))

    def _go(self, first: date) -> None:
        self.first = first
        self._draw()
