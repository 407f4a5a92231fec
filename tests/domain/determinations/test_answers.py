"""The sheet of answers against the plain logic, tree by tree, and one fact turned over against a whole new reading."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.determinations.answers import Sheet
from core.domain.determinations.changes import CHANGES_MAX, other_values, would_change
from core.domain.determinations.compiled import compiled
from core.domain.determinations.facts import Facts
from core.domain.determinations.lines import HISTORY_VAR
from core.domain.determinations.nodes import Leaf, Node, Values, all_of, any_of, compared, leaf_node, not_of, worded
from core.domain.determinations.reading import read_rows
from core.domain.determinations.rules import Condition, FirstTime, RulePackage
from core.kernel.records import changed
from core.services.rule_packages import demo_findings
from tests.domain.determinations.cases import NO_CASES, ON, PACKAGE, answer, facts_with, truth_of
from tests.domain.determinations.test_properties import some_facts

VARS = ("a", "b", "c")


def asks(var: str) -> Node:
    return leaf_node(Leaf(compared(var, "==", True), (var,), var, var, var))


def both(values: Values) -> bool | None:
    pair = (values.get("a"), values.get("b"))
    return None if None in pair else pair[0] is pair[1]


LEAVES = st.sampled_from([*(asks(var) for var in VARS), leaf_node(Leaf(both, ("a", "b"), "ab", "ab"))])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: all_of(*parts)),
        st.lists(inner, max_size=3).map(lambda parts: any_of(*parts)),
        inner.map(not_of),
    ),
    max_leaves=8,
)


def plain_truth(node: Node, values: Values) -> bool | None:
    """Return Kleene's answer by its definition."""
    if node.kind == "leaf":
        assert node.leaf is not None
        assert node.leaf.test is not None
        return node.leaf.test(values)
    truths = [plain_truth(part, values) for part in node.parts]
    if node.kind == "not":
        return None if truths[0] is None else not truths[0]
    settling = node.kind == "any"
    if settling in truths:
        return settling
    return None if None in truths else not settling


@settings(max_examples=150)
@given(TREES)
def test_a_sheet_answers_as_the_definition_does_for_all_values(tree: Node) -> None:
    for truths in product((True, False, None), repeat=len(VARS)):
        values = {var: truth for var, truth in zip(VARS, truths, strict=True) if truth is not None}
        assert truth_of(tree, values) is plain_truth(tree, values)


@settings(max_examples=100)
@given(TREES)
def test_one_answer_against_a_tree_makes_it_false_and_a_turned_fact_is_a_new_reading(tree: Node) -> None:
    sheet = Sheet([tree])
    asked = sheet.asked(tree)
    for truths in product((True, False, None), repeat=len(VARS)):
        values: Values = {var: truth for var, truth in zip(VARS, truths, strict=True) if truth is not None}
        answers = sheet.answers(values, values)
        if answers & asked.against:
            assert asked.test(answers) is False
        for var in sheet.others:
            for other in (True, False):
                turned = values | {var: other}
                assert sheet.turned(answers, values, var, other) == sheet.answers(turned, turned)


def test_a_part_with_words_of_its_own_answers_as_the_part_and_shows_one_line() -> None:
    part = any_of(asks("a"), asks("b"))
    wording = Leaf(None, ("a", "b"), "甲", "a")
    tree = all_of(worded(part, wording), asks("c"))
    assert [leaf.zh for leaf in tree.leaves] == ["甲", "c"]
    sheet = Sheet([tree])
    for values in ({"a": True}, {"a": False, "b": False}, {"a": False}):
        assert sheet.asked_leaf(wording).test(sheet.answers(values, values)) is plain_truth(part, values)


def test_equal_conditions_have_one_place() -> None:
    test = compared("a", "==", True)
    one, two = (leaf_node(Leaf(test, ("a",), zh, zh, "a")) for zh in ("甲", "乙"))
    sheet = Sheet([all_of(one, two)])
    assert sheet.answers({"a": True}, {"a": True}) == sheet.answers({"a": True}, {}) == 1
    assert sheet.answers({"a": False}, {}) == 2


def whole_readings(facts: Facts, on: Any) -> tuple[list[tuple[str, Any, str]], list[tuple[str, Any, str]]]:
    """Return what a whole reading for every fact of a reached row finds, and what the engine finds."""
    house = compiled(PACKAGE)
    known, _, _ = house.values(facts)
    values: Values = {**known, "#on": on, HISTORY_VAR: facts.history}
    table = house.table(known.get("violation"))
    reading = read_rows(table, table.sheet.answers(known, values))
    expected: dict[tuple[str, Any, str], None] = {}
    nearest = [*reading.open_rows, *([] if reading.deciding is None else [reading.deciding])]
    for index in (*nearest, *reversed(reading.reached)):
        for var in table.program.needs[index]:
            for other in other_values(house, table, var, values):
                turned = known if var == HISTORY_VAR else known | {var: other}
                proposal = read_rows(table, table.sheet.answers(turned, values | {var: other})).proposal
                if proposal != reading.proposal:
                    expected[var, other, proposal] = None
    engine = [(each.var, each.then, each.proposal) for each in would_change(house, table, reading, values)]
    return list(expected)[:CHANGES_MAX], engine


def shown(found: list[tuple[str, Any, str]]) -> list[tuple[str, Any, str]]:
    return [
        ("first_time_history", other == "clear", proposal) if var == HISTORY_VAR else (var, other, proposal)
        for var, other, proposal in found
    ]


@settings(max_examples=60)
@given(some_facts())
def test_no_fact_that_changes_the_result_is_passed_over(facts: Facts) -> None:
    expected, found = whole_readings(facts, ON)
    assert found == shown(expected)


@pytest.mark.parametrize("finding", demo_findings(), ids=lambda finding: finding.id)
def test_the_demo_findings_change_by_what_a_whole_reading_finds(finding: Any) -> None:
    for facts in (finding.facts, finding.turned_facts):
        expected, found = whole_readings(facts, finding.on)
        assert found == shown(expected)


def test_an_act_found_in_the_shortest_period_is_too_old_by_no_other_fact() -> None:
    house = compiled(PACKAGE)
    facts = facts_with({"safety_related": False}, history=NO_CASES)
    known, _, _ = house.values(facts)
    values: Values = {**known, "#on": ON, HISTORY_VAR: facts.history}
    table = house.table(known["violation"])
    answers = table.sheet.answers(known, values)
    index = next(index for index, row in enumerate(table.program.rows) if row.gate == "4")
    held = answers & table.turned_by[index][0]
    able = {var for var in table.program.needs[index] if not held & table.sheet.others[var]}
    assert able == {"act_on", "discovered_on"}


def ruled_by(*conditions: Condition) -> RulePackage:
    """Return the package with one rule alone, which mitigates under these conditions together."""
    model = next(rule for rule in PACKAGE.rules if rule.rule_id == "LN-01")
    own = {"list_type": "mitigate", "limb": "article_32", "first_time": FirstTime(), "exclusions": ()}
    return changed(PACKAGE, rules=(changed(model, conditions=Condition(all=conditions), **own),))


def told(package: RulePackage, facts: dict[str, Any]) -> set[tuple[str, Any, str]]:
    return {(each.var, each.then, each.proposal) for each in answer(facts, package=package).would_change}


def test_one_fact_that_stands_against_a_row_twice_is_told_and_two_facts_are_not() -> None:
    restored = Condition(var="road_restored", op="==", value=True)
    not_open = Condition(not_=Condition(var="road_restored", op="==", value=False))
    harmless = Condition(var="facility_damaged", op="==", value=False)
    turned = ("road_restored", True, "mitigate")
    assert turned in told(ruled_by(restored), {"road_restored": False})
    assert turned in told(ruled_by(restored, not_open), {"road_restored": False})
    further = told(ruled_by(restored, not_open, harmless), {"road_restored": False, "facility_damaged": True})
    assert "mitigate" not in {proposal for _, _, proposal in further}
    assert turned in told(ruled_by(restored, not_open, harmless), {"road_restored": False, "facility_damaged": False})
