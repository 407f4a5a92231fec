"""When the period begins and stops, against every day the unknown facts could still be.

Source: 行政处罚法 art. 36 (domain.md 3.1; 3.4 edges 4 and 14).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.domain.determinations.gates_limitation import act_day, act_days, limitation_node, relevant_needs
from core.domain.determinations.rules import SpecialLimit
from tests.domain.determinations.cases import PACKAGE, truth_of

ACT, END = date(2020, 5, 1), date(2021, 8, 1)
NEEDS = (
    "act_on", "act_continuing", "act_still_going", "act_ended_on", "discovered_on", "safety_related",
    "no_harmful_result", "was_reported", "reported_on",
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "days"),
    [
        ({"act_on": ACT, "act_continuing": False}, {ACT}),
        ({"act_on": ACT, "act_continuing": True, "act_still_going": False, "act_ended_on": END}, {END}),
        ({"act_on": END, "act_continuing": True, "act_still_going": False, "act_ended_on": ACT}, {END}),
        ({"act_on": ACT, "act_continuing": True, "act_still_going": True}, {date.max}),
        ({"act_on": ACT, "act_continuing": True, "act_still_going": False}, {ACT, date.max}),
        ({"act_on": ACT, "act_continuing": True, "act_ended_on": END}, {END, date.max}),
        ({"act_on": ACT}, {ACT, date.max}),
        ({"act_continuing": False}, {date.min, date.max}),
        ({}, {date.min, date.max}),
    ],
)
def test_the_period_begins_on_every_day_it_still_could(values: dict[str, Any], days: set[date]) -> None:
    assert act_days(values) == days


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({"act_on": ACT, "act_continuing": False}, ACT),
        ({"act_continuing": False}, None),
        ({"act_on": ACT}, None),
        ({"act_on": ACT, "act_continuing": True, "act_still_going": False, "act_ended_on": END}, END),
        ({"act_on": ACT, "act_continuing": True, "act_still_going": True}, date.max),
    ],
)
def test_the_day_of_the_act_is_named_once_it_is_one(values: dict[str, Any], day: date | None) -> None:
    assert act_day(values) == day


def late(found: date | None, **more: Any) -> bool | None:
    values = {"act_on": ACT, "act_continuing": False, "discovered_on": found} | more
    return truth_of(limitation_node(PACKAGE.parameters, None), values)


@pytest.mark.parametrize(
    ("safety", "harmless", "found", "expected"),
    [
        (False, False, date(2022, 5, 1), False),
        (False, False, date(2022, 5, 2), True),
        (True, True, date(2022, 5, 2), True),
        (True, False, date(2022, 5, 2), False),
        (True, False, date(2025, 5, 1), False),
        (True, False, date(2025, 5, 2), True),
        (None, False, date(2022, 5, 2), None),
        (True, None, date(2022, 5, 2), None),
        (None, None, date(2025, 5, 2), True),
        (None, None, date(2022, 5, 1), False),
    ],
)
def test_two_years_or_five_for_safety_with_harm(
    safety: bool | None, harmless: bool | None, found: date, expected: bool | None
) -> None:
    assert late(found, safety_related=safety, no_harmful_result=harmless) is expected


def test_what_was_never_found_is_open_and_an_act_that_goes_on_is_never_too_old() -> None:
    assert late(None, safety_related=False) is None
    assert late(date(2040, 1, 1), act_continuing=True, act_still_going=True, safety_related=False) is False


LABOUR = SpecialLimit(law="劳", years=2, report_stops=True, article="penalty:36", source="S04")


@pytest.mark.parametrize(
    ("reported", "reported_on", "found", "expected"),
    [
        (False, None, date(2023, 1, 1), True),
        (True, date(2022, 5, 1), date(2023, 1, 1), False),
        (True, date(2022, 5, 2), date(2023, 1, 1), True),
        (True, None, date(2023, 1, 1), None),
        (None, date(2022, 5, 1), date(2023, 1, 1), None),
        (None, date(2022, 5, 2), date(2023, 1, 1), True),
        (None, None, date(2022, 5, 1), False),
        (True, date(2024, 1, 1), date(2022, 5, 1), False),
    ],
)
def test_a_report_stops_the_period_of_a_law_that_says_so(
    reported: bool | None, reported_on: date | None, found: date, expected: bool | None
) -> None:
    values = {"act_on": ACT, "act_continuing": False, "discovered_on": found}
    node = limitation_node(PACKAGE.parameters, LABOUR)
    assert truth_of(node, values | {"was_reported": reported, "reported_on": reported_on}) is expected
    assert node.leaf is not None
    assert set(node.leaf.needs) == set(NEEDS) - {"safety_related", "no_harmful_result"}


def test_a_report_stops_nothing_where_the_law_does_not_say_so() -> None:
    assert late(date(2022, 5, 2), safety_related=False, was_reported=True, reported_on=ACT) is True


@pytest.mark.parametrize(
    ("known", "gone"),
    [
        ({}, set[str]()),
        ({"act_continuing": False}, {"act_still_going", "act_ended_on"}),
        ({"act_continuing": True}, set[str]()),
        ({"act_still_going": True}, {"act_ended_on"}),
        ({"act_still_going": False}, set[str]()),
        ({"was_reported": False}, {"reported_on"}),
        ({"was_reported": True}, set[str]()),
        ({"safety_related": False}, {"no_harmful_result"}),
        ({"safety_related": True}, set[str]()),
    ],
)
def test_an_answer_makes_later_questions_idle(known: dict[str, Any], gone: set[str]) -> None:
    assert relevant_needs(known, NEEDS) == tuple(var for var in NEEDS if var not in gone | known.keys())
