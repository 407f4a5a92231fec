"""The drawer in which the sticks of a town lie: what was written may be read now or later, once or often."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.sync.streams import Cursor

STICKS_MAX = 6


@dataclass(frozen=True)
class Stick:
    """One bundle on its way."""

    path: Path
    sender: str
    recipient: str
    devices: tuple[str, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    """Of a station's bundle to headquarters: who asks, and from where the answer begins."""


@dataclass
class Drawer:
    """The sticks of a town: what was written and may be read, now or later, once or often."""

    folder: Path
    sticks: list[Stick] = field(default_factory=list[Stick])
    written: int = 0
    sequences: dict[str, int] = field(default_factory=dict[str, int])

    def fresh(self) -> Path:
        """Return a place for a new bundle."""
        self.written += 1
        return self.folder / f"{self.written}.isb"

    def put(self, stick: Stick) -> None:
        """Keep a stick; the oldest one gets lost."""
        self.sticks.append(stick)
        for old in self.sticks[:-STICKS_MAX]:
            old.path.unlink()
        del self.sticks[:-STICKS_MAX]

    def next_sequence(self, recipient: str) -> int:
        """Count headquarters' bundles to a device; it keeps no count that a restore could turn back."""
        self.sequences[recipient] = self.sequences.get(recipient, 0) + 1
        return self.sequences[recipient]
