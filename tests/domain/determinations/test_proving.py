"""What the author of rules sees: examples green or red a rule, doubts, and a rule in words."""

from __future__ import annotations

import pytest

from core.domain.determinations.proofs import unproved, wants_piece
from core.domain.determinations.proving import proven_package
from core.domain.determinations.rule_text import compared_rules, condition_lines, rule_fields
from core.domain.determinations.rules import Basis, Condition, FirstTime, Rule, package_hash
from core.domain.determinations.vocabulary import Vocabulary
from core.kernel.errors import Cancelled
from core.kernel.progress import Stoppable
from core.kernel.records import changed
from core.kernel.words import Lang
from tests.domain.determinations.cases import PACKAGE, answer, facts_with

WORDS = Vocabulary(PACKAGE)
VARIABLES = {one.var: one for one in PACKAGE.variables}


def rule(rule_id: str) -> Rule:
    return next(one for one in PACKAGE.rules if one.rule_id == rule_id)


def texts(one: Rule, lang: Lang = "en") -> dict[str, str]:
    return {each.key: each.text for each in rule_fields(one, PACKAGE, lang)}


def test_the_package_in_force_is_green_and_every_rule_has_an_example() -> None:
    proven = proven_package(PACKAGE)
    assert proven.failed == ()
    assert proven.sha256 == package_hash(PACKAGE)
    assert len(proven.results) == len(PACKAGE.examples)
    assert all(one.examples and not one.failed for one in proven.rules)
    assert [one.id for one in proven.rules] == sorted(one.rule_id for one in PACKAGE.rules)


def test_an_example_that_gives_something_else_is_red_at_its_own_rule_only() -> None:
    wrong = tuple(changed(one, expect="transfer") if one.rule == "LN-02" else one for one in PACKAGE.examples)
    proven = proven_package(changed(PACKAGE, examples=wrong))
    assert {one.id for one in proven.rules if one.failed} == {"LN-02"}
    assert [(one.rule, one.expected) for one in proven.failed] == [("LN-02", "transfer")]


def test_examples_of_a_special_law_stand_apart() -> None:
    proven = proven_package(PACKAGE)
    names = {rule.rule_id for rule in PACKAGE.rules}
    assert {one.rule for one in proven.other_examples}.isdisjoint(names)
    assert len(proven.other_examples) + sum(len(one.examples) for one in proven.rules) == len(proven.results)


def test_a_doubt_stands_at_the_rules_it_is_about() -> None:
    # A list from before 2021 cites the law by its old numbers.
    old = changed(rule("LN-01"), leniency_basis=(Basis(law="行政处罚法", article="27"),))
    kept = tuple(old if one.rule_id == "LN-01" else one for one in PACKAGE.rules)
    proven = proven_package(changed(PACKAGE, rules=kept))
    assert {one.id for one in proven.rules if one.doubts} == {"LN-01"}


def test_testing_can_be_watched_and_stopped() -> None:
    watch = Stoppable()
    proven_package(PACKAGE, watch)
    assert (watch.done, watch.total) == (len(PACKAGE.examples), len(PACKAGE.examples))
    watch.stop = True
    with pytest.raises(Cancelled):
        proven_package(PACKAGE, watch)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_rule_is_written_out_with_the_same_fields(lang: Lang) -> None:
    shapes = {tuple(each.key for each in rule_fields(one, PACKAGE, lang)) for one in PACKAGE.rules}
    assert len(shapes) == 1
    assert all(each.name for each in rule_fields(PACKAGE.rules[0], PACKAGE, lang))


def test_a_condition_is_a_tree_of_lines() -> None:
    stopped = Condition(var="stopped_at_once", op="==", value=True)
    small = Condition(var="area_cm2", op="<=", value=5, unit="m2")
    damaged = Condition(var="facility_damaged", op="==", value=True)
    tree = Condition(all=(Condition(any=(stopped, small)), Condition(not_=damaged)))
    assert list(condition_lines(tree, WORDS, "en")) == [
        "all of:",
        "  any of:",
        f"    · {VARIABLES['stopped_at_once'].label.en}",
        "    · area is at most 5 m²",
        "  not:",
        "    · facility damaged",
    ]


def test_a_first_time_says_window_scope_area_and_what_counts() -> None:
    spec = FirstTime(
        required=True, window_months=24, scope="same_class", territory="area", counts=("penalty",), since="found"
    )
    said = texts(changed(rule("LN-01"), first_time=spec))["first_time"]
    assert said.splitlines() == [
        "none within 24 months",
        "the same class of violation",
        "in the same area",
        "counting: penalties",
        "from the day it was last found",
    ]
    assert texts(changed(rule("LN-01"), first_time=FirstTime()))["first_time"] == ""


def test_a_validity_names_the_end_that_is_open() -> None:
    one = changed(rule("LN-01"), valid_from=None, valid_to=None)
    assert texts(one)["validity"] == ""
    assert texts(rule("LN-01"))["validity"] == "2022-06-23 to …"


def test_a_rule_for_every_violation_says_so() -> None:
    assert texts(changed(rule("LN-01"), violations=("*",)))["violations"] == "any violation"


def test_two_rules_differ_in_what_they_say_differently_and_in_nothing_else() -> None:
    one = rule("LN-01")
    pairs = compared_rules(one, changed(one, rule_id="X", agency="消防"), PACKAGE, "en")
    assert [pair.key for pair in pairs if not pair.is_equal] == ["agency"]
    assert all(pair.one or pair.other for pair in pairs)
    assert all(pair.is_equal for pair in compared_rules(one, one, PACKAGE, "zh"))


def said_by_officer(*names: str, **values: bool | int | str) -> tuple[str, ...]:
    facts = facts_with(values)
    said = tuple(changed(one, source="officer") if one.var in (*values, *names) else one for one in facts.items)
    facts = changed(facts, items=said)
    return unproved(facts, answer(values), VARIABLES)


def test_a_circumstance_that_an_officer_states_wants_a_piece_and_one_that_is_absent_none() -> None:
    assert "facility_damaged" in said_by_officer(facility_damaged=True)
    assert "facility_damaged" not in said_by_officer(facility_damaged=False)


def test_a_fact_with_a_piece_or_from_a_list_lacks_nothing() -> None:
    facts = facts_with({"facility_damaged": True})
    assert unproved(facts, answer(), VARIABLES) == ()
    proved = tuple(
        changed(one, source="officer", evidence_ids=("e-1",)) if one.var == "facility_damaged" else one
        for one in facts.items
    )
    assert unproved(changed(facts, items=proved), answer(), VARIABLES) == ()


def test_full_capacity_is_what_everybody_has_and_the_want_of_it_is_proved() -> None:
    assert "party_capacity" not in said_by_officer(party_kind="natural_person", party_capacity="full")
    assert "party_capacity" in said_by_officer(party_kind="natural_person", party_age=30, party_capacity="partial")


def test_only_kinds_that_are_a_piece_of_their_own_are_asked_for() -> None:
    assert wants_piece(VARIABLES["facility_damaged"])
    assert not wants_piece(VARIABLES["circumstances_minor"])
