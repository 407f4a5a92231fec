"""Reading the table from the top: which rows hold, which are open, and what is still possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.domain.determinations.gates_statute import Row
from core.domain.determinations.tables import Table

# The rows with a result that may still hold: place of the row, and True or (None) unknown.
Standing = dict[int, bool | None]


class Reading(NamedTuple):
    """The truth of every row and of the veto, and what follows from the order."""

    answers: int
    truths: tuple[bool | None, ...]
    standing: Standing
    veto: bool | None
    proposal: str
    duty: str
    possible: tuple[str, ...]
    open_rows: tuple[int, ...]
    deciding: int | None
    row: Row | None
    reached: tuple[int, ...]


def outcome(proposals: Sequence[str], standing: Standing) -> str:
    """Return only the proposal, for asking many times."""
    found = ""
    for index in sorted(standing):
        proposal = proposals[index]
        if found and proposal != found:
            return "needs_evidence"
        found = proposal
        if standing[index] is True:
            return found
    return "needs_evidence" if found else "ordinary"


def read_rows(table: Table, answers: int) -> Reading:
    """Return the reading of all rows for these answers."""
    truths = tuple([question(answers) for question in table.questions])
    rows, proposals = table.program.rows, table.proposals
    standing = {index: truth for index, truth in enumerate(truths) if truth is not False and proposals[index]}
    opened: list[int] = []
    deciding: int | None = None
    for index, truth in standing.items():
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
    return Reading(
        answers=answers,
        truths=truths,
        standing=standing,
        veto=table.veto(answers),
        proposal=possible[0] if is_settled else "needs_evidence",
        duty=duty if is_settled else "must",
        possible=possible,
        open_rows=tuple(opened),
        deciding=deciding if is_settled else None,
        row=rows[deciding] if is_settled and deciding is not None else None,
        reached=table.reached[-1 if deciding is None else deciding],
    )
