"""Laws of merging, over any graph of entries: order does not matter, nothing is lost in silence, people can decide."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.sync.merge import GONE, Change, Projection, leaves, project

QUIET = ("at",)
FIELDS = ("verdict", "value", "photos", "at")
BEGIN = datetime(2026, 3, 17, tzinfo=UTC)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Change, ...]:
    """Draw the history of one entity: every entry names some of those before it, as authors who were apart would."""
    changes: list[Change] = []
    for number in range(draw(st.integers(1, 9))):
        known = draw(st.lists(st.sampled_from(changes), max_size=3, unique_by=lambda one: one.id)) if changes else []
        body: dict[str, Any] = dict(known[-1].body) if known else {"photos": []}
        for field in draw(st.lists(st.sampled_from(FIELDS), max_size=2, unique=True)):
            body[field] = _value(draw, field, body)
        changes.append(
            Change(
                id=f"e-{number}",
                # Clocks that stand still or go back: only the id keeps such entries apart.
                hlc=f"{draw(st.integers(0, 3)):012x}-0000",
                actor="o",
                at=BEGIN + timedelta(seconds=number),
                parents=tuple(one.id for one in known),
                op="void" if known and draw(st.integers(0, 9)) == 0 else "put",
                body=body,
            )
        )
    return tuple(changes)


def _value(draw: st.DrawFn, field: str, body: dict[str, Any]) -> Any:
    if field == "photos":
        return [*body.get("photos", []), draw(st.integers(0, 4))]
    return draw(st.sampled_from(("a", "b", None)))


@given(graphs(), st.randoms(use_true_random=False))
def test_inv08_the_order_of_arrival_does_not_matter(changes: tuple[Change, ...], dice: random.Random) -> None:
    shuffled = list(changes)
    dice.shuffle(shuffled)
    assert project(shuffled, quiet=QUIET) == project(changes, quiet=QUIET)


@given(graphs())
def test_inv16_an_entry_that_comes_twice_changes_nothing(changes: tuple[Change, ...]) -> None:
    assert project((*changes, *changes), quiet=QUIET) == project(changes, quiet=QUIET)


@given(graphs())
def test_inv09_leaves_are_exactly_what_no_other_entry_names(changes: tuple[Change, ...]) -> None:
    named = {parent for change in changes for parent in change.parents}
    assert {leaf.id for leaf in leaves(changes)} == {change.id for change in changes} - named


@given(graphs())
def test_inv09_what_a_leaf_changed_is_shown_or_stands_in_a_clash(changes: tuple[Change, ...]) -> None:
    shown = project(changes, quiet=QUIET)
    alive = [leaf for leaf in leaves(changes) if leaf.op == "put"]
    lost = [
        (leaf.id, field)
        for leaf in alive
        for field, value in leaf.body.items()
        if field not in QUIET and not _is_told(shown, leaf, field, value) and not _is_old(changes, leaf, field, value)
    ]
    assert lost == []


def _is_told(shown: Projection, leaf: Change, field: str, value: Any) -> bool:
    for clash in shown.clashes:
        if clash.field in (GONE, field) and any(side.entry == leaf.id for side in clash.sides):
            return True
    held = (shown.body or {}).get(field)
    return held == value or (isinstance(value, list) and isinstance(held, list) and all(one in held for one in value))


def _is_old(changes: tuple[Change, ...], leaf: Change, field: str, value: Any) -> bool:
    """Tell whether an ancestor of the leaf had this value: the leaf did not give it, somebody changed it since."""
    known = {change.id: change for change in changes}
    waiting = list(leaf.parents)
    while waiting:
        change = known[waiting.pop()]
        if change.body.get(field) == value:
            return True
        waiting.extend(change.parents)
    return value is None


@given(graphs())
def test_inv09_a_void_beside_a_change_is_told(changes: tuple[Change, ...]) -> None:
    ends = leaves(changes)
    shown = project(changes, quiet=QUIET)
    is_torn = len({leaf.op for leaf in ends}) == 2
    assert any(clash.field == GONE for clash in shown.clashes) == is_torn


@given(graphs())
def test_f26_an_entry_that_names_every_leaf_settles_the_matter(changes: tuple[Change, ...]) -> None:
    settled = Change(
        id="settled",
        hlc="000000000000-0000",
        actor="o",
        at=BEGIN,
        parents=tuple(leaf.id for leaf in leaves(changes)),
        op="put",
        body={"value": "decided"},
    )
    assert project((*changes, settled), quiet=QUIET) == Projection(parents=("settled",), body={"value": "decided"})


@given(graphs())
def test_an_edit_of_what_is_shown_never_takes_a_side_away(changes: tuple[Change, ...]) -> None:
    before = project(changes, quiet=QUIET)
    edit = Change(
        id="edit",
        hlc="ffffffffffff-0000",
        actor="o",
        at=BEGIN,
        parents=before.parents,
        op="put",
        body={**(before.body or {}), "value": "edited"},
    )
    left = {leaf.id for leaf in leaves((*changes, edit))}
    hidden = {leaf.id for leaf in leaves(changes)} - set(before.parents)
    assert left == hidden | {"edit"}
