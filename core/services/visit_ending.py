"""The end of a visit: conclude, tell, correct, settle what is owed, close, archive. Source: domain.md 1.5, 1.6."""

from __future__ import annotations

from datetime import date

from core.domain import moves
from core.domain.gate_lines import Stage
from core.domain.officers import Role
from core.domain.visits import (
    Duty,
    Visit,
)
from core.kernel.changes import Done
from core.kernel.errors import Refusal
from core.services.closing import Blocker, closing_blockers
from core.services.ports import Work
from core.services.visit_moves import TOPICS, VisitMoves


class VisitEnding(VisitMoves):
    """Use cases after the inspection."""

    def conclude(self, visit_id: str, *, conclusion: str, measures: str = "", party_opinion: str = "") -> Done[Visit]:
        """End the inspection: the record is complete."""
        return self._move(
            visit_id,
            lambda visit, at: moves.record(
                visit, conclusion=conclusion, measures=measures, party_opinion=party_opinion, at=at
            ),
            stage=Stage.RECORD,
        )

    def tell(self, visit_id: str) -> Done[Visit]:
        """The result was told to the enterprise."""
        return self._move(visit_id, lambda visit, at: moves.tell_result(visit, at=at))

    def order_correction(self, visit_id: str, *, correct_by: date) -> Done[Visit]:
        """Correction was ordered by a local day."""
        return self._move(visit_id, lambda visit, at: moves.order_correction(visit, correct_by=correct_by, at=at))

    def corrected(self, visit_id: str, *, note: str) -> Done[Visit]:
        """What was ordered has been corrected."""
        return self._move(visit_id, lambda visit, at: moves.correct(visit, note=note, at=at))

    def open_case(self, visit_id: str, *, number: str = "") -> Done[Visit]:
        """A case is opened."""
        return self._move(visit_id, lambda visit, at: moves.open_case(visit, number=number, at=at))

    def settle(self, visit_id: str, duty: Duty, *, note: str) -> Done[Visit]:
        """A supervisor, never one of the officers, settles a duty that was not made good.

        Raises Refusal "visit.not_supervisor".
        """
        if not {Role.SUPERVISOR, Role.BODY_HEAD} & set(self._account.roles):
            raise Refusal("visit.not_supervisor", account=self._account.shown_name)
        supervisor = self._account.officer
        return self._move(
            visit_id, lambda visit, at: moves.settle(visit, duty, supervisor=supervisor, note=note, at=at)
        )

    def blockers(self, visit_id: str) -> tuple[Blocker, ...]:
        """Return what still blocks closing; empty: the visit can be closed."""
        with self._open_work() as work:
            return self._blockers(work.table(Visit).get(visit_id), work)

    def _blockers(self, visit: Visit, work: Work) -> tuple[Blocker, ...]:
        own = closing_blockers(visit, work, self._reference, now=self._clock.now(), settings=self._settings)
        return (*own, *(found for more in self._more_blockers for found in more(work, visit)))

    def close(self, visit_id: str) -> Done[Visit]:
        """Close the visit.  Raises Refusal "visit.cannot_close" with the codes of what blocks, "visit.illegal_move"."""
        with self._open_work() as work:
            visit = work.table(Visit).get(visit_id)
            blockers = self._blockers(visit, work)
            if blockers:
                raise Refusal("visit.cannot_close", blockers="、".join(found.code for found in blockers))
            after = moves.close(visit, at=self._clock.now())
            work.table(Visit).put(after)
        return Done(after, TOPICS)

    def archive(self, visit_id: str) -> Done[Visit]:
        """File the visit for good."""
        return self._move(visit_id, lambda visit, at: moves.archive(visit, at=at))
