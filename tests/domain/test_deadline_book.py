"""Rows that are no counted periods, and every official calendar that is known."""

import tomllib
from datetime import date, timedelta

import chinese_calendar  # pyright: ignore[reportMissingTypeStubs]  # it ships none
import pytest
from chinese_calendar import constants  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from hypothesis import given
from hypothesis import strategies as st

from core.domain.catalog import CalendarDay
from core.domain.deadline_book import (
    FixedDay,
    Rate,
    Start,
    late_fee_cents,
    read_other_rules,
    read_triggers,
    without_period,
)
from core.domain.deadlines import DeadlineRule, DeadlineUnit, WorkCalendar, due, read_rules
from core.domain.documents import DocumentKind
from core.kernel.errors import Refusal
from core.kernel.resources import resources_dir

RULES = resources_dir() / "rules"
PLAIN = tomllib.loads((RULES / "deadlines.toml").read_text("utf-8"))
BOOK, OTHER = read_rules(PLAIN), read_other_rules(PLAIN)
TRIGGERS = read_triggers(tomllib.loads((RULES / "deadline_triggers.toml").read_text("utf-8")))
FIRST_YEAR, LAST_YEAR = 2004, 2026
LATE_FEE = OTHER.rates[0]
DUE = date(2026, 3, 23)

# The announced days alone: holidays, and weekend days that are worked.
ANNOUNCED = [
    *(CalendarDay(id=d.isoformat(), day=d, is_working=False) for d in constants.holidays),
    *(CalendarDay(id=d.isoformat(), day=d, is_working=True) for d in constants.workdays),
]
ALL_YEARS = WorkCalendar(ANNOUNCED)


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def test_the_library_knows_the_years_that_we_promise() -> None:
    assert ALL_YEARS.years == frozenset(range(FIRST_YEAR, LAST_YEAR + 1))


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_no_day_of_any_official_year_deviates(year: int) -> None:
    assert [day for day in days_of(year) if ALL_YEARS.is_working(day) != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_no_count_of_working_days_in_any_official_year_deviates(year: int) -> None:
    lengths = sorted({r.length for r in BOOK.rules if r.unit is DeadlineUnit.WORKING_DAYS and r.length})
    assert lengths == [2, 3, 5, 7, 10, 15, 20]
    worked = [day for day in days_of(year) if chinese_calendar.is_workday(day)]
    deviating = [
        (day, length)
        for day in days_of(year)
        for length in lengths
        if len(after := [one for one in worked if one > day][:length]) == length
        and ALL_YEARS.working_day_after(day, working_days=length) != after[-1]
    ]
    assert deviating == []


COUNTED_IN_DAYS = [
    rule for rule in BOOK.rules if rule.unit in {DeadlineUnit.WORKING_DAYS, DeadlineUnit.CALENDAR_DAYS} and rule.length
]


@given(st.dates(date(FIRST_YEAR + 1, 1, 1), date(LAST_YEAR, 6, 1)), st.sampled_from(COUNTED_IN_DAYS))
def test_a_period_never_ends_on_its_first_day_nor_on_a_holiday_if_it_rolls(day: date, rule: DeadlineRule) -> None:
    on = due(rule, day, work_calendar=ALL_YEARS).on
    assert (on < day) is rule.backwards
    assert on != day
    assert not rule.rolls or chinese_calendar.is_workday(on)


def test_every_row_of_the_table_is_there() -> None:
    rows = {rule.row for rule in BOOK.rules} | {one.row for one in OTHER.all()}
    assert rows == set(range(1, 39))


def test_every_row_has_its_article() -> None:
    assert all(one.citation and one.confidence for one in (*BOOK.rules, *OTHER.all()))


def test_paid_on_the_last_day_costs_nothing_more() -> None:
    assert late_fee_cents(LATE_FEE, 100_000, due_on=DUE, paid_on=DUE) == 0


def test_each_day_late_costs_three_per_cent() -> None:
    assert late_fee_cents(LATE_FEE, 100_000, due_on=DUE, paid_on=DUE + timedelta(days=1)) == 3_000
    assert late_fee_cents(LATE_FEE, 100_000, due_on=DUE, paid_on=DUE + timedelta(days=33)) == 99_000


def test_the_late_fee_never_passes_the_fine() -> None:
    assert late_fee_cents(LATE_FEE, 100_000, due_on=DUE, paid_on=DUE + timedelta(days=34)) == 100_000


@given(st.integers(0, 10**9), st.integers(-400, 4000))
def test_the_late_fee_is_never_negative_and_never_above_the_fine(fine: int, days: int) -> None:
    assert 0 <= late_fee_cents(LATE_FEE, fine, due_on=DUE, paid_on=DUE + timedelta(days=days)) <= fine


def test_days_of_a_test_do_not_count() -> None:
    assert without_period(DUE, first=date(2026, 3, 10), last=date(2026, 3, 19)) == date(2026, 4, 2)


def test_a_test_on_the_last_day_still_moves_the_end() -> None:
    assert without_period(DUE, first=DUE, last=DUE) == DUE + timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 3, 11), date(2026, 3, 10), "deadlines.period_backwards"),
        (DUE + timedelta(days=1), DUE + timedelta(days=2), "deadlines.period_after_end"),
    ],
)
def test_an_impossible_test_period_is_refused(first: date, last: date, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        without_period(DUE, first=first, last=last)
    assert refused.value.code == code


def test_the_plan_is_filed_on_the_same_day_each_year() -> None:
    rule = OTHER.find("35")
    assert isinstance(rule, FixedDay)
    assert [rule.of_year(year) for year in (2026, 2027)] == [date(2026, 3, 31), date(2027, 3, 31)]


def test_the_other_kinds_are_found_by_row_or_id() -> None:
    assert isinstance(OTHER.find("7"), Rate)
    assert OTHER.find("7") == OTHER.find("late_fee")
    assert OTHER.find("test_period") == OTHER.find("15")
    assert OTHER.find("1") is None


def test_every_trigger_names_a_rule_and_papers_that_exist() -> None:
    kinds = {kind.value for kind in DocumentKind}
    assert {trigger.rule for trigger in TRIGGERS} <= {rule.id for rule in BOOK.rules}
    assert all(set(trigger.kinds) | set(trigger.ends_with) <= kinds for trigger in TRIGGERS)


def test_every_remedy_runs_from_service() -> None:
    started = {trigger.rule: trigger.start for trigger in TRIGGERS}
    assert {started[rule] for rule in ("reconsideration", "suit_direct", "fine_payment")} == {Start.SERVED}
