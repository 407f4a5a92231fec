"""The table of one violation made ready to be read: what depends on the package only is worked out once, here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.domain.determinations.answers import Question, Sheet
from core.domain.determinations.gates_statute import Program, Row
from core.domain.determinations.kept import Kept
from core.domain.determinations.lines import LineForm, match_of, rule_name, verdict_of
from core.domain.determinations.nodes import Leaf
from core.domain.determinations.results import GateVerdict, MatchedRule

# How many ways a table can end are kept in order.
_ORDERS_MAX = 256
# Gives the form of a plain leaf in a gate, for a rule; the same one in every table of a package.
FormOf = Callable[[Leaf, str, str], LineForm]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A program with the sheet of its answers. What runs along the rows is a tuple in their order."""

    program: Program
    sheet: Sheet
    questions: tuple[Question, ...]
    proposals: tuple[str, ...]
    # Answers of which one is enough to make the row false, and its variables; nothing where the row has no result.
    turned_by: tuple[tuple[int, tuple[str, ...]], ...]
    # Variable -> the rows with a result that look at it.
    turned_rows: dict[str, tuple[tuple[int, Question], ...]]
    # Open rows, deciding row, reached rows -> in which order their variables are turned over.
    orders: Kept[dict[str, int]]
    forms: tuple[tuple[LineForm, ...], ...]
    # Which rows are shown when this one decides; the last entry: when none does.
    reached: tuple[tuple[int, ...], ...]
    verdicts: tuple[dict[bool | None, GateVerdict], ...]
    # The list rules among the rows, and those about coercion, with what is said of them when they hold.
    matches: tuple[tuple[int, MatchedRule], ...]
    coercion_matches: tuple[tuple[Question, MatchedRule], ...]
    # Row 5, whose first part asks whether the law changed.
    law_row: int
    veto: Question
    coercion: tuple[tuple[str, Question], ...]
    summary: Question
    # The lines of rows A and C, which are always shown, and of row P.
    forms_beside: tuple[LineForm, ...]
    forms_of_summary: tuple[LineForm, ...]


def table_of(program: Program, coercion: tuple[Row, ...], summary: Row, form_of: FormOf) -> Table:
    """Return a program ready to be read.

    Args:
        coercion: The rows of C in order.
        summary: Row P.
        form_of: Gives the forms that tables share; those over several facts belong to one table.
    """
    rows, rules = program.rows, program.coercion_rules
    beside = (Row("A", program.veto), *coercion)
    deciding = [row.node for row in rows if row.proposal]
    sheet = Sheet(deciding, (row.node for row in (*rows, *rules, *beside, summary)))

    def forms(row: Row) -> tuple[LineForm, ...]:
        gate, rule = row.gate, rule_name(row)
        return tuple(
            form_of(leaf, gate, rule) if leaf.is_plain else LineForm(leaf, gate, rule, sheet.asked_leaf(leaf).test)
            for leaf in row.node.leaves
        )

    asked = tuple(sheet.asked(row.node) for row in rows)
    return Table(
        program=program,
        sheet=sheet,
        questions=tuple(each.test for each in asked),
        proposals=tuple(row.proposal for row in rows),
        turned_by=tuple(
            (each.against, needs) if row.proposal else (0, ())
            for row, each, needs in zip(rows, asked, program.needs, strict=True)
        ),
        turned_rows={
            var: tuple((index, asked[index].test) for index in indexes) for var, indexes in program.rows_by_var.items()
        },
        orders=Kept(_ORDERS_MAX),
        forms=tuple(forms(row) for row in rows),
        reached=(*(_reached(rows, index) for index in range(len(rows))), tuple(range(len(rows)))),
        verdicts=tuple({truth: verdict_of(row, truth) for truth in (True, False, None)} for row in rows),
        matches=tuple((index, match_of(row.rule)) for index, row in enumerate(rows) if row.rule is not None),
        coercion_matches=tuple(
            (sheet.asked(row.node).test, match_of(row.rule)) for row in rules if row.rule is not None
        ),
        law_row=next((index for index, row in enumerate(rows) if row.gate == "5"), -1),
        veto=sheet.asked(program.veto).test,
        coercion=tuple((row.proposal, sheet.asked(row.node).test) for row in coercion),
        summary=sheet.asked(summary.node).test,
        forms_beside=tuple(form for row in beside for form in forms(row)),
        forms_of_summary=forms(summary),
    )


def _reached(rows: tuple[Row, ...], deciding: int) -> tuple[int, ...]:
    """Return the rows down to the one that decides, with those that stand beside it in its gate."""
    gate = rows[deciding].gate
    return tuple(index for index, row in enumerate(rows) if index <= deciding or row.gate == gate)
