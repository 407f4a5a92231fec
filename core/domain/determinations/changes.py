"""What would change the result: each fact is turned over once, all others kept, and the table read again.

Bounded: one fact at a time, only facts of rows that were reached, a few values each; dates are not turned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.domain.determinations.gates_rules import CLEAR, HIT
from core.domain.determinations.gates_statute import Program
from core.domain.determinations.lines import HISTORY_VAR
from core.domain.determinations.nodes import Values
from core.domain.determinations.reading import Reading, outcome
from core.domain.determinations.results import Change

if TYPE_CHECKING:
    from core.domain.determinations.compiled import CompiledPackage

CHANGES_MAX = 10


def would_change(house: CompiledPackage, program: Program, reading: Reading, values: Values) -> tuple[Change, ...]:
    """Return single facts whose other value gives another proposal, in the order of the table."""
    found: list[Change] = []
    for var in _candidates(program, reading):
        for other in _other_values(house, program, var, values):
            proposal = _with(program, reading, values, var, other)
            if proposal != reading.proposal:
                found.append(_change(house, var, values, other, proposal))
                if len(found) == CHANGES_MAX:
                    return tuple(found)
    return tuple(found)


def _candidates(program: Program, reading: Reading) -> tuple[str, ...]:
    """Return the variables of the reached rows: those of the rows that decide or are open first, then by the table."""
    nearest = (*reading.open_rows, *(() if reading.deciding is None else (reading.deciding,)))
    found: dict[str, None] = {}
    for index in (*nearest, *reversed(reading.reached)):
        found.update(program.needs[index])
        if program.rows[index].uses_veto:
            found.update(program.veto_needs)
    return tuple(found)


def _other_values(house: CompiledPackage, program: Program, var: str, values: Values) -> tuple[Any, ...]:
    """Return the values to try for a variable instead of the present one."""
    if var == HISTORY_VAR:
        return (CLEAR, HIT)
    variable = house.words.variables[var]
    now = values.get(var)
    if variable.type == "bool":
        return (not now,) if now is not None else (True, False)
    if variable.type == "int":
        return _around_limits(program, var, now)
    if variable.type == "text":
        return tuple(choice.value for choice in variable.choices if choice.value != now)
    return ()


def _around_limits(program: Program, var: str, now: int | None) -> tuple[int, ...]:
    points = program.limits.get(var, ())
    if now is None:
        return points
    # The nearest value on each side is enough: further ones cross the same limit.
    below = [point for point in points if point < now]
    above = [point for point in points if point > now]
    return (*below[-2:], *above[:2])


def _with(program: Program, reading: Reading, values: Values, var: str, other: Any) -> str:
    """Return the proposal if one variable had another value; only the rows that look at it are read again."""
    absent = var not in values
    before = values.get(var)
    veto_before = values["#veto"]
    values[var] = other
    touched: tuple[int, ...] = program.rows_by_var.get(var, ())
    if var in program.veto_needs:
        values["#veto"] = program.veto.test(values)
        if values["#veto"] is not veto_before:
            touched = (*touched, *program.veto_rows)
    rows, truths = program.rows, reading.truths
    turned = [(index, truth) for index in touched if (truth := rows[index].node.test(values)) is not truths[index]]
    answer = reading.proposal
    if turned:
        truths = truths.copy()
        for index, truth in turned:
            truths[index] = truth
        answer = outcome(program, truths)
    values["#veto"] = veto_before
    if absent:
        del values[var]
    else:
        values[var] = before
    return answer


def _change(house: CompiledPackage, var: str, values: Values, other: Any, proposal: str) -> Change:
    # True and 1 are equal keys; a variable has one type, so they never meet.
    key = (var, None if var == HISTORY_VAR else values.get(var), other, proposal)
    found = house.changes.get(key)
    return found if found is not None else house.changes.keep(key, _new_change(house, key))


def _new_change(house: CompiledPackage, key: tuple[str, Any, Any, str]) -> Change:
    var, now, other, proposal = key
    name = "first_time_history" if var == HISTORY_VAR else var
    variable = house.words.variables[name]
    then = (other == CLEAR) if var == HISTORY_VAR else other
    text = house.words.shown_value(name, then)
    return Change(
        var=name,
        label=variable.label.zh,
        label_en=variable.label.en,
        now=now,
        then=then,
        then_text=text.zh,
        then_text_en=text.en,
        proposal=proposal,
    )
