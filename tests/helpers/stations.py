"""A small unlocked station on disk, with a cheap password cost."""

from __future__ import annotations

from pathlib import Path

from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.domain.accounts import Account
from core.domain.officers import Role
from core.kernel.clock import Clock, FixedClock
from core.station import Session, Station, new_station
from tests.helpers.stores import NOW

PASSWORD = "a phrase for tests"


def account(name: str = "zhangmin") -> Account:
    """Return an officer's account."""
    return Account(name=name, officer=f"o-{name}", shown_name=name, subject="某局", roles=(Role.OFFICER,))


def small_station(folder: Path, *, clock: Clock | None = None, names: tuple[str, ...] = ("zhangmin",)) -> Station:
    """Make a station without demo data; every account has PASSWORD."""
    made = [(account(name), PASSWORD) for name in names]
    return new_station(folder, made, clock=clock or FixedClock(NOW), cost=CHEAP_COST_FOR_TESTS)


def unlocked(folder: Path, *, clock: Clock | None = None) -> Session:
    """Make a small station and unlock it."""
    return small_station(folder, clock=clock).unlock("zhangmin", PASSWORD)
