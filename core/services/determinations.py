"""Determinations: ask the engine about a finding, keep everything it said, replay it, note what was taken instead.

The engine proposes; the head decides (行政处罚法 art. 57; domain.md 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import get_args

from core.domain.accounts import Account
from core.domain.determination_statistics import Statistics, count_determinations
from core.domain.determinations.engine import determine, stored
from core.domain.determinations.facts import Facts, History, PriorCase, facts_of
from core.domain.determinations.replay import Replayed, Today, replay, today
from core.domain.determinations.results import Determination, Proposal, StoredDetermination
from core.domain.determinations.rules import RulePackage, Violation, package_hash
from core.domain.findings import Determined, Finding
from core.domain.visits import Visit
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import canonical_bytes, changed, from_plain, parse_json
from core.services.determination_facts import facts_for
from core.services.determination_history import (
    Review,
    joined_history,
    last_confirmed,
    reviewed,
    with_contradiction,
)
from core.services.ports import OpenWork, Reference

TOPICS = frozenset({Topic.DETERMINATIONS, Topic.FINDINGS, Topic.VISITS})


def _this_store_only() -> date | None:
    return None


class Determinations:
    """Proposals for findings.

    Args:
        package: The rules in force.
        older: Packages that stored determinations were made with, for replay.
        history_as_of: Up to which local day other stations' cases are known; None: only this store.
    """

    def __init__(
        self,
        open_work: OpenWork,
        reference: Reference,
        clock: Clock,
        account: Account,
        package: RulePackage,
        older: Sequence[RulePackage] = (),
        history_as_of: Callable[[], date | None] = _this_store_only,
    ) -> None:
        self._open_work = open_work
        self._reference = reference
        self._clock = clock
        self._account = account
        self._package = package
        self._older = tuple(older)
        self._history_as_of = history_as_of

    def violations(self) -> tuple[Violation, ...]:
        """Return the violations a finding may be classified as."""
        return self._package.violations

    def facts(self, finding_id: str) -> Facts:
        """Return what is known about a finding, with sources; what hq confirmed before stays known.

        Raises Refusal "store.not_found".
        """
        return self._facts(finding_id)

    def _facts(self, finding_id: str, confirmed: History | None = None) -> Facts:
        with self._open_work() as work:
            finding = work.table(Finding).get(finding_id)
            visit = work.table(Visit).get(finding.visit)
            known = facts_for(
                finding,
                visit,
                work,
                self._reference,
                now=self._clock.now(),
                history_as_of=self._history_as_of(),
                agencies={one.id: one.agency for one in self._package.violations},
            )
            kept = [_whole(one) for one in _in_order(work.table(Determined).where(finding=finding_id))]
        known = facts_of(known.items, history=joined_history(known.history, confirmed or last_confirmed(kept)))
        now = determine(known, self._package, on=local_date(self._clock.now()))
        return with_contradiction(known, kept[-1] if kept else None, now)

    def preview(self, finding_id: str) -> Determination:
        """Return the proposal as of now without keeping it, for a page that answers while facts are typed."""
        return determine(self.facts(finding_id), self._package, on=local_date(self._clock.now()))

    def determine(self, finding_id: str) -> Done[Determined]:
        """Determine a finding and keep facts, package, engine and result.

        Every determination is kept; the newest of a finding counts.

        Raises Refusal "store.not_found", "finding.is_void".
        """
        return self._keep(finding_id, self.facts(finding_id))

    def confirm_history(
        self, finding_id: str, cases: Sequence[PriorCase], *, as_of: date, source: str = "hq"
    ) -> Done[Determined]:
        """Determine again with the earlier cases that hq knows; the first time is no longer provisional.

        Where hq knows a case that ends a first time on which the kept proposal rests, the new determination carries the
        conflict "history_contradicted" and both stay (domain.md 3.4, edge 18).

        Args:
            as_of: Local day up to which hq looked.

        Raises Refusal "store.not_found", "finding.is_void".
        """
        confirmed = History(cases=tuple(cases), as_of=as_of, is_confirmed=True, source=source)
        return self._keep(finding_id, self._facts(finding_id, confirmed))

    def review(self, finding_id: str) -> Review | None:
        """Return what became of the facts since the finding was determined, or None where it never was.

        Late evidence re-opens a proposal by `determine` (domain.md 3.4, edge 20); this tells whether there is any.

        Raises Refusal "store.not_found".
        """
        newest = self.newest(finding_id)
        if newest is None:
            return None
        facts = self.facts(finding_id)
        now = determine(facts, self._package, on=local_date(self._clock.now()))
        has_choice = bool(newest.chosen or newest.override_reason)
        return reviewed(newest, _whole(newest), facts, now, has_choice=has_choice)

    def _keep(self, finding_id: str, facts: Facts) -> Done[Determined]:
        now = self._clock.now()
        whole = stored(facts, self._package, on=local_date(now))
        with self._open_work() as work:
            finding = work.table(Finding).get(finding_id)
            if finding.is_void:
                raise Refusal("finding.is_void", finding=finding_id)
            kept = Determined(
                id=new_id(),
                visit=finding.visit,
                finding=finding_id,
                package=whole.package,
                package_sha256=whole.package_hash,
                engine=whole.engine,
                proposal=whole.determination.proposal,
                result=canonical_bytes(whole).decode("utf-8"),
                made_at=now,
                made_by=self._account.officer,
            )
            work.table(Determined).put(kept)
        return Done(kept, TOPICS)

    def newest(self, finding_id: str) -> Determined | None:
        """Return the determination that counts for a finding, or None."""
        with self._open_work() as work:
            found = _in_order(work.table(Determined).where(finding=finding_id))
        return found[-1] if found else None

    def explained(self, determined_id: str) -> StoredDetermination:
        """Return a kept determination in full, with its facts and lines.  Raises Refusal "store.not_found"."""
        with self._open_work() as work:
            return _whole(work.table(Determined).get(determined_id))

    def choose(self, determined_id: str, *, chosen: str, reason: str) -> Done[Determined]:
        """Note that something else than the proposal was taken, and why.

        Raises Refusal "determination.choice_unknown", "determination.reason_missing".
        """
        if chosen not in get_args(Proposal):
            raise Refusal("determination.choice_unknown", chosen=chosen)
        with self._open_work() as work:
            before = work.table(Determined).get(determined_id)
            if chosen != before.proposal and not reason.strip():
                raise Refusal("determination.reason_missing")
            taken = "" if chosen == before.proposal else chosen
            after = changed(before, chosen=taken, override_reason=reason.strip())
            work.table(Determined).put(after)
        return Done(after, TOPICS)

    def replay(self, determined_id: str) -> Replayed:
        """Determine again from what was kept and compare bit for bit.

        Raises Refusal "determination.other_package" where the rules it was made by are not at hand.
        """
        whole = self.explained(determined_id)
        known = {package_hash(package): package for package in (*self._older, self._package)}
        return replay(whole, known.get(whole.package_hash, self._package))

    def today(self, determined_id: str) -> Today:
        """Return what today's rules say about the facts of then; nothing that is kept changes.

        Raises Refusal "store.not_found".
        """
        return today(self.explained(determined_id), self._package, on=local_date(self._clock.now()))

    def statistics(self, from_on: date, to_on: date) -> Statistics:
        """Return the determinations made on these local days, both included, counted by list, agency and outcome.

        Raises Refusal "determination.period", params from_on, to_on: it ends before it begins.
        """
        if to_on < from_on:
            raise Refusal("determination.period", from_on=from_on, to_on=to_on)
        agencies = {one.id: one.agency for one in self._package.violations}
        with self._open_work() as work:
            void = {one.id for one in work.table(Finding).where() if one.is_void}
            kept = work.table(Determined).where()
        return count_determinations(
            [one for one in kept if from_on <= local_date(one.made_at) <= to_on and one.finding not in void],
            agencies=agencies,
            from_on=from_on,
            to_on=to_on,
        )


def _in_order(found: Sequence[Determined]) -> list[Determined]:
    return sorted(found, key=lambda one: (one.made_at, one.id))


def _whole(kept: Determined) -> StoredDetermination:
    return from_plain(StoredDetermination, parse_json(kept.result))
