"""The numeric edges of a package's rules: each should have an example just inside and one just outside."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.determinations.rules import Condition, ExampleCase, RulePackage
from core.domain.determinations.units import converted
from core.kernel.records import Record


class Edge(Record):
    """One numeric limit of a rule, with the last value inside and the first outside, in the variable's own unit."""

    rule: str
    var: str
    inside: int
    outside: int


def edges_of(package: RulePackage) -> tuple[Edge, ...]:
    """Return every edge of the package's rules. A test for one exact number has two edges; its lower one is left out
    where the number is zero, because no count lies below.
    """
    units = {each.var: each.unit for each in package.variables if each.type == "int"}
    found: list[Edge] = []
    for rule in package.rules:
        for leaf in _leaves(rule.conditions):
            limit = _limit(leaf, units)
            if limit is not None:
                found += [Edge(rule=rule.rule_id, var=leaf.var, inside=a, outside=b) for a, b in _sides(leaf.op, limit)]
    return tuple(found)


def edges_without_example(package: RulePackage) -> tuple[Edge, ...]:
    """Return the edges that no pair of the rule's examples shows on both sides."""
    shown = {
        (example.rule, var, value, _holds(example))
        for example in package.examples
        for var, value in example.facts.items()
    }
    return tuple(
        edge
        for edge in edges_of(package)
        if (edge.rule, edge.var, edge.inside, True) not in shown
        or (edge.rule, edge.var, edge.outside, False) not in shown
    )


def _holds(example: ExampleCase) -> bool:
    return example.expect != "ordinary" if example.rule_holds is None else example.rule_holds


def _leaves(condition: Condition) -> Iterator[Condition]:
    if condition.var:
        yield condition
    for part in (*condition.all, *condition.any):
        yield from _leaves(part)
    if condition.not_ is not None:
        yield from _leaves(condition.not_)


def _limit(leaf: Condition, units: dict[str, str]) -> int | None:
    if leaf.var not in units or isinstance(leaf.value, bool) or not isinstance(leaf.value, int | str):
        return None
    unit = units[leaf.var]
    return converted(leaf.value, leaf.unit, unit) if unit else int(leaf.value)


def _sides(op: str, limit: int) -> tuple[tuple[int, int], ...]:
    """Return (inside, outside) of a limit."""
    below = ((limit, limit - 1),) if limit else ()
    sides: dict[str, tuple[tuple[int, int], ...]] = {
        "<=": ((limit, limit + 1),),
        "<": ((limit - 1, limit),),
        ">=": ((limit, limit - 1),),
        ">": ((limit + 1, limit),),
        "==": ((limit, limit + 1), *below),
        "!=": ((limit + 1, limit), *((limit - 1, limit) for _ in below)),
    }
    return sides.get(op, ())
