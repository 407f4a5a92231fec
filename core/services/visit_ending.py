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
from core.services.closing import Blocker
from core.services.visit_moves import TOPICS, VisitMoves


class VisitEnding(VisitMoves):
    """Use cases after the inspection."""

    def conclude(self, visit_id: str, *, conclusion: str, measures: str = "", party_opinion: str = "") -> Done[Visit]:
        """End the inspection: the record is complete, and no question of its checklists is left open.

        Raises:
            Refusal: "visit.unanswered_points", params count and items; "gates.blocked", "gates.reason" (a recusal, or
                a late scan of another enterprise's code), and what `moves.record` raises.
        """
        now = self._clock.now()
        with self._open_work() as work:
            visit = work.table(Visit).get(visit_id)
            after = moves.record(visit, conclusion=conclusion, measures=measures, party_opinion=party_opinion, at=now)
            unanswered = [one for one in self._checklists.read(visit, work) if one.progress.unanswered]
            if unanswered:
                count = sum(len(one.progress.unanswered) for one in unanswered)
                raise Refusal(
                    "visit.unanswered_points", count=count, items="、".join(one.item_name for one in unanswered)
                )
            self._let_through(after, work, now, Stage.RECORD)
            work.table(Visit).put(after)
        return Done(after, TOPICS)

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
