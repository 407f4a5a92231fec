"""Reading the table from the top: which rows hold, which are open, and what is still possible."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.determinations.gates_statute import Program, Row
from core.domain.determinations.nodes import Values

Truths = list[bool | None]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The truth of every row, and what follows from the order."""

    values: Values
    truths: Truths
    proposal: str
    duty: str
    possible: tuple[str, ...]
    open_rows: tuple[int, ...]
    deciding: int | None
    row: Row | None
    reached: tuple[int, ...]


def row_truths(program: Program, values: Values) -> Truths:
    """Return the truth of every row; sets the veto in the values first, because rows ask for it."""
    values["#veto"] = program.veto.test(values)
    return [row.node.test(values) for row in program.rows]


def outcome(program: Program, truths: Truths) -> str:
    """Return only the proposal, for asking many times."""
    found = ""
    for row, truth in zip(program.rows, truths, strict=True):
        if truth is False or not row.proposal:
            continue
        if found and row.proposal != found:
            return "needs_evidence"
        found = row.proposal
        if truth is True:
            return found
    return "needs_evidence" if found else "ordinary"


def read_rows(program: Program, values: Values) -> Reading:
    """Return the reading of all rows for these values."""
    truths = row_truths(program, values)
    rows = program.rows
    opened: list[int] = []
    deciding: int | None = None
    for index, (row, truth) in enumerate(zip(rows, truths, strict=True)):
        if truth is False or not row.proposal:
            continue
        if truth is True:
            deciding = index
            break
        opened.append(index)
    results = [(rows[index].proposal, rows[index].duty) for index in opened]
    results.append((rows[deciding].proposal, rows[deciding].duty) if deciding is not None else ("ordinary", "must"))
    possible = tuple(dict.fromkeys(proposal for proposal, _ in results))
    is_settled = len(possible) == 1
    duty = "must" if all(each == "must" for _, each in results) else "may"
    if deciding is not None and rows[deciding].gate == "12" and is_settled:
        # Any limb of arts 30 to 32 that holds makes leniency a duty, whichever list line stands first.
        held = [row.duty for row, truth in zip(rows, truths, strict=True) if truth is True and row.gate == "12"]
        duty = "must" if "must" in held else duty
    last = rows[deciding].gate if deciding is not None else ""
    reached = tuple(
        index for index, row in enumerate(rows) if deciding is None or index <= deciding or row.gate == last
    )
    return Reading(
        values=values,
        truths=truths,
        proposal=possible[0] if is_settled else "needs_evidence",
        duty=duty if is_settled else "must",
        possible=possible,
        open_rows=tuple(opened),
        deciding=deciding if is_settled else None,
        row=rows[deciding] if is_settled and deciding is not None else None,
        reached=reached,
    )
