"""What a gate answers: one verdict line; and what all lines together decide.

Source: design.md sections 4 and 9 (`visit open`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from core.domain.visits import Override
from core.kernel.records import Record


class GateVerdict(StrEnum):
    """The answer of one gate. UNKNOWN is never a pass."""

    PASS = "pass"
    WARN = "warn"
    BLOCK = "block"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """By when a gate must have let the visit through."""

    ENTRY = "entry"
    BEGIN = "begin"
    RECORD = "record"


STAGE_ORDER: tuple[Stage, ...] = (Stage.ENTRY, Stage.BEGIN, Stage.RECORD)


class Decision(StrEnum):
    """What the gates together allow."""

    OPEN = "open"
    NEEDS_REASON = "needs_reason"
    BLOCKED = "blocked"


class GateFact(Record):
    """One fact that a gate used: its name, value, where it comes from, and how old that is.

    `name` is a key of the message catalogue under `gate.fact.`; `source` is the id of a list version, or visit,
    store, device or settings.
    """

    name: str
    value: str
    source: str
    as_of: datetime | None = None


class GateLine(Record):
    """The verdict line of one gate. `change` is the key, under `gate.change.`, of what would change the verdict."""

    gate: str
    verdict: GateVerdict
    facts: tuple[GateFact, ...] = ()
    citation: str
    as_of: datetime | None = None
    change: str = ""
    why: str = ""
    """Key under `gate.why.` of the ground of the verdict."""
    due: Stage = Stage.ENTRY
    is_verified: bool = True
    """False: the rule or a number in it is not certain, and is shown as 未核实."""
    notify_supervisor: bool = False


def decide(lines: Iterable[GateLine], overrides: Iterable[Override] = (), *, stage: Stage = Stage.ENTRY) -> Decision:
    """Return what the lines due by the stage allow.

    A block stops whatever was said; a warning and an unknown each need a reason of their own. Blocks are looked at
    at every stage, also those that are due later: nothing is gained by going on towards a closed door.
    """
    judged = list(lines)
    if any(line.verdict is GateVerdict.BLOCK for line in judged):
        return Decision.BLOCKED
    return Decision.NEEDS_REASON if needing_reason(judged, overrides, stage=stage) else Decision.OPEN


def needing_reason(
    lines: Iterable[GateLine], overrides: Iterable[Override] = (), *, stage: Stage = Stage.ENTRY
) -> tuple[str, ...]:
    """Return the gates that still need a reason by the stage. A reason given for another ground does not count."""
    given = tuple(overrides)
    reached = STAGE_ORDER[: STAGE_ORDER.index(stage) + 1]
    wanting = (GateVerdict.WARN, GateVerdict.UNKNOWN)
    return tuple(
        line.gate
        for line in lines
        if line.verdict in wanting and line.due in reached and not any(_answers(one, line) for one in given)
    )


def _answers(override: Override, line: GateLine) -> bool:
    return override.gate == line.gate and override.why in ("", line.why)
