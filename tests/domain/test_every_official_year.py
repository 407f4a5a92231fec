"""Working days and every deadline against each year whose arrangement the library of official calendars knows."""

from __future__ import annotations

import tomllib
from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import cache

import chinese_calendar  # pyright: ignore[reportMissingTypeStubs]  # it ships none
import pytest

from core.domain.catalog import CalendarDay
from core.domain.deadlines import DeadlineRule, DeadlineUnit, WorkCalendar, due, read_rules
from core.kernel.resources import resources_dir

BOOK = read_rules(tomllib.loads((resources_dir() / "rules" / "deadlines.toml").read_text("utf-8")))
YEARS = sorted({day.year for day in chinese_calendar.holidays})
COUNTED = {
    (rule.unit, rule.length, rule.rolls, rule.backwards): rule
    for rule in BOOK.rules
    if rule.length is not None and rule.unit is not DeadlineUnit.HOURS
}
"""One rule for each way of counting: two rules of seven working days count alike."""


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@cache
def calendar() -> WorkCalendar:
    """Return the calendar as it is imported: only the days that differ from the ordinary week."""
    differing = (
        CalendarDay(id=day.isoformat(), day=day, is_working=chinese_calendar.is_workday(day))
        for year in YEARS
        for day in days_of(year)
        if chinese_calendar.is_workday(day) != (day.weekday() < 5)
    )
    return WorkCalendar(differing)


def test_more_than_ten_official_years_are_known() -> None:
    assert len(YEARS) >= 20
    assert calendar().years == frozenset(YEARS)


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_an_official_year_is_worked_or_not_as_it_was_announced(year: int) -> None:
    wrong = [day for day in days_of(year) if calendar().is_working(day) != chinese_calendar.is_workday(day)]
    assert wrong == []


@cache
def worked() -> list[date]:
    """Return every worked day of the known years, on the library's own answers."""
    return [day for year in YEARS for day in days_of(year) if chinese_calendar.is_workday(day)]


def counted_apart(rule: DeadlineRule, start: date) -> date | None:
    """Return the last day by looking it up in the list of worked days; None: it lies beyond the known years."""
    assert rule.length is not None
    if rule.unit is DeadlineUnit.WORKING_DAYS:
        place = bisect_left(worked(), start) - rule.length if rule.backwards else bisect_right(worked(), start)
        place += 0 if rule.backwards else rule.length - 1
        return worked()[place] if 0 <= place < len(worked()) else None
    if rule.unit is DeadlineUnit.CALENDAR_DAYS:
        day = start + timedelta(days=-rule.length if rule.backwards else rule.length)
    else:
        months = rule.length * (12 if rule.unit is DeadlineUnit.YEARS else 1)
        day = same_day_of_month(start, -months if rule.backwards else months)
    if rule.rolls and not rule.backwards:
        place = bisect_left(worked(), day)
        return worked()[place] if place < len(worked()) else None
    return day


def same_day_of_month(start: date, months: int) -> date:
    first = date(start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1, 1)
    for days in range(start.day - 1, -1, -1):
        found = first + timedelta(days=days)
        if found.month == first.month:
            return found
    raise AssertionError("every month has a first day")


@pytest.mark.parametrize("rule", COUNTED.values(), ids=lambda rule: rule.id)
def test_a_deadline_has_no_deviation_in_any_official_year(rule: DeadlineRule) -> None:
    checked, wrong = 0, []
    for year in YEARS:
        for start in days_of(year):
            wanted = counted_apart(rule, start)
            if wanted is None:
                continue
            checked += 1
            if due(rule, start, work_calendar=calendar()).on != wanted:
                wrong.append(start)
    assert wrong == []
    assert checked > 365 * 10
