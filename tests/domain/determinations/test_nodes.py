"""The small logic under every rule: three values, comparisons, open questions, the values around a limit."""

from __future__ import annotations

from itertools import product

import pytest

from core.domain.determinations.nodes import (
    Leaf,
    Node,
    all_of,
    any_of,
    compared,
    leaf_node,
    needs_of,
    not_of,
    open_leaves,
    turning_points,
)
from tests.domain.determinations.cases import truth_of

TRUTHS = (True, False, None)


def asks(var: str) -> Node:
    return leaf_node(Leaf(compared(var, "==", True), (var,), var, var, var))


def values_of(truths: tuple[bool | None, ...]) -> dict[str, bool]:
    return {f"v{place}": truth for place, truth in enumerate(truths) if truth is not None}


@pytest.mark.parametrize("size", range(4))
def test_all_is_false_with_a_false_part_and_else_unknown_with_an_unknown_one(size: int) -> None:
    for truths in product(TRUTHS, repeat=size):
        expected = False if False in truths else None if None in truths else True
        node = all_of(*(asks(f"v{place}") for place in range(size)))
        assert truth_of(node, values_of(truths)) is expected


@pytest.mark.parametrize("size", range(4))
def test_any_is_true_with_a_true_part_and_else_unknown_with_an_unknown_one(size: int) -> None:
    for truths in product(TRUTHS, repeat=size):
        expected = True if True in truths else None if None in truths else False
        node = any_of(*(asks(f"v{place}") for place in range(size)))
        assert truth_of(node, values_of(truths)) is expected


@pytest.mark.parametrize(("truth", "expected"), [(True, False), (False, True), (None, None)])
def test_not_turns_what_is_known_and_leaves_what_is_not(truth: bool | None, expected: bool | None) -> None:
    assert truth_of(not_of(asks("v0")), values_of((truth,))) is expected


def test_one_part_alone_is_itself() -> None:
    part = asks("v0")
    assert all_of(part) is part
    assert any_of(part) is part
    assert all_of().kind == "all"
    assert any_of().kind == "any"


def test_only_leaves_that_keep_the_answer_open_are_open() -> None:
    tree = all_of(any_of(asks("v0"), asks("v1")), not_of(asks("v2")), asks("v3"))

    def opened(**values: bool) -> list[str]:
        return [leaf.var for leaf in open_leaves(tree, lambda node: truth_of(node, values))]

    assert opened(v0=True, v3=True) == ["v2"]
    assert opened(v2=True) == []
    assert opened() == ["v0", "v1", "v2", "v3"]


def test_each_variable_is_needed_once_in_order_of_first_use() -> None:
    assert needs_of((all_of(asks("b"), asks("a")), asks("b"), asks("c"))) == ("b", "a", "c")


def test_a_wording_stands_once_in_the_lines_of_a_tree() -> None:
    assert [leaf.var for leaf in any_of(asks("a"), all_of(asks("b"), asks("a"))).leaves] == ["a", "b"]


@pytest.mark.parametrize(
    ("op", "below", "equal", "above"),
    [
        ("==", False, True, False),
        ("!=", True, False, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_a_comparison_holds_on_its_own_side_of_the_limit(op: str, below: bool, equal: bool, above: bool) -> None:
    test = compared("v", op, 1000)
    assert [test({"v": value}) for value in (999, 1000, 1001)] == [below, equal, above]
    assert test({}) is None


def test_one_of_several_values() -> None:
    test = compared("v", "in", ("a", "b"))
    assert [test({"v": "a"}), test({"v": "c"}), test({})] == [True, False, None]


@pytest.mark.parametrize(
    ("op", "points"),
    [("<=", (5, 6)), (">", (5, 6)), ("<", (4, 5)), (">=", (4, 5)), ("==", (5, 6)), ("!=", (5, 6)), ("in", (5, 6))],
)
def test_the_answer_turns_between_the_values_around_its_limit(op: str, points: tuple[int, int]) -> None:
    assert turning_points(op, 5) == points
    assert turning_points(op, 8) == tuple(point + 3 for point in points)
