"""The shipped package: its entries, its examples, its schema, and what a bad package is told."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.determinations.engine import determine
from core.domain.determinations.examples import ExampleResult, check_package
from core.domain.determinations.explanation import problem_text
from core.domain.determinations.parsing import parse_package
from core.domain.determinations.rules import RulePackage, package_hash, package_schema
from core.kernel.errors import Refusal
from core.kernel.records import changed, to_plain
from core.kernel.resources import resources_dir
from core.services.rule_packages import DemoFinding, demo_findings, read_yaml, shipped_package

PACKAGE = shipped_package()


@pytest.mark.parametrize("result", check_package(PACKAGE), ids=lambda result: result.name)
def test_every_example_of_the_shipped_package_passes(result: ExampleResult) -> None:
    assert result.is_passed, result


def test_all_26_entries_are_there_with_source_confidence_and_mark() -> None:
    entries = {rule.rule_id[:5] for rule in PACKAGE.rules}
    assert entries == {f"LN-{number:02}" for number in range(1, 27)}
    assert all(rule.source in PACKAGE.sources and rule.mark == "示例·推演" for rule in PACKAGE.rules)
    assert {rule.rule_id for rule in PACKAGE.rules if rule.confidence == "unverified"} == {"LN-07", "LN-14"}


def test_the_areas_own_regulation_is_a_slot_without_rules() -> None:
    slot = next(slot for slot in PACKAGE.slots if slot.id == "area-regulation")
    assert slot.status.zh == "文本未取得·未核实"
    assert all("湘江新区" not in rule.place for rule in PACKAGE.rules)


def test_the_five_demo_findings_give_five_different_proposals() -> None:
    given = [determine(finding.facts, PACKAGE, on=finding.on).proposal for finding in demo_findings()]
    assert given == [finding.expect for finding in demo_findings()]
    assert len(set(given)) == 5


@pytest.mark.parametrize("finding", demo_findings(), ids=lambda finding: finding.id)
def test_changing_one_fact_of_a_demo_finding_changes_its_proposal(finding: DemoFinding) -> None:
    turned = determine(finding.turned_facts, PACKAGE, on=finding.on)
    assert turned.proposal == finding.turned_expect != finding.expect
    different = [
        var
        for var in {item.var for item in (*finding.facts.items, *finding.turned_facts.items)}
        if finding.facts.value(var) != finding.turned_facts.value(var)
    ]
    assert different == [finding.turned_var]


def plain_package() -> dict[str, Any]:
    return to_plain(PACKAGE)


def position(rule_id: str) -> int:
    return next(index for index, rule in enumerate(PACKAGE.rules) if rule.rule_id == rule_id)


def refused(plain: dict[str, Any]) -> dict[str, object]:
    with pytest.raises(Refusal) as refusal:
        parse_package(plain)
    assert refusal.value.code == "rules.bad_package"
    assert problem_text(str(refusal.value.params["problem"]), "zh")
    return refusal.value.params


def first_condition(plain: dict[str, Any], rule_id: str = "LN-01") -> dict[str, Any]:
    return plain["rules"][position(rule_id)]["conditions"]["all"][1]


def test_a_package_comes_back_equal_from_its_plain_form() -> None:
    again = parse_package(plain_package())
    assert again == PACKAGE
    assert package_hash(again) == package_hash(PACKAGE)


def test_the_order_of_rules_in_a_file_does_not_change_the_hash() -> None:
    assert package_hash(changed(PACKAGE, rules=PACKAGE.rules[::-1])) == package_hash(PACKAGE)


def test_another_number_in_a_rule_changes_the_hash() -> None:
    plain = plain_package()
    first_condition(plain)["value"] = 6
    assert package_hash(parse_package(plain)) != package_hash(PACKAGE)


def test_an_unknown_variable_is_refused_with_rule_and_path() -> None:
    plain = plain_package()
    first_condition(plain)["var"] = "aera"
    params = refused(plain)
    index = position("LN-01")
    assert params["rule"] == "LN-01"
    assert params["path"] == f"rules[{index}].conditions.all[1].var"
    assert (params["problem"], params["detail"]) == ("unknown_variable", "aera")


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("unit", "day", "unit_mismatch"),
        ("unit", "", "unit_missing"),
        ("unit", "furlong", "unit_mismatch"),
        ("value", "five", "value_type"),
        ("value", True, "value_type"),
        ("value", "0.00001", "value_type"),
        ("op", "", "operator"),
        ("op", "in", "operator"),
    ],
)
def test_a_test_that_does_not_fit_its_variable_is_refused(field: str, value: object, problem: str) -> None:
    plain = plain_package()
    first_condition(plain)[field] = value
    assert refused(plain)["problem"] == problem


def test_a_float_is_refused_with_the_advice_to_write_text() -> None:
    plain = plain_package()
    first_condition(plain)["value"] = 5.5
    params = refused(plain)
    assert (params["rule"], params["problem"]) == ("LN-01", "float_value")


def test_a_decimal_written_as_text_is_exact() -> None:
    plain = plain_package()
    first_condition(plain)["value"] = "5.5"
    assert parse_package(plain).rules[position("LN-01")].conditions.all[1].value == "5.5"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"valid_to": "2020-01-01"}, "dates"),
        ({"violations": []}, "no_violation"),
        ({"violations": ["nothing"]}, "unknown_violation"),
        ({"source": "S999"}, "unknown_source"),
        ({"law_version_guard": "行政处罚法@1996"}, "unknown_version"),
        ({"exclusions": ["nothing"]}, "unknown_variable"),
        ({"first_time": {"required": False}}, "widens_first_time"),
        ({"first_time": {"required": True, "window_months": 0}}, "window"),
        ({"limb": "article_32"}, "limb"),
        ({"limb": "minor", "conditions": {}, "first_time": {}}, "widens_minor"),
        ({"rule_id": "LN-02"}, "twice"),
        ({"rule_id": "LN-99"}, "no_example"),
        ({"conditionz": {}}, "shape"),
        ({"list_type": "forgive"}, "shape"),
    ],
)
def test_a_bad_rule_is_refused_with_its_problem(changes: dict[str, object], problem: str) -> None:
    plain = plain_package()
    plain["rules"][position("LN-01")].update(changes)
    assert refused(plain)["problem"] == problem


@pytest.mark.parametrize(
    ("kind", "problem"),
    [("variables", "statute_variable"), ("articles", "statute_article"), ("examples", "no_examples")],
)
def test_a_package_without_what_the_statute_needs_is_refused(kind: str, problem: str) -> None:
    plain = plain_package()
    plain[kind] = []
    assert refused(plain)["problem"] == problem


def test_a_veto_that_is_no_yes_or_no_is_refused() -> None:
    plain = plain_package()
    plain["vetoes"][0]["var"] = "party_age"
    assert refused(plain)["problem"] == "unknown_variable"


def test_an_unknown_field_deep_inside_is_refused_and_not_passed_over() -> None:
    plain = plain_package()
    first_condition(plain)["uint"] = "m2"
    params = refused(plain)
    assert (params["rule"], params["problem"], params["detail"]) == ("LN-01", "shape", "uint")


def test_the_schema_names_every_part_and_is_closed() -> None:
    schema = package_schema()
    assert {"Rule", "Condition", "FirstTime", "Variable", "Veto"} <= set(schema["$defs"])
    assert schema["$defs"]["Rule"]["additionalProperties"] is False
    assert "not" in schema["$defs"]["Condition"]["properties"]


def test_every_article_is_cited_by_label_and_says_in_which_version_or_that_it_is_unverified() -> None:
    articles = read_yaml(resources_dir() / "rules" / "statute.yaml")["articles"]
    assert len(articles) == len(PACKAGE.articles)
    assert all(article.label.zh.startswith("《") and article.says.zh for article in PACKAGE.articles)


def test_every_question_stands_in_both_languages_and_names_who_answers() -> None:
    for variable in PACKAGE.variables:
        assert (variable.question.zh[-1], variable.question.en[-1]) == ("？", "?"), variable.var
        assert variable.evidence_kind


def test_a_failing_example_is_told_and_not_raised() -> None:
    example = changed(PACKAGE.examples[0], expect="transfer")
    package: RulePackage = changed(PACKAGE, examples=(example,))
    (result,) = check_package(package)
    assert not result.is_passed
    assert (result.expected, result.given) == ("transfer", "no_penalty")
