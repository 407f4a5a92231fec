"""Facts that follow from others: age from the birthday, correction in time from its dates.

The engine itself derives nothing, so that a stored determination holds every fact it used. A fact that was given is
never replaced; conflicts.py tells when it disagrees.
"""

from __future__ import annotations

from datetime import date

from core.domain.determinations.facts import Fact, Facts, fact, facts_of
from core.domain.determinations.months import age_on

_IN_TIME = ("before_discovery", "on_the_spot", "within_period")


def with_derived(facts: Facts) -> Facts:
    """Return the facts with those added that follow from them; each says from what it was derived."""
    added = [
        new
        for new in (_age(facts), _corrected(facts), _first_day_end(facts))
        if new is not None and facts.get(new.var) is None
    ]
    return facts_of([*facts.items, *added], history=facts.history)


def _day(facts: Facts, var: str) -> date | None:
    value = facts.value(var)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _age(facts: Facts) -> Fact | None:
    """Return the age on the day of the act. Source: 行政处罚法 art. 30 (domain.md 3.4, edge 13)."""
    born_on, act_on = _day(facts, "party_born_on"), _day(facts, "act_on")
    if born_on is None or act_on is None or facts.value("act_continuing") is not False:
        return None
    return fact("party_age", age_on(born_on, act_on), source="derived:party_born_on,act_on", as_of=act_on)


def _corrected(facts: Facts) -> Fact | None:
    """Return whether the correction was in time: its mode, or its day against the ordered day (edges 4 to 6)."""
    mode = facts.value("correction_mode")
    if isinstance(mode, str):
        return fact("corrected_in_time", mode in _IN_TIME, source="derived:correction_mode")
    done_on, due_on = _day(facts, "corrected_on"), _day(facts, "correction_due_on")
    if done_on is None or due_on is None:
        return None
    return fact("corrected_in_time", done_on <= due_on, source="derived:corrected_on,correction_due_on", as_of=done_on)


def _first_day_end(facts: Facts) -> Fact | None:
    # An act whose end is known is over; asking whether it still goes on would be asking twice.
    ended_on = _day(facts, "act_ended_on")
    return fact("act_still_going", False, source="derived:act_ended_on") if ended_on is not None else None
