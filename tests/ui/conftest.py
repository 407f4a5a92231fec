"""Fixtures of the window's tests: no display, no threads left behind, no timers, no widgets."""

from __future__ import annotations

import gc
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.station import demo_station
from tests.ui.fakes import FakeSession
from tests.ui.real import Office
from ui import i18n, theme
from ui.bus import Bus
from ui.desk import Desk, Memory
from ui.jobs import InlineJobs
from ui.messages import Messages
from ui.theme import Theme


def _active_timers() -> set[int]:
    found = (thing for thing in gc.get_objects() if type(thing) is QTimer)
    return {id(timer) for timer in found if isValid(timer) and timer.isActive()}


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    """Every test begins in Chinese, light, at 100 %."""
    i18n.set_lang("zh")
    theme.apply(qapp, Theme())


@pytest.fixture(autouse=True)
def no_leaks(qapp: QApplication, dressed: None) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer or a window behind."""
    threads = set(threading.enumerate())
    timers = _active_timers()
    windows = {id(widget) for widget in QApplication.topLevelWidgets()}
    yield
    for _ in range(3):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()
    gc.collect()
    left = [thread.name for thread in threading.enumerate() if thread not in threads and not thread.daemon]
    assert not left, f"threads left behind: {left}"
    running = _active_timers() - timers
    assert not running, f"{len(running)} timers left running"
    shown = [one for one in QApplication.topLevelWidgets() if id(one) not in windows and one.isVisible()]
    assert not shown, f"windows left behind: {shown}"


@pytest.fixture
def session() -> FakeSession:
    """A session of small answers, without a store."""
    return FakeSession()


@pytest.fixture
def desk(session: FakeSession, tmp_path: Path) -> Desk:
    """A desk whose jobs are done on the spot."""
    return Desk(session, InlineJobs(), Bus(), Messages(), Memory(tmp_path), tmp_path)


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The demo station that the offices of a run are copied from."""
    home = tmp_path_factory.mktemp("demo") / "station"
    _, accounts = demo_station(home, cost=CHEAP_COST_FOR_TESTS)
    return Office(home, {one.name: one.password for one in accounts})


@pytest.fixture
def office(demo_template: Office, tmp_path: Path) -> Office:
    """A demo station of a test's own."""
    home = tmp_path / "station"
    shutil.copytree(demo_template.home, home)
    return Office(home, demo_template.passwords)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the offscreen platform and a machine without a camera say so; every other warning of Qt fails a test."""
    noise = ("This plugin does not support", r"Couldn't (load|resolve) va", "No RHI backend", "Using Qt multimedia")
    for item in items:
        if "tests/ui" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_ignore(*noise, extend=True))
