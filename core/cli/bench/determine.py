"""`bench determine`: one finding through the whole rule package that ships with the program."""

from __future__ import annotations

from core.cli.bench.figures import (
    Result,
    at_least,
    interleaved,
    machine,
    median,
    processor_seconds,
    rounded,
    settle,
)
from core.cli.bench.setting import Setting
from core.domain.determinations.engine import determine
from core.kernel.records import canonical_bytes
from core.services.rule_packages import demo_findings, shipped_package

A_SECOND = 5_000
ROUNDS = 50
A_ROUND = 200


def run(setting: Setting) -> Result:
    """Determine the demo findings over and over, beside writing the same answers down as canonical bytes.

    No other program decides what this one decides, so the aim is a number a second. The baseline, work of the same kind
    that nobody tunes, tells a slow machine from a slow engine, and so does the rate by processor time.
    """
    package = shipped_package()
    findings = demo_findings()
    cases = [(one.facts, one.on) for one in findings] + [(one.turned_facts, one.on) for one in findings]

    def many() -> None:
        for turn in range(A_ROUND):
            facts, on = cases[turn % len(cases)]
            determine(facts, package, on=on)

    answers = [determine(facts, package, on=on) for facts, on in cases]

    def written() -> None:
        for turn in range(A_ROUND):
            canonical_bytes(answers[turn % len(answers)])

    many()
    settle()
    times, writings = interleaved(setting.times(ROUNDS), many, written)
    rates = [A_ROUND / each for each in times]
    baseline = A_ROUND / median(writings)
    own = [A_ROUND / processor_seconds(many) for _ in range(setting.times(ROUNDS))]
    return Result(
        bench="determine",
        rows=len(package.rules),
        figure=rounded(median(rates)),
        unit="determinations/s",
        baseline=rounded(baseline),
        ratio=rounded(median(rates) / baseline),
        runs=len(rates),
        machine=machine(),
        what=f"determination of {len(cases)} demo findings in turn, package of {len(package.rules)} rules",
        baseline_what="writing the same answers down as canonical bytes",
        ratio_means="determinations for one answer written",
        lowest=rounded(min(rates)),
        highest=rounded(max(rates)),
        aims=(at_least("a second", median(rates), A_SECOND),),
        details={"a second of processor time": rounded(median(own))},
    )
