"""What a reading shows: lines, verdicts of the rows, open questions, matching rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from core.domain.determinations.facts import Fact, History
from core.domain.determinations.gates_limitation import relevant_needs
from core.domain.determinations.gates_statute import Program, Row
from core.domain.determinations.nodes import Leaf, Values, open_leaves
from core.domain.determinations.reading import Reading
from core.domain.determinations.results import GateVerdict, Line, MatchedRule, Missing
from core.domain.determinations.rules import Label
from core.domain.determinations.truth import Truth, shown

if TYPE_CHECKING:
    from core.domain.determinations.compiled import CompiledPackage, LineKey

HISTORY_VAR = "#history"


def row_lines(
    house: CompiledPackage,
    rows: Iterable[Row],
    values: Values,
    used: dict[str, Fact],
    history: History | None,
) -> list[Line]:
    """Return one line for every condition of the rows, each condition once a row."""
    found: list[Line] = []
    for row in rows:
        rule = rule_name(row)
        found += [_line(house, row.gate, rule, leaf, values, used, history) for leaf in row.node.leaves]
    return found


def rule_name(row: Row) -> str:
    """Return the id of the list rule or immunity that a row stands for, empty for the statute's own rows."""
    if row.rule is not None:
        return row.rule.rule_id
    return row.immunity.id if row.immunity is not None else ""


def _line(
    house: CompiledPackage,
    gate: str,
    rule: str,
    leaf: Leaf,
    values: Values,
    used: dict[str, Fact],
    history: History | None,
) -> Line:
    value, source, as_of = _shown_fact(leaf, used, history)
    truth = leaf.test(values)
    # 1 and True are equal keys but not equal facts; a leaf's variable has one type, so they never meet.
    key = (leaf, gate, rule, truth, value, source, as_of)
    found = house.lines.get(key)
    return found if found is not None else house.lines.keep(key, _new_line(house, key))


def _new_line(house: CompiledPackage, key: LineKey) -> Line:
    leaf, gate, rule, truth, value, source, as_of = key
    variable = house.words.variables.get(leaf.var)
    citation = house.words.article_label(leaf.article)
    text = _fact_label(house, leaf.var, value)
    return Line(
        row=gate,
        rule=rule,
        condition=leaf.zh,
        condition_en=leaf.en,
        value=shown(truth),
        var="first_time_history" if leaf.var == HISTORY_VAR else leaf.var,
        unit=variable.unit if variable is not None else "",
        fact=value,
        fact_text=text.zh,
        fact_text_en=text.en,
        source=source,
        as_of=as_of,
        citation=citation.zh,
        citation_en=citation.en,
        confidence=leaf.confidence,
    )


_NO_WORDS = Label(zh="", en="")


def _fact_label(house: CompiledPackage, var: str, value: Any) -> Label:
    """Return the fact as it is read; a yes/no fact is told by the condition itself."""
    if value is None or isinstance(value, bool):
        return _NO_WORDS
    if var == HISTORY_VAR:
        return Label(zh=f"查到前案{value}件", en=f"{value} earlier cases found")
    return house.words.shown_value(var, value)


def _shown_fact(leaf: Leaf, used: dict[str, Fact], history: History | None) -> tuple[Any, str, date | None]:
    if leaf.var == HISTORY_VAR:
        return (len(history.cases), history.source, history.as_of) if history is not None else (None, "", None)
    fact = used.get(leaf.var)
    return (fact.value, fact.source, fact.as_of) if fact is not None else (None, "", None)


def _verdict(house: CompiledPackage, row: Row, truth: bool | None) -> GateVerdict:
    key = (row, truth)
    found = house.verdicts.get(key)
    if found is not None:
        return found
    duty = row.duty if row.proposal else ""
    made = GateVerdict(row=row.gate, rule=rule_name(row), value=shown(truth), proposal=row.proposal, duty=duty)
    return house.verdicts.keep(key, made)


def gate_verdicts(house: CompiledPackage, program: Program, reading: Reading) -> tuple[GateVerdict, ...]:
    """Return whether each reached row held; row 13 is added when nothing above it did."""
    found = [_verdict(house, program.rows[index], reading.truths[index]) for index in reading.reached]
    if "ordinary" in reading.possible:
        value = Truth.TRUE if reading.proposal == "ordinary" else Truth.UNKNOWN
        found.append(GateVerdict(row="13", rule="", value=value, proposal="ordinary", duty="must"))
    return tuple(found)


def missing_of(house: CompiledPackage, program: Program, reading: Reading, values: Values) -> tuple[Missing, ...]:
    """Return the open questions of the rows that keep the result open, in the order of the table."""
    if reading.proposal != "needs_evidence":
        return ()
    found: dict[str, None] = {}
    for index in reading.open_rows:
        node = program.rows[index].node
        for leaf in open_leaves(node, values):
            found.update(dict.fromkeys(_open_needs(leaf, values)))
        if program.rows[index].uses_veto and values["#veto"] is None:
            for leaf in open_leaves(program.veto, values):
                found.update(dict.fromkeys(leaf.needs))
    return tuple(_missing(house, var) for var in found)


def _open_needs(leaf: Leaf, values: Values) -> tuple[str, ...]:
    if leaf.var == HISTORY_VAR:
        # A look-up that is too old or absent is asked of the system again; a missing day or place is asked first.
        gaps = tuple(var for var in leaf.needs if var != HISTORY_VAR and values.get(var) is None)
        has_cases = values.get(HISTORY_VAR) is not None and bool(values[HISTORY_VAR].cases)
        return gaps if gaps and has_cases else (HISTORY_VAR,)
    if len(leaf.needs) > 1:
        return relevant_needs(values, leaf.needs)
    return leaf.needs


def _missing(house: CompiledPackage, var: str) -> Missing:
    variable = house.words.variables["first_time_history" if var == HISTORY_VAR else var]
    return Missing(
        var=variable.var,
        who=variable.who_answers,
        evidence_kind=variable.evidence_kind,
        question=variable.question.zh,
        question_en=variable.question.en,
    )


def matched_rules(program: Program, reading: Reading) -> tuple[MatchedRule, ...]:
    """Return every list rule that holds, whether or not its row was reached, in the order of the rule ids."""
    held = [row.rule for row, truth in zip(program.rows, reading.truths, strict=True) if truth is True and row.rule]
    held += [row.rule for row in program.coercion_rules if row.rule and row.node.test(reading.values) is True]
    return tuple(
        MatchedRule(
            rule=rule.rule_id,
            title=rule.title.zh,
            title_en=rule.title.en,
            list_type=rule.list_type,
            source=rule.source,
            place=rule.place,
            confidence=rule.confidence,
            mark=rule.mark,
        )
        for rule in sorted(held, key=lambda rule: rule.rule_id)
    )
