"""The instant at which tests stand still."""

from __future__ import annotations

from datetime import UTC, datetime

from core.kernel.clock import FixedClock

# A Tuesday, 09:00 in Beijing: an ordinary working day within the demo station's year.
TEST_INSTANT = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)


def standing_clock() -> FixedClock:
    """Return a clock at TEST_INSTANT that moves only when told."""
    return FixedClock(TEST_INSTANT)
