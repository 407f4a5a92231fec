"""Conditions made ready to run: a tree whose every node answers true, false or (None) unknown.

The logic is Kleene's: an unknown matters only where the known parts leave the answer open. Every test must be
monotone: a value that becomes known may settle an unknown, and never unsettle an answer.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

# Variable -> value of its declared type; names that begin with "#" are the engine's own (history, day, veto).
Values = dict[str, Any]
Test = Callable[[Values], bool | None]


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One test of facts. `needs` are all variables it may look at; `var` is the one whose fact a line shows."""

    test: Test
    needs: tuple[str, ...]
    zh: str
    en: str
    var: str = ""
    article: str = ""
    confidence: str = "verified"
    # Values at which an integer variable changes this leaf; for the question what would change the result.
    thresholds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A leaf, or an all / any / not over further nodes."""

    kind: Literal["leaf", "all", "any", "not"]
    test: Test
    parts: tuple[Node, ...] = ()
    leaf: Leaf | None = None
    # Every leaf of the tree from left to right, one for each wording; worked out once, because lines ask for it.
    leaves: tuple[Leaf, ...] = ()


def leaf_node(leaf: Leaf) -> Node:
    """Return a tree of one leaf."""
    return Node("leaf", leaf.test, leaf=leaf, leaves=(leaf,))


def _joined(parts: tuple[Node, ...]) -> tuple[Leaf, ...]:
    found: dict[str, Leaf] = {}
    for part in parts:
        for leaf in part.leaves:
            found.setdefault(leaf.zh, leaf)
    return tuple(found.values())


def all_of(*parts: Node) -> Node:
    """Return the conjunction: false if any part is false, else unknown if any is unknown. Empty is true."""
    if len(parts) == 1:
        return parts[0]
    tests = tuple(part.test for part in parts)

    def test(values: Values) -> bool | None:
        answer: bool | None = True
        for each in tests:
            truth = each(values)
            if truth is False:
                return False
            if truth is None:
                answer = None
        return answer

    return Node("all", test, parts, leaves=_joined(parts))


def any_of(*parts: Node) -> Node:
    """Return the disjunction: true if any part is true, else unknown if any is unknown. Empty is false."""
    if len(parts) == 1:
        return parts[0]
    tests = tuple(part.test for part in parts)

    def test(values: Values) -> bool | None:
        answer: bool | None = False
        for each in tests:
            truth = each(values)
            if truth is True:
                return True
            if truth is None:
                answer = None
        return answer

    return Node("any", test, parts, leaves=_joined(parts))


def not_of(part: Node) -> Node:
    """Return the negation; unknown stays unknown."""
    inner = part.test

    def test(values: Values) -> bool | None:
        truth = inner(values)
        return None if truth is None else not truth

    return Node("not", test, (part,), leaves=part.leaves)


def open_leaves(node: Node, values: Values) -> Iterator[Leaf]:
    """Return the unknown leaves that keep this node unknown; leaves under a settled part do not matter."""
    if node.test(values) is not None:
        return
    if node.leaf is not None:
        yield node.leaf
    for part in node.parts:
        yield from open_leaves(part, values)


def needs_of(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Return every variable the nodes may look at, once each, in order of first use."""
    found: dict[str, None] = {}
    for node in nodes:
        for leaf in node.leaves:
            found.update(dict.fromkeys(leaf.needs))
    return tuple(found)


def compared(var: str, op: str, wanted: Any) -> Test:
    """Return the test of one variable against a value; None while the variable is unknown."""
    if op == "==":
        # By far the commonest test; without the second call a package runs a quarter faster.
        def equals(values: Values) -> bool | None:
            value = values.get(var)
            return None if value is None else value == wanted

        return equals
    decide = _DECIDERS[op]

    def test(values: Values) -> bool | None:
        value = values.get(var)
        return None if value is None else decide(value, wanted)

    return test


_DECIDERS: dict[str, Callable[[Any, Any], bool]] = {
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, wanted: value in wanted,
}


def turning_points(op: str, wanted: int) -> tuple[int, ...]:
    """Return the integers just around the limit of a test, at which its answer may turn."""
    if op in ("<=", ">"):
        return (wanted, wanted + 1)
    if op in ("<", ">="):
        return (wanted - 1, wanted)
    return (wanted, wanted + 1)
