"""The rows of the decision table that are statute: each with the case that fires it and the one beside it."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.determinations.engine import determine
from core.domain.determinations.rules import LawVersion
from core.domain.determinations.truth import Truth
from core.kernel.records import changed
from tests.domain.determinations.cases import ACT_ON, ON, ORDINARY, PACKAGE, VETOES, answer, facts_with

MINOR = {"circumstances_minor": True, "corrected_in_time": True, "no_harmful_result": True}
FIRST = {"harm_minor": True, "corrected_in_time": True}
PERSON = {"party_kind": "natural_person", "party_age": 30, "party_capacity": "full"}


def test_nothing_special_is_ordinary_discretion() -> None:
    given = answer()
    assert (given.proposal, given.duty, given.row) == ("ordinary", "must", "13")


@pytest.mark.parametrize("var", ["body_competent", "in_territory", "item_in_power"])
def test_without_competence_the_case_is_transferred(var: str) -> None:
    given = answer({var: False})
    assert (given.proposal, given.row) == ("transfer", "1")


def test_competence_comes_before_every_other_row() -> None:
    assert answer({"body_competent": False, "facts_proved": False, **MINOR}).row == "1"


def test_facts_that_are_not_proved_are_not_made_out() -> None:
    given = answer({"facts_proved": False})
    assert (given.proposal, given.duty, given.row) == ("not_made_out", "must", "2")


def test_suspected_crime_is_transferred_even_when_it_was_minor() -> None:
    given = answer({"suspected_crime": True, **MINOR})
    assert (given.proposal, given.row) == ("transfer", "3")


@pytest.mark.parametrize(
    ("age", "proposal", "row"),
    [
        (0, "no_penalty", "6"),
        (13, "no_penalty", "6"),
        (14, "light", "12"),
        (17, "light", "12"),
        (18, "ordinary", "13"),
        (90, "ordinary", "13"),
    ],
)
def test_age_on_the_day_of_the_act_decides(age: int, proposal: str, row: str) -> None:
    given = answer({**PERSON, "party_age": age})
    assert (given.proposal, given.row, given.duty) == (proposal, row, "must")


def test_a_child_has_its_guardian_told() -> None:
    assert "guardian_told" in answer({**PERSON, "party_age": 13}).follow_up
    assert "guardian_told" not in answer({**PERSON, "party_capacity": "none"}).follow_up


def test_a_minor_whose_act_was_minor_gets_no_penalty_before_a_lighter_one() -> None:
    assert answer({**PERSON, "party_age": 16, **MINOR}).proposal == "no_penalty"


def test_age_does_not_count_for_an_organisation() -> None:
    assert answer({"party_age": 13}).proposal == "ordinary"


def test_the_operator_of_an_individual_business_counts_as_a_person() -> None:
    assert answer({**PERSON, "party_kind": "individual_business", "party_age": 13}).proposal == "no_penalty"


def test_a_person_of_unknown_age_needs_evidence() -> None:
    given = answer({**PERSON, "party_age": None})
    assert given.proposal == "needs_evidence"
    assert [missing.var for missing in given.missing] == ["party_age"]
    assert given.missing[0].who == "enterprise"


@pytest.mark.parametrize(
    ("capacity", "proposal", "duty"),
    [("none", "no_penalty", "must"), ("partial", "light", "may"), ("full", "ordinary", "must")],
)
def test_capacity_decides_by_article_31(capacity: str, proposal: str, duty: str) -> None:
    given = answer({**PERSON, "party_capacity": capacity})
    assert (given.proposal, given.duty) == (proposal, duty)


def test_impaired_capacity_with_another_limb_is_a_duty() -> None:
    given = answer({**PERSON, "party_capacity": "partial", "merit_helping": True})
    assert (given.proposal, given.duty) == ("light", "must")


def test_proved_no_fault_is_no_penalty() -> None:
    changes = {"no_fault_claimed": True, "no_fault_proved": True, "fault_not_required_by_law": False}
    given = answer(changes)
    assert (given.proposal, given.duty, given.row) == ("no_penalty", "must", "7")
    assert "order_to_correct" in given.follow_up


@pytest.mark.parametrize(
    "change",
    [{"no_fault_proved": False}, {"fault_not_required_by_law": True}, {"no_fault_claimed": False}],
)
def test_no_fault_needs_proof_and_no_contrary_law(change: dict[str, bool]) -> None:
    changes = {"no_fault_claimed": True, "no_fault_proved": True, "fault_not_required_by_law": False, **change}
    assert answer(changes).proposal == "ordinary"


def test_evidence_of_no_fault_that_arrives_later_opens_the_proposal_again() -> None:
    before = answer({"no_fault_claimed": False})
    after = answer({"no_fault_claimed": True})
    assert (before.proposal, after.proposal) == ("ordinary", "needs_evidence")
    assert {missing.var for missing in after.missing} == {"no_fault_proved", "fault_not_required_by_law"}


FOOD = {
    "violation": "mk.expired_drink",
    "purchase_checks_done": True,
    "unaware_of_breach": True,
    "source_disclosed": True,
    "intentional": True,
    "goods_count": 9,
}


def test_the_food_sellers_immunity_may_exempt_and_confiscates() -> None:
    given = answer(FOOD)
    assert (given.proposal, given.duty, given.row) == ("no_penalty", "may", "8")
    assert given.confiscation == "goods"


@pytest.mark.parametrize("var", ["purchase_checks_done", "unaware_of_breach", "source_disclosed"])
def test_the_food_sellers_immunity_needs_all_three(var: str) -> None:
    assert answer({**FOOD, var: False}).proposal == "ordinary"


def test_the_food_sellers_immunity_is_for_food_only() -> None:
    assert answer({**FOOD, "violation": "cs.road_occupy"}).proposal == "ordinary"


def test_the_first_limb_of_article_33_is_a_duty() -> None:
    given = answer(MINOR)
    assert (given.proposal, given.duty, given.row) == ("no_penalty", "must", "9")
    assert {"order_to_correct", "education"} <= set(given.follow_up)


@pytest.mark.parametrize("var", sorted(MINOR))
def test_the_first_limb_needs_all_three_elements(var: str) -> None:
    assert answer({**MINOR, var: False}).proposal == "ordinary"


def test_the_second_limb_is_a_choice() -> None:
    given = answer(FIRST)
    assert (given.proposal, given.duty, given.row) == ("no_penalty", "may", "11")
    assert not given.is_provisional


@pytest.mark.parametrize("var", sorted(FIRST))
def test_the_second_limb_needs_both_other_elements(var: str) -> None:
    assert answer({**FIRST, var: False}).proposal == "ordinary"


def test_a_violation_on_no_list_still_has_article_33() -> None:
    given = answer({**MINOR, "violation": "nobody.listed_this"})
    assert (given.proposal, given.row) == ("no_penalty", "9")


@pytest.mark.parametrize(
    "limb", ["harm_removed_by_self", "coerced_or_tricked", "confessed_unknown", "merit_helping", "other_lawful_ground"]
)
def test_each_limb_of_article_32_is_a_duty_to_be_lighter(limb: str) -> None:
    given = answer({limb: True})
    assert (given.proposal, given.duty, given.row) == ("light", "must", "12")
    assert given.alternatives == ("mitigate",)


@pytest.mark.parametrize("veto", VETOES)
@pytest.mark.parametrize("leniency", [MINOR, FIRST], ids=["first_limb", "second_limb"])
def test_a_veto_ends_leniency_and_falls_through(veto: str, leniency: dict[str, bool]) -> None:
    assert answer({**leniency, veto: True}).proposal == "ordinary"


def test_a_veto_leaves_article_32_standing() -> None:
    assert answer({**MINOR, "malicious": True, "merit_helping": True}).proposal == "light"


def test_a_veto_against_the_three_elements_is_a_conflict_for_the_head() -> None:
    given = answer({**MINOR, "obstructed": True})
    assert [conflict.code for conflict in given.conflicts] == ["veto_against_article_33"]


def test_an_unknown_veto_asks_only_where_leniency_is_possible() -> None:
    assert answer({**MINOR, "malicious": None}).proposal == "needs_evidence"
    assert answer({"malicious": None}).proposal == "ordinary"


@pytest.mark.parametrize(
    "var", ["body_competent", "facts_proved", "suspected_crime", "discovered_on", "no_fault_claimed"]
)
def test_an_unknown_on_a_needed_condition_is_needs_evidence_never_no(var: str) -> None:
    given = answer({var: None})
    assert (given.proposal, given.duty) == ("needs_evidence", "must")
    assert var in {missing.var for missing in given.missing}


def test_an_unknown_that_cannot_matter_is_not_asked() -> None:
    given = answer({**MINOR, "harm_minor": None, "merit_helping": None, "new_law_milder": None})
    assert given.proposal == "no_penalty"
    assert given.missing == ()


def test_without_the_violation_the_question_is_which() -> None:
    given = answer({**MINOR, "violation": None, "circumstances_minor": False})
    assert given.proposal == "needs_evidence"
    assert "violation" in {missing.var for missing in given.missing}


def test_without_any_fact_everything_is_open_and_nothing_fails() -> None:
    given = answer(dict.fromkeys(ORDINARY))
    assert given.proposal == "needs_evidence"
    assert {"transfer", "not_made_out", "time_barred", "no_penalty", "light", "ordinary"} <= set(given.possible)


OLD_ACT = {"act_on": date(2021, 7, 14), "discovered_on": date(2022, 1, 5), "facility_damaged": False,
           "area_cm2": 40000, "duration_days": 1, "injury_or_loss": False, **FIRST}  # fmt: skip


def test_a_law_that_changed_after_the_act_asks_whether_the_new_one_is_milder() -> None:
    given = answer({**OLD_ACT, "harm_minor": False, "no_harmful_result": True})
    assert given.proposal == "needs_evidence"
    assert {missing.var for missing in given.missing} == {"new_law_milder"}
    assert given.law_basis == "open"


@pytest.mark.parametrize(
    ("milder", "proposal", "basis"), [(True, "no_penalty", "current"), (False, "ordinary", "at_act")]
)
def test_the_milder_new_law_is_applied(milder: bool, proposal: str, basis: str) -> None:
    given = answer({**OLD_ACT, "harm_minor": False, "no_harmful_result": True, "new_law_milder": milder})
    assert (given.proposal, given.law_basis) == (proposal, basis)


def test_an_act_on_the_first_day_of_the_new_law_is_under_it() -> None:
    given = answer({**OLD_ACT, "act_on": date(2021, 7, 15), "harm_minor": False, "no_harmful_result": True})
    assert (given.proposal, given.law_basis) == ("no_penalty", "current")


def test_a_continuing_act_that_ends_under_the_new_law_is_under_it() -> None:
    changes = {"act_continuing": True, "act_still_going": False, "act_ended_on": date(2021, 7, 15)}
    assert answer({**OLD_ACT, **changes, "harm_minor": False, "no_harmful_result": True}).law_basis == "current"


def test_a_guarded_rule_ends_when_its_law_is_replaced_in_the_package() -> None:
    newer = LawVersion(law="行政处罚法", version="2030", in_force_from=date(2026, 3, 1))
    package = changed(PACKAGE, laws=(*PACKAGE.laws, newer))
    assert "LN-01" not in {match.rule for match in answer({**OLD_ACT, "act_on": ACT_ON}, package=package).matched}


def test_the_lines_say_row_condition_fact_source_day_and_citation() -> None:
    line = next(line for line in answer(MINOR).lines if (line.row, line.var) == ("9", "corrected_in_time"))
    assert (line.value, line.fact, line.source) == (Truth.TRUE, True, "test")
    assert line.as_of == date(2026, 3, 5)
    assert line.citation == "《行政处罚法》第三十三条第一款前段"


def test_all_gates_down_to_the_deciding_one_are_listed_in_order() -> None:
    rows = list(dict.fromkeys(gate.row for gate in answer({"violation": "mk.expired_drink", "unaware_of_breach": False,
                                                          "purchase_checks_done": False}).gates))  # fmt: skip
    assert rows == [str(number) for number in range(1, 14)]


def test_a_fact_of_the_wrong_type_counts_as_unknown_and_is_told() -> None:
    given = answer({"facts_proved": "certainly", "no_such_question": True})
    assert given.proposal == "needs_evidence"
    assert given.ignored == ("facts_proved", "no_such_question")


def test_contradicting_facts_are_told() -> None:
    given = answer({"correction_mode": "late", "corrected_in_time": True, "missed_deadline": True})
    assert {conflict.about for conflict in given.conflicts} == {
        ("correction_mode", "corrected_in_time"),
        ("corrected_in_time", "missed_deadline"),
    }


def test_illegal_gains_are_remembered_beside_no_penalty() -> None:
    assert answer({**MINOR, "has_illegal_gains": True}).confiscation == "illegal_gains"
    assert answer({"has_illegal_gains": True}).confiscation == ""


@pytest.mark.parametrize("var", ["party_changed", "history_contradicted"])
def test_a_changed_party_and_a_contradicted_history_go_to_the_head(var: str) -> None:
    assert var in {conflict.code for conflict in answer({var: True}).conflicts}


def test_what_would_change_names_the_other_result() -> None:
    changes = {(change.var, change.proposal) for change in answer(MINOR).would_change}
    assert ("corrected_in_time", "ordinary") in changes
    assert ("malicious", "ordinary") in changes


def test_what_would_change_is_true_when_tried() -> None:
    given = answer({**PERSON, "party_age": 15})
    assert given.would_change
    for change in given.would_change:
        if change.var != "first_time_history":
            assert answer({**PERSON, "party_age": 15, change.var: change.then}).proposal == change.proposal


def test_facts_in_another_order_give_the_same_determination() -> None:
    facts = facts_with(MINOR)
    turned = changed(facts, items=facts.items[::-1])
    assert turned != facts
    assert determine(turned, PACKAGE, on=ON) == determine(facts, PACKAGE, on=ON)
