"""What is said of one condition, one row, one rule: lines, verdicts, matches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from core.domain.determinations.answers import Question
from core.domain.determinations.gates_statute import Row
from core.domain.determinations.kept import Kept
from core.domain.determinations.nodes import Leaf, Values
from core.domain.determinations.results import GateVerdict, Line, MatchedRule
from core.domain.determinations.rules import Label, Rule
from core.domain.determinations.truth import shown
from core.domain.determinations.vocabulary import Vocabulary

HISTORY_VAR = "#history"


# What is said of one variable: its value as it was given, who said it, and of which day.
Said = tuple[Any, str, date | None]
_NOTHING_SAID: Said = (None, "", None)
# Lines of one condition that are kept.
_LINES_MAX = 32


class LineForm:
    """What a line says before its fact is known. Lines are frozen, so that many determinations may hold the same one.

    A condition over several facts, or the wording of a whole part, has a question; a plain one is told by its fact.
    """

    __slots__ = ("gate", "leaf", "lines", "question", "rule", "var")

    def __init__(self, leaf: Leaf, gate: str, rule: str, question: Question | None = None) -> None:
        self.leaf = leaf
        self.gate = gate
        self.rule = rule
        self.question = question
        self.var = leaf.var
        self.lines: Kept[Line] = Kept(_LINES_MAX)


def lines_of(
    words: Vocabulary, forms: Iterable[LineForm], values: Values, answers: int, said: dict[str, Said]
) -> list[Line]:
    """Return one line for every form, in their order."""
    found: list[Line] = []
    said_of = said.get
    for form in forms:
        # 1 and True are equal keys but not equal facts; a leaf's variable has one type, so they never meet.
        key: Any = said_of(form.var, _NOTHING_SAID)
        if form.question is not None:
            key = (form.question(answers), key)
        line = form.lines.get(key)
        found.append(form.lines.keep(key, _new_line(words, form, values, key)) if line is None else line)
    return found


def rule_name(row: Row) -> str:
    """Return the id of the list rule or immunity that a row stands for, empty for the statute's own rows."""
    if row.rule is not None:
        return row.rule.rule_id
    return row.immunity.id if row.immunity is not None else ""


def _new_line(words: Vocabulary, form: LineForm, values: Values, key: Any) -> Line:
    leaf = form.leaf
    truth, (value, source, as_of) = key if form.question is not None else (_plain_truth(leaf, values), key)
    variable = words.variables.get(leaf.var)
    citation = words.article_label(leaf.article)
    text = _fact_label(words, leaf.var, value)
    return Line(
        row=form.gate,
        rule=form.rule,
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


def _plain_truth(leaf: Leaf, values: Values) -> bool | None:
    assert leaf.test is not None
    return leaf.test(values)


_NO_WORDS = Label(zh="", en="")


def _fact_label(words: Vocabulary, var: str, value: Any) -> Label:
    """Return the fact as it is read; a yes/no fact is told by the condition itself."""
    if value is None or isinstance(value, bool):
        return _NO_WORDS
    if var == HISTORY_VAR:
        return Label(zh=f"查到前案{value}件", en=f"{value} earlier cases found")
    return words.shown_value(var, value)


def verdict_of(row: Row, truth: bool | None) -> GateVerdict:
    """Return what is shown of a row that was reached."""
    duty = row.duty if row.proposal else ""
    return GateVerdict(row=row.gate, rule=rule_name(row), value=shown(truth), proposal=row.proposal, duty=duty)


def match_of(rule: Rule) -> MatchedRule:
    """Return what is said of a list rule that holds."""
    return MatchedRule(
        rule=rule.rule_id,
        title=rule.title.zh,
        title_en=rule.title.en,
        list_type=rule.list_type,
        source=rule.source,
        place=rule.place,
        confidence=rule.confidence,
        mark=rule.mark,
    )
