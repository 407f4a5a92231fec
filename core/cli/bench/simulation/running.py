"""Running schedules: one seed to its verdict, many seeds in turn, a failing one made small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core.cli.bench.simulation.ends import Broken, Makers
from core.cli.bench.simulation.model_town import ModelMakers
from core.cli.bench.simulation.real_centre import RealMakers
from core.cli.bench.simulation.shrink import TRIES_MAX, shrunk
from core.cli.bench.simulation.steps import LENGTH, Step, draw, lines
from core.cli.bench.simulation.town import Town
from core.kernel.records import Record

Kind = Literal["model", "real"]
STATIONS = 3


class Verdict(Record):
    """What came of one schedule. `broken` is empty where everything held."""

    seed: int
    steps: int
    faults: dict[str, int]
    broken: str = ""
    invariant: int = 0
    """Number of the invariant that did not hold; 0 for a program that stopped."""
    fingerprint: str = ""
    """Where everything stood at the end: equal for two runs of one seed on the same kind of stores."""


def makers_of(kind: Kind) -> Makers:
    """Return what makes towns over the model, or over the real stores."""
    return ModelMakers() if kind == "model" else RealMakers()


def run(
    seed: int, makers: Makers, *, stations: int = STATIONS, length: int = LENGTH, steps: Sequence[Step] | None = None
) -> Verdict:
    """Let one town live and calm down, and return what came of it."""
    town = Town(seed, makers, stations=stations, length=length, steps=steps)
    broken, invariant = "", 0
    fingerprint = ""
    try:
        town.live()
        town.calm()
        fingerprint = town.fingerprint()
    except Broken as error:
        broken, invariant = str(error), error.invariant
    except Exception as error:  # noqa: BLE001  # whatever stops the program is a finding, with its seed
        broken = f"{type(error).__name__}: {error}"
    finally:
        town.close()
    return Verdict(
        seed=seed,
        steps=len(town.steps),
        faults=dict(town.faults.counts),
        broken=broken,
        invariant=invariant,
        fingerprint=fingerprint,
    )


def small(
    verdict: Verdict, makers: Makers, *, stations: int = STATIONS, length: int = LENGTH, tries_max: int = TRIES_MAX
) -> tuple[Step, ...]:
    """Return a small schedule that fails in the same way as the verdict's."""

    def fails(steps: Sequence[Step]) -> bool:
        again = run(verdict.seed, makers, stations=stations, steps=steps)
        return bool(again.broken) and _kind_of(again) == _kind_of(verdict)

    return shrunk(draw(verdict.seed, stations, length), fails, tries_max=tries_max)


def _kind_of(verdict: Verdict) -> tuple[int, str]:
    return verdict.invariant, "" if verdict.invariant else verdict.broken.split(":")[0]


def replay(verdict: Verdict, steps: Sequence[Step]) -> str:
    """Return the text of a replay: what failed, and the steps, as steps.read takes them from a file."""
    return f"# seed {verdict.seed}: {verdict.broken.splitlines()[0]}\n{lines(steps)}"
