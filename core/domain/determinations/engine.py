"""The engine: facts and a package in, a determination out. Pure, total, and the same for ever.

The rows of domain.md 3.3 are read from the top. A row that holds ends the reading; a row that is unknown leaves its
result possible and the reading goes on. One possible result is the proposal; more than one is needs_evidence. So an
unknown is never a "no", a question that cannot matter is not asked, and a fact that becomes known can only narrow.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from core.domain.determinations.changes import would_change
from core.domain.determinations.compiled import compiled
from core.domain.determinations.conflicts import conflicts_of
from core.domain.determinations.facts import Facts, History, facts_of
from core.domain.determinations.gates_statute import Row
from core.domain.determinations.lines import HISTORY_VAR, lines_of
from core.domain.determinations.measures import coercion_of, procedure_of
from core.domain.determinations.nodes import Values
from core.domain.determinations.reading import Reading, read_rows
from core.domain.determinations.results import Determination, StoredDetermination
from core.domain.determinations.rules import RulePackage
from core.domain.determinations.tables import Table
from core.domain.determinations.verdicts import gate_verdicts, matched_rules, missing_of

# Goes up whenever the same facts and package could give other bytes.
ENGINE_VERSION = "2"


def determine(facts: Facts, package: RulePackage, *, on: date) -> Determination:
    """Return the proposal for one finding, with everything that led to it.

    Args:
        facts: What is known; anything absent is unknown.
        package: The rules; its own order means nothing.
        on: Local date of the decision, which chooses list and law versions.

    Never raises for facts of any kind; facts that do not fit are listed in `ignored`.
    """
    house = compiled(package)
    known, said, ignored = house.values(facts)
    values: Values = {**known, "#on": on, HISTORY_VAR: facts.history}
    table = house.table(known.get("violation"))
    answers = table.sheet.answers(known, values)
    reading = read_rows(table, answers)
    coercion = coercion_of(table.coercion, answers)
    procedure = procedure_of(reading.proposal, table.summary(answers))
    forms = [form for index in reading.reached for form in table.forms[index]]
    forms += table.forms_beside
    if reading.proposal in ("light", "mitigate", "ordinary"):
        forms += table.forms_of_summary
    deciding = reading.row
    return Determination(
        proposal=cast(Any, reading.proposal),
        duty=cast(Any, reading.duty),
        coercion=cast(Any, coercion),
        procedure=cast(Any, procedure),
        row=deciding.gate if deciding is not None else ("13" if reading.proposal == "ordinary" else ""),
        lines=tuple(lines_of(house.words, forms, values, answers, said)),
        gates=gate_verdicts(table, reading),
        missing=missing_of(house.words, table, reading, values),
        would_change=would_change(house, table, reading, values),
        conflicts=conflicts_of(table.program, reading, values, facts),
        matched=matched_rules(table, reading),
        possible=reading.possible,
        alternatives=("mitigate",) if deciding is not None and deciding.is_flexible else (),
        is_provisional=_is_provisional(deciding, facts.history),
        confiscation=_confiscation(deciding, reading, values),
        law_basis=_law_basis(table, reading),
        follow_up=_follow_up(deciding, reading, values),
        evidence_required=deciding.rule.evidence_required if deciding is not None and deciding.rule else (),
        ignored=ignored,
        on=on,
        package=house.name,
        package_hash=house.hash,
        package_mark=house.package.mark,
        engine=ENGINE_VERSION,
    )


def stored(facts: Facts, package: RulePackage, *, on: date) -> StoredDetermination:
    """Return a determination with the facts it was made from, ready to be kept and replayed."""
    answer = determine(facts, package, on=on)
    return StoredDetermination(
        facts=facts_of(facts.items, history=facts.history),
        on=on,
        package=answer.package,
        package_hash=answer.package_hash,
        engine=ENGINE_VERSION,
        determination=answer,
    )


def _is_provisional(deciding: Row | None, history: History | None) -> bool:
    """Return whether the proposal rests on a first time that hq has not confirmed (domain.md 3.3, offline)."""
    if deciding is None or history is None or history.is_confirmed:
        return False
    return deciding.gate == "11" or (deciding.rule is not None and deciding.rule.first_time.required)


def _confiscation(deciding: Row | None, reading: Reading, values: Values) -> str:
    """Return what may still be taken though there is no fine: "goods", "illegal_gains" or nothing.

    Source: 食品安全法 art. 136; 行政处罚法 arts 9(2), 28(2) (domain.md 3.4, edge 15).
    """
    if reading.proposal != "no_penalty":
        return ""
    if deciding is not None and deciding.immunity is not None and deciding.immunity.confiscates_goods:
        return "goods"
    return "illegal_gains" if values.get("has_illegal_gains") is True else ""


def _law_basis(table: Table, reading: Reading) -> str:
    """Return which law governs by row 5: "current" (nothing changed or the new one is milder), "at_act", "open"."""
    has_changed = table.program.rows[table.law_row].node.parts[0]
    if table.sheet.asked(has_changed).test(reading.answers) is False:
        return "current"
    milder = reading.truths[table.law_row]
    return {True: "current", False: "at_act", None: "open"}[milder]


def _follow_up(deciding: Row | None, reading: Reading, values: Values) -> tuple[str, ...]:
    """Return what has to be done beside: order to correct always, education after every no-penalty.

    Source: 行政处罚法 arts 28(1), 30, 33(3) (domain.md 3.1).
    """
    steps: dict[str, None] = {}
    if reading.proposal in ("no_penalty", "light", "mitigate", "ordinary"):
        steps["order_to_correct"] = None
    if reading.proposal == "no_penalty":
        steps["education"] = None
        age = values.get("party_age")
        if deciding is not None and deciding.gate == "6" and age is not None and age < 14:
            steps["guardian_told"] = None
    if deciding is not None and deciding.rule is not None:
        steps.update(dict.fromkeys(deciding.rule.follow_up))
    return tuple(steps)
