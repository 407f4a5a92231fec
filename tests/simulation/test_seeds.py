"""After the storm both ends agree: schedules from seeds on the model and on the real stores; old failures again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.bench.simulation.ends import Makers
from core.cli.bench.simulation.running import Kind, Verdict, makers_of, replay, run, small
from core.cli.bench.simulation.steps import draw, read

REPLAYS = sorted((Path(__file__).parent / "replays").glob("*.txt"))
QUICK, QUICK_REAL = 40, 4
LONG, LONG_REAL = 200, 40
REAL_LENGTH = 40


@pytest.fixture(scope="module")
def model() -> Makers:
    return makers_of("model")


@pytest.fixture(scope="module")
def real() -> Iterator[Makers]:
    makers = makers_of("real")
    yield makers
    makers.close()


def check_holds(verdict: Verdict, makers: Makers, *, length: int) -> None:
    """Fail with the replay of a seed that did not hold, made small."""
    if verdict.broken:
        steps = small(verdict, makers, length=length, tries_max=150)
        pytest.fail(f"keep this as a file of tests/simulation/replays:\n{replay(verdict, steps)}", pytrace=False)


@pytest.mark.parametrize("seed", range(QUICK))
def test_after_the_storm_both_ends_agree(seed: int, model: Makers) -> None:
    check_holds(run(seed, model), model, length=70)


@pytest.mark.parametrize("seed", range(QUICK_REAL))
def test_after_the_storm_the_real_stores_agree(seed: int, real: Makers) -> None:
    check_holds(run(seed, real, length=REAL_LENGTH), real, length=REAL_LENGTH)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(QUICK, LONG))
def test_after_many_storms_both_ends_agree(seed: int, model: Makers) -> None:
    check_holds(run(seed, model), model, length=70)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(QUICK_REAL, LONG_REAL))
def test_after_many_storms_the_real_stores_agree(seed: int, real: Makers) -> None:
    check_holds(run(seed, real), real, length=70)


@pytest.mark.parametrize("kind", ["model", "real"])
@pytest.mark.parametrize("path", REPLAYS, ids=lambda path: path.stem)
def test_what_once_failed_holds_now(path: Path, kind: Kind, request: pytest.FixtureRequest) -> None:
    verdict = run(0, request.getfixturevalue(kind), steps=read(path))
    assert verdict.broken == ""


def test_keys_that_come_back_inside_lost_entries_are_known(model: Makers) -> None:
    assert run(153, model).broken == ""


def test_a_seed_gives_the_same_town_every_time(model: Makers) -> None:
    first, second = (run(7, model) for _ in range(2))
    assert first == second
    assert first.fingerprint


def test_a_seed_gives_the_same_schedule_every_time() -> None:
    assert draw(11, 3) == draw(11, 3) != draw(12, 3)
