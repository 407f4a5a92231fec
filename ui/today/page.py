"""今日: one column of cards in the order of need, each with one obvious action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.duties import Urgency
from core.domain.gate_lines import Decision
from core.domain.lists import ListKind, ListVersion
from core.domain.visits import Visit
from core.kernel.changes import Topic
from core.kernel.clock import local_date
from ui.desk import Desk, Session, reading
from ui.i18n import clock_time, day, moment, t, term, words_or_code
from ui.jobs import Lane
from ui.sync.news import News, news_from_hq, news_lines
from ui.sync.reading import HQ_LISTS_FROM
from ui.sync.state_card import is_old
from ui.sync.words import when
from ui.theme import Tone, px
from ui.visits.gate_line import TONES
from ui.waiting import Deadline, read_deadlines
from ui.widgets.basic import Card, EmptyState, box, button, clear, label, mark, row, scrolled
from ui.widgets.page import Page

CORRECTION_SOON_DAYS = 3
TO_FINISH_SHOWN = 6
UPCOMING_SHOWN = 5
SINCE = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """What the page shows."""

    work: Any
    """core.services.visit_views.Today"""
    visits: dict[str, Visit]
    """The visits that clocks speak of, by id."""
    fresh_lists: tuple[ListVersion, ...]
    """Lists of our own import; what headquarters published is in `news`."""
    news: News
    sync: Any
    """core.station.sync.SyncStatus"""
    papers: tuple[Deadline, ...]
    """What papers started and what is overdue or ends within days."""


def read_day(session: Session) -> Day:
    """Return the day as the services see it."""
    reader = reading(session)
    work = reader.visits.today()
    now = session.clock.now()
    return Day(
        work=work,
        visits={one.visit: reader.visits.show(one.visit).visit for one in work.clocks},
        fresh_lists=_fresh_lists(session, now),
        news=news_from_hq(session, since=now - SINCE),
        sync=session.sync.status(),
        papers=tuple(one for one in read_deadlines(session) if one.line is not None and _is_near(one)),
    )


def _is_near(one: Deadline) -> bool:
    return one.is_overdue or (one.days_left is not None and one.days_left <= CORRECTION_SOON_DAYS)


def _fresh_lists(session: Session, now: datetime) -> tuple[ListVersion, ...]:
    newest = (session.reference.versions(kind) for kind in ListKind)
    ends = (versions[-1] for versions in newest if versions)
    return tuple(one for one in ends if one.imported_at >= now - SINCE and one.version < HQ_LISTS_FROM)


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
        work = found.work
        for due in sorted(self._due_lines(found), key=lambda one: not one[3]):
            self._add_due(*due)
        self._add_paper_deadlines(found.papers)
        for visit in work.under_way:
            self._add_visit(visit, Tone.ACCENT, t("ui.today.running"), t("ui.today.go_on"))
        for one in work.due:
            self._add_planned(one.visit, one.decision, one.gates)
        if not (work.clocks or work.under_way or work.due):
            begin = button(t("ui.today.scan"), self._on_scan_clicked, role="main", icon="scan-qr-code")
            self.cards.addWidget(EmptyState(t("ui.today.empty"), begin, icon="calendar-check"))
        for visit in work.to_finish[:TO_FINISH_SHOWN]:
            self._add_visit(visit, None, term("visit_state", visit.state), t("ui.today.finish"))
        self._add_upcoming(work.upcoming)
        self._add_news(found.news)
        self._add_lists(found.fresh_lists)
        self._add_unsynced(found.sync, now)
        self.cards.addStretch(1)

    def _due_lines(self, found: Day) -> list[tuple[Visit, str, datetime | None, bool]]:
        """Return visit, duty, instant and whether it is overdue, for every clock and every correction due soon."""
        lines: list[tuple[Visit, str, datetime | None, bool]] = []
        for clock in found.work.clocks:
            words = t(f"ui.today.duty_{clock.duty.value}")
            lines.append((found.visits[clock.visit], words, clock.due_at, clock.urgency is Urgency.OVERDUE))
        for one in found.work.corrections:
            if one.days_left <= CORRECTION_SOON_DAYS:
                words = t("ui.today.correction", day=day(one.correct_by))
                lines.append((one.visit, words, None, one.days_left < 0))
        return lines

    def _add_due(self, visit: Visit, duty: str, at: datetime | None, is_overdue: bool) -> None:
        tone = Tone.BLOCK if is_overdue else Tone.WARN
        words = t("ui.today.overdue") if is_overdue else t("ui.today.due")
        when = moment(at) if at is not None else ""
        card = Card(tone=tone)
        card.add(box(row(mark(tone, words), label(duty, "strong"), label(when, "muted"), None)))
        card.add(self._enterprise_row(visit, t("ui.today.deal")))
        self.cards.addWidget(card)

    def _add_paper_deadlines(self, lines: tuple[Deadline, ...]) -> None:
        """Show what papers started and what ends within days, as one card of links."""
        if not lines:
            return
        is_late = any(one.is_overdue for one in lines)
        card = Card(
            label(t("ui.today.papers_due", count=len(lines)), "strong"), tone=Tone.BLOCK if is_late else Tone.WARN
        )
        for one in lines[:UPCOMING_SHOWN]:
            when = day(one.day) if one.day is not None else ""
            words = t("ui.today.overdue") if one.is_overdue else t("ui.today.due")
            made = button(f"{words}   {when}   {one.what}", self._on_deadline_clicked, role="link")
            made.setObjectName(one.visit.id if one.visit is not None else "")
            card.add(made)
        self.cards.addWidget(card)

    @Slot()
    def _on_deadline_clicked(self) -> None:
        visit = self.sender().objectName()
        self.desk.messages.go("visits" if visit else "deadlines", visit or None)

    def _add_upcoming(self, visits: tuple[Visit, ...]) -> None:
        if not visits:
            return
        card = Card(label(t("ui.today.upcoming", count=len(visits)), "strong"))
        for visit in visits[:UPCOMING_SHOWN]:
            made = button(
                f"{moment(visit.planned_from)}   {visit.enterprise_name}", self._on_visit_clicked, role="link"
            )
            made.setObjectName(visit.id)
            card.add(made)
        self.cards.addWidget(card)

    def _add_visit(self, visit: Visit, tone: Tone | None, words: str, action: str) -> None:
        card = Card(tone=tone)
        card.add(box(row(label(words, "strong"), label(moment(visit.planned_from), "muted"), None)))
        card.add(self._enterprise_row(visit, action))
        self.cards.addWidget(card)

    def _add_planned(self, visit: Visit, decision: Decision, gates: tuple[Any, ...]) -> None:
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

    def _add_news(self, news: News) -> None:
        lines = news_lines(news)
        if not lines:
            return
        card = Card(label(t("ui.today.news"), "strong"))
        for words in lines:
            card.add(label(words, wrap=True))
        card.add(box(row(button(t("ui.today.see_sync"), self._on_news_clicked, role="link"), None)))
        self.cards.addWidget(card)

    def _add_unsynced(self, status: Any, now: datetime) -> None:
        if not status.unconfirmed and not status.clash_count:
            return
        is_late = status.is_enrolled and is_old(status.oldest_unsynced_at, now)
        card = Card(tone=Tone.WARN if is_late or status.clash_count else None)
        if status.unconfirmed:
            words = t("ui.today.unsynced", count=f"{status.unconfirmed:,}")
            card.add(mark(Tone.WARN, words) if is_late else label(words, "strong"))
        if status.oldest_unsynced_at is not None:
            card.add(label(t("ui.sync.oldest", when=when(status.oldest_unsynced_at, now)), "muted"))
        if status.clash_count:
            card.add(mark(Tone.WARN, t("ui.today.clashes", count=status.clash_count)))
        if status.unconfirmed:
            more = t("ui.today.unsynced_more") if status.is_enrolled else t("ui.today.not_enrolled_more")
            card.add(label(more, "muted", wrap=True))
        if status.clash_count:
            action = button(t("ui.today.to_decide"), self._on_decide_clicked, role="link")
        elif status.is_enrolled:
            action = button(t("ui.today.to_sync"), self._on_sync_clicked, role="link")
        else:
            action = button(t("ui.today.backup"), self._on_backup_clicked, role="link")
        card.add(box(row(action, None)))
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
    def _on_news_clicked(self) -> None:
        self.desk.messages.go("sync", "supply")

    @Slot()
    def _on_decide_clicked(self) -> None:
        self.desk.messages.go("sync", "decide")

    @Slot()
    def _on_sync_clicked(self) -> None:
        self.desk.messages.go("sync", "statement")

    @Slot()
    def _on_backup_clicked(self) -> None:
        self.desk.messages.go("settings", "station")
