"""What follows from a stream's log alone: everything that a push keeps beside it, worked out anew from the first entry.

Held in memory, one stream at a time: ids, leaves and counts, not the lines. Source: invariants 3, 9, 21, 23.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from core.hq.leaves import Node, node_of, parents_of
from core.hq.upkeep import KEPT, Inner, Totals, contents_of, is_address, is_record_of_hq
from core.kernel.records import Record
from core.sync.digest import NOTHING, added, leaf_value
from core.sync.entries import Entry
from core.sync.judge import GOOD, judge
from core.sync.streams import is_hq


class KeptRow(Record):
    """An entry that came inside another one, as it is stored."""

    carrier: str
    device: str
    family: str
    entity: str
    line_hash: bytes


def _contents(carrier: Entry) -> list[Inner]:
    try:
        return contents_of(carrier)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        # The walk over the log names the carrier itself: its bytes were changed.
        return []


class Replayed:
    """The state of a stream after the entries that were given so far."""

    def __init__(self) -> None:
        self._seen: dict[str, bytes] = {}
        self._nodes: set[Node] = set()
        self._families: dict[str, int] = {}
        self.named: set[Node] = set()
        self.kept: dict[str, KeptRow] = {}
        self.blobs: dict[tuple[str, str], str] = {}
        """(sha256, entry) to the device that named it first."""
        self.records: dict[tuple[str, str], tuple[str, dict[str, object]]] = {}
        """(family, entity) of headquarters' own records to the entry and the body."""

    def take(self, device: str, entry: Entry, line: bytes) -> tuple[bool, bool]:
        """Take one entry of the log; return whether it has effect, and whether its id was seen with other bytes."""
        line_hash = hashlib.sha256(line).digest()
        self._name_blobs(device, entry)
        before = self._seen.get(entry.id)
        if before is not None:
            return False, before != line_hash
        self._count(device, entry, line_hash, in_chain=True)
        if is_hq(device) and entry.fam == KEPT and entry.op == "put" and judge(entry, by_hq=True) == GOOD:
            for inner in _contents(entry):
                if inner.entry.id in self._seen:
                    continue
                inner_hash = hashlib.sha256(inner.line).digest()
                self.kept[inner.entry.id] = KeptRow(
                    carrier=inner.carrier,
                    device=inner.device,
                    family=inner.entry.fam,
                    entity=inner.entry.ent,
                    line_hash=inner_hash,
                )
                self._name_blobs(inner.device, inner.entry)
                self._count(inner.device, inner.entry, inner_hash, in_chain=False)
        return True, False

    def _count(self, device: str, entry: Entry, line_hash: bytes, *, in_chain: bool) -> None:
        self._seen[entry.id] = line_hash
        self._nodes.add(node_of(entry))
        self.named.update(parents_of((entry,)))
        self._families[entry.fam] = self._families.get(entry.fam, 0) + 1
        key = (entry.fam, entry.ent)
        if is_record_of_hq(device, entry) and (in_chain or key not in self.records):
            self.records[key] = (entry.id, entry.body)

    def _name_blobs(self, device: str, entry: Entry) -> None:
        for sha256 in entry.blobs:
            if is_address(sha256):
                self.blobs.setdefault((sha256, entry.id), device)

    def leaves(self) -> Iterator[Node]:
        """Yield the leaves."""
        return (node for node in self._nodes if node not in self.named)

    def totals(self) -> Totals:
        """Return what the stream's row should count."""
        digest = added(NOTHING, sum(leaf_value(node.family, node.entity, node.entry) for node in self.leaves()))
        return Totals(
            leaves=digest,
            families=self._families,
            awaited=sum(node.entry not in self._seen for node in self.named),
        )
