"""Deadlines: the shipped rules counted on the working-day calendar in force."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from functools import cache

from core.domain.catalog import CalendarDay
from core.domain.deadlines import DeadlineBook, DeadlineRule, Due, WorkCalendar, due, read_rules
from core.domain.lists import ListKind, ListVersion
from core.kernel.resources import resources_dir
from core.services.ports import Reference


class Deadlines:
    """Answers when something is due, with its law."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._calendars: dict[int, tuple[str, WorkCalendar]] = {}

    def rules(self) -> tuple[DeadlineRule, ...]:
        """Return every rule in the order of domain.md section 4."""
        return _book().rules

    def rule(self, wanted: str) -> DeadlineRule:
        """Return a rule by its id or its row number.  Raises Refusal "deadlines.rule_unknown"."""
        return _book().rule(wanted)

    def due(
        self,
        rule: str,
        start: date | datetime,
        *,
        length: int | None = None,
        calendar: WorkCalendar | None = None,
    ) -> Due:
        """Return when a deadline ends.

        Args:
            rule: Its id or its row number.
            start: Local day of the event, or an aware instant; hours need the instant.
            length: For rules without a published number.
            calendar: By default the newest, as `calendar` gives it.

        Raises:
            Refusal: "deadlines.rule_unknown", "deadlines.length_missing", "deadlines.instant_missing".
            Trouble: "calendar.year_missing", params year.
        """
        return due(_book().rule(rule), start, work_calendar=calendar or self.calendar(), length=length)

    def calendar(self) -> WorkCalendar:
        """Return the newest working-day calendar; without one every count is Trouble "calendar.year_missing"."""
        versions = self._reference.versions(ListKind.CALENDAR)
        # A later arrangement may move days of a year that was published before, so the newest version counts.
        return self.calendar_of(versions[-1]) if versions else WorkCalendar(())

    def calendar_of(self, version: ListVersion) -> WorkCalendar:
        """Return one version of the calendar; it is put together once, a version never changes."""
        known = self._calendars.get(version.version)
        if known is None or known[0] != version.rows_sha256:
            days = self._reference.where(CalendarDay, version=version.version)
            known = self._calendars[version.version] = (version.rows_sha256, WorkCalendar(days))
        return known[1]


@cache
def _book() -> DeadlineBook:
    return read_rules(tomllib.loads((resources_dir() / "rules" / "deadlines.toml").read_text("utf-8")))
