"""The book of deadlines: what starts, waits, runs, ends, and what a newly announced calendar moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.domain.catalog import CalendarDay
from core.domain.deadline_book import DeadlineLine, LineState, Whose
from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.gate_settings import GateSettings
from core.domain.lists import ListKind
from core.domain.service_receipts import ServiceAct, ServiceMethod, ServiceReceipt, ServiceState
from core.domain.visits import Deviation, Duty, EntryPath, Visit, VisitState
from core.kernel.clock import FixedClock
from core.kernel.ids import new_id
from core.kernel.records import changed
from core.kernel.words import catalogue
from core.services.deadline_book import RunningDeadlines, other_rules
from core.services.deadlines import Deadlines
from tests.helpers import builders as b
from tests.helpers.fakes import KIND_OF_ROW, FakeReference, FakeStore

TODAY = date(2026, 3, 10)
HOLIDAY = CalendarDay(id="2026-01-01", day=date(2026, 1, 1), is_working=False)


class Lists(FakeReference):
    """The valid world's lists with one calendar a version."""

    def __init__(self, *calendars: Sequence[CalendarDay], filed_on: date | None = None) -> None:
        super().__init__()
        self.publish(b.list_version(ListKind.SUBJECTS), [b.subject()])
        self.publish(b.list_version(ListKind.PLANS), [b.plan(filed_on=filed_on)])
        for number, days in enumerate(calendars, 1):
            at = b.NOW + timedelta(days=10 * (number - 1) - 1)
            self.publish(b.list_version(ListKind.CALENDAR, number, imported_at=at), days)

    def where(self, row: type[Any], *, version: int | None = None, **equals: Any) -> Sequence[Any]:
        if row is CalendarDay:
            return self._rows(row, version)
        return super().where(row, version=version, **equals)


KIND_OF_ROW.setdefault(CalendarDay, ListKind.CALENDAR)


class Book:
    """A store with one visit and the book over it."""

    def __init__(self, *calendars: Sequence[CalendarDay], filed_on: date | None = date(2026, 1, 9)) -> None:
        self.store = FakeStore()
        self.clock = FixedClock(b.NOW)
        self.store.seed(b.visit(state=VisitState.RECORDED))
        self.lists = Lists(*(calendars or ([HOLIDAY],)), filed_on=filed_on)
        deadlines = Deadlines(self.lists)
        self.book = RunningDeadlines(self.store, self.lists, self.clock, deadlines, GateSettings(), subject=b.BODY)

    def paper(self, kind: DocumentKind, at: datetime = b.NOW, **fields: Any) -> Document:
        paper = Document(
            id=new_id(),
            visit="v-1",
            kind=kind,
            number="1号",
            title=kind.value,
            state=DocumentState.FINAL,
            facts_blob="aa",
            short_code="AAAAA-AAAAA",
            made_at=at,
            made_by="officer-1",
        )
        self.store.seed(changed(paper, **fields))
        return changed(paper, **fields)

    def serve(self, paper: Document, on: date, state: ServiceState = ServiceState.PROVEN) -> None:
        receipt = ServiceReceipt(
            id=new_id(),
            visit="v-1",
            document=paper.id,
            method=ServiceMethod.DIRECT,
            state=state,
            act=ServiceAct(method=ServiceMethod.DIRECT),
            served_on=on if state is ServiceState.PROVEN else None,
            citation="x",
            made_at=b.NOW,
            made_by="officer-1",
        )
        self.store.seed(receipt)

    def visit(self, **fields: Any) -> None:
        self.store.seed(b.visit(state=VisitState.RECORDED, **fields))

    def line(self, rule: str, today: date = TODAY) -> DeadlineLine:
        return next(one for one in self.book.all(today) if one.rule == rule)

    def rules(self, today: date = TODAY) -> list[str]:
        return [one.rule for one in self.book.open(today)]


@pytest.fixture
def book() -> Book:
    return Book()


def test_kept_evidence_runs_seven_working_days_and_ends_with_the_disposal(book: Book) -> None:
    book.paper(DocumentKind.PRESERVATION_NOTICE)
    line = book.line("preservation_disposal")
    assert (line.due_on, line.days_left, line.state) == (date(2026, 3, 19), 9, LineState.RUNNING)
    assert "第五十六条" in line.citation
    book.paper(DocumentKind.PRESERVATION_DISPOSAL)
    assert book.rules() == []


def test_a_disposal_before_the_keeping_does_not_end_it(book: Book) -> None:
    book.paper(DocumentKind.PRESERVATION_DISPOSAL, b.NOW - timedelta(days=1))
    book.paper(DocumentKind.PRESERVATION_NOTICE)
    assert book.rules() == ["preservation_disposal"]


def test_a_spoiled_paper_starts_nothing(book: Book) -> None:
    book.paper(DocumentKind.PRESERVATION_NOTICE, state=DocumentState.SPOILED)
    assert book.book.all(TODAY) == ()


def test_payment_and_remedies_wait_for_proof_of_service(book: Book) -> None:
    penalty = book.paper(DocumentKind.SUMMARY_PENALTY)
    assert book.line("fine_payment").state is LineState.WAITING
    assert "fine_payment" not in book.rules()
    book.serve(penalty, date(2026, 3, 10), ServiceState.UNDER_WAY)
    assert book.line("fine_payment").due_on is None
    book.serve(penalty, date(2026, 3, 12))
    payment, remedy = book.line("fine_payment"), book.line("reconsideration")
    assert (payment.started_on, payment.due_on) == (date(2026, 3, 12), date(2026, 3, 27))
    assert (remedy.due_on, remedy.whose) == (date(2026, 5, 11), Whose.PARTY)


def test_a_right_that_expired_leaves_the_book_and_a_duty_stays(book: Book) -> None:
    served = book.paper(DocumentKind.SUMMARY_PENALTY)
    book.serve(served, date(2026, 3, 10))
    later = date(2026, 6, 1)
    assert book.line("reconsideration", later).state is LineState.EXPIRED
    assert "reconsideration" not in book.rules(later)
    assert book.line("summary_filing", later).state is LineState.OVERDUE
    assert "summary_filing" in book.rules(later)


def test_the_last_day_is_today_and_the_next_day_is_late(book: Book) -> None:
    book.paper(DocumentKind.PRESERVATION_NOTICE)
    states = [book.line("preservation_disposal", date(2026, 3, day)).state for day in (18, 19, 20)]
    assert states == [LineState.RUNNING, LineState.DUE_TODAY, LineState.OVERDUE]


def test_a_decision_is_served_in_seven_working_days_until_it_is(book: Book) -> None:
    decision = book.paper(DocumentKind.PENALTY_DECISION)
    assert "decision_service" in book.rules()
    book.serve(decision, date(2026, 3, 11))
    assert "decision_service" not in book.rules()


def test_only_market_bodies_publish_in_twenty_days(book: Book) -> None:
    book.paper(DocumentKind.PENALTY_DECISION)
    rules = {line.rule: line.is_verified for line in book.book.all(TODAY)}
    assert rules["market_penalty_publication"]
    assert "decision_publication" not in rules


def test_an_extended_sealing_runs_from_the_end_of_the_first(book: Book) -> None:
    book.paper(DocumentKind.SEALING_DECISION)
    book.paper(DocumentKind.SEALING_EXTENSION, b.NOW + timedelta(days=20))
    line = book.line("sealing_extended")
    assert (line.started_on, line.due_on) == (date(2026, 4, 9), date(2026, 5, 9))
    assert "sealing" not in book.rules()


def test_a_calendar_announced_later_shows_both_days() -> None:
    moved = CalendarDay(id="2026-03-13", day=date(2026, 3, 13), is_working=False)
    book = Book([HOLIDAY], [HOLIDAY, moved])
    book.paper(DocumentKind.PRESERVATION_NOTICE)
    line = book.line("preservation_disposal")
    assert (line.due_on, line.printed_on) == (date(2026, 3, 20), date(2026, 3, 19))
    assert (line.calendar_then, line.calendar_now) == (1, 2)
    assert book.book.moved() == (line,)


def test_a_calendar_that_moves_nothing_is_not_noted() -> None:
    book = Book([HOLIDAY], [HOLIDAY, CalendarDay(id="2026-05-01", day=date(2026, 5, 1), is_working=False)])
    book.paper(DocumentKind.PRESERVATION_NOTICE)
    assert book.book.moved() == ()


def test_a_paper_made_under_the_newest_calendar_has_one_day() -> None:
    moved = CalendarDay(id="2026-03-23", day=date(2026, 3, 23), is_working=False)
    book = Book([HOLIDAY], [HOLIDAY, moved])
    book.paper(DocumentKind.PRESERVATION_NOTICE, b.NOW + timedelta(days=11))
    assert book.line("preservation_disposal").printed_on is None


def test_a_year_without_calendar_is_unknown_and_never_guessed(book: Book) -> None:
    book.paper(DocumentKind.PRESERVATION_NOTICE, datetime(2026, 12, 28, 1, tzinfo=UTC))
    line = book.line("preservation_disposal", date(2026, 12, 28))
    assert (line.state, line.due_on, line.missing_year) == (LineState.UNKNOWN, None, 2027)


def test_a_month_shows_what_ends_in_it_by_day(book: Book) -> None:
    book.paper(DocumentKind.PRESERVATION_NOTICE)
    book.paper(DocumentKind.SUMMARY_PENALTY)
    march = book.book.month(2026, 3)
    assert list(march) == [date(2026, 3, 12), date(2026, 3, 19)]
    assert [line.rule for line in march[date(2026, 3, 19)]] == ["preservation_disposal"]
    assert [line.rule for lines in book.book.month(2026, 4).values() for line in lines] == [
        "market_penalty_publication"
    ]


def test_an_ordered_correction_and_a_duty_are_in_the_book(book: Book) -> None:
    owed = Deviation(
        path=EntryPath.EMERGENCY,
        duty=Duty.APPROVAL,
        reason_code="gas_leak",
        opened_at=b.NOW - timedelta(hours=30),
        due_at=b.NOW - timedelta(hours=6),
    )
    book.visit(deviations=(owed,))
    book.store.seed(b.visit(id="v-2", state=VisitState.CORRECTING, correct_by=date(2026, 3, 20)))
    assert book.rules() == ["duty.approval", "correction"]
    assert book.line("duty.approval").state is LineState.OVERDUE
    assert book.line("correction").days_left == 10


def test_the_annual_plan_is_due_until_it_was_filed() -> None:
    assert [one.rule for one in Book(filed_on=None).book.open(TODAY)] == ["annual_plan_filing"]
    assert Book(filed_on=date(2026, 2, 1)).book.open(TODAY) == ()


def test_an_archived_visit_is_not_in_the_book(book: Book) -> None:
    book.paper(DocumentKind.PRESERVATION_NOTICE)
    book.store.seed(b.visit(state=VisitState.ARCHIVED))
    assert book.book.open(TODAY) == ()
    assert book.book.of_visit("v-1", TODAY)[0].rule == "preservation_disposal"


def test_a_paper_is_asked_for_its_own_deadlines(book: Book) -> None:
    first = book.paper(DocumentKind.PRESERVATION_NOTICE)
    book.paper(DocumentKind.SUMMARY_PENALTY)
    assert [line.rule for line in book.book.of_document(first.id, TODAY)] == ["preservation_disposal"]
    assert book.store.all(Visit)[0].id == "v-1"


def test_every_deadline_has_its_title_in_both_languages_and_the_chinese_one_is_the_rules() -> None:
    words = catalogue()
    titles = {one.id: one.title for one in (*Deadlines(Lists()).rules(), *other_rules().all())}
    shown = {name: words[f"ui.term.deadline_rule.{name}"] for name in titles}
    assert {name: one["zh"] for name, one in shown.items()} == titles
    assert all(str(one["en"]).isascii() for one in shown.values())
