"""Say what a run found: `report.py RESULT.json`: killed, survived, equivalent, and each survivor with its place."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path


def main(result_file: str) -> None:
    """Print the figures and the survivors."""
    result = json.loads(Path(result_file).read_text("utf-8"))
    mutants = result["mutants"]
    outcomes = Counter(each.get("outcome", "not run") for each in mutants)
    ran = outcomes["killed"] + outcomes["survived"]
    lines = [
        f"{len(mutants) + result['equivalent'] + result['left_out']} mutants: {result['left_out']} cannot be killed, "
        f"{result['equivalent']} equivalent, {outcomes['not run']} not run",
        f"{ran} ran, {outcomes['killed']} killed: {100 * outcomes['killed'] / max(1, ran):.1f} %, "
        f"{result['seconds']} s, {result['cpu_seconds']} s of processor",
    ]
    for each in mutants:
        if each.get("outcome") == "survived":
            module, before, operator, after = each["key"]
            lines += [f"survived {module}.py:{each['place'][0]} {operator}", f"  - {before}", f"  + {after}"]
    lines += [f"no such mutant any more: {' | '.join(key)}" for key in result["stale"]]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
