"""Reading the table over rows made for it: what the order, the open rows and the duties come to.

Source: domain.md 3.3.
"""

from __future__ import annotations

import pytest

from core.domain.determinations.gates_statute import Program, Row
from core.domain.determinations.lines import LineForm
from core.domain.determinations.nodes import Leaf, Values, leaf_node
from core.domain.determinations.reading import Reading, outcome, read_rows
from core.domain.determinations.rules import Label, Violation
from core.domain.determinations.tables import Table, table_of
from tests.domain.determinations.cases import answer


def row(gate: str, truth: bool | None, proposal: str, duty: str = "must") -> Row:
    def test(values: Values) -> bool | None:
        return truth

    return Row(gate, leaf_node(Leaf(test, (), "甲", "a")), proposal, duty)


def table(*rows: Row) -> Table:
    never = row("veto", False, "")
    here = Violation(id="v", title=Label(zh="甲", en="a"), law="l")
    program = Program(here, rows, never.node, (), {}, tuple(() for _ in rows), {}, ())
    return table_of(program, (), never, LineForm)


def read(*rows: Row) -> Reading:
    made = table(*rows)
    return read_rows(made, made.sheet.answers({}, {}))


def open_rows(*proposals: str) -> tuple[Row, ...]:
    return tuple(row(str(place), None, proposal) for place, proposal in enumerate(proposals))


@pytest.mark.parametrize("proposals", [("light", "mitigate"), ("mitigate", "light")])
def test_two_open_results_need_evidence_in_either_order(proposals: tuple[str, str]) -> None:
    rows = open_rows(*proposals)
    assert outcome(proposals, {0: None, 1: None}) == "needs_evidence"
    assert read(*rows).proposal == "needs_evidence"


@pytest.mark.parametrize("proposals", [("light", "mitigate"), ("mitigate", "light")])
def test_an_open_row_above_a_row_that_holds_needs_evidence_where_they_differ(proposals: tuple[str, str]) -> None:
    assert outcome(proposals, {1: True, 0: None}) == "needs_evidence"


def test_an_open_row_above_a_row_that_holds_does_not_matter_where_they_agree() -> None:
    assert outcome(("light", "light"), {1: True, 0: None}) == "light"


def test_an_open_duty_above_a_choice_is_a_choice_and_never_a_duty() -> None:
    found = read(row("8", None, "no_penalty", "must"), row("11", True, "no_penalty", "may"))
    assert (found.proposal, found.duty) == ("no_penalty", "may")


def test_a_row_that_only_shows_something_gives_no_duty() -> None:
    found = read(row("5", True, "", "must"), row("12", True, "mitigate", "may"))
    assert (found.proposal, found.duty) == ("mitigate", "may")


def test_an_open_limb_below_the_one_that_holds_gives_no_duty() -> None:
    found = read(row("12", True, "mitigate", "may"), row("12", None, "mitigate", "must"))
    assert (found.proposal, found.duty) == ("mitigate", "may")


def test_a_duty_of_another_gate_below_gives_none_to_row_12() -> None:
    found = read(row("12", True, "mitigate", "may"), row("13", True, "mitigate", "must"))
    assert (found.proposal, found.duty) == ("mitigate", "may")


@pytest.mark.parametrize("gate", ["8", "9", "10", "11"])
def test_a_duty_of_row_12_leaves_the_choice_of_an_earlier_gate(gate: str) -> None:
    found = read(row(gate, True, "no_penalty", "may"), row("12", True, "no_penalty", "must"))
    assert (found.proposal, found.duty) == ("no_penalty", "may")


@pytest.mark.parametrize("open_element", ["circumstances_minor", "corrected_in_time", "no_harmful_result"])
def test_an_open_element_beside_a_veto_is_no_contradiction(open_element: str) -> None:
    elements = {"circumstances_minor": True, "corrected_in_time": True, "no_harmful_result": True}
    vetoed = answer({**elements, open_element: None, "serious_harm": True})
    assert "veto_against_article_33" not in [each.code for each in vetoed.conflicts]
