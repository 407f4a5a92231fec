"""From the plain form of a package to a checked package; what is wrong is said with rule, path and problem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NoReturn

import msgspec

from core.domain.determinations.endless import refuse_endless, rule_at
from core.domain.determinations.rules import Condition, Rule, RulePackage, Variable, in_order
from core.domain.determinations.units import UNITS, converted
from core.kernel.errors import Refusal
from core.kernel.records import Record, to_plain

# Variables and articles that the rows written in code ask for; a package without them could not be run.
_BOOLS = """
    body_competent in_territory item_in_power facts_proved suspected_crime act_continuing act_still_going
    safety_related was_reported new_law_milder no_fault_claimed no_fault_proved fault_not_required_by_law
    circumstances_minor corrected_in_time no_harmful_result harm_minor harm_removed_by_self coerced_or_tricked
    confessed_unknown merit_helping other_lawful_ground coercion_necessary noncoercive_enough social_harm_slight
    coercion_power coercion_approved evidence_may_be_lost facts_conclusive has_statutory_basis warning_only
    first_time_history has_illegal_gains party_changed history_contradicted
"""
STATUTE_VARS: dict[str, str] = {
    **dict.fromkeys(_BOOLS.split(), "bool"),
    **dict.fromkeys(("act_on", "act_ended_on", "discovered_on", "reported_on"), "date"),
    **dict.fromkeys(("party_kind", "party_capacity", "violation", "place", "correction_mode"), "text"),
    **dict.fromkeys(("party_age", "planned_fine_cents"), "int"),
}
_PENALTY_ARTICLES = ("22", "27", "30", "31", "32", "33.1a", "33.1b", "33.2", "36", "37", "40", "51", "56")
_COERCION_ARTICLES = ("5", "10", "16", "18")
STATUTE_ARTICLES = (
    *(f"penalty:{each}" for each in _PENALTY_ARTICLES),
    *(f"coercion:{each}" for each in _COERCION_ARTICLES),
)
# What art. 33 asks beside "minor": a rule that asks only for these leaves "minor" out.
_NOT_MINOR_BY_THEMSELVES = frozenset({"corrected_in_time", "correction_mode", "no_harmful_result", "harm_minor"})
_ORDER_OPS = ("<", "<=", ">", ">=")


def parse_package(plain: dict[str, Any]) -> RulePackage:
    """Return the checked package of a plain form (statute part merged in).

    Raises:
        Refusal: "rules.bad_package", params file ("-": who reads the file fills it in), rule (id or "-"), path (from
            the package's root), problem (a code with words under rules.problem and advice under rules.advice), detail.
    """
    refuse_endless(plain)
    try:
        package = msgspec.convert(to_plain(plain), RulePackage)
    except msgspec.ValidationError as error:
        _refuse_shape(plain, str(error), error)
    _check_known(to_plain(plain), package, "")
    _check_vocabulary(package)
    _check_references(package)
    known = {variable.var: variable for variable in package.variables}
    for index, rule in enumerate(package.rules):
        _check_rule(package, rule, f"rules[{index}]", known)
    for index, immunity in enumerate(package.immunities):
        _check_condition(immunity.conditions, immunity.id, f"immunities[{index}].conditions", known)
    _check_examples(package, known)
    return in_order(package)


def _bad(rule: str, path: str, problem: str, detail: object = "") -> Refusal:
    return Refusal("rules.bad_package", file="-", rule=rule or "-", path=path, problem=problem, detail=str(detail))


def _refuse_shape(plain: dict[str, Any], message: str, error: Exception) -> NoReturn:
    """Say where the plain form does not fit the schema; the library's message ends with the path."""
    what, _, where = message.partition(" - at ")
    path = re.sub(r"^.*\$\.?", "", where).rstrip("`") or "."
    rule = rule_at(plain, path)
    problem = "float_value" if "float" in what else "shape"
    raise _bad(rule, path, problem, what) from error


def _check_known(plain: Any, value: Any, path: str, rule: str = "") -> None:
    """Refuse a field that no record has: a misspelt condition would otherwise be a condition that is not asked."""
    if isinstance(value, Record):
        named = {field.encode_name: getattr(value, field.name) for field in msgspec.structs.fields(value)}
        rule = named.get("rule_id", rule)
        for key, inner in plain.items():
            where = f"{path}.{key}".lstrip(".")
            if key not in named:
                raise _bad(rule, where, "shape", key)
            _check_known(inner, named[key], where, rule)
    elif isinstance(value, tuple) and isinstance(plain, list | tuple):
        for index, (inner, part) in enumerate(zip(plain, value, strict=True)):
            _check_known(inner, part, f"{path}[{index}]", rule)


def _first_twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""


def _check_vocabulary(package: RulePackage) -> None:
    kinds = {
        "variables": [each.var for each in package.variables],
        "articles": [each.key for each in package.articles],
        "violations": [each.id for each in package.violations],
        "rules": [each.rule_id for each in package.rules],
        "immunities": [each.id for each in package.immunities],
        "examples": [each.name for each in package.examples],
    }
    for kind, names in kinds.items():
        twice = _first_twice(names)
        if twice:
            raise _bad(twice if kind == "rules" else "-", kind, "twice", twice)
    types = {each.var: each.type for each in package.variables}
    for var, wanted in STATUTE_VARS.items():
        if types.get(var) != wanted:
            raise _bad("-", "variables", "statute_variable", f"{var}: {wanted}")
    articles = {each.key for each in package.articles}
    for key in STATUTE_ARTICLES:
        if key not in articles:
            raise _bad("-", "articles", "statute_article", key)
    for index, variable in enumerate(package.variables):
        if variable.unit and (variable.type != "int" or variable.unit not in UNITS):
            raise _bad("-", f"variables[{index}].unit", "unit_unknown", variable.unit)


def _check_references(package: RulePackage) -> None:
    types = {each.var: each.type for each in package.variables}
    articles = {each.key for each in package.articles}
    for index, veto in enumerate(package.vetoes):
        if types.get(veto.var) != "bool":
            raise _bad("-", f"vetoes[{index}].var", "unknown_variable", veto.var)
    cited = [(f"immunities[{index}].article", each.article) for index, each in enumerate(package.immunities)]
    cited += [(f"special_limits[{index}].article", each.article) for index, each in enumerate(package.special_limits)]
    for path, key in cited:
        if key not in articles:
            raise _bad("-", path, "unknown_article", key)
    for kind, entries in (("rules", package.rules), ("immunities", package.immunities)):
        for index, entry in enumerate(entries):
            if entry.source not in package.sources:
                raise _bad(getattr(entry, "rule_id", "-"), f"{kind}[{index}].source", "unknown_source", entry.source)
    window = package.parameters.first_time.window_months
    if window is not None and window <= 0:
        raise _bad("-", "parameters.first_time.window_months", "window", window)


def _check_rule(package: RulePackage, rule: Rule, path: str, known: dict[str, Variable]) -> None:
    _check_condition(rule.conditions, rule.rule_id, f"{path}.conditions", known)
    for index, var in enumerate(rule.exclusions):
        if var not in known or known[var].type != "bool":
            raise _bad(rule.rule_id, f"{path}.exclusions[{index}]", "unknown_variable", var)
    violations = {each.id for each in package.violations}
    agencies = {f"agency:{each.agency}" for each in package.violations}
    if not rule.violations:
        raise _bad(rule.rule_id, f"{path}.violations", "no_violation")
    for index, name in enumerate(rule.violations):
        if name not in violations and name != "*" and name not in agencies:
            raise _bad(rule.rule_id, f"{path}.violations[{index}]", "unknown_violation", name)
    if rule.valid_from is not None and rule.valid_to is not None and rule.valid_to < rule.valid_from:
        raise _bad(rule.rule_id, f"{path}.valid_to", "dates", f"{rule.valid_from} > {rule.valid_to}")
    if rule.first_time.window_months is not None and rule.first_time.window_months <= 0:
        raise _bad(rule.rule_id, f"{path}.first_time.window_months", "window", rule.first_time.window_months)
    _check_guard(package, rule, path)
    _check_limb(rule, path)


def _check_guard(package: RulePackage, rule: Rule, path: str) -> None:
    if rule.law_version_guard:
        law, _, version = rule.law_version_guard.partition("@")
        if not any(each.law == law and each.version == version for each in package.laws):
            raise _bad(rule.rule_id, f"{path}.law_version_guard", "unknown_version", rule.law_version_guard)


def _check_limb(rule: Rule, path: str) -> None:
    """Refuse a rule that would widen the statute. Source: domain.md 3.1 (arts 32, 33; 行政强制法 arts 5, 16)."""
    allowed = {
        "no_penalty": ("minor", "first_offence"),
        "light": ("article_32", "minor", "first_offence"),
        "mitigate": ("article_32", "minor", "first_offence"),
        "no_coercion": ("non_coercion",),
    }
    if rule.limb not in allowed[rule.list_type]:
        raise _bad(rule.rule_id, f"{path}.limb", "limb", f"{rule.list_type}: {rule.limb}")
    if rule.limb == "first_offence" and not rule.first_time.required:
        raise _bad(rule.rule_id, f"{path}.first_time.required", "widens_first_time")
    asked = {leaf.var for _, leaf in _tests(rule.conditions, "")}
    if not asked and not rule.first_time.required:
        raise _bad(rule.rule_id, f"{path}.conditions", "widens_minor" if rule.limb == "minor" else "widens_always")
    is_for_many = any(name == "*" or name.startswith("agency:") for name in rule.violations)
    if rule.limb == "minor" and is_for_many and not rule.first_time.required and asked <= _NOT_MINOR_BY_THEMSELVES:
        # An item named by a list may be minor by its kind; every violation of a body is not.
        raise _bad(rule.rule_id, f"{path}.conditions", "widens_minor", ", ".join(sorted(asked)))


def _check_condition(condition: Condition, rule: str, path: str, known: dict[str, Variable]) -> None:
    _check_no_empty_part(condition, rule, path)
    for where, leaf in _tests(condition, path):
        variable = known.get(leaf.var)
        if variable is None:
            raise _bad(rule, f"{where}.var", "unknown_variable", leaf.var)
        if leaf.op == "":
            raise _bad(rule, f"{where}.op", "operator", leaf.var)
        if leaf.op in _ORDER_OPS and variable.type not in ("int", "date"):
            raise _bad(rule, f"{where}.op", "operator", f"{leaf.var} {leaf.op}")
        if leaf.op == "in" and variable.type != "text":
            raise _bad(rule, f"{where}.op", "operator", f"{leaf.var} {leaf.op}")
        _check_value(leaf, variable, rule, where)


def _check_no_empty_part(condition: Condition, rule: str, path: str) -> None:
    """Refuse an empty part inside a condition: it is always true, so that an `any` around it asks for nothing."""
    named = [
        (f"{path}.{name}[{at}]", part) for name in ("all", "any") for at, part in enumerate(getattr(condition, name))
    ]
    if condition.not_ is not None:
        named.append((f"{path}.not", condition.not_))
    for where, part in named:
        if part == Condition():
            raise _bad(rule, where, "empty_condition")
        _check_no_empty_part(part, rule, where)


def _tests(condition: Condition, path: str) -> Iterator[tuple[str, Condition]]:
    """Yield every test of a condition with its path."""
    if condition.var or condition.op or condition.value is not None:
        yield path, condition
    for name, parts in (("all", condition.all), ("any", condition.any)):
        for index, part in enumerate(parts):
            yield from _tests(part, f"{path}.{name}[{index}]")
    if condition.not_ is not None:
        yield from _tests(condition.not_, f"{path}.not")


def _check_value(leaf: Condition, variable: Variable, rule: str, where: str) -> None:
    if variable.unit and not leaf.unit:
        raise _bad(rule, f"{where}.unit", "unit_missing", f"{leaf.var}: {variable.unit}")
    if leaf.unit and not variable.unit:
        raise _bad(rule, f"{where}.unit", "unit_mismatch", f"{leaf.var}: {leaf.unit}")
    if variable.unit and leaf.unit:
        if leaf.unit not in UNITS or UNITS[leaf.unit][0] != UNITS[variable.unit][0]:
            raise _bad(rule, f"{where}.unit", "unit_mismatch", f"{leaf.var}: {leaf.unit} / {variable.unit}")
        is_number = isinstance(leaf.value, int | str) and not isinstance(leaf.value, bool)
        amount = leaf.value if is_number else ""
        if converted(amount, leaf.unit, variable.unit) is None:  # pyright: ignore[reportArgumentType]  (is_number narrows it)
            raise _bad(rule, f"{where}.value", "value_type", f"{leaf.var}: {leaf.value}")
        return
    if not _fits(leaf.value, variable, leaf.op):
        raise _bad(rule, f"{where}.value", "value_type", f"{leaf.var}: {leaf.value}")


def _fits(value: Any, variable: Variable, op: str) -> bool:
    if variable.type == "bool":
        return type(value) is bool
    if variable.type == "int":
        return type(value) is int
    texts: tuple[Any, ...] = value if op == "in" and isinstance(value, tuple) else (value,)
    if not texts or any(type(text) is not str for text in texts):
        return False
    if variable.type == "date":
        return all(_is_date(text) for text in texts)
    choices = {choice.value for choice in variable.choices}
    return not choices or choices.issuperset(texts)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_examples(package: RulePackage, known: dict[str, Variable]) -> None:
    for index, example in enumerate(package.examples):
        for var in example.facts:
            if var not in known:
                raise _bad("-", f"examples[{index}].facts.{var}", "unknown_variable", var)
    if not package.examples:
        raise _bad("-", "examples", "no_examples")
    shown = {example.rule for example in package.examples}
    for index, rule in enumerate(package.rules):
        if rule.rule_id not in shown:
            raise _bad(rule.rule_id, f"rules[{index}]", "no_example")
