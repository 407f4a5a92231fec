"""Bad packages: each kind is refused with file, rule, path and what to do, and nothing of it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.domain.determinations.endless import DEPTH_MAX
from core.domain.determinations.explanation import advice_text, problem_text
from core.domain.determinations.parsing import parse_package
from core.domain.determinations.rules import RulePackage
from core.kernel.errors import Refusal
from core.kernel.records import to_plain
from core.kernel.resources import resources_dir
from core.kernel.words import Lang, catalogue, fault_words
from core.services.rule_packages import load_package, plain_package, shipped_package

PACKAGE: RulePackage = shipped_package()
LANGS: tuple[Lang, ...] = ("zh", "en")


def whole() -> dict[str, Any]:
    return to_plain(PACKAGE)


def at(rule_id: str) -> int:
    return next(index for index, rule in enumerate(PACKAGE.rules) if rule.rule_id == rule_id)


def refusal_of(plain: dict[str, Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse_package(plain)
    assert caught.value.code == "rules.bad_package"
    for lang in LANGS:
        words = fault_words(caught.value, lang)
        # Rule, path and an advice of its own stand in the words, never a bare code.
        assert str(caught.value.params["rule"]) in words.what
        assert str(caught.value.params["path"]) in words.what
        assert problem_text(str(caught.value.params["problem"]), lang) in words.what
        assert advice_text(str(caught.value.params["problem"]), lang) in words.todo
    return caught.value


def said(refusal: Refusal) -> tuple[object, object, object]:
    return refusal.params["rule"], refusal.params["path"], refusal.params["problem"]


def test_an_unknown_variable_is_refused() -> None:
    plain = whole()
    index = at("LN-01")
    plain["rules"][index]["conditions"]["all"][0]["var"] = "road_colour"
    refusal = refusal_of(plain)
    assert said(refusal) == ("LN-01", f"rules[{index}].conditions.all[0].var", "unknown_variable")
    assert refusal.params["detail"] == "road_colour"
    assert "variables" in fault_words(refusal, "zh").todo


def test_a_unit_that_does_not_fit_is_refused() -> None:
    plain = whole()
    index = at("LN-01")
    plain["rules"][index]["conditions"]["all"][1]["unit"] = "hour"
    refusal = refusal_of(plain)
    assert said(refusal) == ("LN-01", f"rules[{index}].conditions.all[1].unit", "unit_mismatch")
    assert refusal.params["detail"] == "area_cm2: hour / cm2"


def test_dates_that_contradict_each_other_are_refused() -> None:
    plain = whole()
    index = at("LN-08")
    plain["rules"][index].update(valid_from="2024-10-08", valid_to="2024-10-07")
    refusal = refusal_of(plain)
    assert said(refusal) == ("LN-08", f"rules[{index}].valid_to", "dates")
    assert refusal.params["detail"] == "2024-10-08 > 2024-10-07"


def test_a_rule_that_is_valid_for_one_day_is_no_contradiction() -> None:
    plain = whole()
    plain["rules"][at("LN-01")].update(valid_from="2026-03-05", valid_to="2026-03-05")
    assert parse_package(plain).rules[at("LN-01")].valid_from == parse_package(plain).rules[at("LN-01")].valid_to


def test_a_condition_that_contains_itself_is_refused() -> None:
    # The only cycle the format can hold: an alias to a part above. Rules and variables refer to declared names only.
    plain = whole()
    index = at("LN-01")
    condition = plain["rules"][index]["conditions"]
    condition["all"] = [*condition["all"], {"not": condition}]
    refusal = refusal_of(plain)
    assert said(refusal) == ("LN-01", f"rules[{index}].conditions.all[3].not", "cycle")


def test_a_cycle_written_with_aliases_in_a_file_is_refused_with_the_files_name(tmp_path: Path) -> None:
    text = (resources_dir() / "rules" / "area.yaml").read_text("utf-8")
    head, tail = text.split("\nexamples:", 1)
    cyclic = "  - &again\n    rule_id: LN-27\n    list_type: no_penalty\n    conditions: {all: [*again]}\n"
    for name in ("statute.yaml", "vocabulary.yaml"):
        (tmp_path / name).write_bytes((resources_dir() / "rules" / name).read_bytes())
    path = tmp_path / "own.yaml"
    path.write_text(f"{head}\n{cyclic}examples:{tail}", "utf-8")
    with pytest.raises(Refusal) as caught:
        load_package(path)
    assert caught.value.params["file"] == "own.yaml"
    assert (caught.value.params["rule"], caught.value.params["problem"]) == ("LN-27", "cycle")
    assert "own.yaml" in fault_words(caught.value, "en").what


def test_files_that_join_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("joins: [two.yaml]", "utf-8")
    (tmp_path / "two.yaml").write_text("joins: [one.yaml]", "utf-8")
    with pytest.raises(Refusal) as caught:
        plain_package(tmp_path / "one.yaml")
    assert caught.value.params["problem"] == "joins_cycle"
    assert caught.value.params["detail"] == "one.yaml > two.yaml > one.yaml"


def test_one_file_may_be_joined_twice_on_different_ways(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("joins: [two.yaml, three.yaml]", "utf-8")
    (tmp_path / "two.yaml").write_text("joins: [three.yaml]", "utf-8")
    (tmp_path / "three.yaml").write_text("sources: {S1: text}", "utf-8")
    assert plain_package(tmp_path / "one.yaml") == {"sources": {"S1": "text"}}


@pytest.mark.parametrize("joins", ["two.yaml", [1], {"a": "b"}])
def test_joins_that_are_no_list_of_names_are_refused(tmp_path: Path, joins: object) -> None:
    (tmp_path / "one.yaml").write_text(yaml.safe_dump({"joins": joins}), "utf-8")
    with pytest.raises(Refusal) as caught:
        plain_package(tmp_path / "one.yaml")
    assert (caught.value.params["path"], caught.value.params["problem"]) == ("joins", "shape")


def test_a_condition_nested_beyond_reading_is_refused() -> None:
    plain = whole()
    condition: dict[str, Any] = {"var": "facility_damaged", "op": "==", "value": False}
    for _ in range(DEPTH_MAX):
        condition = {"not": condition}
    plain["rules"][at("LN-01")]["conditions"] = condition
    refusal = refusal_of(plain)
    assert (refusal.params["rule"], refusal.params["problem"]) == ("LN-01", "too_deep")


def test_aliases_that_unfold_without_measure_are_refused() -> None:
    plain = whole()
    part: dict[str, Any] = {"var": "facility_damaged", "op": "==", "value": False}
    for _ in range(10):
        part = {"all": [part] * 9}
    plain["rules"][at("LN-01")]["conditions"] = part
    assert refusal_of(plain).params["problem"] == "too_large"


@pytest.mark.parametrize(
    ("changes", "path", "problem"),
    [
        ({"first_time": {"required": False}}, ".first_time.required", "widens_first_time"),
        ({"limb": "minor", "conditions": {}, "first_time": {}}, ".conditions", "widens_minor"),
        (
            {
                "limb": "minor",
                "violations": ["agency:城管"],
                "first_time": {},
                "conditions": {"all": [{"var": "corrected_in_time", "op": "==", "value": True}]},
            },
            ".conditions",
            "widens_minor",
        ),
        (
            {"list_type": "light", "limb": "article_32", "conditions": {}, "first_time": {}},
            ".conditions",
            "widens_always",
        ),
        (
            {"list_type": "no_coercion", "limb": "non_coercion", "conditions": {}, "first_time": {}},
            ".conditions",
            "widens_always",
        ),
        ({"limb": "article_32"}, ".limb", "limb"),
        ({"conditions": {"any": [{"var": "facility_damaged", "op": "==", "value": False}, {}]}}, ".conditions.any[1]",
         "empty_condition"),
        ({"conditions": {"not": {"all": [{}]}}}, ".conditions.not.all[0]", "empty_condition"),
        ({"duty": "must"}, ".duty", "shape"),
    ],
)  # fmt: skip
def test_a_rule_that_widens_the_statute_is_refused(changes: dict[str, Any], path: str, problem: str) -> None:
    plain = whole()
    index = at("LN-01")
    plain["rules"][index].update(changes)
    assert said(refusal_of(plain)) == ("LN-01", f"rules[{index}]{path}", problem)


def test_a_named_item_may_be_minor_by_its_kind() -> None:
    plain = whole()
    index = at("LN-01")
    condition = {"all": [{"var": "corrected_in_time", "op": "==", "value": True}]}
    plain["rules"][index].update(limb="minor", first_time={}, conditions=condition)
    assert parse_package(plain).rules[index].limb == "minor"


def test_a_rule_without_an_example_is_refused() -> None:
    plain = whole()
    index = at("LN-12")
    plain["examples"] = [each for each in plain["examples"] if each["rule"] != "LN-12"]
    assert said(refusal_of(plain)) == ("LN-12", f"rules[{index}]", "no_example")


def test_every_problem_has_words_and_an_advice() -> None:
    names = {part: {key.rsplit(".", 1)[1] for key in catalogue() if key.startswith(f"rules.{part}.")}
             for part in ("problem", "advice")}  # fmt: skip
    assert names["problem"] == names["advice"]
    assert {"unknown_variable", "unit_mismatch", "dates", "cycle", "widens_minor", "no_example"} <= names["problem"]
