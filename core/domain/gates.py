"""The gates before and during a visit: pure functions over facts that were loaded once.

Read gate_lines.py for the verdict and the decision, gate_facts.py for what is looked at, and the gates_*.py
modules for the gates themselves. Source: design.md section 4; domain.md 1.3 to 1.9.
"""

from __future__ import annotations

from collections.abc import Callable

from core.domain.gate_facts import GateFacts
from core.domain.gate_lines import GateLine
from core.domain.gates_entry import code_matches_enterprise
from core.domain.gates_lists import (
    entrustment,
    items_listed,
    list_freshness,
    non_inspection,
    plan_freshness,
    subject_listed,
)
from core.domain.gates_people import approval, recusal, two_officers
from core.domain.gates_plans import annual_cap, joint_visit, plan_or_kind

Gate = Callable[[GateFacts], GateLine]

GATES: tuple[Gate, ...] = (
    subject_listed,
    entrustment,
    items_listed,
    non_inspection,
    plan_or_kind,
    approval,
    two_officers,
    annual_cap,
    list_freshness,
    plan_freshness,
    joint_visit,
    code_matches_enterprise,
    recusal,
)


def judge(facts: GateFacts) -> tuple[GateLine, ...]:
    """Return the verdict line of every gate, in the order in which a person meets them."""
    return tuple(gate(facts) for gate in GATES)
