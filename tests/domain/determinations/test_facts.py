"""Facts one by one: each stands once, another takes its place, and what cannot be used stops nothing.

Source: domain.md 3.3.
"""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.determinations.compiled import compiled
from core.domain.determinations.facts import History, PriorCase, fact, facts_of
from core.kernel.errors import Refusal
from tests.domain.determinations.cases import ON, PACKAGE

THREE = facts_of((fact("b", 2), fact("a", 1), fact("c", 3)))


def values() -> dict[str, object]:
    return {each.var: each.value for each in THREE.items}


def test_facts_stand_in_the_order_of_their_names() -> None:
    assert list(values().items()) == [("a", 1), ("b", 2), ("c", 3)]
    assert THREE.value("".join(("", "b"))) == 2
    assert THREE.get("d") is None


def test_a_fact_that_stands_twice_is_refused_by_name() -> None:
    with pytest.raises(Refusal) as refused:
        facts_of((fact("a", 1), fact("b", 1), fact("a", 2)))
    assert (refused.value.code, refused.value.params) == ("determination.fact_twice", {"var": "a"})


@pytest.mark.parametrize("var", ["a", "b", "c"])
def test_another_fact_takes_the_place_of_its_own_only(var: str) -> None:
    same = "".join(("", var))
    replaced = {each.var: each.value for each in THREE.with_fact(fact(same, 9)).items}
    assert replaced == values() | {var: 9}
    left = [each.var for each in THREE.without(same).items]
    assert left == [each for each in "abc" if each != var]


def test_a_look_up_says_by_itself_neither_confirmed_nor_branch() -> None:
    earlier = PriorCase(violation="v", found_on=ON, outcome="penalty")
    assert (earlier.is_branch, History(cases=(earlier,), as_of=ON).is_confirmed) == (False, False)


def test_a_fact_that_cannot_be_used_does_not_stop_the_ones_after_it() -> None:
    given = (
        fact("area_cm2", None),
        fact("a_thing_nobody_knows", True),
        fact("corrected_in_time", "yes"),
        fact("harm_minor", True),
        fact("discovered_on", date(2026, 3, 1)),
    )
    used, _, ignored = compiled(PACKAGE).values(facts_of(given))
    assert used["harm_minor"] is True
    assert used["discovered_on"] == date(2026, 3, 1)
    assert ignored == ("a_thing_nobody_knows", "corrected_in_time")
