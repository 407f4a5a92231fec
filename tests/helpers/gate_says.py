"""What a gate says of given facts, and a past visit for the gates that count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from core.domain.gate_facts import GateFacts, PastVisit
from core.domain.gate_lines import GateLine
from core.domain.gates import judge
from core.domain.visits import VisitKind
from core.kernel.records import changed
from tests.helpers.builders import (
    NOW,
    subject,
)

TODAY = date(2026, 3, 10)


def line(gate: str, given_facts: GateFacts) -> GateLine:
    return next(one for one in judge(given_facts) if one.gate == gate)


def says(gate: str, given_facts: GateFacts) -> tuple[str, str]:
    found = line(gate, given_facts)
    return found.verdict.value, found.why


def past(number: int = 1, **fields: Any) -> PastVisit:
    base = PastVisit(
        id=f"past-{number}",
        subject=subject().name,
        kind=VisitKind.ROUTINE,
        planned_from=NOW - timedelta(days=40),
        inspected_on=date(2026, 1, 15),
    )
    return changed(base, **fields)
