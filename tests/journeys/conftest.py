"""A demo station of its own for each journey, and no network."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from core.crypto.slots import SlotCost
from core.station import demo_station
from tests.journeys.hq_process import HqProcess

CHEAP = SlotCost(memory_kib=64, iterations=1, lanes=1)


@pytest.fixture
def demo_home(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A demo station and its passwords by account; the keys are derived cheaply, everything else is real."""
    home = tmp_path / "station"
    _, accounts = demo_station(home, cost=CHEAP)
    return home, {one.name: one.password for one in accounts}


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[HqProcess]:
    """A headquarters that serves."""
    process = HqProcess(tmp_path / "hq")
    process.say("init", str(process.folder))
    try:
        process.serve()
        yield process
    finally:
        process.stop()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to reach another machine fails the journey."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a journey reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the offscreen platform and a machine without a camera say so; every other warning of Qt fails a test."""
    noise = ("This plugin does not support", r"Couldn't (load|resolve) va", "No RHI backend", "Using Qt multimedia")
    for item in items:
        if "tests/journeys" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_ignore(*noise, extend=True))
