"""Disagreements that a head has to settle; the proposal stands meanwhile and says so."""

from __future__ import annotations

from itertools import chain

from core.domain.determinations.doubts import old_article
from core.domain.determinations.facts import Facts
from core.domain.determinations.gates_statute import Program, Row
from core.domain.determinations.nodes import Values
from core.domain.determinations.reading import Reading
from core.domain.determinations.results import Conflict


def conflicts_of(program: Program, reading: Reading, values: Values, facts: Facts) -> tuple[Conflict, ...]:
    """Return every conflict of a reading, in the order of the table."""
    found = [*_gate_conflicts(program, reading), *_source_conflicts(program, reading)]
    if reading.row is not None and reading.row.rule is not None and old_article(reading.row.rule):
        # The list was published under old numbers; whether it still stands is for the head to say.
        found.append(Conflict(code="old_article", row=reading.row.gate, about=(reading.row.rule.rule_id,)))
    if reading.veto is True and _article_33_holds(values):
        found.append(Conflict(code="veto_against_article_33", row="9"))
    found += _contradictions(values)
    if values.get("party_changed") is True:
        found.append(Conflict(code="party_changed"))
    if values.get("history_contradicted") is True:
        found.append(Conflict(code="history_contradicted", row="11"))
    if facts.history is not None and facts.history.as_of > values["#on"]:
        found.append(Conflict(code="history_from_later", row="11"))
    return tuple(found)


def _gate_conflicts(program: Program, reading: Reading) -> list[Conflict]:
    """Return the reached gates whose rules hold together and disagree in proposal or duty."""
    by_gate: dict[str, dict[tuple[str, str], list[str]]] = {}
    for index in reading.reached:
        row = program.rows[index]
        if reading.truths[index] is True and row.rule is not None and not row.is_flexible:
            by_gate.setdefault(row.gate, {}).setdefault((row.proposal, row.duty), []).append(row.rule.rule_id)
    return [
        Conflict(code="rules_disagree", row=gate, about=tuple(sorted(chain.from_iterable(sides.values()))))
        for gate, sides in by_gate.items()
        if len(sides) > 1
    ]


def _source_conflicts(program: Program, reading: Reading) -> list[Conflict]:
    """Return the sources whose own entries hold together in different gates, one of them reached, and disagree.

    One list may name the same circumstances under no penalty and under light; the order of the table hides the second.
    """
    by_source: dict[str, list[int]] = {}
    for index in program.listed:
        if reading.truths[index] is True:
            by_source.setdefault(_source(program.rows[index]), []).append(index)
    found: list[Conflict] = []
    for indexes in by_source.values():
        rows = [program.rows[index] for index in indexes]
        is_across = len({row.gate for row in rows}) > 1 and len({row.proposal for row in rows}) > 1
        if is_across and any(index in reading.reached for index in indexes):
            about = tuple(sorted(_name(row) for row in rows))
            found.append(Conflict(code="list_against_itself", row=rows[0].gate, about=about))
    return found


def _source(row: Row) -> str:
    if row.immunity is not None:
        return row.immunity.source
    return row.rule.source if row.rule is not None else ""


def _name(row: Row) -> str:
    if row.immunity is not None:
        return row.immunity.id
    return row.rule.rule_id if row.rule is not None else ""


def _article_33_holds(values: Values) -> bool:
    # A veto is the package's reading of "not minor"; the statute's own three elements may still be found to hold.
    elements = ("circumstances_minor", "corrected_in_time", "no_harmful_result")
    return all(values.get(var) is True for var in elements)


def _contradictions(values: Values) -> list[Conflict]:
    """Return facts that cannot all be so."""
    found: list[Conflict] = []
    mode = values.get("correction_mode")
    corrected = values.get("corrected_in_time")
    if mode is not None and corrected is not None and (mode not in ("late", "none")) is not corrected:
        found.append(Conflict(code="facts_contradict", about=("correction_mode", "corrected_in_time")))
    pairs = (("no_harmful_result", "serious_harm"), ("corrected_in_time", "missed_deadline"))
    found += [
        Conflict(code="facts_contradict", about=pair)
        for pair in pairs
        if values.get(pair[0]) is True and values.get(pair[1]) is True
    ]
    begun, ended = values.get("act_on"), values.get("act_ended_on")
    if begun is not None and ended is not None and ended < begun:
        found.append(Conflict(code="facts_contradict", about=("act_on", "act_ended_on")))
    return found
