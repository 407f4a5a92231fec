"""Facts that follow from others: only from all that they need, and never from half of it."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.determinations.derive import with_derived
from core.domain.determinations.facts import Fact, Facts, fact, facts_of

BORN = fact("party_born_on", date(2010, 3, 5))
ACT = fact("act_on", date(2026, 3, 5))
ONE_DAY = fact("act_continuing", False)
DONE = fact("corrected_on", date(2026, 3, 6))
DUE = fact("correction_due_on", date(2026, 3, 6))


@pytest.mark.parametrize(
    "items",
    [(BORN, ACT), (BORN, ONE_DAY), (ACT, ONE_DAY), (BORN, ACT, fact("act_continuing", True))],
    ids=["continuing unknown", "no act", "no birthday", "continuing"],
)
def test_without_birthday_act_and_a_single_day_no_age_follows(items: tuple[Fact, ...]) -> None:
    assert with_derived(facts_of(items)).get("party_age") is None


def test_an_age_names_the_facts_it_follows_from_and_its_day() -> None:
    age = with_derived(facts_of((BORN, ACT, ONE_DAY))).get("party_age")
    assert age == fact("party_age", 15, source="derived:party_born_on,act_on", as_of=date(2026, 3, 5))


@pytest.mark.parametrize("items", [(DONE,), (DUE,), ()], ids=["no ordered day", "not corrected", "neither"])
def test_without_both_days_nothing_follows_about_the_correction(items: tuple[Fact, ...]) -> None:
    assert with_derived(facts_of(items)).get("corrected_in_time") is None


def test_a_correction_names_the_facts_it_follows_from_and_its_day() -> None:
    corrected = with_derived(facts_of((DONE, DUE))).get("corrected_in_time")
    source = "derived:corrected_on,correction_due_on"
    assert corrected == fact("corrected_in_time", True, source=source, as_of=date(2026, 3, 6))


@pytest.mark.parametrize("value", ["soon", 20260306, True])
def test_a_day_that_is_none_is_not_used(value: bool | int | str) -> None:
    assert with_derived(facts_of((DONE, fact("correction_due_on", value)))).get("corrected_in_time") is None


def test_an_act_whose_end_is_known_goes_on_no_longer_and_else_nothing_follows() -> None:
    ended = with_derived(facts_of((fact("act_ended_on", date(2026, 3, 4)),)))
    assert ended.get("act_still_going") == fact("act_still_going", False, source="derived:act_ended_on")
    assert with_derived(Facts()).items == ()


@pytest.mark.parametrize(("day", "is_in_time"), [(5, True), (6, True), (7, False)])
def test_a_correction_is_in_time_up_to_the_ordered_day(day: int, is_in_time: bool) -> None:
    derived = with_derived(facts_of((fact("corrected_on", date(2026, 3, day)), DUE)))
    assert derived.value("corrected_in_time") is is_in_time
