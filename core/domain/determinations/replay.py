"""Replay: the same facts and the same rules must give the same bytes, five years later too."""

from __future__ import annotations

from datetime import date

from core.domain.determinations.engine import ENGINE_VERSION, determine
from core.domain.determinations.facts import History
from core.domain.determinations.results import Determination, StoredDetermination
from core.domain.determinations.rules import RulePackage, package_hash
from core.kernel.errors import Refusal
from core.kernel.records import Record, canonical_bytes


class Replayed(Record):
    """The answer of a replay: whether the bytes are equal, and the fresh determination beside the stored one."""

    is_equal: bool
    is_same_engine: bool
    fresh: Determination


class Today(Record):
    """What the rules in force now say about the same facts: a question of its own, which changes nothing that is kept.

    The facts stay those of then. A look-up of earlier cases that is too old for today's rules is open again, and
    `is_history_old` says so.
    """

    then: str
    now: Determination
    is_same_package: bool
    is_same_proposal: bool
    is_history_old: bool


def is_stale(history: History | None, package: RulePackage, on: date) -> bool:
    """Return whether an unconfirmed look-up is older than the package lets it be."""
    if history is None or history.is_confirmed:
        return False
    return (on - history.as_of).days > package.parameters.history_fresh_days


def today(kept: StoredDetermination, package: RulePackage, *, on: date) -> Today:
    """Return what a package says on a day about the facts of a stored determination."""
    now = determine(kept.facts, package, on=on)
    return Today(
        then=kept.determination.proposal,
        now=now,
        is_same_package=now.package_hash == kept.package_hash,
        is_same_proposal=now.proposal == kept.determination.proposal,
        is_history_old=is_stale(kept.facts.history, package, on),
    )


def replay(stored: StoredDetermination, package: RulePackage) -> Replayed:
    """Determine again from what was stored and compare bit for bit.

    What today's rules would say is another question: `today`.

    Raises:
        Refusal: "determination.other_package", params package, wanted, given: these are not the rules it was made by.
    """
    given = package_hash(package)
    if given != stored.package_hash:
        raise Refusal("determination.other_package", package=stored.package, wanted=stored.package_hash, given=given)
    fresh = determine(stored.facts, package, on=stored.on)
    return Replayed(
        is_equal=canonical_bytes(fresh) == canonical_bytes(stored.determination),
        is_same_engine=stored.engine == ENGINE_VERSION,
        fresh=fresh,
    )
