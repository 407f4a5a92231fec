"""One laptop of a town: its disk, its clock, what was said to be saved on it, and its sessions."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.cli.bench.simulation.ends import Broken, Change, Died, Image, Makers, StationEnd, Tripwire
from core.domain.shared_state import Command
from core.kernel.errors import Refusal, Trouble

BEGIN = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)


class TickingClock:
    """A clock that goes on by some milliseconds at every look, and jumps when it is told to."""

    def __init__(self, *, start: datetime = BEGIN) -> None:
        self._at = start

    def now(self) -> datetime:
        """Return the instant, UTC."""
        self._at += timedelta(milliseconds=7)
        return self._at

    def jump(self, dice: random.Random) -> None:
        """Jump by up to ten years either way, never out of the calendar."""
        self._at += timedelta(seconds=dice.randint(-1, 1) * 10 ** dice.randint(0, 8) * dice.randint(1, 3))
        self._at = min(max(self._at, datetime(2001, 1, 1, tzinfo=UTC)), datetime(2090, 1, 1, tzinfo=UTC))


class Shelf:
    """The media of a laptop: bytes by their SHA-256 (core.sync.bundle_in.Blobs)."""

    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}

    def get(self, sha256: str) -> bytes:
        """Return the bytes.  Raises Trouble "blobs.missing"."""
        if sha256 not in self._content:
            raise Trouble("blobs.missing", sha256=sha256)
        return self._content[sha256]

    def put(self, content: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex."""
        name = hashlib.sha256(content).hexdigest()
        self._content[name] = content
        return name


@dataclass
class Laptop:
    """A laptop. `saved` is the ledger of this disk: every entry of which the program said that it is saved."""

    number: int
    body: str
    makers: Makers
    trip: Tripwire
    clock: TickingClock
    end: StationEnd
    saved: dict[str, bytes] = field(default_factory=dict[str, bytes])
    images: list[tuple[Image, dict[str, bytes]]] = field(default_factory=list[tuple[Image, dict[str, bytes]]])
    blobs: Shelf = field(default_factory=Shelf)
    commands: list[Command] = field(default_factory=list[Command])
    """Commands written here, for writing one of them again."""

    @property
    def device(self) -> str:
        """The living device."""
        return self.end.store.own_devices()[-1]

    @property
    def home(self) -> str:
        """The stream of its body."""
        return f"org/{self.body}"

    @property
    def actor(self) -> str:
        """Who sits at it."""
        return f"officer-{self.number}"

    def save(self, changes: Sequence[Change], dice: random.Random, rough: int) -> bool:
        """Write entries, on a machine that may die or whose disk may be full; tell whether it was said to be saved."""
        return self.written(lambda: self.end.save(changes, actor=self.actor), dice, rough)

    def written(self, write: Callable[[], tuple[bytes, ...]], dice: random.Random, rough: int) -> bool:
        """Run something that writes entries, on a machine that may die; tell whether it was said to be saved."""
        self.arm(dice, rough)
        try:
            lines = write()
        except Died:
            self.reopen()
            return False
        except (Trouble, Refusal):
            # A full disk or a rule: the window keeps the text and says that it is not saved.
            return False
        finally:
            self.trip.disarm()
        held = self.end.held()
        by_line = {line: identifier for identifier, line in held.items()}
        for line in lines:
            if line not in by_line:
                raise Broken(1, f"laptop {self.number} said saved and does not hold {line[:80]!r}")
            self.saved[by_line[line]] = line
        return True

    def arm(self, dice: random.Random, rough: int) -> None:
        """Maybe let the machine die, or its disk be full, at some coming write."""
        if rough and dice.random() < 0.15 * rough:
            # Few writes or many: a model writes seldom, a real store with every statement.
            left = dice.randrange(dice.choice((5, 30)))
            self.trip.arm("station.", left, is_full=dice.random() < 0.25)

    def reopen(self) -> None:
        """Open the disk again after the machine stopped, and look whether what was said to be saved is there."""
        image = self.end.image()
        self.end.close()
        self.end = self.makers.station(image, clock=self.clock, trip=self.trip)
        self.check_saved()

    def check_saved(self) -> None:
        """Invariants 1 and 2: what was said to be saved is on this disk, byte for byte."""
        held = self.end.held()
        gone = [identifier for identifier, line in self.saved.items() if held.get(identifier) != line]
        if gone:
            raise Broken(1, f"laptop {self.number} lost {gone}")

    def keep_image(self) -> None:
        """Take an image of the disk."""
        self.images.append((self.end.image(), dict(self.saved)))
        del self.images[:-3]

    def roll_back(self, dice: random.Random) -> None:
        """Put an old image onto the disk: what was written since exists here no more."""
        image, saved = dice.choice(self.images)
        self.end.close()
        self.end = self.makers.station(image, clock=self.clock, trip=self.trip)
        self.saved = dict(saved)

    def twin(self, number: int) -> Laptop:
        """Return a laptop with a copy of this disk, as when an image is put onto a second machine."""
        image = self.end.image()
        clock = TickingClock(start=self.clock.now())
        end = self.makers.station(image, clock=clock, trip=self.trip)
        twin = Laptop(number, self.body, self.makers, self.trip, clock, end, dict(self.saved))
        twin.blobs, twin.commands = self.blobs, list(self.commands)
        return twin
