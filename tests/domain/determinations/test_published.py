"""The published lists of other places as a package: nothing lost, nothing invented, nothing in force here by chance."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import pytest

from core.domain.determinations.doubts import doubts_of, old_article
from core.domain.determinations.edges import edges_of, edges_without_example
from core.domain.determinations.engine import determine
from core.domain.determinations.examples import ExampleResult, check_package, example_facts
from core.domain.determinations.explanation import doubt_text, explain
from core.domain.determinations.facts import Facts, fact
from core.domain.determinations.rules import Condition, ExampleCase, Rule
from core.kernel.resources import resources_dir
from core.services.rule_packages import published_package, read_yaml

PACKAGE = published_package()
LIST = resources_dir() / "lists" / "leniency-published.csv"
ROWS = list(csv.DictReader(LIST.read_text("utf-8").splitlines()))
NOT_EXPRESSED: list[dict[str, Any]] = read_yaml(resources_dir() / "rules" / "published-not-expressed.yaml")["rows"]
HOLDING = {example.rule: example for example in PACKAGE.examples if example.rule and example.rule_holds is not False}


def row_of(identifier: str) -> int:
    found = re.fullmatch(r"PB-(\d{3})[A-Z]?", identifier)
    assert found is not None, identifier
    return int(found[1])


def entries() -> list[tuple[int, str, str]]:
    """Return row, source and confidence of every rule and immunity that stands for a published row."""
    rules = [(row_of(rule.rule_id), rule.source, rule.confidence) for rule in PACKAGE.rules]
    own = [each for each in PACKAGE.immunities if each.id.startswith("PB-")]
    return rules + [(row_of(each.id), each.source, each.confidence) for each in own]


def test_each_of_the_81_published_rows_is_a_rule_or_is_listed_with_the_reason_and_never_both() -> None:
    expressed = {row for row, _, _ in entries()}
    listed = [entry["row"] for entry in NOT_EXPRESSED]
    assert len(ROWS) == 81
    assert sorted([*expressed, *listed]) == list(range(1, 82))


def test_a_row_that_is_no_rule_says_why_and_names_the_violation_as_published() -> None:
    for entry in NOT_EXPRESSED:
        row = ROWS[entry["row"] - 1]
        assert (entry["violation"], entry["source"]) == (row["violation"], row["source_id"])
        assert entry["reason"] == "condition_missing"
        assert row["conditions"] == ""
        assert entry["why"]["zh"]
        assert entry["why"]["en"]


def test_every_entry_names_its_source_and_stands_as_unverified() -> None:
    for row, source, confidence in entries():
        assert source == ROWS[row - 1]["source_id"]
        assert source in PACKAGE.sources
        assert confidence == "unverified"


@pytest.mark.parametrize("rule", PACKAGE.rules, ids=lambda rule: rule.rule_id)
def test_a_rule_says_what_its_row_says(rule: Rule) -> None:
    row = ROWS[row_of(rule.rule_id) - 1]
    kinds = {"从轻处罚": "light", "减轻处罚": "mitigate", "不予行政强制": "no_coercion"}
    assert rule.title.zh == row["violation"]
    assert (rule.place, rule.agency) == (row["place"], row["agency"])
    assert (rule.valid_from.isoformat() if rule.valid_from else "") == row["valid_from"]
    assert rule.valid_to is None
    assert rule.list_type == kinds.get(row["list_type"], "no_penalty")
    if row["list_type"] == "首违不罚":
        assert rule.first_time.required


def test_a_first_time_has_no_window_because_no_published_row_names_one() -> None:
    assert not any(re.search(r"[一二三12]年内|个月", row["conditions"]) for row in ROWS)
    assert {rule.first_time.window_months for rule in PACKAGE.rules} == {None}


# Rule and variable -> the words of the row, last value inside, first outside, in the variable's own unit.
NUMBERS = {
    ("PB-007", "party_age"): ("已满十四周岁不满十八周岁", {(14, 13), (17, 18)}),
    ("PB-031", "area_cm2"): ("不超过5平方米", {(50_000, 50_001)}),
    ("PB-031", "duration_days"): ("不超过2天", {(2, 3)}),
    ("PB-033", "area_cm2"): ("面积不超过5平方米", {(50_000, 50_001)}),
    ("PB-033", "volume_dm3"): ("体积不超过5立方米", {(5_000, 5_001)}),
    ("PB-037", "goods_value_cents"): ("货值不足500元", {(49_999, 50_000)}),
    ("PB-075", "blocked_width_permille"): ("未超过总宽度20%", {(200, 201)}),
    ("PB-077", "factors_over"): ("仅一个因子超标", {(1, 2)}),
    ("PB-077", "over_permille"): ("超标小于0.1倍", {(99, 100)}),
    ("PB-077", "over_minutes_day"): ("累计不超过4小时", {(240, 241)}),
    ("PB-078", "correction_workdays"): ("5个工作日内", {(5, 6)}),
    ("PB-079", "over_permille"): ("超标倍数0.1倍以下", {(100, 101)}),
    ("PB-080", "area_cm2"): ("小于50平方米", {(499_999, 500_000)}),
    ("PB-081", "correction_workdays"): ("2个工作日内", {(2, 3)}),
}


def test_every_number_of_a_published_condition_stands_in_its_rule_and_no_other() -> None:
    found: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for edge in edges_of(PACKAGE):
        found.setdefault((edge.rule, edge.var), set()).add((edge.inside, edge.outside))
    assert found == {key: sides for key, (_, sides) in NUMBERS.items()}
    for (rule_id, _), (words, _) in NUMBERS.items():
        assert words in ROWS[row_of(rule_id) - 1]["conditions"]
    with_numbers = {row_of(rule_id) for rule_id, _ in NUMBERS}
    # Row 2 is an immunity below fourteen; row 1 of the tax list and the like speak of no number at all.
    assert {n for n, row in enumerate(ROWS, 1) if re.search(r"\d|周岁", row["conditions"])} == with_numbers | {2}


@pytest.mark.parametrize("result", check_package(PACKAGE), ids=lambda result: result.name)
def test_every_example_of_the_published_package_passes(result: ExampleResult) -> None:
    assert result.is_passed, result


def test_every_numeric_edge_has_an_example_on_both_sides() -> None:
    assert len(edges_of(PACKAGE)) >= 14
    assert edges_without_example(PACKAGE) == ()


def leaves(condition: Condition) -> Iterator[Condition]:
    if condition.var:
        yield condition
    for part in condition.all:
        yield from leaves(part)


def holding_facts(rule_id: str) -> Facts:
    return example_facts(HOLDING[rule_id], PACKAGE)


def held(facts: Facts, example: ExampleCase) -> set[str]:
    return {match.rule for match in determine(facts, PACKAGE, on=example.decided_on).matched}


CONDITIONS = [
    (rule.rule_id, leaf.var) for rule in PACKAGE.rules for leaf in leaves(rule.conditions) if type(leaf.value) is bool
]


@pytest.mark.parametrize(("rule_id", "var"), CONDITIONS, ids=lambda value: value)
def test_a_rule_holds_no_longer_when_one_of_its_conditions_is_turned(rule_id: str, var: str) -> None:
    example = HOLDING[rule_id]
    facts = holding_facts(rule_id)
    assert rule_id in held(facts, example)
    turned = facts.with_fact(fact(var, not facts.value(var)))
    assert rule_id not in held(turned, example)
    assert rule_id not in held(facts.without(var), example)


@pytest.mark.parametrize("rule_id", sorted(HOLDING))
def test_a_list_of_another_place_does_not_hold_in_the_area(rule_id: str) -> None:
    rule = next(each for each in PACKAGE.rules if each.rule_id == rule_id)
    here = holding_facts(rule_id).with_fact(fact("place", "430104"))
    holds = rule_id in held(here, HOLDING[rule_id])
    assert holds == (not rule.applies_in)
    assert bool(rule.applies_in) == (rule.source not in ("A63", "A65"))


def test_the_same_circumstances_under_no_penalty_and_light_are_a_conflict_for_the_head() -> None:
    # Both sheets of source A51 name them; the data pack says that the original is so.
    facts = holding_facts("PB-001")
    answer = determine(facts, PACKAGE, on=HOLDING["PB-001"].decided_on)
    conflict = next(each for each in answer.conflicts if each.code == "list_against_itself")
    assert answer.proposal == "no_penalty"
    assert conflict.about == ("PB-001", "PB-006")
    assert any("PB-001, PB-006" in line for line in explain(answer, "zh"))


def test_the_blind_under_no_penalty_and_light_are_a_conflict_for_the_head() -> None:
    answer = determine(holding_facts("PB-005"), PACKAGE, on=HOLDING["PB-005"].decided_on)
    assert (answer.proposal, answer.duty) == ("no_penalty", "may")
    assert [each.about for each in answer.conflicts if each.code == "list_against_itself"] == [("PB-004", "PB-005")]


def test_light_and_mitigate_under_the_same_conditions_disagree_inside_their_gate() -> None:
    answer = determine(holding_facts("PB-044"), PACKAGE, on=HOLDING["PB-044"].decided_on)
    assert [(each.code, each.about) for each in answer.conflicts] == [("rules_disagree", ("PB-044", "PB-045"))]
    assert {match.rule for match in answer.matched} == {"PB-044", "PB-045"}


@pytest.mark.parametrize("rule_id", ["PB-012", "PB-013", "PB-014", "PB-015"])
def test_an_entry_that_cites_the_old_article_27_is_flagged_for_the_head(rule_id: str) -> None:
    rule = next(each for each in PACKAGE.rules if each.rule_id == rule_id)
    answer = determine(holding_facts(rule_id), PACKAGE, on=HOLDING[rule_id].decided_on)
    assert old_article(rule) == "27"
    assert [(each.code, each.about) for each in answer.conflicts] == [("old_article", (rule_id,))]


def test_an_entry_without_a_cited_article_is_not_flagged() -> None:
    answer = determine(holding_facts("PB-016"), PACKAGE, on=HOLDING["PB-016"].decided_on)
    assert answer.conflicts == ()


def test_the_doubts_of_the_package_are_those_the_data_pack_names() -> None:
    doubts = doubts_of(PACKAGE)
    same = [each.rules for each in doubts if each.code == "same_conditions"]
    old = [each.rules for each in doubts if each.code == "old_article"]
    (unverified,) = [each.rules for each in doubts if each.code == "unverified"]
    assert same == [("PB-001", "PB-006"), ("PB-004", "PB-005"), ("PB-044", "PB-045")]
    assert old == [("PB-012",), ("PB-013",), ("PB-014",), ("PB-015",)]
    assert len(unverified) == len(PACKAGE.rules)
    assert all(doubt_text(each, "zh") and doubt_text(each, "en") for each in doubts)


@pytest.mark.parametrize("source", ["A54", "A66"])
def test_an_entry_of_a_draft_asks_whether_it_was_adopted(source: str) -> None:
    drafts = [rule for rule in PACKAGE.rules if rule.source == source]
    assert drafts
    for rule in drafts:
        assert rule.mark.startswith("征求意见稿")
        assert rule.conditions.all[0].var == "list_adopted"
