"""A rule written out for a person, field by field, and two rules beside each other.

For authors and reviewers: what a list line says here, in words, with the same fields in the same order for every rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.domain.determinations.rules import Basis, Condition, FirstTime, Label, Rule, RulePackage
from core.domain.determinations.vocabulary import Vocabulary
from core.kernel.records import Record
from core.kernel.words import Lang, text


class RuleField(Record):
    """One field of a rule with its words; an empty text means that the rule says nothing about it."""

    key: str
    name: str
    text: str


class FieldPair(Record):
    """One field of two rules."""

    key: str
    name: str
    one: str
    other: str
    is_equal: bool


def rule_fields(rule: Rule, package: RulePackage, lang: Lang) -> tuple[RuleField, ...]:
    """Return every field of a rule in words, always the same fields in the same order."""
    words = Vocabulary(package)
    titles = {each.id: each.title for each in package.violations}
    any_violation = text("rules.any_violation", lang)
    shown: dict[str, str] = {
        "title": _said(rule.title, lang),
        "list_type": text(f"rules.list_type.{rule.list_type}", lang),
        "limb": text(f"rules.limb.{rule.limb}", lang),
        "duty": text(f"determination.duty.{rule.duty}", lang) if rule.duty else "",
        "violations": _lines(
            any_violation if each == "*" else _said(titles.get(each, Label(zh=each, en=each)), lang)
            for each in rule.violations
        ),
        "violation_basis": _lines(_basis(rule.violation_basis)),
        "penalty_basis": _lines(_basis(rule.penalty_basis)),
        "leniency_basis": _lines(_basis(rule.leniency_basis)),
        "conditions": _lines(condition_lines(rule.conditions, words, lang)),
        "first_time": _first_time(rule.first_time, lang),
        "exclusions": _lines(_said(words.variables[var].label, lang) for var in rule.exclusions),
        "evidence_required": _lines(text(f"rules.evidence.{each}", lang) for each in rule.evidence_required),
        "follow_up": _lines(text(f"determination.follow_up.{each}", lang) for each in rule.follow_up),
        "agency": rule.agency,
        "place": _lines(each for each in (rule.place, "、".join(rule.applies_in)) if each),
        "validity": _validity(rule, lang),
        "law_version_guard": rule.law_version_guard,
        "source": _lines((f"{rule.source} {package.sources.get(rule.source, '')}".strip(),)),
        "confidence": text(f"rules.confidence.{rule.confidence}", lang),
        "mark": rule.mark,
        "note": rule.note,
    }
    return tuple(RuleField(key=key, name=text(f"rules.field.{key}", lang), text=shown[key]) for key in shown)


def compared_rules(one: Rule, other: Rule, package: RulePackage, lang: Lang) -> tuple[FieldPair, ...]:
    """Return two rules of a package field by field; fields of which neither says anything are left out."""
    pairs = zip(rule_fields(one, package, lang), rule_fields(other, package, lang), strict=True)
    return tuple(
        FieldPair(key=left.key, name=left.name, one=left.text, other=right.text, is_equal=left.text == right.text)
        for left, right in pairs
        if left.text or right.text
    )


def condition_lines(condition: Condition, words: Vocabulary, lang: Lang, depth: int = 0) -> Iterator[str]:
    """Yield the tree of a condition, one line a part, deeper parts indented by two blanks."""
    indent = "  " * depth
    if condition.var:
        label = words.condition_words(condition.var, condition.op, words.wanted(condition))
        yield f"{indent}· {_said(label, lang)}"
    for key, parts in (("all", condition.all), ("any", condition.any)):
        if parts:
            yield f"{indent}{text(f'rules.join.{key}', lang)}"
            for each in parts:
                yield from condition_lines(each, words, lang, depth + 1)
    if condition.not_ is not None:
        yield f"{indent}{text('rules.join.not', lang)}"
        yield from condition_lines(condition.not_, words, lang, depth + 1)


def _said(label: Label, lang: Lang) -> str:
    return label.zh if lang == "zh" else label.en


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _basis(provisions: tuple[Basis, ...]) -> Iterator[str]:
    for each in provisions:
        yield f"{each.law} {each.article}".strip()


def _first_time(spec: FirstTime, lang: Lang) -> str:
    if not spec.required:
        return ""
    window = text("rules.window_ever", lang)
    if spec.window_months is not None:
        window = text("rules.window_months", lang, months=spec.window_months)
    counts = "、".join(text(f"rules.counts.{each}", lang) for each in spec.counts)
    return _lines(
        (
            window,
            text(f"rules.scope.{spec.scope}", lang),
            text(f"rules.territory.{spec.territory}", lang),
            text("rules.counts_what", lang, what=counts),
            text(f"rules.since.{spec.since}", lang),
        )
    )


def _validity(rule: Rule, lang: Lang) -> str:
    if rule.valid_from is None and rule.valid_to is None:
        return ""
    ends = [each.isoformat() if each is not None else "…" for each in (rule.valid_from, rule.valid_to)]
    return text("rules.validity", lang, begins=ends[0], ends=ends[1])
