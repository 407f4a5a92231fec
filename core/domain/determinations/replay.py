"""Replay: the same facts and the same rules must give the same bytes, five years later too."""

from __future__ import annotations

from core.domain.determinations.engine import ENGINE_VERSION, determine
from core.domain.determinations.results import Determination, StoredDetermination
from core.domain.determinations.rules import RulePackage, package_hash
from core.kernel.errors import Refusal
from core.kernel.records import Record, canonical_bytes


class Replayed(Record):
    """The answer of a replay: whether the bytes are equal, and the fresh determination beside the stored one."""

    is_equal: bool
    is_same_engine: bool
    fresh: Determination


def replay(stored: StoredDetermination, package: RulePackage) -> Replayed:
    """Determine again from what was stored and compare bit for bit.

    What today's rules would say is another question: `determine(stored.facts, today's package, on=today)`.

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
