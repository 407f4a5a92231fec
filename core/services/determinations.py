"""Determinations: ask the engine about a finding, keep everything it said, replay it, note what was taken instead.

The engine proposes; the head decides (行政处罚法 art. 57; domain.md 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import get_args

from core.domain.accounts import Account
from core.domain.determination_statistics import Overruled, Statistics, count_determinations, overruled_of
from core.domain.determinations.engine import determine, stored
from core.domain.determinations.facts import Facts, History, PriorCase, facts_of
from core.domain.determinations.proofs import unproved
from core.domain.determinations.replay import Replayed, Today, replay, today
from core.domain.determinations.results import Determination, Proposal, StoredDetermination
from core.domain.determinations.rules import RulePackage, Variable, Violation
from core.domain.findings import Determined, Finding
from core.domain.visits import Visit
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import Record, canonical_bytes, changed, from_plain, parse_json
from core.services.determination_facts import facts_for
from core.services.determination_history import (
    Review,
    joined_history,
    last_confirmed,
    reviewed,
    with_contradiction,
)
from core.services.kept_packages import KeptPackages
from core.services.ports import Blobs, OpenWork, Reference

TOPICS = frozenset({Topic.DETERMINATIONS, Topic.FINDINGS, Topic.VISITS})


def _this_store_only() -> date | None:
    return None


class Overview(Record):
    """A finding's proposal as of now, the kept determination with what became of it, and facts without a proof.

    `unproved` are variables whose fact wants a piece of evidence and has none (proofs.py).
    """

    proposal: Determination
    kept: Determined | None
    review: Review | None
    unproved: tuple[str, ...]


class Determinations:
    """Proposals for findings.

    Args:
        package: The rules in force.
        older: Packages that stored determinations were made with, for replay.
        blobs: Where the package in force is kept and older ones are looked up; None: only what is given here.
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
        blobs: Blobs | None = None,
        history_as_of: Callable[[], date | None] = _this_store_only,
    ) -> None:
        self._open_work = open_work
        self._reference = reference
        self._clock = clock
        self._account = account
        self._package = package
        self._packages = KeptPackages(package, older, blobs)
        self._history_as_of = history_as_of

    def violations(self) -> tuple[Violation, ...]:
        """Return the violations a finding may be classified as."""
        return self._package.violations

    def list_names(self) -> dict[str, str]:
        """Return what the lists of the rules are called, by the key that statistics give."""
        return dict(self._package.sources)

    def variables(self) -> dict[str, Variable]:
        """Return the questions of the rules by name, with their kind of evidence and who answers them."""
        return {one.var: one for one in self._package.variables}

    def overview(self, finding_id: str) -> Overview:
        """Return the proposal as of now with what a page shows beside it.  Raises Refusal "store.not_found"."""
        facts = self.facts(finding_id)
        now = determine(facts, self._package, on=local_date(self._clock.now()))
        kept = self.newest(finding_id)
        return Overview(
            proposal=now,
            kept=kept,
            review=_reviewed(kept, facts, now) if kept is not None else None,
            unproved=unproved(facts, now, self.variables()),
        )

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
        return _reviewed(newest, facts, now)

    def _keep(self, finding_id: str, facts: Facts) -> Done[Determined]:
        now = self._clock.now()
        whole = stored(facts, self._package, on=local_date(now))
        # The rules first, then the record: no determination may name a package that is not at hand.
        package_blob = self._packages.keep()
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
                package_blob=package_blob,
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
            after = changed(
                before,
                chosen=taken,
                override_reason=reason.strip(),
                chosen_by=self._account.officer,
                chosen_at=self._clock.now(),
            )
            work.table(Determined).put(after)
        return Done(after, TOPICS)

    def replay(self, determined_id: str) -> Replayed:
        """Determine again from what was kept and compare bit for bit.

        Raises Refusal "determination.other_package" where the rules it was made by are not at hand.
        """
        whole = self.explained(determined_id)
        return replay(whole, self._packages.find(whole.package_hash) or self._package)

    def today(self, determined_id: str) -> Today:
        """Return what today's rules say about the facts of then; nothing that is kept changes.

        Raises Refusal "store.not_found".
        """
        return today(self.explained(determined_id), self._package, on=local_date(self._clock.now()))

    def statistics(self, from_on: date, to_on: date) -> Statistics:
        """Return the determinations made on these local days, both included, counted by list, agency and outcome.

        Raises Refusal "determination.period", params from_on, to_on: it ends before it begins.
        """
        agencies = {one.id: one.agency for one in self._package.violations}
        kept, _ = self._of_period(from_on, to_on)
        return count_determinations(kept, agencies=agencies, from_on=from_on, to_on=to_on)

    def overruled(self, from_on: date, to_on: date) -> tuple[Overruled, ...]:
        """Return every proposal of the period that was not taken, with the reason, newest first, for a reviewer.

        A reviewer sees those of a determination that was made again later, too.  Raises Refusal "determination.period".
        """
        kept, findings = self._of_period(from_on, to_on)
        return overruled_of(kept, {name: one.text for name, one in findings.items()})

    def _of_period(self, from_on: date, to_on: date) -> tuple[list[Determined], dict[str, Finding]]:
        if to_on < from_on:
            raise Refusal("determination.period", from_on=from_on, to_on=to_on)
        with self._open_work() as work:
            findings = {one.id: one for one in work.table(Finding).where()}
            kept = work.table(Determined).where()
        void = {name for name, one in findings.items() if one.is_void}
        chosen = [one for one in kept if from_on <= local_date(one.made_at) <= to_on and one.finding not in void]
        return chosen, findings


def _reviewed(kept: Determined, facts: Facts, now: Determination) -> Review:
    has_choice = bool(kept.chosen or kept.override_reason)
    return reviewed(kept, _whole(kept), facts, now, has_choice=has_choice)


def _in_order(found: Sequence[Determined]) -> list[Determined]:
    return sorted(found, key=lambda one: (one.made_at, one.id))


def _whole(kept: Determined) -> StoredDetermination:
    return from_plain(StoredDetermination, parse_json(kept.result))
