"""Time: instants are UTC and aware, dates are local to Beijing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

# China has kept one zone without summer time since 1991, so a fixed offset needs no zone table (domain.md 5.4).
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock(Protocol):
    """Where every instant comes from, so that tests can hold it still."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is told to move; for tests, demo data and replays."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **units: float) -> None:
        """Move forward by the given timedelta units, for example `minutes=5`."""
        self.at += timedelta(**units)


def local(instant: datetime) -> datetime:
    """Return the instant as Beijing time."""
    return instant.astimezone(BEIJING)


def local_date(instant: datetime) -> date:
    """Return the Beijing calendar day of the instant."""
    return local(instant).date()
