"""Deadlines: the shipped rules counted on the working-day calendar in force."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from functools import cache

from core.domain.catalog import CalendarDay
from core.domain.deadlines import DeadlineBook, DeadlineRule, Due, WorkCalendar, due, read_rules
from core.domain.lists import ListKind
from core.kernel.resources import resources_dir
from core.services.ports import Reference


class Deadlines:
    """Answers when something is due, with its law."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    def rules(self) -> tuple[DeadlineRule, ...]:
        """Return every rule in the order of domain.md section 4."""
        return _book().rules

    def due(self, rule: str, start: date | datetime, *, length: int | None = None) -> Due:
        """Return when a deadline ends.

        Args:
            rule: Its id or its row number.
            start: Local day of the event, or an aware instant; hours need the instant.
            length: For rules without a published number.

        Raises:
            Refusal: "deadlines.rule_unknown", "deadlines.length_missing", "deadlines.instant_missing".
            Trouble: "calendar.year_missing", params year.
        """
        return due(_book().rule(rule), start, work_calendar=self.calendar(), length=length)

    def calendar(self) -> WorkCalendar:
        """Return the newest working-day calendar; without one every count is Trouble "calendar.year_missing"."""
        versions = self._reference.versions(ListKind.CALENDAR)
        # A later arrangement may move days of a year that was published before, so the newest version counts.
        return WorkCalendar(self._reference.where(CalendarDay, version=versions[-1].version) if versions else ())


@cache
def _book() -> DeadlineBook:
    return read_rules(tomllib.loads((resources_dir() / "rules" / "deadlines.toml").read_text("utf-8")))
