"""Deadlines (期限): the working-day calendar and the counting of days, months, years and hours.

The rows of domain.md section 4 are data in resources/rules/deadlines.toml. The start day is not counted; a last day
on a holiday rolls forward (民事诉讼法 art. 85). 行政处罚法 art. 85: its 2, 3, 5 and 7 days are working days.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from core.domain.catalog import CalendarDay
from core.kernel.clock import BEIJING
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record

_SATURDAY = 5


class DeadlineUnit(StrEnum):
    """What is counted."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"
    YEARS = "years"
    HOURS = "hours"


class DeadlineRule(Record):
    """One row. `length` is None where no published text gives a number: then it must be configured."""

    id: str
    title: str
    start: str
    """Which event starts it, in words."""
    length: int | None = None
    unit: DeadlineUnit
    citation: str
    confidence: str
    """V verified, 2 second-hand, I inferred, U recalled (domain.md); only V prints without 未核实."""
    rolls: bool = True
    """Whether a last day on a holiday rolls forward."""
    row: int = 0
    """Row of domain.md section 4."""
    backwards: bool = False
    """Counted back from the event: the last day on which the act is still in time."""

    @property
    def is_verified(self) -> bool:
        """Tell whether the text of the law itself was read."""
        return self.confidence == "V"


class Due(Record):
    """The answer: the last day (local), or the last instant for hours, with its law."""

    rule: str
    on: date
    at: datetime | None = None
    """Only for hours."""
    citation: str
    is_verified: bool
    rolled_from: date | None = None
    """The day on which it would have ended without the holiday."""


class WorkCalendar:
    """Which local days are worked. Knows only the years it was given."""

    def __init__(self, days: Iterable[CalendarDay]) -> None:
        """Take the days that differ from the ordinary week. A year counts as known if it has at least one."""
        self._is_working = {day.day: day.is_working for day in days}
        self.years = frozenset(day.year for day in self._is_working)

    def is_working(self, day: date) -> bool:
        """Tell whether the day is worked.  Raises Trouble "calendar.year_missing", params year."""
        if day.year not in self.years:
            raise Trouble("calendar.year_missing", year=day.year)
        return self._is_working.get(day, day.weekday() < _SATURDAY)

    def working_day_after(self, start: date, *, working_days: int) -> date:
        """Return the last of so many working days; the start day is not counted. Negative counts back."""
        step = timedelta(days=1 if working_days >= 0 else -1)
        day, left = start, abs(working_days)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def rolled(self, day: date) -> date:
        """Return the day, or the next working day if it is none."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Return the working days after `start` up to and with `end`; negative if `end` lies before."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def due(rule: DeadlineRule, start: date | datetime, *, work_calendar: WorkCalendar, length: int | None = None) -> Due:
    """Return when a deadline ends.

    Args:
        start: The local day of the event, or an aware instant; hours need the instant.
        length: Overrides the rule's own, for rows without a published number.

    Raises:
        Refusal: "deadlines.length_missing", "deadlines.instant_missing", params rule.
        Trouble: "calendar.year_missing", params year.
    """
    count = rule.length if length is None else length
    if count is None:
        raise Refusal("deadlines.length_missing", rule=rule.title)
    is_verified = rule.is_verified and (length is None or length == rule.length)
    if rule.unit is DeadlineUnit.HOURS:
        if not isinstance(start, datetime):
            raise Refusal("deadlines.instant_missing", rule=rule.title)
        assert start.tzinfo is not None, "hours are counted from an aware instant"
        end = start + timedelta(hours=count)
        on = end.astimezone(BEIJING).date()
        return Due(rule=rule.id, on=on, at=end, citation=rule.citation, is_verified=is_verified)
    day = start.astimezone(BEIJING).date() if isinstance(start, datetime) else start
    last = _last_day(rule.unit, day, -count if rule.backwards else count, work_calendar)
    rolls = rule.rolls and not rule.backwards and rule.unit is not DeadlineUnit.WORKING_DAYS
    end_day = work_calendar.rolled(last) if rolls else last
    return Due(
        rule=rule.id,
        on=end_day,
        citation=rule.citation,
        is_verified=is_verified,
        rolled_from=last if end_day != last else None,
    )


def _last_day(unit: DeadlineUnit, day: date, count: int, work_calendar: WorkCalendar) -> date:
    if unit is DeadlineUnit.WORKING_DAYS:
        return work_calendar.working_day_after(day, working_days=count)
    if unit is DeadlineUnit.CALENDAR_DAYS:
        return day + timedelta(days=count)
    return _months_after(day, count * 12 if unit is DeadlineUnit.YEARS else count)


def _months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day (民法典 art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class DeadlineBook(Record):
    """The rules of resources/rules/deadlines.toml."""

    rules: tuple[DeadlineRule, ...]

    def rule(self, wanted: str) -> DeadlineRule:
        """Return a rule by its id or its row number.  Raises Refusal "deadlines.rule_unknown", params rule."""
        for rule in self.rules:
            if wanted in (rule.id, str(rule.row)):
                return rule
        raise Refusal("deadlines.rule_unknown", rule=wanted)


def read_rules(plain: object) -> DeadlineBook:
    """Build the rules from the plain form of the TOML file; a broken shipped file is a defect."""
    return msgspec.convert(plain, DeadlineBook)
