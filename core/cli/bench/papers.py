"""`bench papers`: a three-page record against bare reportlab drawing of the same page, and a batch against typst."""

from __future__ import annotations

import json
from typing import Any

from core.cli.bench.figures import Result, at_least, at_most, machine, median, rounded
from core.cli.bench.scripts import run_script
from core.cli.bench.setting import Setting

TIMES_BARE = 1.3
OF_TYPST = 0.7
ROUNDS = 30


def run(setting: Setting) -> Result:
    """Run the script, which alone sees reportlab, and read what it measured."""
    told: dict[str, Any] = json.loads(run_script("papers.py", f"{setting.times(ROUNDS)}").splitlines()[-1])
    own, bare = told["own"], told["bare"]
    ratio = median(own) / median(bare)
    each = told["batch_s"] / told["batch"]
    aims = [at_most("times bare drawing", ratio, TIMES_BARE)]
    details: dict[str, float | str] = {
        "pages": told["pages"],
        "PDF/A ms": rounded(median(told["archive"]) * 1000),
        "signature ms": rounded(median(told["sign"]) * 1000),
        f"batch of {told['batch']} on all cores s": rounded(told["batch_s"]),
    }
    if told["typst_s"] is None:
        details["typst"] = "not installed"
    else:
        typst = told["typst_s"] / told["batch"]
        details["typst ms a paper, one by one"] = rounded(typst * 1000)
        aims.append(at_least("times typst's speed, batch on all cores", typst / each, OF_TYPST))
    return Result(
        bench="papers",
        rows=told["pages"],
        figure=rounded(median(own) * 1000),
        unit="ms",
        baseline=rounded(median(bare) * 1000),
        ratio=rounded(ratio),
        runs=len(own),
        machine=machine(),
        what="a three-page record with table, code and drawn signatures",
        baseline_what="bare reportlab drawing of the same pages",
        ratio_means="times the baseline",
        lowest=rounded(min(own) * 1000),
        highest=rounded(max(own) * 1000),
        aims=tuple(aims),
        details=details,
    )
