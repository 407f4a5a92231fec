"""A demo station made once a run and copied for each test, under a clock that the tests hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.kernel.clock import FixedClock, SystemClock
from core.station import demo_station
from tests.cli.line import CommandLine
from tests.helpers.clock import standing_clock
from tests.helpers.stations import PASSWORD, small_station

Demo = tuple[Path, dict[str, str]]


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Make the demo station and give its folder with the passwords by account."""
    folder = tmp_path_factory.mktemp("demo") / "home"
    _, accounts = demo_station(folder, clock=standing_clock(), cost=CHEAP_COST_FOR_TESTS)
    return folder, {one.name: one.password for one in accounts}


@pytest.fixture
def held_clock(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> FixedClock:
    """Let every command read the test's own clock, five minutes after the demo was made."""
    clock.advance(minutes=5)
    monkeypatch.setattr(SystemClock, "now", lambda _self: clock.now())
    return clock


@pytest.fixture
def demo(
    demo_home: Demo,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    held_clock: FixedClock,
) -> CommandLine:
    """Give a command line at a fresh copy of the demo station."""
    folder, passwords = demo_home
    home = tmp_path / "demo-home"
    shutil.copytree(folder, home)
    return CommandLine(home, passwords, capsys, monkeypatch)


@pytest.fixture
def small(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, held_clock: FixedClock
) -> CommandLine:
    """Give a command line at a station without any list or visit."""
    home = tmp_path / "small-home"
    small_station(home, clock=held_clock)
    return CommandLine(home, {"zhangmin": PASSWORD}, capsys, monkeypatch)
