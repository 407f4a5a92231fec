"""Rules for every test: no display, no network, no real home, a standing clock, no stray warnings in the log."""

from __future__ import annotations

import gc
import logging
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# Before anything imports PySide6: without a display Qt aborts the whole process (platform.md section 10).
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# A developer's own station and password must never be what a test opens.
for _name in ("MINGJIAN_HOME", "MINGJIAN_ACCOUNT", "MINGJIAN_PASSWORD"):
    os.environ.pop(_name, None)
_NOBODY = tempfile.TemporaryDirectory(prefix="mingjian-test-")
for _name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
    os.environ[_name] = _NOBODY.name

import pytest
from hypothesis import HealthCheck, settings

from core.kernel.clock import FixedClock
from tests.helpers.clock import standing_clock
from tests.helpers.logfail import Expected, LogGuard

if TYPE_CHECKING:
    from tests.helpers.station_town import Town

# The clock of the machine never decides a test: no deadline, no complaint about slow generation.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("house", _CALM, max_examples=60)
settings.register_profile("house-long", _CALM, max_examples=1000)
settings.load_profile("house")

GUARD = pytest.StashKey[LogGuard]()


def pytest_collection_finish() -> None:
    """Take what was collected out of the garbage collector's sight: the window's tests collect after each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def log_guard(request: pytest.FixtureRequest) -> Iterator[LogGuard]:
    """Listen to the log for the whole test, its fixtures included."""
    guard = LogGuard()
    request.node.stash[GUARD] = guard
    logging.getLogger().addHandler(guard)
    yield guard
    logging.getLogger().removeHandler(guard)
    _complain(guard)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Judge the log right after the test's own body, so that the test itself is what fails."""
    yield
    guard = item.stash.get(GUARD, None)
    if guard is not None:
        _complain(guard)


def _complain(guard: LogGuard) -> None:
    complaints = guard.complaints()
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture
def expect_log(log_guard: LogGuard) -> Callable[..., Expected]:
    """Give `expect_log(pattern, logger="")`: such a line must come and does not fail the test."""
    return log_guard.expect


@pytest.fixture
def clock() -> FixedClock:
    """Give a clock at 2026-03-17 09:00 Beijing time that moves only when told."""
    return standing_clock()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a headquarters, and no station yet."""
    from tests.helpers.station_town import Town

    made = Town(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of published lists that lies beside the project, or skip."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the published lists are not beside the project (../shared/data)")
    return folder
