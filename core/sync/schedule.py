"""When the next sync by itself is due. Pure: instants in, an instant out; the window's timer asks.

Nothing here asks whether the machine is "online": an attempt is made and its outcome is believed. Source: sync.md 3.11.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

EVERY_MIN_DEFAULT = 15
"""0: by hand only."""
BACK_OFF_FIRST = timedelta(seconds=1)
BACK_OFF_MOST = timedelta(minutes=15)
JITTER_PERCENT = 20


def next_attempt(
    last_end: datetime | None,
    *,
    now: datetime,
    every_min: int,
    failures: int,
    seed: str,
    retry_after_s: int | None = None,
) -> datetime | None:
    """Return when to try next, or None where it is done by hand.

    After a success the interval, shifted by up to a fifth either way; after failures a wait that doubles from one
    second to fifteen minutes, anywhere between nothing and the whole of it, so that not all laptops come back at once.

    Args:
        last_end: When the last attempt ended, UTC; None before the first.
        every_min: Minutes between attempts; 0 for by hand.
        failures: Attempts that failed since the last success.
        seed: What makes this station's jitter its own, such as its device id.
        retry_after_s: What headquarters asked for, if it did.
    """
    if every_min <= 0:
        return None
    if last_end is None or last_end > now:
        # A clock that was set back must not put the next attempt years away.
        return now
    if failures == 0:
        interval = timedelta(minutes=every_min)
        shift = (2 * _fraction(seed, last_end, 0) - 1) * JITTER_PERCENT / 100
        return last_end + interval * (1 + shift)
    most = min(BACK_OFF_MOST, BACK_OFF_FIRST * 2 ** min(failures, 30))
    wait = most * _fraction(seed, last_end, failures)
    if retry_after_s is not None:
        wait = max(wait, timedelta(seconds=min(retry_after_s, 3600)))
    return last_end + wait


def woke_up(last_tick: datetime, now: datetime, *, tick: timedelta) -> bool:
    """Tell whether the machine slept or its clock was moved since the last tick of a timer."""
    return now < last_tick or now - last_tick > 3 * tick


def _fraction(seed: str, at: datetime, failures: int) -> float:
    """Return a number from 0 up to 1 that is this station's and this attempt's own."""
    digest = hashlib.sha256(f"{seed}|{at.isoformat()}|{failures}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
