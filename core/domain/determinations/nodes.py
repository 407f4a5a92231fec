"""Conditions as trees: tests of facts joined by all, any and not. What a tree answers is worked out in answers.py.

A test answers true, false or (None) unknown, and must be monotone: a value that becomes known may settle an unknown,
and never unsettle an answer.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

# Variable -> value of its declared type; names that begin with "#" are the engine's own (history, day).
Values = dict[str, Any]
Test = Callable[[Values], bool | None]


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One test of facts. `needs` are all variables it may look at; `var` is the one whose fact a line shows.

    Without a test it is the wording of a whole part, whose answer is the part's (`worded`).
    """

    test: Test | None
    needs: tuple[str, ...]
    zh: str
    en: str
    var: str = ""
    article: str = ""
    confidence: str = "verified"
    # Values at which an integer variable changes this leaf; for the question what would change the result.
    thresholds: tuple[int, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Return whether the value of its own variable decides it, and nothing else."""
        return self.needs == (self.var,) and not self.var.startswith("#")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A leaf, or an all / any / not over further nodes."""

    kind: Literal["leaf", "all", "any", "not"]
    parts: tuple[Node, ...] = ()
    leaf: Leaf | None = None
    # Every leaf of the tree from left to right, one for each wording; worked out once, because lines ask for it.
    leaves: tuple[Leaf, ...] = ()


def leaf_node(leaf: Leaf) -> Node:
    """Return a tree of one leaf."""
    return Node("leaf", leaf=leaf, leaves=(leaf,))


def worded(part: Node, wording: Leaf) -> Node:
    """Return a part that is shown as one line with words of its own."""
    return Node(part.kind, part.parts, wording, (wording,))


def _joined(parts: tuple[Node, ...]) -> tuple[Leaf, ...]:
    found: dict[str, Leaf] = {}
    for part in parts:
        for leaf in part.leaves:
            found.setdefault(leaf.zh, leaf)
    return tuple(found.values())


def all_of(*parts: Node) -> Node:
    """Return the conjunction of parts; without any it is true."""
    return parts[0] if len(parts) == 1 else Node("all", parts, leaves=_joined(parts))


def any_of(*parts: Node) -> Node:
    """Return the disjunction of parts; without any it is false."""
    return parts[0] if len(parts) == 1 else Node("any", parts, leaves=_joined(parts))


def not_of(part: Node) -> Node:
    """Return the negation of a part."""
    return Node("not", (part,), leaves=part.leaves)


def open_leaves(node: Node, truth_of: Callable[[Node], bool | None]) -> Iterator[Leaf]:
    """Return the unknown leaves that keep this node unknown; leaves under a settled part do not matter."""
    if truth_of(node) is not None:
        return
    if node.kind == "leaf" and node.leaf is not None:
        yield node.leaf
    for part in node.parts:
        yield from open_leaves(part, truth_of)


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
