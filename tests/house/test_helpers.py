"""The helpers that guard the other tests are themselves held to their promises."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import pytest_socket

from core.kernel.clock import FixedClock
from tests.helpers.logfail import Expected, LogGuard

LOGGER = logging.getLogger("mingjian.test")


@pytest.fixture
def guard() -> LogGuard:
    """A guard of our own: the one that watches this test must not hear what we feed it."""
    return LogGuard()


def record(message: str, *, name: str = "core.storage", level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord(name, level, __file__, 1, message, None, None)


def test_a_warning_in_the_log_is_a_complaint(guard: LogGuard) -> None:
    guard.emit(record("disk nearly full"))
    assert guard.complaints() == ["unexpected log line: WARNING core.storage: disk nearly full"]


def test_a_complaint_is_made_once(guard: LogGuard) -> None:
    guard.emit(record("disk nearly full"))
    guard.complaints()
    assert guard.complaints() == []


def test_an_expected_warning_is_no_complaint(guard: LogGuard) -> None:
    awaited = guard.expect("nearly full", "core")
    guard.emit(record("disk nearly full"))
    assert (awaited.seen, guard.complaints()) == (1, [])


def test_an_expected_warning_that_never_comes_is_a_complaint(guard: LogGuard) -> None:
    guard.expect("nearly full")
    assert guard.complaints() == ["log line never came: 'nearly full'"]


def test_the_same_words_from_another_room_are_not_expected(guard: LogGuard) -> None:
    guard.expect("nearly full", "core.sync")
    guard.emit(record("disk nearly full", name="core.syncopation"))
    assert len(guard.complaints()) == 2


def test_the_guard_is_on_in_every_test(log_guard: LogGuard, expect_log: Callable[..., Expected]) -> None:
    awaited = expect_log("on purpose", "mingjian")
    LOGGER.warning("on purpose")
    LOGGER.info("nobody minds")
    assert (awaited.seen, log_guard.unexpected) == (1, [])


def test_a_stray_warning_fails_the_test_it_happens_in(
    pytester: pytest.Pytester, expect_log: Callable[..., Expected]
) -> None:
    expect_log("stray", "x")
    pytester.makeconftest("from tests.conftest import log_guard, pytest_runtest_call\n")
    pytester.makepyfile("import logging\n\ndef test_it():\n    logging.getLogger('x').warning('stray')\n")
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist")
    result.assert_outcomes(failed=1)


def test_the_clock_stands_still_until_told(clock: FixedClock) -> None:
    assert clock.now() == clock.now() == datetime(2026, 3, 17, 1, 0, tzinfo=UTC)


def test_no_test_reaches_the_network() -> None:
    # The block warns before it raises, and a warning is an error here.
    with pytest.raises((pytest_socket.SocketBlockedError, UserWarning), match="socket"):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
