"""How every move of a visit is made: load, judge the gates where a threshold is crossed, move, store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property

from core.domain.accounts import Account
from core.domain.approvals import Verify
from core.domain.codes import ProvincialPrefix
from core.domain.gate_lines import GateLine, Stage, needing_reason
from core.domain.gate_settings import GateSettings
from core.domain.gates import judge
from core.domain.move_table import BEFORE_ENTRY
from core.domain.visits import Visit, VisitState
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.services.checklists import Checklists
from core.services.closing import Blocker, closing_blockers
from core.services.gate_loading import load_gate_facts
from core.services.ports import OpenWork, Reference, Work

TOPICS = frozenset({Topic.VISITS, Topic.DEADLINES})

MoreBlockers = Callable[[Work, Visit], Sequence[Blocker]]


def stage_of(visit: Visit) -> Stage:
    """Return the threshold that lies before the visit: entry, the beginning, or the record."""
    if visit.state in BEFORE_ENTRY:
        return Stage.ENTRY
    return Stage.RECORD if visit.state is VisitState.INSPECTING else Stage.BEGIN


class VisitMoves:
    """What all use cases of a visit share.

    Args:
        verify: Checks a signature: (public key, message, signature) -> good.
        provincial: How provincial codes begin.
        may_begin: Refuses a new visit, as after the end of a lease; by itself nothing does.
        more_blockers: What other subjects, such as papers, still want before closing.
    """

    def __init__(
        self,
        open_work: OpenWork,
        reference: Reference,
        clock: Clock,
        account: Account,
        settings: GateSettings,
        verify: Verify,
        more_blockers: tuple[MoreBlockers, ...] = (),
        provincial: tuple[ProvincialPrefix, ...] = (),
        may_begin: Callable[[], None] | None = None,
    ) -> None:
        self._open_work = open_work
        self._reference = reference
        self._clock = clock
        self._account = account
        self._settings = settings
        self._verify = verify
        self._more_blockers = more_blockers
        self._provincial = provincial
        self._may_begin = may_begin

    @cached_property
    def _checklists(self) -> Checklists:
        """The checklists over the same store, read when a visit first needs them."""
        return Checklists(self._open_work, self._reference, self._clock, self._account)

    def _blockers(self, visit: Visit, work: Work) -> tuple[Blocker, ...]:
        own = closing_blockers(
            visit, work, self._checklists.read(visit, work), now=self._clock.now(), settings=self._settings
        )
        return (*own, *(found for more in self._more_blockers for found in more(work, visit)))

    def _judge(self, visit: Visit, work: Work, now: datetime) -> tuple[GateLine, ...]:
        return judge(
            load_gate_facts(visit, work, self._reference, now=now, settings=self._settings, verify=self._verify)
        )

    def _move(
        self, visit_id: str, move: Callable[[Visit, datetime], Visit], *, stage: Stage | None = None
    ) -> Done[Visit]:
        now = self._clock.now()
        with self._open_work() as work:
            visit = work.table(Visit).get(visit_id)
            after = move(visit, now)
            if stage is not None:
                self._let_through(after, work, now, stage)
            work.table(Visit).put(after)
        return Done(after, TOPICS)

    def _let_through(self, visit: Visit, work: Work, now: datetime, stage: Stage) -> None:
        """Raise Refusal "gates.blocked" or "gates.reason" with the gates that do not let the visit go on."""
        lines = self._judge(visit, work, now)
        if stage is Stage.RECORD:
            # The inspection has happened: a certificate that ran out since must not cost us the record.
            lines = tuple(line for line in lines if line.due is not Stage.ENTRY)
        blocking = [line.gate for line in lines if line.verdict == "block"]
        if blocking:
            raise Refusal("gates.blocked", gates="、".join(blocking))
        wanting = needing_reason(lines, visit.overrides, stage=stage)
        if wanting:
            raise Refusal("gates.reason", gates="、".join(wanting))
