"""Rows 8, 10, 12 and the history behind row 11: what a package's rules add to the statute.

A list can make arts 32 and 33 concrete, never widen them, so the statute's own elements are joined to every rule here.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from core.domain.determinations.facts import History, PriorCase
from core.domain.determinations.gates_limitation import act_day
from core.domain.determinations.months import add_months
from core.domain.determinations.nodes import Leaf, Node, Values, all_of, any_of, leaf_node, not_of
from core.domain.determinations.rules import FirstTime, LawVersion, Rule, RulePackage, Violation
from core.domain.determinations.vocabulary import Vocabulary

# Stand-ins for a history when the engine asks what another history would change.
CLEAR: Final = "clear"
HIT: Final = "hit"

_LIMB_ARTICLES = {
    "minor": "penalty:33.1a",
    "first_offence": "penalty:33.1b",
    "article_32": "penalty:32",
    "non_coercion": "coercion:16",
}


def _counts(case: PriorCase, spec: FirstTime, here: Violation, there: Violation | None) -> bool:
    """Return whether an earlier case is of the kind that ends "first time", its day and place aside."""
    if case.outcome not in spec.counts or (case.is_branch and not spec.counts_branches):
        return False
    if spec.territory == "agency" and case.agency != here.agency:
        return False
    same_item = case.violation == here.id
    if spec.scope == "any" or same_item:
        return True
    if there is None or spec.scope == "same_item":
        return False
    if spec.scope == "same_class":
        return bool(here.category) and there.category == here.category
    return (there.law, there.article) == (here.law, here.article)


def _is_hit(case: PriorCase, spec: FirstTime, values: Values) -> bool | None:
    """Return whether a counting case lies before this one, inside the window and the area."""
    if spec.territory == "area":
        place: str | None = values.get("place")
        if place is None:
            return None
        if case.place != place:
            return False
    found_on: date | None = values.get("discovered_on")
    if found_on is None:
        return None
    day = case.found_on if spec.since == "found" or case.decided_on is None else case.decided_on
    if day >= found_on:
        return False
    return spec.window_months is None or add_months(day, spec.window_months) >= found_on


def _window_words(spec: FirstTime) -> tuple[str, str]:
    if spec.window_months is None:
        return "此前没有同类违法记录（首次）", "no such violation before (first time)"
    return (
        f"{spec.window_months}个月内没有同类违法记录（首次）",
        f"no such violation within {spec.window_months} months (first time)",
    )


def first_time_node(spec: FirstTime, here: Violation, package: RulePackage, confidence: str = "verified") -> Node:
    """Return the node that is true when no counting case is known and the look-up is confirmed or fresh.

    An old look-up without a hit is unknown, never "first". Source: domain.md 3.3 (offline), 3.4 edges 1 to 3.
    """
    known = {violation.id: violation for violation in package.violations}
    fresh_days = package.parameters.history_fresh_days

    def test(values: Values) -> bool | None:
        history: History | str | None = values.get("#history")
        if history is None or isinstance(history, str):
            return None if history is None else history == CLEAR
        hits = [
            _is_hit(case, spec, values)
            for case in history.cases
            if _counts(case, spec, here, known.get(case.violation))
        ]
        if True in hits:
            return False
        if None in hits:
            return None
        age_days = (values["#on"] - history.as_of).days
        return True if history.is_confirmed or age_days <= fresh_days else None

    zh, en = _window_words(spec)
    needs = ("#history", "discovered_on", *(("place",) if spec.territory == "area" else ()))
    return leaf_node(Leaf(test, needs, zh, en, "#history", "penalty:33.1b", confidence))


# The versions of one law from the newest to the oldest, with the day each came into force.
Versions = tuple[tuple[date, str], ...]


def versions_of(laws: tuple[LawVersion, ...], law: str) -> Versions:
    """Return the known versions of a law, newest first."""
    return tuple(sorted(((each.in_force_from, each.version) for each in laws if each.law == law), reverse=True))


def version_on(versions: Versions, day: date) -> str:
    """Return the version in force on a day, or an empty text before the first known one."""
    for begins, version in versions:
        if begins <= day:
            return version
    return ""


def law_changed_node(package: RulePackage) -> Node:
    """Return the node that is true when a law of the package changed between the act and the decision (art. 37)."""
    names = sorted({each.law for each in package.laws})
    tables = [table for table in (versions_of(package.laws, name) for name in names) if len(table) > 1]

    def test(values: Values) -> bool | None:
        if not tables:
            return False
        day = act_day(values)
        if day is None:
            return None
        on: date = values["#on"]
        start = min(day, on)
        return any([version_on(table, start) != version_on(table, on) for table in tables])

    needs = ("act_on", "act_continuing", "act_still_going", "act_ended_on")
    return leaf_node(Leaf(test, needs, "行为后法律有修改", "the law changed after the act", "act_on", "penalty:37"))


def guard_node(rule: Rule, package: RulePackage) -> Node:
    """Return the node that is true when the rule's law version is the one that governs this act.

    Where the version at the act and the version today agree, nothing else is asked; where they differ, the milder
    governs (art. 37), which a person has to judge.
    """
    law, _, version = rule.law_version_guard.partition("@")
    table = versions_of(package.laws, law)

    def test(values: Values) -> bool | None:
        on: date = values["#on"]
        today = version_on(table, on) == version
        day = act_day(values)
        then = None if day is None else version_on(table, min(day, on)) == version
        if then == today:
            return today
        milder: bool | None = values.get("new_law_milder")
        return None if milder is None else (today if milder else then)

    needs = ("act_on", "act_continuing", "act_still_going", "act_ended_on", "new_law_milder")
    zh, en = f"适用的法律版本为{law}（{version}）", f"the governing version is {law} ({version})"
    return leaf_node(Leaf(test, needs, zh, en, "new_law_milder", "penalty:37"))


def _validity_node(rule: Rule) -> Node:
    def test(values: Values) -> bool | None:
        on: date = values["#on"]
        begun = rule.valid_from is None or rule.valid_from <= on
        return begun and (rule.valid_to is None or on <= rule.valid_to)

    begins = rule.valid_from.isoformat() if rule.valid_from else "…"
    ends = rule.valid_to.isoformat() if rule.valid_to else "…"
    words = (f"清单在有效期内（{begins} 至 {ends}）", f"the list is in force ({begins} to {ends})")
    return leaf_node(Leaf(test, (), *words, "", "", rule.confidence))


def _place_node(rule: Rule) -> Node:
    def test(values: Values) -> bool | None:
        place: str | None = values.get("place")
        return None if place is None else place.startswith(rule.applies_in)

    words = (f"清单适用于本地（{'、'.join(rule.applies_in)}）", f"the list applies here ({', '.join(rule.applies_in)})")
    return leaf_node(Leaf(test, ("place",), *words, "place", "", rule.confidence))


def _statute_nodes(rule: Rule, words: Vocabulary) -> list[Node]:
    """Return the statute's own elements that a list line cannot replace; "minor" is what the list makes concrete.

    Lists of light and mitigate stand below art. 33 and need none of its elements.
    """
    if rule.list_type != "no_penalty":
        return []
    if rule.limb == "minor":
        return [words.yes("corrected_in_time", "penalty:33.1a"), words.yes("no_harmful_result", "penalty:33.1a")]
    if rule.limb == "first_offence":
        return [
            words.yes("corrected_in_time", "penalty:33.1b"),
            any_of(words.yes("harm_minor", "penalty:33.1b"), words.yes("no_harmful_result", "penalty:33.1b")),
        ]
    return []


def rule_node(rule: Rule, here: Violation, package: RulePackage, words: Vocabulary, no_veto: Node) -> Node:
    """Return everything that must be true for a list rule to apply to this violation."""
    article = _LIMB_ARTICLES[rule.limb]
    parts = [_validity_node(rule)]
    if rule.law_version_guard:
        parts.append(guard_node(rule, package))
    if rule.applies_in:
        parts.append(_place_node(rule))
    parts.append(words.node(rule.conditions, article=article, confidence=rule.confidence))
    if rule.first_time.required:
        parts.append(first_time_node(rule.first_time, here, package, rule.confidence))
    parts.extend(_statute_nodes(rule, words))
    parts.extend(not_of(words.yes(var, article, rule.confidence)) for var in rule.exclusions)
    return all_of(*parts, no_veto)
