"""People at headquarters: accounts, passwords, and the delay after wrong ones.

A password is kept as a key slot (Argon2id, core.crypto.slots); its inner key opens nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa

from core.crypto.slots import STANDARD_COST, KeySlot, SlotCost, make_slot, new_data_key, open_slot, unlock_delay_s
from core.hq import tables as t
from core.hq.engine import Engines, again, spoken
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.records import Record

PASSWORD_CHARS_MIN = 10


class HqRole(StrEnum):
    """What a person at headquarters may do; each also what those before it may."""

    VIEWER = "viewer"
    """Sees the status page."""
    PUBLISHER = "publisher"
    """Publishes lists and approves what others publish."""
    ADMIN = "admin"
    """Enrols and retires stations, keeps accounts."""


_ORDER = tuple(HqRole)


class Person(Record):
    """One person at headquarters."""

    name: str
    display_name: str
    role: HqRole
    created_at: datetime
    closed_at: datetime | None = None

    def may(self, role: HqRole) -> bool:
        """Tell whether the person may do what a role may."""
        return _ORDER.index(self.role) >= _ORDER.index(role)


class People:
    """The accounts.

    Args:
        cost: Of one guess at a password; tests pass a cheaper one.
    """

    def __init__(self, engines: Engines, clock: Clock, *, cost: SlotCost = STANDARD_COST) -> None:
        self._engines = engines
        self._clock = clock
        self._cost = cost
        # Whoever guesses names must wait as long as whoever guesses passwords.
        self._nobody = make_slot("", "nobody's password", new_data_key(), cost=cost)

    def add(self, name: str, password: str, role: HqRole, *, display_name: str = "") -> Person:
        """Make an account.

        Raises:
            Refusal: "hq.person_exists", params name; "hq.person_name", "hq.password_short".
        """
        name = name.strip()
        if not 1 <= len(name) <= 60 or not name.isprintable():
            raise Refusal("hq.person_name")
        if self.find(name) is not None:
            raise Refusal("hq.person_exists", name=name)
        person = Person(name=name, display_name=display_name or name, role=role, created_at=self._clock.now())
        values = {field: getattr(person, field) for field in ("name", "display_name", "created_at")}
        values |= {"role": role.value, "password": self._slot(name, password)}
        self._write(sa.insert(t.person).values(**values))
        return person

    def find(self, name: str) -> Person | None:
        """Return an account, closed or not."""
        row = self._row(name)
        return _person(row) if row is not None else None

    def all(self) -> tuple[Person, ...]:
        """Return every account by name."""
        query = sa.select(t.person).order_by(t.person.c.name)
        with spoken(self._engines.where), self._engines.reader.begin() as connection:
            return tuple(_person(row) for row in connection.execute(query))

    def check(self, name: str, password: str) -> Person:
        """Return the person, if the password is theirs.

        Every try counts before it is judged, so that many at once are not free.

        Raises:
            Refusal: "hq.login_wrong"; "hq.login_locked", params wait_s.
        """
        row = self._row(name)
        if row is None or row.closed_at is not None:
            self._opens(self._nobody, password)
            raise Refusal("hq.login_wrong")
        self._count_try(name)
        if not self._opens(msgspec.json.decode(row.password, type=KeySlot), password):
            raise Refusal("hq.login_wrong")
        self._write(sa.update(t.person).where(t.person.c.name == name).values(failures=0, failed_at=None))
        return _person(row)

    def set_password(self, name: str, password: str) -> None:
        """Give an account a new password.  Raises Refusal "hq.person_unknown", "hq.password_short"."""
        self._known(name)
        fresh = {"password": self._slot(name, password), "failures": 0, "failed_at": None}
        self._write(sa.update(t.person).where(t.person.c.name == name).values(**fresh))

    def close(self, name: str) -> None:
        """Close an account for good; its name stays taken, because entries bear it.

        Raises:
            Refusal: "hq.person_unknown"; "hq.last_admin": somebody must be able to let others in.
        """
        person = self._known(name)
        admins = [one for one in self.all() if one.role is HqRole.ADMIN and one.closed_at is None]
        if [one.name for one in admins] == [person.name]:
            raise Refusal("hq.last_admin")
        self._write(sa.update(t.person).where(t.person.c.name == name).values(closed_at=self._clock.now()))

    def _known(self, name: str) -> Person:
        person = self.find(name)
        if person is None:
            raise Refusal("hq.person_unknown", name=name)
        return person

    def _slot(self, name: str, password: str) -> str:
        if len(password) < PASSWORD_CHARS_MIN:
            raise Refusal("hq.password_short", chars_min=PASSWORD_CHARS_MIN)
        return msgspec.json.encode(make_slot(name, password, new_data_key(), cost=self._cost)).decode()

    def _opens(self, slot: KeySlot, password: str) -> bool:
        try:
            open_slot(slot, password)
        except Refusal:
            return False
        return True

    def _count_try(self, name: str) -> None:
        """Count a try.  Raises Refusal "hq.login_locked" where the wait after the last ones is not over."""
        now = self._clock.now()

        def count() -> None:
            with self._engines.writer.begin() as connection:
                row = connection.execute(sa.select(t.person).where(t.person.c.name == name).with_for_update()).one()
                if row.failed_at is not None:
                    until = row.failed_at + timedelta(seconds=unlock_delay_s(row.failures))
                    if now < until:
                        raise Refusal("hq.login_locked", wait_s=1 + int((until - now).total_seconds()))
                counted = sa.update(t.person).where(t.person.c.name == name)
                connection.execute(counted.values(failures=row.failures + 1, failed_at=now))

        again(self._engines.where, count)

    def _row(self, name: str) -> Any:
        with spoken(self._engines.where), self._engines.reader.begin() as connection:
            return connection.execute(sa.select(t.person).where(t.person.c.name == name)).first()

    def _write(self, statement: Any) -> None:
        def write() -> None:
            with self._engines.writer.begin() as connection:
                connection.execute(statement)

        again(self._engines.where, write)


def _person(row: Any) -> Person:
    return Person(
        name=row.name,
        display_name=row.display_name,
        role=HqRole(row.role),
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
