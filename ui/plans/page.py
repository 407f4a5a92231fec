"""计划: the year as twelve months with what is planned in each, and the plans of the chosen month."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QSizePolicy

from core.domain.plans import Plan
from core.kernel.changes import Topic
from core.kernel.clock import local_date
from ui.desk import Desk, Session
from ui.i18n import day, t
from ui.jobs import Lane
from ui.models.table import Column
from ui.plans.months import ANY_TIME, WHOLE_YEAR, MonthGrid
from ui.widgets.basic import Card, EmptyState, box, button, label, row
from ui.widgets.form import choice
from ui.widgets.page import Page
from ui.widgets.table import FilteredTable

MONTHS = 12


def month_words(plan: Plan) -> str:
    """Return the months of a plan as its list writes them."""
    if plan.months_text:
        return plan.months_text
    return "、".join(t(f"ui.plans.month_{month}") for month in plan.months) or t("ui.plans.any_month")


def plan_columns() -> list[Column]:
    """Return the columns of the plans."""
    return [
        Column("title", t("ui.plans.title"), lambda one: one.title, 300),
        Column("item", t("ui.plans.item"), lambda one: one.item_name, 260),
        Column("subject", t("ui.plans.subject"), lambda one: one.subject, 220),
        Column("months", t("ui.plans.months"), month_words, 150),
        Column("objects", t("ui.plans.objects"), lambda one: one.object_class, 180),
        Column("count", t("ui.plans.count"), lambda one: one.ratio_or_count, 120),
        Column("special", t("ui.plans.kind"), kind_words, 100),
        Column("filed", t("ui.plans.filed"), lambda one: day(one.filed_on) if one.filed_on else "", 180),
    ]


def kind_words(plan: Plan) -> str:
    """Return annual or special."""
    return t("ui.plans.special") if plan.is_special else t("ui.plans.annual")


def read_plans(session: Session) -> tuple[Plan, ...]:
    """Return every plan of the list in force."""
    return tuple(session.reference.where(Plan))


class PlansPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "plans"
    icon: ClassVar[str] = "calendar-days"
    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.LISTS, Topic.PLANS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._plans: tuple[Plan, ...] = ()
        self.year: QComboBox = choice([])
        self.year.setMinimumContentsLength(8)
        self.year.setAccessibleName(t("ui.plans.year"))
        self.year.currentIndexChanged.connect(self._on_year_chosen)
        self.months = MonthGrid(local_date(desk.session.clock.now()))
        self.months.chosen.connect(self._on_month_chosen)
        self.calendar = Card()
        self.calendar.add(box(row(self.year, label(t("ui.plans.hint"), "muted"), None)))
        self.calendar.add(self.months)
        self.calendar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.table = FilteredTable(plan_columns(), memory=desk.memory, name="plans")
        to_lists = button(t("ui.plans.to_lists"), self._on_lists_clicked, role="main", icon="upload")
        self.empty = EmptyState(t("ui.plans.empty"), to_lists, icon="calendar-days")
        self.empty.hide()
        self.frame.addWidget(self.calendar)
        self.frame.addWidget(self.empty)
        self.frame.addWidget(self.table, 1)

    def read(self) -> None:
        call = partial(read_plans, self.desk.session)
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="plans")

    def _on_read(self, plans: tuple[Plan, ...]) -> None:
        self._plans = plans
        self.empty.setVisible(not plans)
        self.calendar.setVisible(bool(plans))
        self.table.setVisible(bool(plans))
        years = sorted({one.year for one in plans}, reverse=True)
        before = self.year.currentData() or local_date(self.desk.session.clock.now()).year
        self.year.blockSignals(True)
        self.year.clear()
        for year in years:
            self.year.addItem(t("ui.plans.year_of", year=year), year)
        self.year.setCurrentIndex(max(0, self.year.findData(before)))
        self.year.blockSignals(False)
        self._on_year_chosen()

    @Slot()
    def _on_year_chosen(self) -> None:
        of_year = self._of_year()
        counts = {month: sum(1 for one in of_year if falls_in(one, month)) for month in range(1, 13)}
        self.months.fill(counts, whole=len(of_year), any_time=sum(1 for one in of_year if falls_in(one, ANY_TIME)))
        self._on_month_chosen(self.months.month)

    def _of_year(self) -> tuple[Plan, ...]:
        return tuple(one for one in self._plans if one.year == self.year.currentData())

    @Slot(int)
    def _on_month_chosen(self, month: int) -> None:
        self.table.fill([one for one in self._of_year() if falls_in(one, month)])

    @Slot()
    def _on_lists_clicked(self) -> None:
        self.desk.messages.go("lists")


def falls_in(plan: Plan, month: int) -> bool:
    """Tell whether a plan is bound to a month (1..12), to none (ANY_TIME), or simply to the year (WHOLE_YEAR)."""
    is_free = len(plan.months) in (0, MONTHS)
    return month == WHOLE_YEAR or (is_free if month == ANY_TIME else month in plan.months and not is_free)
