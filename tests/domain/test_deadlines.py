"""The working-day calendar and the counting of periods."""

import tomllib
from datetime import UTC, date, datetime, timedelta

import chinese_calendar  # pyright: ignore[reportMissingTypeStubs]  # it ships none
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.catalog import CalendarDay
from core.domain.deadlines import DeadlineRule, DeadlineUnit, WorkCalendar, due, read_rules
from core.kernel.errors import Refusal, Trouble
from core.kernel.resources import resources_dir

BOOK = read_rules(tomllib.loads((resources_dir() / "rules" / "deadlines.toml").read_text("utf-8")))


def official(*years: int) -> WorkCalendar:
    days: list[CalendarDay] = []
    for year in years:
        day = date(year, 1, 1)
        while day.year == year:
            is_working = chinese_calendar.is_workday(day)
            if is_working != (day.weekday() < 5):
                days.append(CalendarDay(id=day.isoformat(), day=day, is_working=is_working))
            day += timedelta(days=1)
    return WorkCalendar(days)


CAL = official(2025, 2026)


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 3, 6), True),
        (date(2026, 3, 7), False),
    ],
)
def test_holidays_and_weekends_are_not_worked(day: date, is_working: bool) -> None:
    assert CAL.is_working(day) is is_working


@given(st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_the_calendar_agrees_with_the_published_arrangement(day: date) -> None:
    assert CAL.is_working(day) == chinese_calendar.is_workday(day)


def test_a_year_without_its_calendar_is_trouble() -> None:
    with pytest.raises(Trouble) as trouble:
        due(BOOK.rule("preservation_disposal"), date(2026, 12, 30), work_calendar=CAL)
    assert (trouble.value.code, trouble.value.params) == ("calendar.year_missing", {"year": 2027})


def test_preservation_is_seven_working_days_over_two_weekends() -> None:
    found = due(BOOK.rule("1"), date(2026, 3, 6), work_calendar=CAL)
    assert found.on == date(2026, 3, 17)
    assert found.is_verified
    assert "第五十六条" in found.citation


def test_the_fine_is_paid_in_fifteen_calendar_days_and_rolls_over_a_weekend() -> None:
    found = due(BOOK.rule("fine_payment"), date(2026, 3, 6), work_calendar=CAL)
    assert (found.on, found.rolled_from) == (date(2026, 3, 23), date(2026, 3, 21))


def test_a_last_day_that_is_worked_does_not_roll() -> None:
    found = due(BOOK.rule("fine_payment"), date(2026, 3, 5), work_calendar=CAL)
    assert (found.on, found.rolled_from) == (date(2026, 3, 20), None)


def test_sealing_never_rolls_to_the_holders_favour() -> None:
    found = due(BOOK.rule("sealing"), date(2026, 3, 6), work_calendar=CAL)
    assert found.on == date(2026, 4, 5)


def test_hours_are_counted_from_the_instant() -> None:
    start = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
    found = due(BOOK.rule("coercion_makeup"), start, work_calendar=CAL)
    assert found.at == start + timedelta(hours=24)
    assert found.on == date(2026, 3, 7)


def test_hours_without_an_instant_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        due(BOOK.rule("coercion_makeup"), date(2026, 3, 6), work_calendar=CAL)
    assert refused.value.code == "deadlines.instant_missing"


def test_an_instant_late_at_night_counts_by_the_day_of_beijing() -> None:
    late = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
    assert due(BOOK.rule("1"), late, work_calendar=CAL).on == date(2026, 3, 17)


def test_months_end_on_the_same_day_or_the_months_last() -> None:
    rule = DeadlineRule(
        id="x", title="x", start="x", length=6, unit=DeadlineUnit.MONTHS, citation="x", confidence="V", rolls=False
    )
    assert due(rule, date(2025, 8, 31), work_calendar=CAL).on == date(2026, 2, 28)


def test_a_hearing_notice_is_counted_back() -> None:
    assert due(BOOK.rule("hearing_notice"), date(2026, 3, 17), work_calendar=CAL).on == date(2026, 3, 6)


def test_a_rule_without_a_published_length_asks_for_one() -> None:
    with pytest.raises(Refusal) as refused:
        due(BOOK.rule("procurator_reply"), date(2026, 3, 6), work_calendar=CAL)
    assert refused.value.code == "deadlines.length_missing"
    given_days = due(BOOK.rule("procurator_reply"), date(2026, 3, 6), work_calendar=CAL, length=10)
    assert not given_days.is_verified


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        BOOK.rule("nothing")
    assert refused.value.code == "deadlines.rule_unknown"


def test_only_rows_whose_text_was_read_are_verified() -> None:
    assert {rule.id for rule in BOOK.rules if not rule.is_verified} >= {"late_scan", "opinion_reply", "summary_filing"}
    assert BOOK.rule("reconsideration").is_verified


def test_the_ids_of_the_rules_are_unique_and_each_cites_something() -> None:
    assert len({rule.id for rule in BOOK.rules}) == len(BOOK.rules)
    assert all(rule.citation and rule.start for rule in BOOK.rules)


@given(st.dates(date(2025, 1, 2), date(2026, 11, 1)), st.integers(1, 20))
def test_working_days_after_and_between_agree(start: date, count: int) -> None:
    end = CAL.working_day_after(start, working_days=count)
    assert CAL.is_working(end)
    assert CAL.working_days_between(start, end) == count
    assert CAL.working_day_after(end, working_days=-count) < end


@given(st.dates(date(2025, 1, 1), date(2026, 9, 1)), st.integers(0, 60))
def test_a_rolled_day_is_the_first_working_day_at_or_after(start: date, count: int) -> None:
    rule = DeadlineRule(
        id="x", title="x", start="x", length=count, unit=DeadlineUnit.CALENDAR_DAYS, citation="x", confidence="V"
    )
    found = due(rule, start, work_calendar=CAL).on
    last = start + timedelta(days=count)
    assert CAL.is_working(found)
    assert CAL.working_days_between(last, found) == (1 if found != last else 0)
