"""Coercion, decided apart, and the summary procedure with its limits on both sides."""

from __future__ import annotations

import pytest

from core.domain.determinations.rules import Condition, Label, Rule
from core.kernel.records import changed
from tests.domain.determinations.cases import PACKAGE, answer

SUMMARY = {"facts_conclusive": True, "has_statutory_basis": True, "warning_only": False}
NEEDED = {
    "coercion_necessary": True,
    "noncoercive_enough": False,
    "social_harm_slight": False,
    "coercion_power": True,
    "coercion_approved": True,
    "evidence_may_be_lost": False,
}


@pytest.mark.parametrize(
    ("kind", "fine", "procedure"),
    [
        ("natural_person", 20_000, "summary"),
        ("natural_person", 20_001, "ordinary"),
        ("individual_business", 20_000, "summary"),
        ("individual_business", 20_001, "ordinary"),
        ("organisation", 300_000, "summary"),
        ("organisation", 300_001, "ordinary"),
    ],
)
def test_the_summary_procedure_ends_at_200_and_3000_yuan(kind: str, fine: int, procedure: str) -> None:
    changes = {**SUMMARY, "party_kind": kind, "party_age": 40, "party_capacity": "full", "planned_fine_cents": fine}
    assert answer(changes).procedure == procedure


def test_on_which_side_an_individual_business_stands_is_a_parameter() -> None:
    parameters = changed(PACKAGE.parameters, individual_business_is="organisation")
    changes = {"party_kind": "individual_business", "party_age": 40, "party_capacity": "full"}
    package = changed(PACKAGE, parameters=parameters)
    assert answer({**SUMMARY, **changes, "planned_fine_cents": 300_000}, package=package).procedure == "summary"


def test_a_warning_needs_no_amount() -> None:
    assert answer({**SUMMARY, "warning_only": True}).procedure == "summary"


@pytest.mark.parametrize("var", ["facts_conclusive", "has_statutory_basis"])
def test_the_summary_procedure_needs_conclusive_facts_and_a_basis(var: str) -> None:
    assert answer({**SUMMARY, "planned_fine_cents": 100, var: False}).procedure == "ordinary"


def test_an_unknown_fine_leaves_the_procedure_open() -> None:
    assert answer(SUMMARY).procedure == "needs_evidence"


@pytest.mark.parametrize(
    ("changes", "procedure"),
    [
        ({"suspected_crime": True}, "none"),
        ({"facts_proved": False}, "ordinary"),
        ({"circumstances_minor": True, "corrected_in_time": True, "no_harmful_result": True}, "ordinary"),
        ({"facts_proved": None}, "needs_evidence"),
    ],
)
def test_only_a_penalty_can_be_given_on_the_spot(changes: dict[str, bool | None], procedure: str) -> None:
    assert answer({**SUMMARY, "planned_fine_cents": 100, **changes}).procedure == procedure


def test_a_needed_approved_measure_with_power_may_seal() -> None:
    assert answer(NEEDED).coercion == "seal_seize"


def test_without_the_heads_approval_the_measure_waits() -> None:
    assert answer({**NEEDED, "coercion_approved": False}).coercion == "seal_seize_if_approved"


@pytest.mark.parametrize(
    "change",
    [
        {"coercion_necessary": False},
        {"noncoercive_enough": True},
        {"social_harm_slight": True},
        {"coercion_power": False},
    ],
)
def test_coercion_is_left_out_where_it_is_not_needed_or_not_allowed(change: dict[str, bool]) -> None:
    assert answer({**NEEDED, **change}).coercion == "none"
    assert answer({**NEEDED, **change, "evidence_may_be_lost": True}).coercion == "preserve_evidence"


@pytest.mark.parametrize("var", ["coercion_necessary", "coercion_power", "coercion_approved"])
def test_an_unknown_leaves_coercion_open(var: str) -> None:
    assert answer({**NEEDED, var: None}).coercion == "needs_evidence"


def test_coercion_is_decided_apart_from_the_proposal() -> None:
    assert answer({**NEEDED, "suspected_crime": True}).coercion == "seal_seize"
    assert answer({**NEEDED, "noncoercive_enough": True}).proposal == "ordinary"


def test_a_no_coercion_list_refrains_and_a_veto_ends_it() -> None:
    rule = Rule(
        rule_id="NC-1",
        list_type="no_coercion",
        title=Label(zh="免予强制", en="no coercion"),
        violations=("cs.road_occupy",),
        limb="non_coercion",
        conditions=Condition(var="corrected_on_spot", op="==", value=True),
        source="S53",
    )
    package = changed(PACKAGE, rules=(*PACKAGE.rules, rule))
    given = answer({**NEEDED, "corrected_on_spot": True}, package=package)
    assert given.coercion == "none"
    assert [match.rule for match in given.matched] == ["NC-1"]
    assert answer({**NEEDED, "corrected_on_spot": True, "malicious": True}, package=package).coercion == "seal_seize"
