"""The disk of a laptop in memory. Never changed in place: an old state is an image of the disk."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.sync.entries import Entry
from core.sync.runs import CheckedRun
from core.sync.streams import Cursor


@dataclass(frozen=True)
class Seal:
    """A sealed position of an own chain."""

    n: int
    head: bytes
    seal: bytes


@dataclass(frozen=True, eq=False)
class Line:
    """One entry of a chain as it is held."""

    raw: bytes
    chain: bytes
    entry: Entry


Read = tuple[tuple[str, Line], ...]


@dataclass(frozen=True)
class StationState:
    """Everything on the disk of one laptop."""

    devices: tuple[str, ...] = ()
    private: bytes = b""
    keys: dict[str, bytes] = field(default_factory=dict[str, bytes])
    own: dict[str, tuple[Line, ...]] = field(default_factory=dict[str, tuple[Line, ...]])
    seals: dict[str, tuple[Seal, ...]] = field(default_factory=dict[str, tuple[Seal, ...]])
    confirmed: dict[str, int] = field(default_factory=dict[str, int])
    cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])
    read: dict[str, Read] = field(default_factory=dict[str, Read])
    """Stream to what was read of it in this epoch: device and line."""
    shelf: dict[tuple[str, int, bytes], CheckedRun] = field(default_factory=dict[tuple[str, int, bytes], CheckedRun])
    """Runs of others, from pages and colleagues; once held, always held."""
    beside: frozenset[tuple[str, int, bytes]] = frozenset()
    """Runs of the shelf that headquarters keeps beside their chains, in the lineage that is read."""
    bundles: dict[str, int] = field(default_factory=dict[str, int])

    def copy(self) -> StationState:
        """Return a state that may be worked on."""
        return replace(
            self,
            keys=dict(self.keys),
            own=dict(self.own),
            seals=dict(self.seals),
            confirmed=dict(self.confirmed),
            cursors=dict(self.cursors),
            read=dict(self.read),
            shelf=dict(self.shelf),
            bundles=dict(self.bundles),
        )
