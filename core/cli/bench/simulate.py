"""`bench simulate`: schedules of many stations and a bad wire, one seed each; every invariant is checked after each.

Most run on the model, which is quick; one in twenty runs on the real stores too. A failing seed is made small and
written as a replay.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from core.cli.bench.figures import Result, at_least, at_most, machine, median, processor_seconds, rounded
from core.cli.bench.setting import Setting
from core.cli.bench.simulation.running import Kind, Verdict, makers_of, replay, run, small
from core.kernel.errors import Refusal

REAL_SHARE = 20
A_SECOND = 10


def run_simulate(setting: Setting) -> Result:
    """Run the schedules and tell how many a second of one core, what went wrong on purpose, and what did not hold."""
    many = max(1, min(setting.schedules, 20) if setting.is_quick else setting.schedules)
    faults: Counter[str] = Counter()
    rates, failed = _schedules("model", range(setting.seed, setting.seed + many), faults, setting)
    real = range(setting.seed, setting.seed + max(1, many // REAL_SHARE))
    real_rates, real_failed = _schedules("real", real, faults, setting)
    broken = [*failed, *real_failed]
    if broken:
        raise Refusal("bench.schedules_failed", count=len(broken), replay=broken[0])
    return Result(
        bench="simulate",
        rows=many,
        figure=rounded(median(rates)),
        unit="schedules/s",
        baseline=rounded(median(real_rates)),
        ratio=rounded(median(rates) / median(real_rates)),
        runs=len(rates) + len(real_rates),
        machine=machine(),
        what="schedules of 70 steps on the model, by the seconds of one core",
        baseline_what="the same schedules on the real stores",
        ratio_means="times the baseline",
        lowest=rounded(min(rates)),
        highest=rounded(max(rates)),
        aims=(at_least("a second of one core", median(rates), A_SECOND), at_most("failures", len(broken), 0)),
        details={"faults": float(faults.total()), **{f"fault: {name}": float(n) for name, n in sorted(faults.items())}},
    )


def _schedules(kind: Kind, seeds: range, faults: Counter[str], setting: Setting) -> tuple[list[float], list[str]]:
    """Return the rate of each schedule, and the replays of those that did not hold."""
    makers = makers_of(kind)
    rates: list[float] = []
    broken: list[str] = []
    for done, seed in enumerate(seeds):
        found: list[Verdict] = []
        rates.append(1 / max(1e-6, processor_seconds(lambda seed=seed, found=found: found.append(run(seed, makers)))))
        faults.update(found[0].faults)
        setting.progress.step(done + 1, len(seeds), f"simulate {kind}")
        if found[0].broken:
            text = replay(found[0], small(found[0], makers))
            path = Path(f"replay-{kind}-{seed}.txt").absolute()
            path.write_text(text, "utf-8")
            broken.append(str(path))
    makers.close()
    return rates, broken
