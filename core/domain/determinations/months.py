"""Counting by calendar months, with one documented rule for days that a month does not have."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """Return the corresponding day `months` later (or earlier), the month's last day where there is none.

    29 February plus 12 months is 28 February; 31 August minus 6 months is 28 or 29 February.
    Days beyond the calendar's ends are held at its first and last day, so that the function is total.
    Source: domain.md 3.4, edge 19 (calendar months, inclusive); 民法典 arts 201 and 202 by analogy, 未核实.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    # Every month has 28 days; only beyond them has the calendar to be asked.
    last = day.day if day.day <= 28 else min(day.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, last)


def is_within(earlier: date, later: date, months: int) -> bool:
    """Return whether `later` is still inside the period of `months` that began on `earlier`.

    The corresponding day itself is inside (inclusive), the day after is outside.
    """
    # No month is shorter than 28 days, so what lies that near needs no calendar.
    return (later - earlier).days <= 28 * months or later <= add_months(earlier, months)


def age_on(born_on: date, day: date) -> int:
    """Return completed years of age on a day; the birthday counts as the new age only from the day after.

    Source: 行政处罚法 art. 30 counts full years (domain.md 3.3 row 6). That a year is full only on the day after
    the birthday follows the rule used in criminal law; 未核实 for penalties, and the milder reading for the party.
    """
    had_birthday = (day.month, day.day) > (born_on.month, born_on.day)
    return max(0, day.year - born_on.year - (0 if had_birthday else 1))
