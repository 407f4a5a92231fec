"""What is doubtful in a package that is otherwise sound: a list that contradicts itself, a provision that has moved.

A doubt refuses nothing: the list was published so. It is shown to the rule's author and, where it touches a proposal,
to the head as a conflict (conflicts.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Literal

from core.domain.determinations.rules import Limb, Rule, RulePackage
from core.kernel.records import Record

_PENALTY_LAW = "行政处罚法"
# The articles of 行政处罚法 (2021) that each limb stands on. Source: domain.md 3.1.
_ARTICLES_OF_LIMB: dict[Limb, tuple[str, ...]] = {
    "minor": ("33",),
    "first_offence": ("33",),
    "article_32": ("30", "31", "32"),
    "non_coercion": (),
}


class Doubt(Record):
    """One doubtful thing and the rules it concerns. `code` has words under determination.doubt."""

    code: Literal["same_conditions", "old_article", "unverified"]
    rules: tuple[str, ...]
    detail: str = ""


def old_article(rule: Rule) -> str:
    """Return the article of 行政处罚法 that the list cites where the law now has this matter in another, or nothing.

    The articles were renumbered in 2021: what stood in art. 27 stands in arts 32 and 33 now (domain.md 3.1).
    """
    current = _ARTICLES_OF_LIMB[rule.limb]
    for basis in rule.leniency_basis:
        if basis.law == _PENALTY_LAW and basis.article and current and basis.article not in current:
            return basis.article
    return ""


def doubts_of(package: RulePackage) -> tuple[Doubt, ...]:
    """Return every doubt of a package, in the order of the rule ids."""
    rules = sorted(package.rules, key=lambda rule: rule.rule_id)
    return (*_same_conditions(package, rules), *_old_articles(rules), *_unverified(rules))


def _same_conditions(package: RulePackage, rules: list[Rule]) -> Iterator[Doubt]:
    """Yield what one source says twice with different results: one violation, one condition, two lists."""
    grounds = [
        (rule.rule_id, rule.source, rule.conditions, frozenset(rule.violations), rule.list_type) for rule in rules
    ]
    for immunity in package.immunities:
        names = frozenset(each.id for each in package.violations if each.law in immunity.laws)
        grounds.append((immunity.id, immunity.source, immunity.conditions, names, "no_penalty"))
    for one, other in combinations(grounds, 2):
        if one[1:3] == other[1:3] and one[3] & other[3] and one[4] != other[4]:
            yield Doubt(code="same_conditions", rules=tuple(sorted((one[0], other[0]))), detail=one[1])


def _old_articles(rules: list[Rule]) -> Iterator[Doubt]:
    for rule in rules:
        article = old_article(rule)
        if article:
            yield Doubt(code="old_article", rules=(rule.rule_id,), detail=f"{_PENALTY_LAW} {article}")


def _unverified(rules: list[Rule]) -> Iterator[Doubt]:
    names = tuple(rule.rule_id for rule in rules if rule.confidence == "unverified")
    if names:
        yield Doubt(code="unverified", rules=names)
