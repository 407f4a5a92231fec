"""Deadlines counted on the calendar of the lists."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from core.domain.catalog import CalendarDay
from core.domain.lists import ListKind
from core.kernel.errors import Trouble
from core.services.deadlines import Deadlines
from tests.helpers import builders as b
from tests.helpers.fakes import FakeReference

HOLIDAY = CalendarDay(id="2026-03-09", day=date(2026, 3, 9), is_working=False)


class CalendarReference(FakeReference):
    """Published lists with one calendar a version."""

    def __init__(self, *calendars: Sequence[CalendarDay]) -> None:
        super().__init__()
        self._calendars = calendars
        for number, days in enumerate(calendars, 1):
            self.publish(b.list_version(ListKind.CALENDAR, number), days)

    def where(self, row: type[Any], *, version: int | None = None, **equals: Any) -> Sequence[Any]:
        return self._calendars[(version or 0) - 1]


def test_the_newest_calendar_counts() -> None:
    moved = CalendarDay(id="2026-03-10", day=date(2026, 3, 10), is_working=False)
    deadlines = Deadlines(CalendarReference([HOLIDAY], [HOLIDAY, moved]))
    assert deadlines.due("preservation_disposal", date(2026, 3, 6)).on == date(2026, 3, 19)


def test_without_a_calendar_nothing_is_guessed() -> None:
    with pytest.raises(Trouble) as trouble:
        Deadlines(CalendarReference()).due("1", date(2026, 3, 6))
    assert trouble.value.code == "calendar.year_missing"


def test_every_rule_is_listed_with_its_law() -> None:
    rules = Deadlines(CalendarReference()).rules()
    assert len(rules) == 39
    assert all(rule.citation for rule in rules)
