"""Write every mutant of the given modules as JSON: `mutants.py OUT MODULE...`, run by the tool's own Python.

The mutants are cosmic-ray's. Three classes cannot be killed and are only counted: the `|` of types, which is no
behaviour under `from __future__ import annotations`; `is` against `==` where the other side is True, False or None,
because every truth of the engine is one of these; and guards that right code never meets (`strict=` of zip over two
lists of one length, `frozen=`, `slots=`, `eq=` of records that nobody changes or compares).
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

TRUTHS = ("True", "False", "None")
GUARDS = ("strict=", "frozen=", "slots=", "eq=")


def is_type(line: str, operator: str) -> bool:
    """Tell whether the mutant only changes an annotation."""
    return "BinaryOperator_BitOr" in operator and (":" in line or "->" in line)


def is_truth(line: str, operator: str) -> bool:
    """Tell whether the mutant compares a truth by value instead of by identity."""
    return operator.endswith(("_Is_Eq", "_IsNot_NotEq")) and any(f" {word}" in line for word in TRUTHS)


def is_guard(line: str, column: int) -> bool:
    """Tell whether the mutant only takes away a guard against wrong code."""
    return line[:column].endswith(GUARDS)


def mutants_of(module: Path) -> tuple[list[dict[str, Any]], int]:
    """Return the mutants of a module and how many were left out because nothing can kill them."""
    # The tool is not among the project's own libraries: it lives in an environment of its own.
    items = importlib.import_module("cosmic_ray.commands.init")
    plugins = importlib.import_module("cosmic_ray.plugins")
    mutate = importlib.import_module("cosmic_ray.mutating").mutate_code
    source = module.read_text("utf-8")
    lines = source.splitlines()
    found: list[dict[str, Any]] = []
    left_out = 0
    for item in items._all_work_items([module], {}):
        one = item.mutations[0]
        (row, column), (end_row, end_column) = one.start_pos, one.end_pos
        line = lines[row - 1]
        if is_type(line, one.operator_name) or is_truth(line, one.operator_name) or is_guard(line, column):
            left_out += 1
            continue
        operator = plugins.get_operator(one.operator_name)(**one.operator_args)
        mutated = mutate(source, operator, one.occurrence)
        found.append(
            {
                "module": str(module),
                "place": [row, column, end_row, end_column],
                "operator": one.operator_name.removeprefix("core/"),
                "source": mutated,
            }
        )
    return found, left_out


def main(out: str, *modules: str) -> None:
    """Write the mutants of all modules to one file."""
    every: list[dict[str, Any]] = []
    left_out = 0
    for module in modules:
        found, skipped = mutants_of(Path(module))
        every += found
        left_out += skipped
    Path(out).write_text(json.dumps({"left_out": left_out, "mutants": every}), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
