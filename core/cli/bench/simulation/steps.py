"""What can happen in a town, as a list of small steps: drawn from a seed, printed, read back, and made shorter."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from core.kernel.records import Record

WEIGHTS = {
    "edit": 26,
    "sync": 26,
    "settle": 4,
    "void": 2,
    "future": 1,
    "forge": 1,
    "twin": 1,
    "lease": 3,
    "move": 3,
    "again": 1,
    "task": 2,
    "publish": 1,
    "photo": 2,
    "peer": 4,
    "stick_out": 3,
    "stick_in": 4,
    "answer_in": 5,
    "late": 4,
    "image": 3,
    "rollback": 3,
    "clone": 1,
    "lose": 2,
    "retire": 2,
    "die": 2,
    "backup": 3,
    "restore": 3,
    "clock": 3,
}
"""How often each step is drawn, of all. `who` is a station, `dice` decides everything that the step leaves open."""

ROUGH_MAX = 3
"""0: a good wire and no deaths; above: the more, the rougher."""
LENGTH = 70
"""Steps of an ordinary schedule."""


class Step(Record):
    """One thing that happens: what, to which station, with which other one, how rough, and the dice of the rest."""

    what: str
    who: int = 0
    other: int = 0
    rough: int = 0
    dice: int = 0


def draw(seed: int, stations: int, length: int = LENGTH) -> tuple[Step, ...]:
    """Return the schedule of a seed. Each seed leaves some kinds of steps out, so that rare meetings become common."""
    dice = random.Random(seed)
    names = [name for name in WEIGHTS if name in {"edit", "sync"} or dice.random() < 0.7]
    weights = [WEIGHTS[name] for name in names]
    calm = dice.random()
    steps: list[Step] = []
    for what in dice.choices(names, weights, k=length):
        who = dice.randrange(stations)
        other = (who + dice.randrange(1, stations)) % stations if stations > 1 else who
        rough = 0 if dice.random() < calm else dice.randint(1, ROUGH_MAX)
        steps.append(Step(what=what, who=who, other=other, rough=rough, dice=dice.getrandbits(32)))
    return tuple(steps)


def lines(steps: Sequence[Step]) -> str:
    """Return the steps as text, one a line."""
    return "".join(f"{one.what} {one.who} {one.other} {one.rough} {one.dice}\n" for one in steps)


def read(path: Path) -> tuple[Step, ...]:
    """Return the steps of a file that `lines` gave; lines that begin with # are remarks."""
    found: list[Step] = []
    for line in path.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            what, *numbers = line.split()
            who, other, rough, dice = (int(number) for number in numbers)
            found.append(Step(what=what, who=who, other=other, rough=rough, dice=dice))
    return tuple(found)
