"""今日: one column of cards in the order of need, each with one obvious action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.duties import OpenClock, Urgency, open_clocks
from core.domain.gate_lines import Decision, decide
from core.domain.lists import ListKind, ListVersion
from core.domain.visits import Visit, VisitState
from core.kernel.changes import Topic
from core.kernel.clock import local_date
from ui.desk import Desk, Session
from ui.i18n import clock_time, day, moment, t, term
from ui.jobs import Lane
from ui.theme import Tone, px
from ui.visits.gate_line import TONES
from ui.visits.progress import words_or_code
from ui.widgets.basic import Card, EmptyState, box, button, clear, label, mark, row, scrolled
from ui.widgets.page import Page

BEFORE_ENTRY = (VisitState.DRAFT, VisitState.APPROVED, VisitState.NOTIFIED, VisitState.APPROVAL_PENDING_MAKEUP)
ON_SITE = (VisitState.ARRIVED, VisitState.SCANNED, VisitState.LATE_SCAN_PENDING, VisitState.INSPECTING)
TO_FINISH = (VisitState.RECORDED, VisitState.RESULT_TOLD, VisitState.CORRECTED)
CORRECTION_SOON_DAYS = 3
TO_FINISH_SHOWN = 6


@dataclass(frozen=True)
class Due:
    """Something with a day: a clock of a visit or the end of a correction."""

    visit: Visit
    words: str
    at: datetime | None
    is_overdue: bool


@dataclass(frozen=True)
class Day:
    """What the page shows."""

    due: tuple[Due, ...]
    today: tuple[tuple[Visit, tuple[Any, ...]], ...]
    running: tuple[Visit, ...]
    unfinished: tuple[Visit, ...]
    fresh_lists: tuple[ListVersion, ...]
    unsynced: int


def read_day(session: Session) -> Day:
    """Return the day as the services see it."""
    now = session.clock.now()
    today = local_date(now)
    with session.read_work() as work:
        visits: tuple[Visit, ...] = tuple(work.table(Visit).where())
    due: list[Due] = []
    for visit in visits:
        due += [_due(visit, clock) for clock in open_clocks(visit, now, session.gate_settings)]
        if visit.state is VisitState.CORRECTING and visit.correct_by is not None:
            left = (visit.correct_by - today).days
            if left <= CORRECTION_SOON_DAYS:
                words = t("ui.today.correction", day=day(visit.correct_by))
                due.append(Due(visit, words, None, is_overdue=left < 0))
    planned = [one for one in visits if one.state in BEFORE_ENTRY and local_date(one.planned_from) == today]
    return Day(
        due=tuple(sorted(due, key=lambda one: (not one.is_overdue, one.at or now))),
        today=tuple((one, tuple(session.visits.gates(one.id))) for one in sorted(planned, key=lambda v: v.planned_from)),
        running=tuple(one for one in visits if one.state in ON_SITE),
        unfinished=tuple(one for one in visits if one.state in TO_FINISH),
        fresh_lists=_fresh_lists(session, now),
        unsynced=int(session.unsynced_count()),
    )


def _due(visit: Visit, clock: OpenClock) -> Due:
    words = t(f"ui.today.duty_{clock.duty.value}")
    return Due(visit, words, clock.due_at, is_overdue=clock.urgency is Urgency.OVERDUE)


def _fresh_lists(session: Session, now: datetime) -> tuple[ListVersion, ...]:
    newest = (session.reference.versions(kind) for kind in ListKind)
    since = now - timedelta(days=1)
    return tuple(versions[-1] for versions in newest if versions and versions[-1].imported_at >= since)


class TodayPage(Page):
    """The first page."""

    name: ClassVar[str] = "today"
    icon: ClassVar[str] = "calendar-check"
    topics: ClassVar[frozenset[Topic]] = frozenset(Topic)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        content = QWidget()
        content.setMaximumWidth(px(900))
        self.cards = QVBoxLayout(content)
        self.cards.setContentsMargins(0, 0, px(8), px(16))
        self.cards.setSpacing(px(12))
        self.frame.addWidget(scrolled(content), 1)

    def read(self) -> None:
        self.desk.jobs.run(
            partial(read_day, self.desk.session), self._on_read, self.on_failed, lane=Lane.READ, key="today"
        )

    def _on_read(self, found: Day) -> None:
        clear(self.cards)
        now = self.desk.session.clock.now()
        self.cards.addWidget(label(day(local_date(now)), "hint"))
        for due in found.due:
            self._add_due(due)
        for visit in found.running:
            self._add_visit(visit, Tone.ACCENT, t("ui.today.running"), t("ui.today.go_on"))
        for visit, gates in found.today:
            self._add_planned(visit, gates)
        if not (found.due or found.running or found.today):
            begin = button(t("ui.today.scan"), self._on_scan_clicked, role="main", icon="scan-qr-code")
            self.cards.addWidget(EmptyState(t("ui.today.empty"), begin, icon="calendar-check"))
        for visit in found.unfinished[:TO_FINISH_SHOWN]:
            words = term("visit_state", visit.state)
            self._add_visit(visit, None, words, t("ui.today.finish"))
        self._add_lists(found.fresh_lists)
        self._add_unsynced(found.unsynced)
        self.cards.addStretch(1)

    def _add_due(self, due: Due) -> None:
        tone = Tone.BLOCK if due.is_overdue else Tone.WARN
        when = moment(due.at) if due.at is not None else ""
        words = t("ui.today.overdue") if due.is_overdue else t("ui.today.due")
        card = Card(tone=tone)
        card.add(box(row(mark(tone, words), label(due.words, "strong"), label(when, "muted"), None)))
        card.add(self._enterprise_row(due.visit, t("ui.today.deal")))
        self.cards.addWidget(card)

    def _add_visit(self, visit: Visit, tone: Tone | None, words: str, action: str) -> None:
        card = Card(tone=tone)
        card.add(box(row(label(words, "strong"), label(moment(visit.planned_from), "muted"), None)))
        card.add(self._enterprise_row(visit, action))
        self.cards.addWidget(card)

    def _add_planned(self, visit: Visit, gates: tuple[Any, ...]) -> None:
        decision = decide(gates, visit.overrides)
        tone = {Decision.OPEN: Tone.PASS, Decision.NEEDS_REASON: Tone.WARN, Decision.BLOCKED: Tone.BLOCK}[decision]
        card = Card(tone=Tone.ACCENT)
        window = f"{clock_time(visit.planned_from)}–{clock_time(visit.planned_to)}"
        card.add(
            box(
                row(
                    label(window, "strong"),
                    label(term("visit_kind", visit.kind)),
                    label(term("visit_state", visit.state), "muted"),
                    None,
                    mark(tone, t(f"ui.today.gates_{decision.value}")),
                )
            )
        )
        stopping = [line for line in gates if str(line.verdict) != "pass"][:2]
        for line in stopping:
            why = words_or_code("gate.why", line.why) if line.why else ""
            tone = TONES[str(line.verdict)]
            card.add(label(f"{words_or_code('gate.name', line.gate)}  {why}", "muted", tone=tone, wrap=True))
        card.add(self._enterprise_row(visit, t("ui.today.begin")))
        self.cards.addWidget(card)

    def _enterprise_row(self, visit: Visit, action: str) -> QWidget:
        name = label(visit.enterprise_name, "section")
        made = button(action, self._on_visit_clicked, icon="arrow-right")
        made.setObjectName(visit.id)
        made.setAccessibleName(f"{action} {visit.enterprise_name}")
        words = label(f"{visit.uscc}   {visit.address}", "muted", wrap=True)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(2)
        left.addWidget(name)
        left.addWidget(words)
        whole = row(box(left), made, spacing=12)
        whole.setStretch(0, 1)
        return box(whole)

    def _add_lists(self, versions: tuple[ListVersion, ...]) -> None:
        if not versions:
            return
        parts = [f"{term('list_kind', one.kind)} v{one.version}({one.row_count:,})" for one in versions]
        card = Card(label(t("ui.today.lists"), "strong"), label(" · ".join(parts), "muted", wrap=True))
        card.add(box(row(button(t("ui.today.see_lists"), self._on_lists_clicked, role="link"), None)))
        self.cards.addWidget(card)

    def _add_unsynced(self, count: int) -> None:
        if not count:
            return
        card = Card(label(t("ui.today.unsynced", count=f"{count:,}"), "strong"))
        card.add(label(t("ui.today.unsynced_more"), "muted", wrap=True))
        card.add(box(row(button(t("ui.today.backup"), self._on_backup_clicked, role="link"), None)))
        self.cards.addWidget(card)

    @Slot()
    def _on_visit_clicked(self) -> None:
        self.desk.messages.go("visits", self.sender().objectName())

    @Slot()
    def _on_scan_clicked(self) -> None:
        self.desk.messages.go("visits")

    @Slot()
    def _on_lists_clicked(self) -> None:
        self.desk.messages.go("lists")

    @Slot()
    def _on_backup_clicked(self) -> None:
        self.desk.messages.go("settings", "station")
