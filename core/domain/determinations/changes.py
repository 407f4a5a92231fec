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
    from core.domain.determinations.tables import Table

CHANGES_MAX = 10
_OTHER_TRUTHS: dict[bool | None, tuple[bool, ...]] = {True: (False,), False: (True,), None: (True, False)}


def would_change(house: CompiledPackage, table: Table, reading: Reading, values: Values) -> tuple[Change, ...]:
    """Return single facts whose other value gives another proposal, in the order of the table."""
    found: list[Change] = []
    for var in _candidates(table, reading):
        for other in other_values(house, table, var, values):
            proposal = _with(table, reading, values, var, other)
            if proposal != reading.proposal:
                found.append(_change(house, var, values, other, proposal))
                if len(found) == CHANGES_MAX:
                    return tuple(found)
    return tuple(found)


def _candidates(table: Table, reading: Reading) -> list[str]:
    """Return the variables that can turn a reached row, those of the rows that decide or are open first."""
    key = (reading.open_rows, reading.deciding, reading.reached)
    order = table.orders.get(key)
    if order is None:
        order = table.orders.keep(key, _order(table, reading))
    return sorted(_turning(table, reading), key=order.__getitem__)


def _order(table: Table, reading: Reading) -> dict[str, int]:
    """Return the place of each variable: rows that decide or are open, then the table from where it ended upwards."""
    nearest = reading.open_rows if reading.deciding is None else (*reading.open_rows, reading.deciding)
    places: dict[str, int] = {}
    for index in (*nearest, *reversed(reading.reached)):
        for var in table.program.needs[index]:
            places.setdefault(var, len(places))
    return places


def _turning(table: Table, reading: Reading) -> set[str]:
    """Return the variables of which another value could turn a reached row that has a result.

    What stands against a row has to fall all at once; where one fact cannot do that, the row stays false. So a row
    that two facts make false is looked at no further, which is most of the table.
    """
    sheet, answers = table.sheet, reading.answers
    found: set[str] = set()
    for index in reading.reached:
        against, needs = table.turned_by[index]
        held = answers & against
        first = held & -held
        if not held:
            found.update(needs)
        elif held == first:
            found.update(sheet.turned_by[first])
        else:
            found.update([var for var in sheet.turned_by[first] if not held & sheet.others[var]])
    return found


def other_values(house: CompiledPackage, table: Table, var: str, values: Values) -> tuple[Any, ...]:
    """Return the values to try for a variable instead of the present one."""
    if var == HISTORY_VAR:
        return (CLEAR, HIT)
    variable = house.words.variables[var]
    now = values.get(var)
    if variable.type == "bool":
        return _OTHER_TRUTHS[now]
    if variable.type == "int":
        return _around_limits(table.program, var, now)
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


def _with(table: Table, reading: Reading, values: Values, var: str, other: Any) -> str:
    """Return the proposal if one variable had another value; only the rows that look at it are read again."""
    answers = table.sheet.turned(reading.answers, values, var, other)
    if answers == reading.answers:
        return reading.proposal
    standing = reading.standing.copy()
    for index, question in table.turned_rows[var]:
        truth = question(answers)
        if truth is not False:
            standing[index] = truth
        elif index in standing:
            del standing[index]
    return outcome(table.proposals, standing)


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
