"""What a reading shows beside its lines: verdicts of the rows, open questions, rules that hold."""

from __future__ import annotations

from core.domain.determinations.gates_limitation import relevant_needs
from core.domain.determinations.lines import HISTORY_VAR
from core.domain.determinations.nodes import Leaf, Node, Values, open_leaves
from core.domain.determinations.reading import Reading
from core.domain.determinations.results import GateVerdict, MatchedRule, Missing
from core.domain.determinations.tables import Table
from core.domain.determinations.truth import Truth
from core.domain.determinations.vocabulary import Vocabulary

# Row 13, where it is proposed and where it is only still possible.
_ORDINARY, _PERHAPS_ORDINARY = (
    GateVerdict(row="13", rule="", value=value, proposal="ordinary", duty="must")
    for value in (Truth.TRUE, Truth.UNKNOWN)
)


def gate_verdicts(table: Table, reading: Reading) -> tuple[GateVerdict, ...]:
    """Return whether each reached row held; row 13 is added when nothing above it did."""
    verdicts, truths = table.verdicts, reading.truths
    found = [verdicts[index][truths[index]] for index in reading.reached]
    if "ordinary" in reading.possible:
        found.append(_ORDINARY if reading.proposal == "ordinary" else _PERHAPS_ORDINARY)
    return tuple(found)


def missing_of(words: Vocabulary, table: Table, reading: Reading, values: Values) -> tuple[Missing, ...]:
    """Return the open questions of the rows that keep the result open, in the order of the table."""
    if reading.proposal != "needs_evidence":
        return ()

    def truth_of(node: Node) -> bool | None:
        return table.sheet.asked(node).test(reading.answers)

    found: dict[str, None] = {}
    for index in reading.open_rows:
        for leaf in open_leaves(table.program.rows[index].node, truth_of):
            found.update(dict.fromkeys(_open_needs(leaf, values)))
    return tuple(_missing(words, var) for var in found)


def _open_needs(leaf: Leaf, values: Values) -> tuple[str, ...]:
    if leaf.var == HISTORY_VAR:
        # A look-up that is too old or absent is asked of the system again; a missing day or place is asked first.
        gaps = tuple(var for var in leaf.needs if var != HISTORY_VAR and values.get(var) is None)
        has_cases = values.get(HISTORY_VAR) is not None and bool(values[HISTORY_VAR].cases)
        return gaps if gaps and has_cases else (HISTORY_VAR,)
    if len(leaf.needs) > 1:
        return relevant_needs(values, leaf.needs)
    return leaf.needs


def _missing(words: Vocabulary, var: str) -> Missing:
    variable = words.variables["first_time_history" if var == HISTORY_VAR else var]
    return Missing(
        var=variable.var,
        who=variable.who_answers,
        evidence_kind=variable.evidence_kind,
        question=variable.question.zh,
        question_en=variable.question.en,
    )


def matched_rules(table: Table, reading: Reading) -> tuple[MatchedRule, ...]:
    """Return every list rule that holds, whether or not its row was reached, in the order of the rule ids."""
    truths = reading.truths
    held = [match for index, match in table.matches if truths[index] is True]
    held += [match for question, match in table.coercion_matches if question(reading.answers) is True]
    return tuple(sorted(held, key=lambda match: match.rule)) if len(held) > 1 else tuple(held)
