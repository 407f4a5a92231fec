"""Pieces of an answer that other tests only look past: contradictions, open questions, other values, what is beside.

Source: domain.md 3.3 and 3.4.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.domain.determinations.changes import CHANGES_MAX
from core.domain.determinations.facts import History
from core.domain.determinations.results import Determination
from core.domain.determinations.rules import Condition, FirstTime, Immunity, Rule
from core.kernel.records import changed
from tests.domain.determinations.cases import ACT_ON, NO_CASES, ON, PACKAGE, answer, earlier


def about(found: Determination, code: str = "facts_contradict") -> list[tuple[str, ...]]:
    return [each.about for each in found.conflicts if each.code == code]


@pytest.mark.parametrize(
    ("mode", "in_time", "is_conflict"),
    [
        ("on_the_spot", True, False),
        ("on_the_spot", False, True),
        ("before_discovery", False, True),
        ("within_period", True, False),
        ("late", True, True),
        ("late", False, False),
        ("none", True, True),
        ("none", False, False),
        (None, True, False),
        ("late", None, False),
    ],
)
def test_the_way_of_correction_and_in_time_have_to_agree(
    mode: str | None, in_time: bool | None, is_conflict: bool
) -> None:
    found = answer({"correction_mode": mode, "corrected_in_time": in_time})
    assert (("correction_mode", "corrected_in_time") in about(found)) is is_conflict


@pytest.mark.parametrize(
    "pair", [("no_harmful_result", "serious_harm"), ("corrected_in_time", "missed_deadline")], ids="-".join
)
@pytest.mark.parametrize("one", [True, False, None])
@pytest.mark.parametrize("other", [True, False, None])
def test_two_facts_that_exclude_each_other(pair: tuple[str, str], one: bool | None, other: bool | None) -> None:
    found = answer({pair[0]: one, pair[1]: other, "correction_mode": None})
    assert (pair in about(found)) is (one is True and other is True)


@pytest.mark.parametrize(("days", "is_conflict"), [(-1, True), (0, False), (1, False), (None, False)])
def test_an_act_does_not_end_before_it_begins(days: int | None, is_conflict: bool) -> None:
    ended = None if days is None else ACT_ON + timedelta(days=days)
    assert (("act_on", "act_ended_on") in about(answer({"act_ended_on": ended}))) is is_conflict


def test_nothing_ends_before_a_beginning_that_nobody_knows() -> None:
    assert about(answer({"act_on": None, "act_ended_on": date(1990, 1, 1)})) == []


@pytest.mark.parametrize(("days", "is_later"), [(-1, False), (0, False), (1, True)])
def test_a_look_up_from_after_the_decision_is_a_conflict(days: int, is_later: bool) -> None:
    history = changed(NO_CASES, as_of=ON + timedelta(days=days))
    assert bool([each for each in answer(history=history).conflicts if each.code == "history_from_later"]) is is_later


def own_rule(rule_id: str, list_type: Any, limb: Any, **fields: Any) -> Rule:
    base = next(rule for rule in PACKAGE.rules if rule.rule_id == "LN-01")
    plain: dict[str, Any] = {
        "rule_id": rule_id, "list_type": list_type, "limb": limb, "first_time": FirstTime(), "exclusions": (),
        "applies_in": (), "law_version_guard": "", "valid_from": None, "leniency_basis": (),
        "conditions": Condition(var="facility_damaged", op="==", value=True),
    }  # fmt: skip
    return changed(base, **(plain | fields))


def with_rules(*rules: Rule, **more: Any) -> Any:
    return changed(PACKAGE, rules=rules, **more)


MINOR = {"corrected_in_time": True, "no_harmful_result": True, "circumstances_minor": False}


def test_one_source_that_gives_both_results_is_against_itself_and_two_sources_are_not() -> None:
    none, light = own_rule("A", "no_penalty", "minor"), own_rule("B", "light", "article_32")
    found = answer(MINOR, package=with_rules(none, light))
    assert about(found, "list_against_itself") == [("A", "B")]
    other = answer(MINOR, package=with_rules(none, changed(light, source="S54")))
    assert about(other, "list_against_itself") == []


def test_a_source_with_one_result_in_one_gate_is_not_against_itself() -> None:
    same = (own_rule("A", "no_penalty", "minor"), own_rule("B", "no_penalty", "minor"))
    found = answer(MINOR, package=with_rules(*same))
    assert about(found, "list_against_itself") == []
    assert {match.rule for match in found.matched} == {"A", "B"}


def test_an_immunity_and_a_rule_of_one_source_can_be_against_each_other() -> None:
    immunity = Immunity(
        id="IM", title=PACKAGE.rules[0].title, laws=("城市道路管理条例",), article="penalty:33.2", source="S53",
        conditions=Condition(var="facility_damaged", op="==", value=True),
    )  # fmt: skip
    light = own_rule("B", "light", "article_32")
    found = answer(MINOR, package=with_rules(light, immunities=(immunity,)))
    assert (found.row, found.proposal) == ("8", "no_penalty")
    assert about(found, "list_against_itself") == [("B", "IM")]
    agreeing = own_rule("A", "no_penalty", "minor")
    assert about(answer(MINOR, package=with_rules(agreeing, immunities=(immunity,))), "list_against_itself") == []


def questions(found: Determination) -> list[str]:
    return [each.var for each in found.missing]


def test_a_question_of_one_fact_is_asked_even_where_the_same_fact_is_idle_for_the_period() -> None:
    # Without safety the result matters to no period, yet article 33 still asks for it.
    found = answer({"safety_related": False, "no_harmful_result": None, "circumstances_minor": True,
                    "corrected_in_time": True, "harm_minor": False, "facility_damaged": True})  # fmt: skip
    assert "no_harmful_result" in questions(found)


def test_a_look_up_is_asked_for_before_the_day_that_only_a_case_needs() -> None:
    open_facts: dict[str, Any] = {"harm_minor": True, "corrected_in_time": True, "discovered_on": None}
    unknown = answer(open_facts | {"act_on": ON}, history=None)
    assert "first_time_history" in questions(unknown)
    stale = changed(NO_CASES, is_confirmed=False, as_of=ON - timedelta(days=900))
    assert "first_time_history" in questions(answer(open_facts | {"act_on": ON}, history=stale))


def test_the_day_is_asked_where_a_case_is_known_and_may_be_earlier() -> None:
    open_facts: dict[str, Any] = {"harm_minor": True, "corrected_in_time": True, "discovered_on": None, "act_on": ON}
    found = answer(open_facts, history=earlier(date(2026, 1, 1)))
    assert "discovered_on" in questions(found)
    assert "first_time_history" not in questions(found)


def test_an_answer_that_is_decided_asks_nothing() -> None:
    found = answer({"suspected_crime": True, "no_harmful_result": None})
    assert (found.proposal, found.missing) == ("transfer", ())


def test_a_place_that_a_first_time_hangs_on_is_asked_and_nothing_that_is_known() -> None:
    in_area = changed(PACKAGE.parameters.first_time, territory="area")
    package = with_rules(parameters=changed(PACKAGE.parameters, first_time=in_area))
    found = answer(FIRST | {"place": None}, history=earlier(date(2026, 1, 5)), package=package)
    assert (found.proposal, questions(found)) == ("needs_evidence", ["place"])


def test_an_open_veto_is_not_asked_where_no_open_row_turns_on_it() -> None:
    found = answer({"facts_proved": None, "serious_harm": None, "circumstances_minor": False}, package=with_rules())
    assert (found.proposal, questions(found)) == ("needs_evidence", ["facts_proved"])


def test_a_decided_lighter_penalty_asks_nothing_for_another_line_with_the_same_result() -> None:
    open_line = own_rule("A", "light", "article_32", conditions=Condition(var="road_restored", op="==", value=True))
    package = with_rules(open_line, own_rule("B", "light", "article_32"))
    found = answer({"facility_damaged": True, "road_restored": None}, package=package)
    assert (found.proposal, found.possible, questions(found)) == ("light", ("light",), [])


def changes_of(found: Determination, var: str) -> list[tuple[Any, str]]:
    return [(each.then, each.proposal) for each in found.would_change if each.var == var]


FIRST = {"harm_minor": True, "corrected_in_time": True, "no_harmful_result": False}


def test_the_choice_that_stands_is_not_offered_as_another() -> None:
    stands = "".join(("natural", "_person"))
    found = answer({"party_kind": stands, "party_age": 13, "party_capacity": "full"})
    assert (found.row, found.proposal) == ("6", "no_penalty")
    kinds = [then for then, _ in changes_of(found, "party_kind")]
    assert kinds
    assert stands not in kinds


def test_another_history_is_said_as_yes_or_no() -> None:
    first = answer(FIRST, package=with_rules())
    assert (first.row, first.duty) == ("11", "may")
    assert (False, "ordinary") in changes_of(first, "first_time_history")
    again = answer(FIRST, history=earlier(date(2026, 1, 5)), package=with_rules())
    assert again.proposal == "ordinary"
    assert changes_of(again, "first_time_history") == [(True, "no_penalty")]


def test_a_number_changes_the_result_just_beyond_its_limit_and_the_nearest_limit_only() -> None:
    within = [Condition(var="duration_days", op="<=", value=days, unit="day") for days in (2, 5, 9)]
    limits = tuple(own_rule(f"R{place}", "light", "article_32", conditions=each) for place, each in enumerate(within))
    found = answer({"duration_days": 20}, package=with_rules(*limits))
    assert found.proposal == "ordinary"
    assert changes_of(found, "duration_days") == [(9, "light")]
    low = answer({"duration_days": 1}, package=with_rules(limits[0]))
    assert changes_of(low, "duration_days") == [(3, "ordinary")]


def test_no_more_changes_are_shown_than_a_person_reads() -> None:
    found = answer({"circumstances_minor": True, "corrected_in_time": True, "no_harmful_result": True})
    assert len(found.would_change) <= CHANGES_MAX == 10


@pytest.mark.parametrize(("age", "told"), [(13, True), (14, False), (15, False)])
def test_a_guardian_is_told_of_a_child_only(age: int, told: bool) -> None:
    found = answer({"party_kind": "natural_person", "party_age": age, "party_capacity": "none"})
    assert (found.row, found.proposal) == ("6", "no_penalty")
    assert ("guardian_told" in found.follow_up) is told


@pytest.mark.parametrize(
    "circumstances", [{"circumstances_minor": True, "no_harmful_result": True}, {"harm_minor": True}]
)
def test_no_guardian_is_told_where_another_row_spares_an_organisation(circumstances: dict[str, Any]) -> None:
    found = answer({"party_kind": "organisation", "party_age": 13, "corrected_in_time": True, **circumstances})
    assert (found.row, found.proposal) in {("9", "no_penalty"), ("11", "no_penalty")}
    assert "guardian_told" not in found.follow_up


def test_gains_beside_a_lighter_penalty_are_not_named_as_the_thing_that_stays() -> None:
    found = answer(
        {"facility_damaged": True, "has_illegal_gains": True}, package=with_rules(own_rule("B", "light", "article_32"))
    )
    assert (found.proposal, found.confiscation) == ("light", "")


def test_a_look_up_of_this_store_makes_a_first_time_provisional_and_nothing_else() -> None:
    local = History(cases=(), as_of=ON, is_confirmed=False, source="store")
    assert answer(FIRST, history=local, package=with_rules()).is_provisional is True
    assert answer(FIRST, package=with_rules()).is_provisional is False
    minor = {"circumstances_minor": True, "corrected_in_time": True, "no_harmful_result": True}
    assert answer(minor, history=local).is_provisional is False
    listed = own_rule("A", "no_penalty", "first_offence", first_time=FirstTime(required=True))
    assert answer(FIRST, history=local, package=with_rules(listed)).is_provisional is True
    plain = own_rule("A", "no_penalty", "minor")
    assert answer(MINOR, history=local, package=with_rules(plain)).is_provisional is False


@pytest.mark.parametrize("veto", [True, None])
def test_row_11_and_the_lists_give_way_to_a_veto(veto: bool | None) -> None:
    found = answer(FIRST | {"malicious": veto}, package=with_rules())
    assert found.proposal == ("ordinary" if veto else "needs_evidence")
    assert questions(found) == ([] if veto else ["malicious"])


@pytest.mark.parametrize(("damaged", "held"), [(True, True), (False, False), (None, False)])
def test_a_rule_about_coercion_is_listed_only_where_it_holds(damaged: bool | None, held: bool) -> None:
    rule = own_rule("A", "no_coercion", "non_coercion")
    found = answer({"facility_damaged": damaged}, package=with_rules(rule))
    assert ({match.rule for match in found.matched} == {"A"}) is held
