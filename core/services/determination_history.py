"""Earlier cases and later facts: what hq knows joins what the store knows, and what arrives late re-opens a proposal.

Nothing that was kept is overwritten: a contradiction is a new determination beside the old one, and the head settles it
(domain.md 3.3 offline; 3.4 edges 18 and 20).
"""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.determinations.facts import Facts, History, fact
from core.domain.determinations.results import Determination, StoredDetermination
from core.domain.determinations.truth import Truth
from core.domain.findings import Determined
from core.kernel.records import Record, changed

CONTRADICTED = "history_contradicted"
# The variable that a line about earlier cases shows.
FIRST_TIME = "first_time_history"


class Review(Record):
    """What became of the facts since a finding was determined.

    `needs_head`: a person has chosen already, or hq contradicts a first time; the new proposal does not simply stand.
    """

    finding: str
    determined: str
    changed_facts: tuple[str, ...]
    has_other_cases: bool
    proposal_then: str
    proposal_now: str
    needs_head: bool

    @property
    def is_reopened(self) -> bool:
        """Return whether something that the proposal rests on has changed."""
        return bool(self.changed_facts) or self.has_other_cases


def joined_history(local: History | None, confirmed: History | None) -> History | None:
    """Return both look-ups as one: every case once, confirmed by hq as far as its own look-up reaches.

    A case that the store alone knows is kept: hq may not have received it yet.
    """
    if confirmed is None or local is None:
        return confirmed or local
    own = [case for case in local.cases if case not in confirmed.cases]
    cases = sorted((*confirmed.cases, *own), key=lambda case: (case.found_on, case.violation))
    return changed(confirmed, cases=tuple(cases))


def last_confirmed(kept: Iterable[StoredDetermination]) -> History | None:
    """Return the newest look-up that hq confirmed, from a finding's own determinations."""
    found = [one.facts.history for one in kept if one.facts.history is not None and one.facts.history.is_confirmed]
    return max(found, key=lambda one: one.as_of, default=None)


def with_contradiction(facts: Facts, before: StoredDetermination | None, now: Determination) -> Facts:
    """Return the facts with "hq contradicts the first time" where a first time that counted is none any more.

    Once contradicted, a finding stays so: the two answers are for a person to settle and time does not.
    """
    if facts.value(CONTRADICTED) is not None or before is None:
        return facts
    was = before.facts.get(CONTRADICTED)
    if was is not None and was.value is True:
        return facts.with_fact(was)
    # Only a first time that the proposal rested on can be contradicted; another rule's window may be longer.
    was_held = {(gate.row, gate.rule) for gate in before.determination.gates if gate.value is Truth.TRUE}
    held = _first_time_lines(before.determination, Truth.TRUE) & was_held
    lost = _first_time_lines(now, Truth.FALSE)
    if not before.determination.is_provisional or held.isdisjoint(lost):
        return facts
    history = facts.history
    source = history.source if history is not None else ""
    as_of = history.as_of if history is not None else None
    return facts.with_fact(fact(CONTRADICTED, True, source=source, as_of=as_of))


def _first_time_lines(answer: Determination, value: Truth) -> set[tuple[str, str]]:
    return {(line.row, line.rule) for line in answer.lines if line.var == FIRST_TIME and line.value is value}


def changed_facts(before: Facts, now: Facts) -> tuple[str, ...]:
    """Return the variables whose value is another one now, new and withdrawn ones included, in order."""
    names = {item.var for item in (*before.items, *now.items)}
    return tuple(sorted(var for var in names if before.value(var) != now.value(var)))


def reviewed(
    kept: Determined, before: StoredDetermination, facts: Facts, now: Determination, *, has_choice: bool
) -> Review:
    """Return what became of a determination now that these are the facts."""
    cases_then = before.facts.history.cases if before.facts.history is not None else ()
    cases_now = facts.history.cases if facts.history is not None else ()
    return Review(
        finding=kept.finding,
        determined=kept.id,
        changed_facts=changed_facts(before.facts, facts),
        has_other_cases=cases_then != cases_now,
        proposal_then=kept.proposal,
        proposal_now=now.proposal,
        needs_head=facts.value(CONTRADICTED) is True or (has_choice and now.proposal != kept.proposal),
    )
