"""`bench determine`: one finding through the whole rule package that ships with the program."""

from __future__ import annotations

from core.cli.bench.figures import Result, at_least, machine, median, rounded, seconds, settle
from core.cli.bench.setting import Setting
from core.domain.determinations.engine import determine
from core.services.rule_packages import demo_findings, shipped_package

A_SECOND = 5_000
ROUNDS = 50
A_ROUND = 200


def run(setting: Setting) -> Result:
    """Determine the demo findings over and over; no baseline exists, so the aim is a number a second."""
    package = shipped_package()
    findings = demo_findings()
    cases = [(one.facts, one.on) for one in findings] + [(one.turned_facts, one.on) for one in findings]

    def many() -> None:
        for turn in range(A_ROUND):
            facts, on = cases[turn % len(cases)]
            determine(facts, package, on=on)

    many()
    settle()
    rates = [A_ROUND / seconds(many) for _ in range(setting.times(ROUNDS))]
    return Result(
        bench="determine",
        rows=len(package.rules),
        figure=rounded(median(rates)),
        unit="determinations/s",
        baseline=None,
        ratio=None,
        runs=len(rates),
        machine=machine(),
        what=f"determination of {len(cases)} demo findings in turn, package of {len(package.rules)} rules",
        lowest=rounded(min(rates)),
        highest=rounded(max(rates)),
        aims=(at_least("a second", median(rates), A_SECOND),),
    )
