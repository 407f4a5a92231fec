"""The proofs of the last minutes, in the database, so that a replay at another worker is found too."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core.hq import tables as t
from core.hq.engine import Engines, again, spoken
from core.kernel.clock import Clock

_SWEEP_EVERY = 256


class StoredProofs:
    """Remembers proofs (core.hq.auth.SeenProofs)."""

    def __init__(self, engines: Engines, clock: Clock) -> None:
        self._engines = engines
        self._clock = clock
        self._noted = 0

    def first_time(self, proof: str, *, until: datetime) -> bool:
        """Note a proof and tell whether nobody noted it before."""
        self._noted += 1
        if self._noted % _SWEEP_EVERY == 0:
            self._sweep()
        try:
            with spoken(self._engines.where), self._engines.writer.begin() as connection:
                connection.execute(sa.insert(t.seen_proof).values(proof=proof, expires_at=until))
        except IntegrityError:
            return False
        return True

    def _sweep(self) -> None:
        gone = sa.delete(t.seen_proof).where(t.seen_proof.c.expires_at < self._clock.now())

        def sweep() -> None:
            with self._engines.writer.begin() as connection:
                connection.execute(gone)

        again(self._engines.where, sweep)
