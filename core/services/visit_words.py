"""The words of visits and gates, for everything that shows them: the window, the command line, papers."""

from __future__ import annotations

from core.domain.gate_lines import GateLine
from core.kernel.records import Record
from core.kernel.words import Lang, catalogue, text


class FactWords(Record):
    """One fact of a gate in words."""

    name: str
    value: str
    source: str


class GateWords(Record):
    """One verdict line in words; `change` is empty where nothing has to change."""

    name: str
    verdict: str
    why: str
    change: str
    due: str
    facts: tuple[FactWords, ...]


def visit_term(family: str, value: str, lang: Lang) -> str:
    """Return the words of a value of a visit: family state, kind, trigger, path, duty, urgency, reason or remark.

    A reason that a person typed has no words of its own and is returned as it is.
    """
    key = f"visit.{family}.{value}"
    return text(key, lang) if key in catalogue() else value


def checklist_term(family: str, value: str, lang: Lang) -> str:
    """Return the words of a verdict or of a kind of question."""
    return text(f"checklist.{family}.{value}", lang)


def evidence_term(kind: str, lang: Lang) -> str:
    """Return the words of a kind of evidence."""
    return text(f"evidence.kind.{kind}", lang)


def gate_words(line: GateLine, lang: Lang) -> GateWords:
    """Return a verdict line as a person reads it."""
    facts = tuple(
        FactWords(name=text(f"gate.fact.{fact.name}", lang), value=_value(fact.value, lang), source=fact.source)
        for fact in line.facts
    )
    return GateWords(
        name=text(f"gate.name.{line.gate}", lang),
        verdict=text(f"gate.verdict.{line.verdict.value}", lang),
        why=text(f"gate.why.{line.why}", lang),
        change=text(f"gate.change.{line.change}", lang) if line.change else "",
        due=text(f"gate.stage.{line.due.value}", lang),
        facts=facts,
    )


def _value(value: str, lang: Lang) -> str:
    """Return the words of a coded value; a name, number or date stands for itself."""
    key = f"gate.value.{value}"
    return text(key, lang) if key in catalogue() else value


def decision_words(decision: str, lang: Lang) -> str:
    """Return the words of what the gates decided."""
    return text(f"gate.decision.{decision}", lang)
