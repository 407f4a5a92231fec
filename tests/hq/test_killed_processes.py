"""Stations and headquarters as processes: killed between any two writes, and on a bad line; nothing is lost or twice.

L2 and L3 of sync.md section 9: real processes, real sockets, SIGKILL. What was said to be saved must be there. Lines
with other machines behind them are packaging/lines/run.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.lives import Hq, Laptop, bad_line, differences

LONG = 20
LIVES, ANSWERS = 2, 2
WRITES_MAX = 60
"""A life is over within so many writes, or it ends by itself."""
pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.timeout(600)]


@pytest.fixture
def hq(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hq]:
    """Give a headquarters on the database of the test's parameter."""
    kind = getattr(request, "param", "sqlite")
    url = "" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    served = Hq(tmp_path / "hq", database=url)
    yield served
    served.kill()


def storm(hq: Hq, folder: Path, seed: int) -> list[str]:
    """Let two stations live and die beside a headquarters that dies, too; return what is not as it must be."""
    dice = random.Random(seed)
    laptops = [Laptop(folder, f"s{number}") for number in range(2)]
    codes = [hq.code() for _ in laptops]
    for life in range(LIVES):
        hq.serve(die_at=dice.randint(1, 2 * WRITES_MAX))
        url = f"http://127.0.0.1:{hq.port}"
        # The first enrolment is let through, so that a seed is about syncing.
        lives = [
            laptop.live(url, code=code, answers=ANSWERS, die_at=dice.randint(8, WRITES_MAX) if life else 0)
            for laptop, code in zip(laptops, codes, strict=True)
        ]
        while any(one.is_alive() for one in lives):
            lives[0].join(0.05)
            lives[1].join(0.05)
            if not hq.is_alive():
                # Once a life: its own start takes longer than what the stations have to do.
                hq.kill()
                hq.serve()
        hq.kill()
    hq.serve()
    assert all(laptop.said() for laptop in laptops)
    return differences(hq, laptops)


@pytest.mark.parametrize(("hq", "seed"), [("sqlite", 0), ("postgresql", 1)], indirect=["hq"])
def test_f01_f06_f07_killed_between_any_two_writes_both_ends_come_out_equal(hq: Hq, tmp_path: Path, seed: int) -> None:
    assert storm(hq, tmp_path, seed) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, LONG))
@pytest.mark.parametrize("hq", ["sqlite", "postgresql"], indirect=True)
def test_f01_f06_f07_killed_many_times_both_ends_come_out_equal(hq: Hq, tmp_path: Path, seed: int) -> None:
    assert storm(hq, tmp_path, seed) == []


def bad_weather(hq: Hq, folder: Path, seed: int) -> list[str]:
    """Let two stations work over a line on which most connections meet with something; return as storm."""
    hq.serve()
    laptops = [Laptop(folder, f"s{number}") for number in range(2)]
    with bad_line(hq, seed) as line:
        url = f"http://127.0.0.1:{line.port}"
        line.is_good = True
        for laptop in laptops:
            laptop.live(url, code=hq.code(), answers=0).join()
        line.is_good = False
        for one in [laptop.live(url, answers=2 * ANSWERS) for laptop in laptops]:
            one.join()
        # Whatever was ever sent up comes once more, late.
        assert line.repeat() > 0
        line.is_good = True
        assert line.counts.total() - line.counts["none"] > len(laptops)
        assert [len(laptop.said()) for laptop in laptops] == [2 * ANSWERS] * len(laptops)
        return differences(hq, laptops)


@pytest.mark.parametrize("seed", [0])
def test_f05_f08_f11_over_a_bad_line_everything_arrives_once_and_as_it_was(hq: Hq, tmp_path: Path, seed: int) -> None:
    assert bad_weather(hq, tmp_path, seed) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, LONG))
@pytest.mark.parametrize("hq", ["sqlite", "postgresql"], indirect=True)
def test_f05_f08_f11_over_many_bad_lines_everything_arrives_once(hq: Hq, tmp_path: Path, seed: int) -> None:
    assert bad_weather(hq, tmp_path, seed) == []
