"""What an entity is, from everything that was written about it: leaves, the record they give together, and clashes.

Nothing is overwritten: entries form a graph by their parents. Leaves that changed different fields since they parted
are one record; where they gave one field different values both are kept and a person decides, by an entry whose parents
are all leaves. The same entries in any order give the same answer at every end.
Source: sync.md 3.2, 3.8; invariants 8, 9.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.kernel.records import Record
from core.sync.entries import Entry, Op

GONE = ""
"""The field under which a clash between a void and a change is told: it is about the whole record."""


class Change(Record):
    """One effective entry of an entity, as far as merging reads it."""

    id: str
    hlc: str
    actor: str
    at: datetime
    parents: tuple[str, ...]
    op: Op
    body: dict[str, Any]


class Side(Record):
    """One of several values: which entry gave it, who, when by that device's claim, and the value in plain form."""

    entry: str
    actor: str
    at: datetime
    value: Any


class Clash(Record):
    """A field with several values, oldest first; the last is the one that is shown until a person decides."""

    field: str
    sides: tuple[Side, ...]


class Projection(Record):
    """What one entity is.

    `parents` are the leaves of which no value clashes with the body: an edit of what is shown names these, and no
    others. `body` is None when the entity was voided.
    """

    parents: tuple[str, ...]
    body: dict[str, Any] | None
    clashes: tuple[Clash, ...] = ()


def change_of(entry: Entry) -> Change:
    """Return what merging reads of an entry."""
    return Change(
        id=entry.id,
        hlc=entry.hlc,
        actor=entry.actor,
        at=entry.at,
        parents=entry.parents,
        op=entry.op,
        body=entry.body,
    )


def leaves(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that no other one names as its parent, in the order in which they are shown."""
    known = {change.id: change for change in changes}
    named = {parent for change in known.values() for parent in change.parents if parent != change.id}
    # A ring of parents cannot be written by an honest pen: whoever forges one gets every value shown.
    ends = [change for change in known.values() if change.id not in named] or list(known.values())
    return tuple(sorted(ends, key=_order))


def project(changes: Collection[Change], *, quiet: Collection[str] = ()) -> Projection:
    """Return what the changes of one entity give together.

    Args:
        changes: All known changes of one entity, in any order; at least one.
        quiet: Fields that never make a clash on their own, such as the time of an answer: the newest value is taken.
    """
    ends = leaves(changes)
    if len(ends) == 1:
        only = ends[0]
        return Projection(parents=(only.id,), body=None if only.op == "void" else only.body)
    alive = [change for change in ends if change.op != "void"]
    if not alive:
        return Projection(parents=tuple(change.id for change in ends), body=None)
    base = _common_base(ends, {change.id: change for change in changes})
    body, clashes = _merged(alive, base, quiet)
    if len(alive) < len(ends):
        clashes = (_gone(ends), *clashes)
    shown = alive[-1]
    if clashes:
        # What clashes is shown as the newest has it; what others changed beside that is shown too, or it would be lost.
        return Projection(parents=(shown.id,), body=body, clashes=clashes)
    return Projection(parents=tuple(change.id for change in ends), body=body)


def _order(change: Change) -> tuple[str, str]:
    return change.hlc, change.id


def _ancestors(change: Change, known: Mapping[str, Change]) -> set[str]:
    # Itself is no ancestor of its own, whatever a forged ring of parents says.
    seen = {change.id}
    waiting = list(change.parents)
    while waiting:
        identifier = waiting.pop()
        if identifier in seen or identifier not in known:
            continue
        seen.add(identifier)
        waiting.extend(known[identifier].parents)
    return seen - {change.id}


def _common_base(ends: Sequence[Change], known: Mapping[str, Change]) -> dict[str, Any]:
    """Return the body of the newest change that all leaves come from; nothing where there is none."""
    common = set.intersection(*(_ancestors(change, known) for change in ends))
    older = {one for identifier in common for one in _ancestors(known[identifier], known)}
    nearest = [known[identifier] for identifier in common - older] or [known[identifier] for identifier in common]
    return max(nearest, key=_order).body if nearest else {}


def _merged(
    alive: Sequence[Change], base: dict[str, Any], quiet: Collection[str]
) -> tuple[dict[str, Any], tuple[Clash, ...]]:
    body: dict[str, Any] = {}
    clashes: list[Clash] = []
    for field in dict.fromkeys(name for change in alive for name in change.body):
        before = base.get(field)
        changed = [change for change in alive if change.body.get(field) != before]
        values = _distinct([change.body.get(field) for change in changed])
        if len(values) <= 1:
            body[field] = values[0] if values else before
        elif field in quiet:
            body[field] = changed[-1].body.get(field)
        elif (together := _additions(before, values)) is not None:
            body[field] = together
        else:
            body[field] = changed[-1].body.get(field)
            clashes.append(Clash(field=field, sides=tuple(_side(change, field) for change in changed)))
    return body, tuple(clashes)


def _distinct(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _additions(before: Any, values: Sequence[Any]) -> list[Any] | None:
    """Return a list to which every side only added, with what each added; None where it is no such list."""
    # A record's plain form holds tuples where the wire held lists.
    if not all(isinstance(value, list | tuple) for value in (before or [], *values)):
        return None
    start = list(before or [])
    if not all(list(value[: len(start)]) == start for value in values):
        return None
    return [*start, *_distinct(one for value in values for one in value[len(start) :])]


def _side(change: Change, field: str) -> Side:
    return Side(entry=change.id, actor=change.actor, at=change.at, value=change.body.get(field))


def _gone(ends: Sequence[Change]) -> Clash:
    sides = (
        Side(entry=change.id, actor=change.actor, at=change.at, value=None if change.op == "void" else change.body)
        for change in ends
    )
    return Clash(field=GONE, sides=tuple(sides))
