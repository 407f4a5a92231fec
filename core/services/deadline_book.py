"""The deadlines that run: of every paper and visit, recounted on the calendar in force, with what the paper says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple, TypeVar

from core.domain.catalog import Subject
from core.domain.deadline_book import (
    DeadlineLine,
    FixedDay,
    LineState,
    OtherRules,
    Rate,
    Start,
    Trigger,
    Whose,
    most_pressing_first,
    read_other_rules,
    read_triggers,
    state_of_line,
)
from core.domain.deadlines import Due, WorkCalendar
from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.duties import open_clocks
from core.domain.gate_settings import GateSettings
from core.domain.lists import ListKind, ListVersion
from core.domain.plans import Plan
from core.domain.service_receipts import ServiceReceipt, ServiceState
from core.domain.visits import Visit, VisitState
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Trouble
from core.kernel.records import Record, changed
from core.kernel.resources import resources_dir
from core.services.deadlines import Deadlines
from core.services.ports import OpenWork, Reference, Work

_SHOWN = frozenset({LineState.RUNNING, LineState.DUE_TODAY, LineState.OVERDUE, LineState.UNKNOWN})
_EXTENSION = "sealing_extended"
R = TypeVar("R", Document, ServiceReceipt)


class _Papers(Record):
    """The papers and services of one visit."""

    visit: Visit
    field: str
    documents: tuple[Document, ...]
    served: dict[str, ServiceReceipt]


class _Count(NamedTuple):
    """What one reading of the book counts on: the same calendar for every line."""

    today: date
    versions: tuple[ListVersion, ...]
    calendar: WorkCalendar


_OWING = tuple(state for state in VisitState if state not in (VisitState.CLOSED, VisitState.ARCHIVED))
"""States in which a visit itself may still owe something; what it owed was made good before it was closed."""
_CHUNK = 500


class RunningDeadlines:
    """Reads the book. Nothing is stored: it is counted anew from papers, proofs of service and the calendar.

    Args:
        subject: Name of the body whose annual plan is watched; empty: none.
    """

    def __init__(
        self,
        open_work: OpenWork,
        reference: Reference,
        clock: Clock,
        deadlines: Deadlines,
        settings: GateSettings,
        *,
        subject: str = "",
    ) -> None:
        self._open_work = open_work
        self._reference = reference
        self._clock = clock
        self._deadlines = deadlines
        self._settings = settings
        self._subject = subject

    def open(self, today: date | None = None) -> tuple[DeadlineLine, ...]:
        """Return what runs or is overdue on a local day (by default today), the most pressing first.

        A right of the party that has expired and a deadline that waits for proof of service are not in it; `all`
        has them.
        """
        return tuple(line for line in self.all(today) if line.state in _SHOWN)

    def month(self, year: int, month: int) -> dict[date, tuple[DeadlineLine, ...]]:
        """Return the lines that end in a month, by local day; days without any are left out."""
        found: dict[date, tuple[DeadlineLine, ...]] = {}
        for line in self.all():
            if line.due_on is not None and (line.due_on.year, line.due_on.month) == (year, month):
                found[line.due_on] = (*found.get(line.due_on, ()), line)
        return dict(sorted(found.items()))

    def of_visit(self, visit_id: str, today: date | None = None) -> tuple[DeadlineLine, ...]:
        """Return every line of one visit, expired and waiting ones too.  Raises Refusal "store.not_found"."""
        day = today or local_date(self._clock.now())
        with self._open_work() as work:
            papers = self._papers(work, work.table(Visit).get(visit_id))
        count = self._count(day)
        return self._sorted([*self._of_papers(papers, count), *self._of_visit(papers.visit, day)])

    def of_document(self, document_id: str, today: date | None = None) -> tuple[DeadlineLine, ...]:
        """Return the lines that one paper starts.  Raises Refusal "store.not_found"."""
        with self._open_work() as work:
            visit = work.table(Document).get(document_id).visit
        return tuple(line for line in self.of_visit(visit, today) if line.document == document_id)

    def all(self, today: date | None = None) -> tuple[DeadlineLine, ...]:
        """Return every line of every visit that is not archived."""
        day = today or local_date(self._clock.now())
        with self._open_work() as work:
            papers = self._with_clocks(work)
            owing = work.table(Visit).where(state=_OWING)
        count = self._count(day)
        lines = [line for one in papers for line in self._of_papers(one, count)]
        lines += [line for visit in owing for line in self._of_visit(visit, day)]
        return self._sorted([*lines, *self._fixed(day)])

    def _with_clocks(self, work: Work) -> list[_Papers]:
        """Return the visits with papers that start or end a deadline; of a big store, only these are read."""
        papers = _by_visit(work.table(Document).where(kind=_clock_kinds()))
        found: list[_Papers] = []
        for some in _chunks(sorted(papers)):
            served = _by_visit(work.table(ServiceReceipt).where(visit=some))
            found += [
                self._papers_of(visit, papers[visit.id], served.get(visit.id, ()))
                for visit in work.table(Visit).where(id=some)
                if visit.state is not VisitState.ARCHIVED
            ]
        return found

    def moved(self) -> tuple[DeadlineLine, ...]:
        """Return the lines whose day differs from what their paper says since a calendar was announced."""
        return tuple(line for line in self.all() if line.printed_on is not None)

    @staticmethod
    def _sorted(lines: Iterable[DeadlineLine]) -> tuple[DeadlineLine, ...]:
        return tuple(sorted(lines, key=most_pressing_first))

    def _papers(self, work: Work, visit: Visit) -> _Papers:
        documents = work.table(Document).where(visit=visit.id)
        return self._papers_of(visit, documents, work.table(ServiceReceipt).where(visit=visit.id))

    def _papers_of(self, visit: Visit, documents: Iterable[Document], receipts: Iterable[ServiceReceipt]) -> _Papers:
        found = self._reference.where(Subject, version=visit.list_versions.get("subjects"), name=visit.subject)
        return _Papers(
            visit=visit,
            field=found[0].field if found else "",
            documents=tuple(one for one in documents if one.state is not DocumentState.SPOILED),
            served={one.document: one for one in receipts if one.state is ServiceState.PROVEN},
        )

    def _count(self, today: date) -> _Count:
        versions = tuple(self._reference.versions(ListKind.CALENDAR))
        return _Count(today, versions, self._deadlines.calendar_of(versions[-1]) if versions else WorkCalendar(()))

    def _of_papers(self, papers: _Papers, count: _Count) -> list[DeadlineLine]:
        lines = [
            line
            for trigger in triggers()
            if _fits_field(trigger, papers.field)
            for document in papers.documents
            if document.kind.value in trigger.kinds
            for line in self._of_trigger(trigger, document, papers, count)
        ]
        return [*lines, *self._extensions(papers, count)]

    def _of_trigger(
        self, trigger: Trigger, document: Document, papers: _Papers, count: _Count
    ) -> tuple[DeadlineLine, ...]:
        if _is_ended(trigger, document, papers):
            return ()
        if trigger.start is Start.ISSUED:
            started = local_date(document.made_at)
        else:
            started = _served_on(document, papers)
        return (self._line(trigger.rule, trigger.whose, document, started, count),)

    def _line(
        self, rule_id: str, whose: Whose, document: Document, started: date | None, count: _Count
    ) -> DeadlineLine:
        rule = self._deadlines.rule(rule_id)
        line = DeadlineLine(
            rule=rule.id,
            title=rule.title,
            start=rule.start,
            started_on=started,
            state=LineState.WAITING,
            whose=whose,
            citation=rule.citation,
            is_verified=rule.is_verified,
            visit=document.visit,
            document=document.id,
            about=f"{document.title} {document.number}".strip(),
        )
        if started is None:
            return line
        try:
            found = self._deadlines.due(rule_id, started, calendar=count.calendar)
        except Trouble as trouble:
            year = trouble.params.get("year")
            return changed(line, state=LineState.UNKNOWN, missing_year=year if isinstance(year, int) else None)
        return self._with_old_day(_dated(line, found, count.today), document, started, count.versions)

    def _with_old_day(
        self, line: DeadlineLine, document: Document, started: date, versions: Sequence[ListVersion]
    ) -> DeadlineLine:
        """Add the day that the calendar of the paper's own time gives, if it is another."""
        then = [one for one in versions if one.imported_at <= document.made_at]
        if not versions or not then or then[-1].version == versions[-1].version:
            return line
        try:
            old = self._deadlines.due(line.rule, started, calendar=self._deadlines.calendar_of(then[-1]))
        except Trouble:
            # The paper printed no day: the calendar of its year was not announced yet.
            return changed(line, calendar_then=then[-1].version, calendar_now=versions[-1].version)
        if old.on == line.due_on:
            return line
        return changed(line, printed_on=old.on, calendar_then=then[-1].version, calendar_now=versions[-1].version)

    def _extensions(self, papers: _Papers, count: _Count) -> list[DeadlineLine]:
        """Return the ends of extended sealings: thirty days from the end of the first thirty."""
        first = [one for one in papers.documents if one.kind is DocumentKind.SEALING_DECISION]
        extended = [one for one in papers.documents if one.kind is DocumentKind.SEALING_EXTENSION]
        if not first or not extended:
            return []
        try:
            begin: date | None = self._deadlines.due(
                "sealing", local_date(first[-1].made_at), calendar=count.calendar
            ).on
        except Trouble:
            begin = None
        return [self._line(_EXTENSION, Whose.BODY, extended[-1], begin, count)]

    def _of_visit(self, visit: Visit, today: date) -> list[DeadlineLine]:
        lines: list[DeadlineLine] = []
        about = visit.enterprise_name
        if visit.correct_by is not None and visit.state is VisitState.CORRECTING:
            lines.append(
                DeadlineLine(
                    rule="correction",
                    title="责令改正期限",
                    start="责令改正之日",
                    due_on=visit.correct_by,
                    days_left=(visit.correct_by - today).days,
                    state=_overdue_or(visit.correct_by, today),
                    whose=Whose.PARTY,
                    citation="行政处罚法第二十八条第一款",
                    is_verified=True,
                    visit=visit.id,
                    about=about,
                )
            )
        for clock in open_clocks(visit, self._clock.now(), self._settings):
            on = local_date(clock.due_at) if clock.due_at else None
            lines.append(
                DeadlineLine(
                    rule=f"duty.{clock.duty.value}",
                    title=_DUTIES[clock.duty.value],
                    start="例外情形登记之时",
                    started_on=local_date(clock.opened_at),
                    due_on=on,
                    due_at=clock.due_at,
                    days_left=(on - today).days if on else None,
                    state=_instant_state(clock.due_at, self._clock.now(), today),
                    whose=Whose.BODY,
                    citation="本站期限设置",
                    is_verified=False,
                    visit=visit.id,
                    about=about,
                )
            )
        return lines

    def _fixed(self, today: date) -> list[DeadlineLine]:
        """Return the fixed days of this year that the body has not met; a plan with its filing date meets its day."""
        if not self._subject:
            return []
        plans = self._reference.where(Plan, subject=self._subject)
        if any(plan.year == today.year and plan.filed_on is not None for plan in plans):
            return []
        return [_fixed_line(one, today, self._subject) for one in other_rules().fixed]


def _by_visit(records: Iterable[R]) -> dict[str, list[R]]:
    found: dict[str, list[R]] = {}
    for one in records:
        found.setdefault(one.visit, []).append(one)
    return found


def _chunks(identifiers: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(identifiers[at : at + _CHUNK]) for at in range(0, len(identifiers), _CHUNK))


_DUTIES = {"approval": "补办检查审批", "scan": "补扫码登记", "upload": "补传扫码记录"}


def _dated(line: DeadlineLine, found: Due, today: date) -> DeadlineLine:
    return changed(
        line,
        due_on=found.on,
        due_at=found.at,
        days_left=(found.on - today).days,
        state=state_of_line(found.on, today, line.whose),
        is_verified=found.is_verified,
    )


def _fits_field(trigger: Trigger, field: str) -> bool:
    if trigger.field:
        return field == trigger.field
    return not trigger.not_field or field != trigger.not_field


def _is_ended(trigger: Trigger, document: Document, papers: _Papers) -> bool:
    if trigger.ends_on == "served" and _served_on(document, papers) is not None:
        return True
    # A paper of an earlier act cannot end a later one.
    return any(one.kind.value in trigger.ends_with and one.made_at >= document.made_at for one in papers.documents)


def _served_on(document: Document, papers: _Papers) -> date | None:
    receipt = papers.served.get(document.id)
    return receipt.served_on if receipt is not None else None


def _overdue_or(on: date, today: date) -> LineState:
    # An uncorrected order is ours to follow up, so it is overdue and never merely expired.
    return state_of_line(on, today, Whose.BODY)


def _instant_state(at: datetime | None, now: datetime, today: date) -> LineState:
    if at is None:
        return LineState.DUE_TODAY
    if now > at:
        return LineState.OVERDUE
    return LineState.DUE_TODAY if local_date(at) == today else LineState.RUNNING


def _fixed_line(rule: FixedDay, today: date, subject: str) -> DeadlineLine:
    on = rule.of_year(today.year)
    return DeadlineLine(
        rule=rule.id,
        title=rule.title,
        start="每年",
        due_on=on,
        days_left=(on - today).days,
        state=state_of_line(on, today, Whose.BODY),
        whose=Whose.BODY,
        citation=rule.citation,
        is_verified=rule.confidence == "V",
        about=subject,
    )


@cache
def other_rules() -> OtherRules:
    """Return rows 7, 15 and 35."""
    return read_other_rules(tomllib.loads((resources_dir() / "rules" / "deadlines.toml").read_text("utf-8")))


@cache
def triggers() -> Sequence[Trigger]:
    """Return which papers start which deadlines."""
    plain = tomllib.loads((resources_dir() / "rules" / "deadline_triggers.toml").read_text("utf-8"))
    return read_triggers(plain)


@cache
def _clock_kinds() -> tuple[DocumentKind, ...]:
    """Return the kinds of papers that start or end a deadline."""
    named = {kind for one in triggers() for kind in (*one.kinds, *one.ends_with)}
    extra = {DocumentKind.SEALING_DECISION, DocumentKind.SEALING_EXTENSION}
    return tuple(sorted({DocumentKind(kind) for kind in named} | extra))


def late_fee_rule() -> Rate:
    """Return row 7."""
    return other_rules().rates[0]
