"""Determinations of the made-up findings, by the real engine on a rule package."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from core.domain.determinations.engine import stored
from core.domain.determinations.examples import facts_of_plain
from core.domain.determinations.rules import RulePackage
from core.domain.findings import Determined, Finding
from core.domain.visits import Visit
from core.kernel.clock import local_date
from core.kernel.records import canonical_bytes
from core.services.demo.world import demo_id

Determine = Callable[[Visit, Finding], Determined | None]
"""What the engine says of a finding, or None where nothing is known about its violation."""

SOURCE = "示例·推演"


def judge_by(package: RulePackage) -> Determine:
    """Return the judgement by a package, as of the day the problem was found, with no earlier case on record."""
    known = {violation.id for violation in package.violations}

    def judge(visit: Visit, finding: Finding) -> Determined | None:
        if finding.violation not in known:
            return None
        day = local_date(finding.found_at)
        plain = {**finding.facts, "violation": finding.violation}
        kept = stored(facts_of_plain(plain, on=day, first_time=True, source=SOURCE), package, on=day)
        made_at = finding.found_at + timedelta(minutes=5)
        return Determined(
            id=demo_id(made_at, "demo-determined", finding.id),
            visit=visit.id,
            finding=finding.id,
            package=kept.package,
            package_sha256=kept.package_hash,
            engine=kept.engine,
            proposal=kept.determination.proposal,
            result=canonical_bytes(kept).decode(),
            made_at=made_at,
            made_by=finding.found_by,
        )

    return judge
