"""The book of deadlines (期限台账): which deadlines run, until when, how long still, and by which article.

The periods are counted in deadlines.py. Here are the kinds that are no counted periods (a rate, an excluded period,
a fixed day: rows 7, 15 and 35 of domain.md section 4) and the lines of the book.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from core.kernel.errors import Refusal
from core.kernel.records import Record

_PER_MILLE = 1000


class Rate(Record):
    """A sum that grows each day. Source: 行政处罚法 art. 72(1)(1): 3 % a day, never more than the fine."""

    id: str
    title: str
    start: str
    per_mille_a_day: int
    is_capped_at_principal: bool
    citation: str
    confidence: str
    row: int


class ExcludedPeriod(Record):
    """Days that do not count. Source: 行政强制法 art. 25(3): tests and appraisals; the party is told in writing."""

    id: str
    title: str
    extends: tuple[str, ...]
    """Ids of the rules whose end moves."""
    citation: str
    confidence: str
    row: int


class FixedDay(Record):
    """The same day each year."""

    id: str
    title: str
    month: int
    day: int
    citation: str
    confidence: str
    row: int

    def of_year(self, year: int) -> date:
        """Return the day in that year."""
        return date(year, self.month, self.day)


class Start(StrEnum):
    """Which event of a paper starts a deadline."""

    ISSUED = "issued"
    SERVED = "served"


class Whose(StrEnum):
    """Who has to act."""

    BODY = "body"
    PARTY = "party"


class Trigger(Record):
    """Which papers start a rule and what ends it (resources/rules/deadline_triggers.toml)."""

    rule: str
    kinds: tuple[str, ...]
    start: Start
    whose: Whose
    ends_with: tuple[str, ...] = ()
    ends_on: str = ""
    field: str = ""
    not_field: str = ""


class OtherRules(Record):
    """The rows that are no counted periods."""

    rates: tuple[Rate, ...]
    excluded: tuple[ExcludedPeriod, ...]
    fixed: tuple[FixedDay, ...]

    def all(self) -> tuple[Rate | ExcludedPeriod | FixedDay, ...]:
        """Return every one."""
        return (*self.rates, *self.excluded, *self.fixed)

    def find(self, wanted: str) -> Rate | ExcludedPeriod | FixedDay | None:
        """Return one by its id or row number, or None."""
        return next((one for one in self.all() if wanted in (one.id, str(one.row))), None)


def read_other_rules(plain: object) -> OtherRules:
    """Build them from the plain form of deadlines.toml; a broken shipped file is a defect."""
    return msgspec.convert(plain, OtherRules)


def read_triggers(plain: object) -> tuple[Trigger, ...]:
    """Build the triggers from the plain form of deadline_triggers.toml."""
    return msgspec.convert(plain, dict[str, tuple[Trigger, ...]])["triggers"]


def late_fee_cents(rate: Rate, fine_cents: int, *, due_on: date, paid_on: date) -> int:
    """Return the additional fine in fen for the days after the last day of payment.

    Each day later than `due_on` counts once; paid on the last day costs nothing. Whole fen, rounded down.
    """
    days = max(0, (paid_on - due_on).days)
    fee = fine_cents * rate.per_mille_a_day * days // _PER_MILLE
    return min(fee, fine_cents) if rate.is_capped_at_principal else fee


def without_period(due_on: date, *, first: date, last: date) -> date:
    """Return the end of a period moved by the days that do not count, both ends of the excluded days included.

    Raises:
        Refusal: "deadlines.period_backwards", params first, last; "deadlines.period_after_end", params first, due_on.
    """
    if last < first:
        raise Refusal("deadlines.period_backwards", first=first, last=last)
    if first > due_on:
        raise Refusal("deadlines.period_after_end", first=first, due_on=due_on)
    return due_on + timedelta(days=(last - first).days + 1)


class LineState(StrEnum):
    """WAITING: its event has not been proven. UNKNOWN: the calendar of a year it runs through is not announced."""

    RUNNING = "running"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    EXPIRED = "expired"
    """A right of the party that ended."""
    WAITING = "waiting"
    UNKNOWN = "unknown"


class DeadlineLine(Record):
    """One line of the book."""

    rule: str
    """Id of the rule; correction, or duty.<name>, for what the visit itself sets."""
    title: str
    start: str
    """The event in words."""
    started_on: date | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    days_left: int | None = None
    """Calendar days from today to the last day; 0: today, negative: past."""
    state: LineState
    whose: Whose
    citation: str
    is_verified: bool
    visit: str = ""
    document: str = ""
    about: str = ""
    """Title and number of the paper, or the enterprise."""
    printed_on: date | None = None
    """What the paper says, where a calendar announced since then gives another day."""
    calendar_then: int | None = None
    calendar_now: int | None = None
    missing_year: int | None = None


def state_of_line(due_on: date, today: date, whose: Whose) -> LineState:
    """Return how a counted line stands on a local day."""
    if due_on > today:
        return LineState.RUNNING
    if due_on == today:
        return LineState.DUE_TODAY
    return LineState.OVERDUE if whose is Whose.BODY else LineState.EXPIRED


def most_pressing_first(line: DeadlineLine) -> tuple[bool, date, str, str]:
    """Sort key: dated lines by their day, then those without."""
    return (line.due_on is None, line.due_on or date.max, line.rule, line.document)
