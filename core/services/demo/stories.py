"""Which past visits the demo station has had: days, bodies, kinds and endings, so that this year shows a drop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.domain.visits import VisitKind
from core.services.demo.chance import Dice
from core.services.demo.subjects import CULTURE, EMERGENCY, FIRE, HEALTH, MAIN_BODY, URBAN
from core.services.demo.world import working_day_at_or_before

PAST_VISITS = 60
THIS_YEAR_IF_WHOLE = 20
"""So many in a whole year against the rest in the year before."""
SAME_PERIOD = 12
"""So many of last year's fall between its first day and the same day as today, beside the evenly spread ones.

With them the same months show a drop on any day, though the visits that still run are all of these days.
"""
BODIES = (MAIN_BODY, FIRE, MAIN_BODY, EMERGENCY, MAIN_BODY, URBAN, MAIN_BODY, CULTURE, MAIN_BODY, HEALTH)
RECENT_DAYS = 20
"""A visit younger than this has not seen its re-check."""


class Ending(StrEnum):
    """How a visit of the past went."""

    CLEAN = "clean"
    CORRECTED_ON_SPOT = "corrected_on_spot"
    CORRECTED = "corrected"
    CORRECTING = "correcting"
    CASE_OPENED = "case_opened"
    REFUSED = "refused"
    ABORTED = "aborted"
    NO_CODE = "no_code"
    LATE_SCAN = "late_scan"
    # The following stay open: they are work of these days.
    RESULT_TOLD = "result_told"
    CASE_RUNNING = "case_running"
    UPLOAD_OWED = "upload_owed"
    EMERGENCY = "emergency"


OPEN_ENDINGS = frozenset(
    {Ending.CORRECTING, Ending.RESULT_TOLD, Ending.CASE_RUNNING, Ending.UPLOAD_OWED, Ending.EMERGENCY}
)


_ENDINGS = (
    Ending.CLEAN,
    Ending.CORRECTED,
    Ending.CLEAN,
    Ending.CORRECTED_ON_SPOT,
    Ending.CLEAN,
    Ending.CORRECTED,
    Ending.NO_CODE,
    Ending.CASE_OPENED,
    Ending.CLEAN,
    Ending.LATE_SCAN,
    Ending.CORRECTED,
    Ending.REFUSED,
    Ending.CLEAN,
)
_KINDS = (VisitKind.ROUTINE,) * 5 + (VisitKind.CASE,) + (VisitKind.ROUTINE,) * 3 + (VisitKind.SPECIAL,)


@dataclass(frozen=True)
class Story:
    """One visit of the past, in outline. `number` counts from 0 over both years."""

    number: int
    day: date
    hour: int
    body: str
    kind: VisitKind
    ending: Ending


def past_stories(today: date) -> tuple[Story, ...]:
    """Return the visits before the local day, oldest first: last year's spread over the year, this year's to yesterday.

    In the first days of January there are none of this year yet.
    """
    elapsed = (today - date(today.year, 1, 1)).days
    this_year = THIS_YEAR_IF_WHOLE * elapsed // 366
    new_year = date(today.year - 1, 1, 4)
    days = _spread(new_year, 360, PAST_VISITS - this_year - SAME_PERIOD)
    days += _spread(new_year, max(elapsed - 4, 1), SAME_PERIOD)
    days += _spread(date(today.year, 1, 4), elapsed - 4, this_year)
    return tuple(_story(number, day, today) for number, day in enumerate(sorted(days)))


# Days before today, hour, body, kind, ending.
_RUNNING = (
    (3, 9, MAIN_BODY, VisitKind.ROUTINE, Ending.CORRECTING),
    (9, 14, MAIN_BODY, VisitKind.ROUTINE, Ending.CORRECTING),
    (2, 10, MAIN_BODY, VisitKind.ROUTINE, Ending.UPLOAD_OWED),
    (1, 15, MAIN_BODY, VisitKind.ROUTINE, Ending.RESULT_TOLD),
    (5, 10, URBAN, VisitKind.CASE, Ending.CASE_RUNNING),
    (1, 16, EMERGENCY, VisitKind.CASE, Ending.EMERGENCY),
)


def running_stories(today: date) -> tuple[Story, ...]:
    """Return the visits of the last days that are not ended yet: corrections due and overdue, duties, a case."""
    return tuple(
        Story(
            number=PAST_VISITS + place,
            # An emergency keeps no office hours, and its clock must still run today.
            day=today - timedelta(days=1)
            if ending is Ending.EMERGENCY
            else working_day_at_or_before(today - timedelta(days=days)),
            hour=hour,
            body=body,
            kind=kind,
            ending=ending,
        )
        for place, (days, hour, body, kind, ending) in enumerate(_RUNNING)
    )


def _spread(first: date, span_days: int, count: int) -> list[date]:
    return [working_day_at_or_before(first + timedelta(days=span_days * place // count)) for place in range(count)]


def _story(number: int, day: date, today: date) -> Story:
    dice = Dice(number, 615)
    body = BODIES[number % len(BODIES)]
    kind = _KINDS[dice.below(len(_KINDS))]
    # The only special plan is the main body's; the other bodies' visits are routine.
    if kind is VisitKind.SPECIAL and body != MAIN_BODY:
        kind = VisitKind.ROUTINE
    ending = _ENDINGS[(number * 5) % len(_ENDINGS)]
    if ending is Ending.CORRECTED and (today - day).days < RECENT_DAYS:
        ending = Ending.CORRECTING
    if number % 20 == 19:
        ending = Ending.ABORTED
    return Story(number=number, day=day, hour=9 + dice.below(6), body=body, kind=kind, ending=ending)
