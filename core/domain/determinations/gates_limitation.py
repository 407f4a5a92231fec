"""Row 4: when an act is too old to be penalised, with what is unknown held open.

Each function is the exact answer over every value that the unknown facts could still take, so that a fact that becomes
known can only narrow it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from core.domain.determinations.months import is_within
from core.domain.determinations.nodes import Leaf, Node, Values, all_of, leaf_node, worded
from core.domain.determinations.rules import Parameters, SpecialLimit

_ACT_VARS = ("act_on", "act_continuing", "act_still_going", "act_ended_on")
_CLASS_VARS = ("safety_related", "no_harmful_result")
_TRUTHS = (False, True)


def act_days(values: Values) -> set[date]:
    """Return the earliest and latest days on which the period can begin; date.max stands for "still going on".

    A continuing or continuous act counts from its end, which is never before its beginning.
    Source: 行政处罚法 art. 36(2) (domain.md 3.1).
    """
    act_on: date | None = values.get("act_on")
    continuing: bool | None = values.get("act_continuing")
    going: bool | None = values.get("act_still_going")
    begins = (act_on,) if act_on is not None else (date.min, date.max)
    days = set(begins) if continuing is not True else set[date]()
    if continuing is not False and going is not False:
        days.add(date.max)
    if continuing is not False and going is not True:
        ended_on: date | None = values.get("act_ended_on")
        for first in begins:
            days.update((first, date.max) if ended_on is None else (max(first, ended_on),))
    return days


def act_day(values: Values) -> date | None:
    """Return the one day on which the act counts as done, or None while that is open."""
    if values.get("act_continuing") is False:
        return values.get("act_on")
    days = act_days(values)
    return days.pop() if len(days) == 1 else None


def _stops(values: Values, *, report_stops: bool) -> Iterator[date]:
    """Yield the earliest and latest days on which the period can have been stopped."""
    known: date | None = values.get("discovered_on")
    discovered = (known,) if known is not None else (date.min, date.max)
    if not report_stops:
        yield from discovered
        return
    reported: bool | None = values.get("was_reported")
    reported_on: date | None = values.get("reported_on")
    for day in discovered:
        if reported is not True:
            yield day
        if reported is not False:
            yield from (min(day, each) for each in ((reported_on,) if reported_on is not None else (date.min, day)))


def _years(values: Values, parameters: Parameters) -> set[int]:
    safety: bool | None = values.get("safety_related")
    no_harm: bool | None = values.get("no_harmful_result")
    found: set[int] = set()
    for is_safety in _TRUTHS if safety is None else (safety,):
        for is_harmless in _TRUTHS if no_harm is None else (no_harm,):
            is_long = is_safety and not is_harmless
            found.add(parameters.limitation_years_safety if is_long else parameters.limitation_years)
    return found


def limitation_node(parameters: Parameters, special: SpecialLimit | None) -> Node:
    """Return the node that is true when the act was not found in time.

    Found on the corresponding day two (five) years later is still in time; a day after is too late.
    Source: 行政处罚法 art. 36; 劳动保障监察条例 art. 20 as a special limit (domain.md 3.4, edge 14).
    """
    report_stops = special is not None and special.report_stops
    both = (parameters.limitation_years, parameters.limitation_years_safety)
    shortest = special.years if special is not None else min(both)

    def is_beyond_shortest(values: Values) -> bool | None:
        begun, found = values.get("act_on"), values.get("discovered_on")
        return None if begun is None or found is None else not is_within(begun, found, shortest * 12)

    def is_late(values: Values) -> bool | None:
        if is_beyond_shortest(values) is False:
            return False
        years = {special.years} if special is not None else _years(values, parameters)
        answers = {
            not is_within(start, stop, each * 12)
            for start in act_days(values)
            for stop in _stops(values, report_stops=report_stops)
            for each in years
        }
        return answers.pop() if len(answers) == 1 else None

    needs = (
        *_ACT_VARS,
        "discovered_on",
        *(() if special is not None else _CLASS_VARS),
        *(("was_reported", "reported_on") if report_stops else ()),
    )
    if special is not None:
        zh, en = f"超过{special.years}年未被发现", f"not discovered within {special.years} years"
    else:
        short, long = parameters.limitation_years, parameters.limitation_years_safety
        zh = f"超过{short}年（涉及生命健康、金融安全且有危害后果的为{long}年）未被发现"
        en = f"not discovered within {short} years ({long} for life, health or financial safety with harm)"
    article = special.article if special is not None else "penalty:36"
    confidence = special.confidence if special is not None else "verified"
    # No end, class or report can make an act too old that was found in the shortest period from its beginning. This
    # follows from the first part and changes no answer; standing by itself it shows that no other fact can turn it.
    both_parts = all_of(
        leaf_node(Leaf(is_late, needs, zh, en)),
        leaf_node(Leaf(is_beyond_shortest, ("act_on", "discovered_on"), zh, en)),
    )
    return worded(both_parts, Leaf(None, needs, zh, en, "discovered_on", article, confidence))


def relevant_needs(values: Values, needs: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the open questions about the act's days still matter after those that are answered."""
    skipped: set[str] = set()
    if values.get("act_continuing") is False:
        skipped |= {"act_still_going", "act_ended_on"}
    if values.get("act_still_going") is True:
        skipped.add("act_ended_on")
    if values.get("was_reported") is False:
        skipped.add("reported_on")
    if values.get("safety_related") is False:
        skipped.add("no_harmful_result")
    return tuple(var for var in needs if var not in skipped and values.get(var) is None)
