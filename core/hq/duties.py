"""What headquarters does by itself, on a schedule: each duty once, whichever of the workers comes first.

A row a duty holds who does it and until when, so a worker that dies leaves nothing undone for longer than its lease.
A duty that fails is tried again soon; its fault is shown and costs the service nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.hq import sql
from core.hq import tables as t
from core.hq.engine import Engines, again, spoken
from core.kernel.clock import Clock
from core.kernel.errors import Cancelled, Fault
from core.kernel.records import Record

log = logging.getLogger("mingjian.hq")
RETRY = timedelta(minutes=5)
DEFECT = "hq.defect"


class Duty(Record):
    """One thing to be done again and again."""

    name: str
    run: Callable[[], str]
    """Does it and says in a few words what came of it; may raise a Fault, or Cancelled where the worker ends."""
    next_after: Callable[[datetime], datetime]
    """Tells when it is due again after it was done."""
    starts_at_once: bool = True
    """Due as soon as there is a headquarters; otherwise at its first hour."""
    lease: timedelta = timedelta(minutes=15)
    """After so long whoever began it is taken to be dead."""


class DutyLine(Record):
    """How a duty stands."""

    name: str
    holder: str
    """Who is at it just now; empty: nobody."""
    due_at: datetime
    ended_at: datetime | None
    error: str
    """Code of the fault of the last time; empty after a success."""
    said: str


class Duties:
    """The schedule of one worker.

    Args:
        holder: Name of this worker, among those that share the database.
    """

    def __init__(self, engines: Engines, duties: Sequence[Duty], *, clock: Clock, holder: str) -> None:
        self._engines = engines
        self._duties = tuple(duties)
        self._clock = clock
        self._holder = holder
        self.is_stopped = False
        """Set where the worker ends: what looks at it stops between two steps."""

    def tick(self) -> tuple[str, ...]:
        """Do every duty that is due and that nobody else is at; return the names of those that were done."""
        done: list[str] = []
        for duty in self._duties:
            if not self.is_stopped and self._claim(duty):
                self._do(duty)
                done.append(duty.name)
        return tuple(done)

    def _do(self, duty: Duty) -> None:
        try:
            said, error = duty.run(), ""
        except Cancelled:
            self._release(duty, due_at=self._clock.now())
            return
        except Fault as fault:
            said, error = "", fault.code
            log.warning("the duty %s failed: %s", duty.name, fault.code)
        except Exception:
            # Our own mistake: loud in the log and on the page, and no reason to stop serving.
            said, error = "", DEFECT
            log.exception("the duty %s failed", duty.name)
        now = self._clock.now()
        due_at = now + RETRY if error else duty.next_after(now)
        self._release(duty, due_at=due_at, ended_at=now, error=error, said=said)

    def _claim(self, duty: Duty) -> bool:
        now = self._clock.now()
        free = sa.or_(t.duty.c.until.is_(None), t.duty.c.until < now)
        mine = (
            sa.update(t.duty)
            .where(t.duty.c.name == duty.name, t.duty.c.due_at <= now, free)
            .values(holder=self._holder, until=now + duty.lease)
        )

        def claim() -> bool:
            with self._engines.writer.begin() as connection:
                first = now if duty.starts_at_once else duty.next_after(now)
                row = {"name": duty.name, "holder": "", "until": None, "due_at": first, "ended_at": None}
                put = sql.insert_new(t.duty, connection.dialect.name)
                connection.execute(put, row | {"error": "", "said": ""})
                return connection.execute(mine).rowcount == 1

        return again(self._engines.where, claim)

    def _release(self, duty: Duty, **fresh: Any) -> None:
        own = sa.update(t.duty).where(t.duty.c.name == duty.name, t.duty.c.holder == self._holder)

        def release() -> None:
            with self._engines.writer.begin() as connection:
                connection.execute(own.values(holder="", until=None, **fresh))

        again(self._engines.where, release)


def duty_lines(engines: Engines) -> tuple[DutyLine, ...]:
    """Return how every duty stands, by name."""
    query = sa.select(t.duty).order_by(t.duty.c.name)
    with spoken(engines.where), engines.reader.begin() as connection:
        return tuple(
            DutyLine(
                name=row.name,
                holder=row.holder,
                due_at=row.due_at,
                ended_at=row.ended_at,
                error=row.error,
                said=row.said,
            )
            for row in connection.execute(query)
        )
