"""What a package is made into: typed values, memories that end, conditions in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.domain.determinations import compiled as room
from core.domain.determinations import vocabulary
from core.domain.determinations.compiled import CompiledPackage, compiled
from core.domain.determinations.facts import fact, facts_of
from core.domain.determinations.kept import Kept
from core.domain.determinations.rules import Choice, Condition, Label, Variable
from core.domain.determinations.vocabulary import Vocabulary
from core.kernel.records import changed
from tests.domain.determinations.cases import PACKAGE, facts_with

WORDS = Label(zh="甲", en="a")
CHOICES = (Choice(value="m", label=Label(zh="中", en="middle")), Choice(value="x", label=Label(zh="末", en="last")))
VARIABLES = (
    Variable(var="v_bool", type="bool", label=WORDS, question=WORDS),
    Variable(var="v_int", type="int", label=WORDS, question=WORDS),
    Variable(var="v_text", type="text", label=WORDS, question=WORDS),
    Variable(var="v_date", type="date", label=WORDS, question=WORDS),
    Variable(var="v_choice", type="text", label=WORDS, question=WORDS, choices=CHOICES),
    Variable(var="v_area", type="int", unit="cm2", label=Label(zh="面积", en="area"), question=WORDS),
)
OWN = changed(PACKAGE, variables=(*PACKAGE.variables, *VARIABLES))


@pytest.mark.parametrize(
    ("var", "value", "used"),
    [
        ("v_bool", True, True),
        ("v_bool", False, False),
        ("v_bool", 1, None),
        ("v_bool", "true", None),
        ("v_int", 7, 7),
        ("v_int", True, None),
        ("v_int", "7", None),
        ("v_text", "words", "words"),
        ("v_text", "", None),
        ("v_text", 7, None),
        ("v_date", "2026-03-05", date(2026, 3, 5)),
        ("v_date", "5 March", None),
        ("v_date", 7, None),
        ("v_choice", "m", "m"),
        ("v_choice", "x", "x"),
        ("v_choice", "a", None),
        ("v_choice", "z", None),
        ("v_choice", 7, None),
        ("nobody", True, None),
    ],
)
def test_a_value_is_used_in_its_variables_type_or_said_to_be_ignored(var: str, value: Any, used: Any) -> None:
    values, kept, ignored = CompiledPackage(OWN).values(facts_of([fact(var, value)]))
    if used is None:
        assert (ignored, var in values, kept) == ((var,), False, {})
    else:
        assert (ignored, values[var], kept[var][0]) == ((), used, value)


def test_a_fact_that_was_asked_and_not_known_is_neither_used_nor_ignored() -> None:
    values, kept, ignored = CompiledPackage(OWN).values(facts_of([fact("v_bool", None)]))
    assert (values, kept, ignored) == ({}, {}, ())


def test_a_memory_forgets_everything_when_it_is_full() -> None:
    kept: Kept[int] = Kept(3)
    sizes = [len(kept) for number in range(7) if kept.keep(number, number) == number]
    assert sizes == [1, 2, 3, 1, 2, 3, 1]


def test_the_last_packages_stay_ready_and_no_more_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[int, Any] = {}
    monkeypatch.setattr(room, "_kept", kept)
    monkeypatch.setattr(room, "_KEPT_MAX", 2)
    packages = [changed(PACKAGE, version=f"2030.{number}") for number in range(3)]
    made = [compiled(package) for package in packages[:2]]
    assert [compiled(package) for package in packages[:2]] == made
    assert len(kept) == 2
    compiled(packages[2])
    assert len(kept) == 1
    assert compiled(packages[0]) is not made[0]


def test_a_package_at_the_place_of_a_forgotten_one_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    other = changed(PACKAGE, version="2030.1")
    monkeypatch.setattr(room, "_kept", {id(PACKAGE): (other, CompiledPackage(other))})
    assert compiled(PACKAGE).name == f"{PACKAGE.id}@{PACKAGE.version}"


def test_a_violation_of_the_package_is_made_ready_once_and_a_foreign_one_every_time() -> None:
    house = CompiledPackage(PACKAGE)
    assert house.table("cs.road_occupy") is house.table("cs.road_occupy")
    assert house.table(None) is house.table("")
    foreign = house.table("nobody.listed")
    assert foreign is not house.table("nobody.listed")
    assert foreign.program.violation.id == "nobody.listed"
    assert all(row.rule is None or "*" in row.rule.violations for row in foreign.program.rows)


def test_coercion_without_a_list_rule_is_made_ready_once_for_all() -> None:
    house = CompiledPackage(PACKAGE)
    plain = [house.table(name).program for name in ("cs.road_occupy", "mk.prize_sale")]
    assert all(not program.coercion_rules for program in plain)
    assert house.coercion(plain[0]) is house.coercion(plain[1])


def shown(var: str, op: str, wanted: Any) -> tuple[str, str]:
    words = Vocabulary(OWN).condition_words(var, op, wanted)
    return words.zh, words.en


@pytest.mark.parametrize(
    ("var", "op", "wanted", "zh", "en"),
    [
        ("v_bool", "==", True, "甲", "a"),
        ("v_bool", "!=", False, "甲", "a"),
        ("v_bool", "==", False, "未出现：甲", "not: a"),
        ("v_bool", "!=", True, "未出现：甲", "not: a"),
        ("v_choice", "in", ("m", "x"), "甲为中或末", "a is middle or last"),
        ("v_choice", "==", "x", "甲为末", "a is last"),
        ("v_choice", "!=", "m", "甲不为中", "a is not middle"),
        ("v_area", "<", 50_000, "面积少于5平方米", "area is under 5 m²"),
        ("v_area", "<=", 50_000, "面积不超过5平方米", "area is at most 5 m²"),
        ("v_area", ">", 50_000, "面积超过5平方米", "area is over 5 m²"),
        ("v_area", ">=", 50_000, "面积不少于5平方米", "area is at least 5 m²"),
        ("v_text", "==", "430104", "甲为430104", "a is 430104"),
        ("v_text", "==", "", "甲为", "a is "),
    ],
)
def test_a_condition_is_a_short_phrase(var: str, op: str, wanted: Any, zh: str, en: str) -> None:
    assert shown(var, op, wanted) == (zh, en)


@pytest.mark.parametrize(
    ("var", "value", "zh", "en"),
    [
        ("v_bool", True, "是", "yes"),
        ("v_bool", False, "否", "no"),
        ("v_area", 25_000, "2.5平方米", "2.5 m²"),
        ("v_choice", "".join(("x",)), "末", "last"),
        ("v_choice", "n", "n", "n"),
        ("v_choice", "z", "z", "z"),
    ],
)
def test_a_value_is_read_in_both_languages(var: str, value: Any, zh: str, en: str) -> None:
    words = Vocabulary(OWN)
    assert (words.shown_value(var, value).zh, words.shown_value(var, value).en) == (zh, en)


def test_the_memory_of_values_ends_and_the_words_stay_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_TEXTS_MAX", 2)
    words = Vocabulary(OWN)
    made = [words.shown_value("v_int", number) for number in range(4)]
    assert [one.en for one in made] == ["0", "1", "2", "3"]
    assert [words.shown_value("v_int", number) is made[number] for number in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (Condition(var="v_area", op="<=", value=5, unit="m2"), 50_000),
        (Condition(var="v_area", op="<=", value=5), 5),
        (Condition(var="v_area", op="<=", value="0.5", unit="m2"), 5_000),
        (Condition(var="v_int", op="<=", value="5"), 5),
        (Condition(var="v_date", op="<=", value="2026-03-05"), date(2026, 3, 5)),
        (Condition(var="v_bool", op="==", value=True), True),
        (Condition(var="v_text", op="==", value="5"), "5"),
    ],
)
def test_a_wanted_value_is_in_the_variables_own_unit_and_type(condition: Condition, wanted: Any) -> None:
    found = Vocabulary(OWN).wanted(condition)
    assert (found, type(found)) == (wanted, type(wanted))


def test_only_whole_numbers_have_values_around_a_limit() -> None:
    words = Vocabulary(OWN)
    leaves = [words.leaf(var, op, wanted).leaf for var, op, wanted in (
        ("v_area", "<=", 5), ("v_bool", "==", True), ("v_text", "==", "5"),
    )]  # fmt: skip
    assert [leaf.thresholds for leaf in leaves if leaf is not None] == [(5, 6), (), ()]


def test_a_provision_has_a_label_and_no_provision_has_none() -> None:
    words = Vocabulary(PACKAGE)
    assert words.article_label("penalty:36") == words.articles["penalty:36"].label
    assert (words.article_label("").zh, words.article_label("").en) == ("", "")


def test_the_facts_of_the_tests_are_all_used() -> None:
    assert CompiledPackage(PACKAGE).values(facts_with())[2] == ()
