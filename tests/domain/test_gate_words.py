"""Every ground, change, fact and code that a gate can show has words in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.domain import gates_entry, gates_lists, gates_people, gates_plans
from core.domain.duties import Urgency
from core.domain.gate_lines import Decision, GateVerdict, Stage
from core.domain.gates import judge
from core.domain.visits import Duty, EntryPath, TriggerKind, VisitKind, VisitState
from core.kernel.words import catalogue
from tests.helpers.builders import facts

SOURCES = [
    Path(module.__file__ or "").read_text("utf-8") for module in (gates_entry, gates_lists, gates_people, gates_plans)
]


def _pairs() -> set[tuple[str, str]]:
    """Return (why, change) of every branch that names its verdict, as the code has them."""
    found: set[tuple[str, str]] = set()
    for source in SOURCES:
        found |= set(re.findall(r'GateVerdict\.[A-Z]+, "([a-z_]+)", "([a-z_]*)"', source))
    return found


@pytest.mark.parametrize("pair", sorted(_pairs()))
def test_every_ground_and_change_has_words(pair: tuple[str, str]) -> None:
    why, change = pair
    assert f"gate.why.{why}" in catalogue()
    assert not change or f"gate.change.{change}" in catalogue()


def test_every_fact_of_the_valid_world_has_a_name() -> None:
    for line in judge(facts()):
        assert f"gate.name.{line.gate}" in catalogue()
        assert f"gate.why.{line.why}" in catalogue()
        for fact in line.facts:
            assert f"gate.fact.{fact.name}" in catalogue()


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("gate.verdict", GateVerdict),
        ("gate.decision", Decision),
        ("gate.stage", Stage),
        ("visit.state", VisitState),
        ("visit.kind", VisitKind),
        ("visit.trigger", TriggerKind),
        ("visit.path", EntryPath),
        ("visit.duty", Duty),
        ("visit.urgency", Urgency),
    ],
)
def test_every_value_has_words(family: str, values: type) -> None:
    for value in values:  # type: ignore[attr-defined]  # the parameters are enumerations
        assert set(catalogue()[f"{family}.{value.value}"]) == {"zh", "en"}
