"""Leaves of a stream's entities: the entries that no other one names as its parent, whatever the order they come in.

Judged on the envelope alone, for every entry with effect. Stored is what was named, not what is a leaf: most records
are written once. Source: sync.md invariants 9, 23.
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
    """What new entries do to the leaves of their stream."""

    named: tuple[Node, ...]
    """Nodes that are named for the first time."""
    awaited: int
    """How many more named parents are not here; may be negative."""
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


def moved(entries: Sequence[Entry], *, named: Collection[Node], here: Collection[Node]) -> Moved:
    """Return what new entries with effect do to the leaves.

    Args:
        named: What was named before, among the parents of `entries` and, if any parent is awaited, `entries`.
        here: Which parents of `entries` were in the stream before, with the entity that they belong to.
    """
    fresh = tuple(node for node in parents_of(entries) if node not in named)
    if not fresh and not named:
        # Nearly every push: records that are written once, each a leaf of its own.
        leaves = sum(leaf_value(entry.fam, entry.ent, entry.id) for entry in entries)
        return Moved(named=(), awaited=0, digest=leaves)
    own = [node_of(entry) for entry in entries]
    covered = {*named, *fresh}
    own_ids = {node.entry for node in own}
    here_ids = {node.entry for node in here} | own_ids
    return Moved(
        named=fresh,
        awaited=sum(node.entry not in here_ids for node in fresh) - sum(node.entry in own_ids for node in named),
        digest=_sum(node for node in own if node not in covered) - _sum(node for node in fresh if node in here),
    )


def _sum(nodes: Iterable[Node]) -> int:
    return sum(leaf_value(node.family, node.entity, node.entry) for node in nodes)
