"""First time, piece by piece: which earlier case counts, where the window ends, and what the statute adds to a list.

Source: domain.md 3.1, 3.4 edges 1 to 3 and 19.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.domain.determinations.facts import History, PriorCase
from core.domain.determinations.gates_rules import (
    CLEAR,
    HIT,
    first_time_node,
    guard_node,
    law_changed_node,
    rule_node,
    version_on,
    versions_of,
)
from core.domain.determinations.nodes import Node, all_of
from core.domain.determinations.rules import Condition, FirstTime, Label, LawVersion, Rule, Violation
from core.domain.determinations.vocabulary import Vocabulary
from core.kernel.records import changed
from tests.domain.determinations.cases import ON, PACKAGE, truth_of

WORDS = Label(zh="甲", en="a")
HERE = Violation(id="z.here", title=WORDS, law="丙法", article="5", category="road", agency="城管")
SAME_CLASS = Violation(id="a.class", title=WORDS, law="甲法", article="1", category="road", agency="城管")
SAME_PROVISION = Violation(id="zz.provision", title=WORDS, law="丙法", article="5", category="food", agency="城管")
HIGHER = Violation(id="zy.other", title=WORDS, law="丁法", article="9", category="zoo", agency="城管")
LOWER = Violation(id="b.other", title=WORDS, law="乙法", article="4", category="air", agency="城管")
KNOWN = changed(PACKAGE, violations=(HERE, SAME_CLASS, SAME_PROVISION, HIGHER, LOWER))
FOUND_ON = date(2026, 3, 1)


def case(violation: str = "z.here", **fields: Any) -> PriorCase:
    plain: dict[str, Any] = {
        "violation": violation, "found_on": date(2025, 6, 1), "decided_on": date(2025, 6, 1), "outcome": "penalty",
        "agency": "城管", "place": "430104",
    }  # fmt: skip
    return PriorCase(**(plain | fields))


def is_first(spec: FirstTime, *cases: PriorCase, confirmed: bool = True, age_days: int = 0, **more: Any) -> bool | None:
    history = History(cases=cases, as_of=ON - timedelta(days=age_days), is_confirmed=confirmed)
    values: dict[str, Any] = {"#on": ON, "#history": history, "discovered_on": FOUND_ON, "place": "430104"}
    return truth_of(first_time_node(spec, HERE, KNOWN), values | more)


@pytest.mark.parametrize(
    ("scope", "ends_it"),
    [
        ("same_item", {"z.here"}),
        ("same_class", {"z.here", "a.class"}),
        ("same_provision", {"z.here", "zz.provision"}),
        ("any", {"z.here", "a.class", "zz.provision", "zy.other", "b.other", "nobody.knows"}),
    ],
)
def test_the_scope_says_which_violations_end_a_first_time(scope: Any, ends_it: set[str]) -> None:
    names = ("z.here", "a.class", "zz.provision", "zy.other", "b.other", "nobody.knows")
    assert {name for name in names if is_first(FirstTime(scope=scope), case(name)) is False} == ends_it


def test_a_class_without_a_name_is_no_class() -> None:
    nameless = changed(HERE, category="")
    other = changed(SAME_CLASS, category="")
    package = changed(PACKAGE, violations=(nameless, other))
    history = History(cases=(case("a.class"),), as_of=ON, is_confirmed=True)
    node = first_time_node(FirstTime(scope="same_class"), nameless, package)
    assert truth_of(node, {"#on": ON, "#history": history, "discovered_on": FOUND_ON}) is True


@pytest.mark.parametrize(
    ("territory", "agency", "place", "first"),
    [
        ("agency", "城管", "430111", False),
        ("agency", "消防", "430104", True),
        ("agency", "丁", "430104", True),
        ("area", "消防", "430104", False),
        ("area", "城管", "430111", True),
        ("area", "城管", "430103", True),
        ("anywhere", "消防", "430111", False),
    ],
)
def test_the_territory_says_where_an_earlier_case_counts(territory: Any, agency: str, place: str, first: bool) -> None:
    assert is_first(FirstTime(territory=territory), case(agency=agency, place=place)) is first


def test_an_area_that_is_not_known_leaves_it_open_only_where_it_matters() -> None:
    assert is_first(FirstTime(territory="area"), case(), place=None) is None
    assert is_first(FirstTime(territory="agency"), case(), place=None) is False


@pytest.mark.parametrize(("counts", "outcome", "first"), [
    (("penalty",), "penalty", False),
    (("penalty",), "no_penalty", True),
    (("no_penalty",), "no_penalty", False),
    (("penalty", "no_penalty"), "no_penalty", False),
])  # fmt: skip
def test_the_outcomes_that_count_are_the_lists_own(counts: Any, outcome: str, first: bool) -> None:
    assert is_first(FirstTime(counts=counts), case(outcome=outcome)) is first


def test_a_branch_counts_unless_the_list_says_otherwise() -> None:
    assert is_first(FirstTime(), case(is_branch=True)) is False
    assert is_first(FirstTime(counts_branches=False), case(is_branch=True)) is True
    assert is_first(FirstTime(counts_branches=False), case()) is False


@pytest.mark.parametrize(
    ("since", "found_on", "decided_on", "first"),
    [
        ("decided", date(2025, 2, 1), date(2025, 3, 1), False),
        ("decided", date(2025, 2, 1), date(2025, 2, 28), True),
        ("found", date(2025, 3, 1), date(2025, 9, 1), False),
        ("found", date(2025, 2, 28), date(2025, 9, 1), True),
        ("decided", date(2025, 3, 1), None, False),
        ("decided", date(2025, 2, 28), None, True),
    ],
)
def test_the_corresponding_day_is_inside_and_the_day_before_outside(
    since: Any, found_on: date, decided_on: date | None, first: bool
) -> None:
    spec = FirstTime(window_months=12, since=since)
    assert is_first(spec, case(found_on=found_on, decided_on=decided_on)) is first


@pytest.mark.parametrize(("day", "first"), [(date(2026, 2, 28), False), (FOUND_ON, True), (date(2026, 3, 2), True)])
def test_only_a_case_before_this_one_was_earlier(day: date, first: bool) -> None:
    assert is_first(FirstTime(), case(found_on=day, decided_on=day)) is first


def test_a_day_of_discovery_that_is_not_known_leaves_a_hit_open() -> None:
    assert is_first(FirstTime(), case(), discovered_on=None) is None
    assert is_first(FirstTime(), discovered_on=None) is True


@pytest.mark.parametrize("extra", [0, 1])
def test_an_unconfirmed_look_up_counts_as_long_as_it_is_fresh(extra: int) -> None:
    fresh = PACKAGE.parameters.history_fresh_days
    assert is_first(FirstTime(), confirmed=False, age_days=fresh + extra) is (None if extra else True)
    assert is_first(FirstTime(), confirmed=True, age_days=fresh + extra) is True
    # A hit is a hit, however old the look-up.
    assert is_first(FirstTime(), case(), confirmed=False, age_days=fresh + extra) is False


@pytest.mark.parametrize(("stand_in", "truth"), [(CLEAR, True), (HIT, False), (None, None)])
def test_the_engines_own_stand_ins_for_another_history(stand_in: str | None, truth: bool | None) -> None:
    assert truth_of(first_time_node(FirstTime(), HERE, KNOWN), {"#on": ON, "#history": stand_in}) is truth


LAWS = (
    LawVersion(law="丙法", version="2010", in_force_from=date(2011, 1, 1)),
    LawVersion(law="丙法", version="2020", in_force_from=date(2021, 7, 15)),
    LawVersion(law="丁法", version="2000", in_force_from=date(2000, 1, 1)),
)


def test_the_version_is_the_newest_in_force_on_the_day() -> None:
    table = versions_of(LAWS, "丙法")
    days = (date(2010, 12, 31), date(2011, 1, 1), date(2021, 7, 14), date(2021, 7, 15))
    assert [version_on(table, day) for day in days] == ["", "2010", "2010", "2020"]
    assert versions_of(LAWS, "无") == ()


def test_the_versions_of_one_law_are_not_those_of_another() -> None:
    assert [version for _, version in versions_of(LAWS, "丁法")] == ["2000"]
    assert [version for _, version in versions_of(LAWS, "丙法")] == ["2020", "2010"]


def test_a_law_changed_whatever_the_newer_version_is_called() -> None:
    renamed = tuple(changed(each, version={"2010": "修订", "2020": "二次修正"}.get(each.version, "")) for each in LAWS)
    node = law_changed_node(changed(PACKAGE, laws=renamed))
    assert truth_of(node, days(date(2015, 1, 1))) is True
    assert truth_of(node, days(date(2022, 1, 1))) is False


@pytest.mark.parametrize(
    ("territory", "asked"), [("area", ("place",)), ("agency", ()), ("anywhere", ())], ids=lambda value: str(value)
)
def test_the_place_is_asked_only_where_the_area_counts(territory: Any, asked: tuple[str, ...]) -> None:
    spec = FirstTime(required=True, territory=territory)
    assert first_time_node(spec, HERE, KNOWN).leaves[0].needs == ("#history", "discovered_on", *asked)


def test_a_place_is_the_same_by_its_code() -> None:
    spec = FirstTime(required=True, territory="area")
    assert is_first(spec, case(place="".join(("4301", "04")))) is False


def days(act: date, **more: Any) -> dict[str, Any]:
    return {"#on": ON, "act_on": act, "act_continuing": False} | more


@pytest.mark.parametrize(("act", "is_changed"), [(date(2021, 7, 14), True), (date(2021, 7, 15), False)])
def test_the_law_changed_between_act_and_decision(act: date, is_changed: bool) -> None:
    node = law_changed_node(changed(PACKAGE, laws=LAWS))
    assert truth_of(node, days(act)) is is_changed
    assert truth_of(node, {"#on": ON}) is None
    assert truth_of(law_changed_node(changed(PACKAGE, laws=LAWS[2:])), {"#on": ON}) is False


@pytest.mark.parametrize(
    ("guard", "act", "milder", "holds"),
    [
        ("丙法@2020", date(2022, 1, 1), None, True),
        ("丙法@2010", date(2022, 1, 1), None, False),
        ("丙法@2020", date(2015, 1, 1), None, None),
        ("丙法@2020", date(2015, 1, 1), True, True),
        ("丙法@2020", date(2015, 1, 1), False, False),
        ("丙法@2010", date(2015, 1, 1), True, False),
        ("丙法@2010", date(2015, 1, 1), False, True),
        ("丙法@1990", date(2015, 1, 1), None, False),
        ("丙法@2030", date(2022, 1, 1), None, False),
    ],
)
def test_a_list_for_one_version_holds_where_that_version_governs(
    guard: str, act: date, milder: bool | None, holds: bool | None
) -> None:
    rule = changed(PACKAGE.rules[0], law_version_guard=guard)
    node = guard_node(rule, changed(PACKAGE, laws=LAWS))
    assert truth_of(node, days(act, new_law_milder=milder)) is holds


STATUTE = ("corrected_in_time", "no_harmful_result", "harm_minor")


def bare_rule(list_type: Any, limb: Any) -> Rule:
    """Return a rule that asks for one thing of its own, so that the rest is the statute's."""
    return Rule(
        rule_id="R", list_type=list_type, title=WORDS, violations=("*",), limb=limb, source="S53",
        conditions=Condition(var="stopped_at_once", op="==", value=True),
    )  # fmt: skip


def rule_node_without_veto(rule: Rule) -> Node:
    return rule_node(rule, HERE, PACKAGE, Vocabulary(PACKAGE), all_of())


@pytest.mark.parametrize(
    ("list_type", "limb", "needed"),
    [
        ("no_penalty", "minor", [{"corrected_in_time", "no_harmful_result"}]),
        (
            "no_penalty",
            "first_offence",
            [{"corrected_in_time", "harm_minor"}, {"corrected_in_time", "no_harmful_result"}],
        ),
        ("light", "article_32", [set[str]()]),
        ("mitigate", "article_32", [set[str]()]),
        ("no_penalty", "article_32", [set[str]()]),
    ],
)
def test_the_statutes_own_elements_are_asked_beside_the_list(list_type: Any, limb: Any, needed: list[set[str]]) -> None:
    node = rule_node_without_veto(bare_rule(list_type, limb))
    for mask in range(8):
        true = {var for place, var in enumerate(STATUTE) if mask >> place & 1}
        values: dict[str, Any] = {"#on": ON, "stopped_at_once": True} | {var: var in true for var in STATUTE}
        assert truth_of(node, values) is any(each <= true for each in needed)
