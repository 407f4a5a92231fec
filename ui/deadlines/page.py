"""期限: everything owed on a visit with the days left, the most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.deadline_book import DeadlineLine, LineState
from core.domain.deadlines import WorkCalendar
from core.kernel.changes import Topic
from core.kernel.clock import local_date
from ui.deadlines.month import MonthView
from ui.desk import Desk, Session, reading
from ui.i18n import day, moment, t, term
from ui.jobs import Lane
from ui.models.table import Column
from ui.theme import Tone
from ui.waiting import SOON_DAYS, Deadline, read_deadlines
from ui.widgets.basic import EmptyState, box, button, clear, label, mark, row
from ui.widgets.page import Page
from ui.widgets.table import FilteredTable
from ui.widgets.tabs import Tabs


def tone_of(one: Deadline) -> Tone | None:
    """Return red where it is overdue, amber for the last day."""
    if one.is_overdue:
        return Tone.BLOCK
    return Tone.WARN if one.days_left == 0 else None


def left_words(one: Deadline) -> str:
    """Return the days left in words, with the sign of its tone."""
    if one.is_overdue:
        late = -(one.days_left or 0)
        return f"✕ {t('ui.deadlines.late', count=late) if late else t('ui.deadlines.late_today')}"
    if one.days_left is None:
        return t("ui.deadlines.before_record")
    return f"! {t('ui.deadlines.today')}" if one.days_left == 0 else t("ui.deadlines.left", count=one.days_left)


def due_words(one: Deadline) -> str:
    """Return the instant or the day on which it ends."""
    if one.at is not None:
        return moment(one.at)
    return day(one.day) if one.day is not None else "—"


def basis_words(one: Deadline) -> str:
    """Return the article, marked where nobody has verified it, and who has to act."""
    if one.line is None:
        return ""
    doubt = "" if one.line.is_verified else f" ({t('ui.word.unverified')})"
    return f"{one.line.citation}{doubt}"


def state_words(one: Deadline) -> str:
    """Return how far the visit is."""
    return term("visit_state", one.visit.state) if one.visit is not None else ""


@dataclass(frozen=True)
class Book:
    """What the page shows, read at once."""

    owed: tuple[Deadline, ...]
    lines: tuple[DeadlineLine, ...]
    calendar: WorkCalendar


def read_book(session: Session) -> Book:
    """Return everything owed, every line of the book and the calendar in force."""
    reader = reading(session)
    return Book(read_deadlines(session), reader.deadline_book.all(), reader.deadlines.calendar())


def deadline_columns() -> list[Column]:
    """Return the columns of what is owed."""
    return [
        Column("left", t("ui.deadlines.time_left"), left_words, 150, tone=tone_of),
        Column("what", t("ui.deadlines.what"), lambda one: one.what, 300),
        Column("due", t("ui.deadlines.due"), due_words, 200, is_code=True),
        Column("enterprise", t("ui.deadlines.enterprise"), lambda one: one.enterprise_name, 220),
        Column("basis", t("ui.deadlines.basis"), basis_words, 260),
        Column("state", t("ui.visits.state"), state_words, 130),
    ]


class DeadlinesPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "deadlines"
    icon: ClassVar[str] = "alarm-clock"
    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.VISITS, Topic.DEADLINES, Topic.DOCUMENTS, Topic.LISTS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.counts = row(spacing=24)
        self.summary = box(self.counts)
        self.table = FilteredTable(deadline_columns(), memory=desk.memory, name="deadlines")
        self.table.opened.connect(self._on_opened)
        self.table.chosen.connect(self._on_chosen)
        self.open_button = button(t("ui.papers.to_visit"), self._on_open_clicked, icon="arrow-right")
        self.table.bar.addWidget(self.open_button)
        self.empty = EmptyState(t("ui.deadlines.empty"), icon="alarm-clock")
        self.moved = QVBoxLayout()
        owed = QWidget()
        inner = QVBoxLayout(owed)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.empty)
        inner.addWidget(self.table, 1)
        self.month = MonthView(local_date(desk.session.clock.now()))
        self.month.opened.connect(self._on_visit_wanted)
        self.tabs = Tabs([("list", t("ui.deadlines.list"), owed), ("month", t("ui.deadlines.by_month"), self.month)])
        self.frame.addWidget(self.summary)
        self.frame.addLayout(self.moved)
        self.frame.addWidget(self.tabs, 1)
        self.empty.hide()

    def read(self) -> None:
        call = partial(read_book, self.desk.session)
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="deadlines")

    def _on_read(self, book: Book) -> None:
        found = book.owed
        self.month.fill(book.lines, book.calendar)
        self._show_moved(book.lines)
        self.table.fill(found)
        if found and self.table.current() is None:
            self.table.view.selectRow(0)
        self.empty.setVisible(not found)
        self.table.setVisible(bool(found))
        self.summary.setVisible(bool(found))
        overdue = sum(1 for one in found if one.is_overdue)
        today = sum(1 for one in found if not one.is_overdue and one.days_left == 0)
        soon = sum(1 for one in found if not one.is_overdue and one.days_left in range(1, SOON_DAYS + 1))
        clear(self.counts)
        if overdue:
            self.counts.addWidget(mark(Tone.BLOCK, t("ui.deadlines.count_overdue", count=overdue)))
        if today:
            self.counts.addWidget(mark(Tone.WARN, t("ui.deadlines.count_today", count=today)))
        self.counts.addWidget(label(t("ui.deadlines.count_soon", count=soon, days=SOON_DAYS), "muted"))
        waiting = sum(1 for line in book.lines if line.state is LineState.WAITING)
        if waiting:
            self.counts.addWidget(label(t("ui.deadlines.count_waiting", count=waiting), "muted"))
        self.counts.addStretch(1)

    def _show_moved(self, lines: tuple[DeadlineLine, ...]) -> None:
        """Tell which days are no longer the ones that papers print, since a calendar was announced."""
        clear(self.moved)
        for line in lines:
            if line.printed_on is not None and line.due_on is not None:
                said = t(
                    "ui.deadlines.moved",
                    about=line.about,
                    title=term("deadline_rule", line.rule),
                    printed=day(line.printed_on),
                    now=day(line.due_on),
                )
                self.moved.addWidget(mark(Tone.WARN, said))

    @Slot(str)
    def _on_visit_wanted(self, visit_id: str) -> None:
        self.desk.messages.go("visits", visit_id)

    @Slot(object)
    def _on_chosen(self, one: Deadline | None) -> None:
        self.open_button.setEnabled(one is not None and one.visit is not None)

    @Slot(object)
    def _on_opened(self, one: Deadline) -> None:
        if one.visit is not None:
            self.desk.messages.go("visits", one.visit.id)

    @Slot()
    def _on_open_clicked(self) -> None:
        one = self.table.current()
        if one is not None:
            self._on_opened(one)
