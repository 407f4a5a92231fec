"""Leaves of a stream's entities: which entries no other one names as its parent, whatever the order they come in.

Judged on the envelope alone, for every entry with effect. Source: sync.md invariants 9, 23.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from core.kernel.records import Record
from core.sync.digest import leaf_value
from core.sync.entries import Entry


class Node(Record):
    """An entry of an entity, by its id; also one that was named and is not here."""

    family: str
    entity: str
    entry: str


class Moved(Record):
    """What a batch of entries does to the leaves."""

    fresh: tuple[Node, ...]
    """New leaves."""
    gone: tuple[Node, ...]
    """Leaves that are none any more."""
    unseen: tuple[Node, ...]
    """Parents that are neither leaves nor in the batch: either older, or not here yet."""
    digest: int
    """What to add to the sum of the leaves; may be negative."""


def node_of(entry: Entry) -> Node:
    """Return the node of an entry."""
    return Node(family=entry.fam, entity=entry.ent, entry=entry.id)


def parents_of(entries: Iterable[Entry]) -> tuple[Node, ...]:
    """Return what the entries name as parents, each once. An entry that names itself has no parent by that."""
    named = (
        Node(family=entry.fam, entity=entry.ent, entry=parent)
        for entry in entries
        for parent in entry.parents
        if parent != entry.id
    )
    return tuple(dict.fromkeys(named))


def moved(entries: Sequence[Entry], *, leaves: Collection[Node], awaited: Collection[Node]) -> Moved:
    """Return what new entries with effect do to the leaves.

    Args:
        leaves: Leaves whose entry is named by `entries`, as stored before.
        awaited: Nodes of `entries` that entries stored before name as parents.
    """
    own = [node_of(entry) for entry in entries]
    named = parents_of(entries)
    covered = {*named, *awaited}
    fresh = tuple(node for node in own if node not in covered)
    gone = tuple(node for node in named if node in leaves)
    here = {*own, *gone}
    return Moved(
        fresh=fresh,
        gone=gone,
        unseen=tuple(node for node in named if node not in here),
        digest=_sum(fresh) - _sum(gone),
    )


def _sum(nodes: Iterable[Node]) -> int:
    return sum(leaf_value(node.family, node.entity, node.entry) for node in nodes)
