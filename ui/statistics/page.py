"""统计: determinations of a period, each number with its definition beside it, and what was overruled, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QDate, Qt, Slot
from PySide6.QtWidgets import QDateEdit, QGridLayout, QVBoxLayout, QWidget

from core.kernel.changes import Topic
from core.kernel.clock import local_date
from ui.desk import Desk, Session, reading
from ui.i18n import moment, t, term
from ui.jobs import Lane
from ui.models.table import Column
from ui.theme import Tone, px
from ui.widgets.basic import Card, EmptyState, box, button, clear, label, row, scrolled
from ui.widgets.page import Page
from ui.widgets.table import FilteredTable

if TYPE_CHECKING:
    from core.domain.determination_statistics import Overruled, Statistics

# Figures that are told by what they were counted by; the others are one number.
SHARED = {"proposed": "proposal", "taken": "proposal", "conflicts": "conflict_kind"}
ORDER = ("findings", "replaced", "proposed", "taken", "overruled", "provisional", "conflicts")
TABLE_HEIGHT = 260
NUMBER_WIDTH = 72


@dataclass(frozen=True)
class Counted:
    """What the page reads in one question."""

    statistics: Statistics
    overruled: tuple[Overruled, ...]
    lists: dict[str, str]


def read_counted(session: Session, from_on: date, to_on: date) -> Counted:
    """Return the figures of a period.  Raises Refusal "determination.period"."""
    service = reading(session).determinations
    return Counted(service.statistics(from_on, to_on), service.overruled(from_on, to_on), service.list_names())


def cell_columns(names: dict[str, str]) -> list[Column]:
    """Return the columns of list, field and outcome. `names` is filled when the answer comes."""

    def shown(one: Any) -> str:
        if not one.list_source:
            return t("ui.stat.no_list")
        return f"{one.list_source} {names.get(one.list_source, '')}".strip()

    return [
        Column("list", t("ui.stat.list"), shown, 420),
        Column("agency", t("ui.stat.agency"), lambda one: one.agency or "—", 130),
        Column("outcome", t("ui.stat.outcome"), lambda one: term("proposal", one.outcome), 240),
        Column("count", t("ui.stat.count"), lambda one: f"{one.count:,}", 90, is_number=True),
    ]


def overruled_columns() -> list[Column]:
    """Return the columns of what was overruled."""
    return [
        Column("at", t("ui.stat.at"), lambda one: moment(one.at), 190, is_code=True),
        Column("text", t("ui.stat.finding"), lambda one: one.text, 260),
        Column("proposal", t("ui.stat.proposal"), lambda one: term("proposal", one.proposal), 170),
        Column("chosen", t("ui.stat.taken"), lambda one: term("proposal", one.chosen), 170, tone=_warn),
        Column("reason", t("ui.stat.reason"), lambda one: one.reason, 300),
        Column("state", t("ui.stat.state"), lambda one: t("ui.stat.replaced") if one.is_replaced else "", 130),
    ]


def _warn(_one: Any) -> Tone:
    return Tone.WARN


class StatisticsPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "statistics"
    icon: ClassVar[str] = "chart-column"
    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.DETERMINATIONS, Topic.FINDINGS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        today = local_date(desk.session.clock.now())
        self.from_on = _day_field(t("ui.stat.from"), today.replace(month=1, day=1))
        self.to_on = _day_field(t("ui.stat.to"), today)
        self.month_button = button(t("ui.stat.this_month"), self._on_month_clicked)
        self.year_button = button(t("ui.stat.this_year"), self._on_year_clicked)
        self.before_button = button(t("ui.stat.last_year"), self._on_before_clicked)
        dash = label("–", "muted")
        parts = (self.from_on, dash, self.to_on, self.month_button, self.year_button, self.before_button, None)
        self.frame.addWidget(box(row(*parts)))
        self.figures = QVBoxLayout()
        self._names: dict[str, str] = {}
        self.cells = FilteredTable(cell_columns(self._names), memory=desk.memory, name="determination_cells")
        self.cells.setFixedHeight(px(TABLE_HEIGHT + 44))
        self.overruled = FilteredTable(overruled_columns(), memory=desk.memory, name="overruled")
        self.overruled.setFixedHeight(px(TABLE_HEIGHT))
        self.overruled.opened.connect(self._on_overruled_opened)
        self.nothing_overruled = label(t("ui.stat.none_overruled"), "hint", wrap=True)
        self.empty = EmptyState(t("ui.stat.empty"), icon="chart-column")
        self.content = QWidget()
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(0, 0, px(8), px(16))
        self.body.setSpacing(px(12))
        self.body.addLayout(self.figures)
        self._add_table(t("ui.stat.by_list"), t("determination.statistics.cells"), self.cells)
        self._add_table(t("ui.stat.overruled"), t("ui.stat.overruled_about"), self.nothing_overruled, self.overruled)
        self.body.addStretch(1)
        self.area = scrolled(self.content)
        self.frame.addWidget(self.area, 1)
        self.frame.addWidget(self.empty, 1)
        self.area.hide()
        for edit in (self.from_on, self.to_on):
            edit.dateChanged.connect(self._on_day_changed)

    def _add_table(self, title: str, about: str, *parts: QWidget) -> None:
        card = Card(label(title, "section"), label(about, "muted", wrap=True))
        for part in parts:
            card.add(part)
        self.body.addWidget(card)

    def read(self) -> None:
        call = partial(read_counted, self.desk.session, _day_of(self.from_on), _day_of(self.to_on))
        self.desk.jobs.run(call, self._on_counted, self.on_failed, lane=Lane.READ, key="statistics")

    def _on_counted(self, counted: Counted) -> None:
        self.fault_line.hide()
        self._names.clear()
        self._names.update(counted.lists)
        has_any = counted.statistics.count("findings") > 0
        self.area.setVisible(has_any)
        self.empty.setVisible(not has_any)
        clear(self.figures)
        self.figures.addWidget(figures_card(counted.statistics))
        self.cells.fill(counted.statistics.cells)
        self.overruled.fill(counted.overruled)
        self.overruled.setVisible(bool(counted.overruled))
        self.nothing_overruled.setVisible(not counted.overruled)

    @Slot()
    def _on_day_changed(self) -> None:
        self.read()

    @Slot()
    def _on_month_clicked(self) -> None:
        today = local_date(self.desk.session.clock.now())
        self._choose(today.replace(day=1), today)

    @Slot()
    def _on_year_clicked(self) -> None:
        today = local_date(self.desk.session.clock.now())
        self._choose(today.replace(month=1, day=1), today)

    @Slot()
    def _on_before_clicked(self) -> None:
        begins = local_date(self.desk.session.clock.now()).replace(month=1, day=1)
        self._choose(begins.replace(year=begins.year - 1), begins - timedelta(days=1))

    def _choose(self, from_on: date, to_on: date) -> None:
        for edit, day in ((self.from_on, from_on), (self.to_on, to_on)):
            edit.blockSignals(True)
            edit.setDate(QDate(day.year, day.month, day.day))
            edit.blockSignals(False)
        self.read()

    @Slot(object)
    def _on_overruled_opened(self, one: Overruled) -> None:
        self.desk.messages.go("visits", one.visit)


def figures_card(statistics: Statistics) -> Card:
    """Return every figure with its definition beside it; what was counted by kind has a line a kind."""
    card = Card(label(t("ui.stat.figures"), "section"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(px(16))
    grid.setVerticalSpacing(px(8))
    grid.setColumnStretch(2, 1)
    place = 0
    for key in ORDER:
        figures = [one for one in statistics.figures if one.key == key]
        definition = t(f"determination.statistics.{key}")
        if key in SHARED:
            _line(grid, place, t(f"ui.stat.figure.{key}"), "" if figures else "0", definition)
            for one in figures:
                place += 1
                _line(grid, place, f"  {term(SHARED[key], one.of)}", f"{one.count:,}", "")
        else:
            _line(grid, place, t(f"ui.stat.figure.{key}"), f"{statistics.count(key):,}", definition)
        place += 1
    card.body.addLayout(grid)
    return card


def _line(grid: QGridLayout, place: int, name: str, number: str, definition: str) -> None:
    count = label(number, "strong")
    count.setMinimumWidth(px(NUMBER_WIDTH))
    count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    grid.addWidget(label(name), place, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(count, place, 1, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(label(definition, "muted", wrap=True), place, 2, Qt.AlignmentFlag.AlignTop)


def _day_field(name: str, day: date) -> QDateEdit:
    made = QDateEdit(QDate(day.year, day.month, day.day))
    made.setDisplayFormat("yyyy-MM-dd")
    made.setCalendarPopup(True)
    made.setAccessibleName(name)
    made.setMinimumWidth(px(140))
    return made


def _day_of(edit: QDateEdit) -> date:
    chosen = edit.date()
    return date(chosen.year(), chosen.month(), chosen.day())
