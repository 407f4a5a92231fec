"""Builders of facts for determinations: one ordinary finding, and what differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.domain.determinations.answers import Sheet
from core.domain.determinations.engine import determine
from core.domain.determinations.facts import Facts, History, PriorCase, fact, facts_of
from core.domain.determinations.nodes import Node
from core.domain.determinations.results import Determination
from core.domain.determinations.rules import RulePackage
from core.services.rule_packages import shipped_package

PACKAGE = shipped_package()
ON = date(2026, 3, 5)
ACT_ON = date(2026, 3, 2)
VETOES = tuple(veto.var for veto in PACKAGE.vetoes)

_NO = (
    "suspected_crime",
    "act_continuing",
    "no_fault_claimed",
    "circumstances_minor",
    "harm_removed_by_self",
    "coerced_or_tricked",
    "confessed_unknown",
    "merit_helping",
    "other_lawful_ground",
    "corrected_in_time",
    "no_harmful_result",
    "harm_minor",
)
_YES = ("body_competent", "in_territory", "item_in_power", "facts_proved")

ORDINARY: dict[str, bool | int | str | date] = {
    "violation": "cs.road_occupy",
    "place": "430104",
    "act_on": ACT_ON,
    "discovered_on": ACT_ON,
    "party_kind": "organisation",
    "facility_damaged": True,
    **dict.fromkeys(_YES, True),
    **dict.fromkeys((*_NO, *VETOES), False),
}

NO_CASES = History(cases=(), as_of=ON, is_confirmed=True, source="hq")


def facts_with(
    changes: Mapping[str, bool | int | str | date | None] | None = None, *, history: History | None = NO_CASES
) -> Facts:
    """Return the ordinary finding with changes; None takes a fact away."""
    merged = {**ORDINARY, **(changes or {})}
    kept = (fact(var, value, source="test", as_of=ON) for var, value in merged.items() if value is not None)
    return facts_of(kept, history=history)


def answer(
    changes: Mapping[str, bool | int | str | date | None] | None = None,
    *,
    history: History | None = NO_CASES,
    on: date = ON,
    package: RulePackage = PACKAGE,
) -> Determination:
    """Return the determination of the ordinary finding with changes."""
    return determine(facts_with(changes, history=history), package, on=on)


def earlier(day: date, **fields: object) -> History:
    """Return a confirmed history with one earlier case decided on a day."""
    plain: dict[str, object] = {
        "violation": "cs.road_occupy",
        "found_on": day,
        "decided_on": day,
        "outcome": "penalty",
        "agency": "城管",
        "place": "430104",
    }
    case = PriorCase(**{**plain, **fields})  # pyright: ignore[reportArgumentType]  (fields are checked by use)
    return History(cases=(case,), as_of=ON, is_confirmed=True, source="hq")


def truth_of(node: Node, values: Mapping[str, Any]) -> bool | None:
    """Return what a tree by itself answers to some values."""
    sheet = Sheet([node])
    known = {var: value for var, value in values.items() if not var.startswith("#") and value is not None}
    return sheet.asked(node).test(sheet.answers(known, dict(values)))
