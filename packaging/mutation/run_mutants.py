"""Run every mutant against the tests that reach its line: `run_mutants.py MUTANTS.json EQUIVALENT.toml RESULT.json`.

One process collects the tests once and forks for each mutant. In the child the mutated function takes the place of the
original one (its code object is exchanged), so nothing is imported again; mutants outside a function are run in a child
that imports the mutated source instead (fresh.py). Which tests reach which statement is measured before (reach.py). A
child ends with the first test that fails, or when its processor time is used up. An interrupted run goes on where it
stopped.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from children import CPU, in_children
from exchange import exchanged, forget_compiled, function_at, functions_of
from fresh import ROOM, is_killed
from reach import Outcome, Reach, few_examples, run_item

# Slow tests of the packages around the engine, and the properties: what they look at is tried by quicker ones.
LEFT_OUT = tuple(
    f"test_{name}.py"
    for name in ("signed_packages", "schema", "published", "bad_packages", "package", "replay", "proving", "properties")
)
# A survivor is not looked at for longer than this.
TESTS_SECONDS_MAX = float(os.environ.get("MUTATION_SECONDS", "6"))
SURVIVED, KILLED = 0, 1


def key_of(mutant: dict[str, Any]) -> tuple[str, str, str, str]:
    """Return what names a mutant as long as its line stands: module, line, operator, and the line as it became."""
    row = mutant["place"][0]
    before = Path(mutant["module"]).read_text("utf-8").splitlines()[row - 1].strip()
    after = mutant["source"].splitlines()[row - 1].strip()
    return Path(mutant["module"]).stem, before, mutant["operator"], after


class Run:
    """Takes the place of pytest's own loop over the tests."""

    def __init__(self, mutants: list[dict[str, Any]], folder: Path) -> None:
        self.mutants = mutants
        self._folder = folder
        self._kills: dict[str, Counter[int]] = defaultdict(Counter)
        self._outcome = Outcome()
        self._begun = time.monotonic()
        self._done = 0
        self._items: list[pytest.Item] = []
        self._places: dict[int, str] = {}
        self.reach = Reach({each["module"] for each in mutants}, folder / "reach.json")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure the reach, then run the mutants."""
        self._items = list(session.items)
        session.config.pluginmanager.register(self._outcome)
        few_examples(self._items)
        # The tests' own conftest freezes what was collected; the functions to be exchanged are looked for among it.
        gc.unfreeze()
        for module in self.reach.modules:
            functions_of(module)
        begun = self._begun
        self.reach.measure(self._items, self._outcome)
        if self.reach.failed:
            raise SystemExit(f"fails without any mutant: {self.reach.failed}")
        tell(f"{len(self._items)} tests measured in {time.monotonic() - begun:.0f} s")
        forget_compiled()
        gc.freeze()
        for number, code in in_children(self._lazily(), self._run_mutant):
            self._note(number, code)
        return True

    def _lazily(self) -> Iterator[int]:
        for number, mutant in enumerate(self.mutants):
            original = Path(mutant["module"]).read_text("utf-8")
            name = function_at(original, mutant["place"][0], mutant["place"][1])
            if "outcome" in mutant:
                continue
            self._places[number] = name
            yield number

    def _chosen(self, number: int) -> list[int]:
        mutant = self.mutants[number]
        first, _, last, _ = mutant["place"]
        return self.reach.tests(mutant["module"], first, last, self._kills[mutant["module"] + self._places[number]])

    def _run_mutant(self, number: int) -> int:
        mutant, place = self.mutants[number], self._places[number]
        try:
            is_ready = bool(place) and exchanged(mutant["module"], place, mutant["source"])
        except SyntaxError:
            return KILLED
        if not is_ready:
            return KILLED if is_killed(mutant) else SURVIVED
        begun = time.process_time()
        for test in self._chosen(number):
            run_item(self._items[test], None)
            if self._outcome.failed:
                (self._folder / f"kill-{number}").write_text(str(test), "utf-8")
                return KILLED
            if time.process_time() - begun > TESTS_SECONDS_MAX:
                break
        return SURVIVED

    def _note(self, number: int, code: int) -> None:
        mutant = self.mutants[number]
        mutant["outcome"] = "survived" if code == SURVIVED else "killed"
        killer = self._folder / f"kill-{number}"
        if killer.exists():
            test = int(killer.read_text("utf-8"))
            self._kills[mutant["module"] + self._places[number]][test] += 1
        with (self._folder / "outcomes.jsonl").open("a", encoding="utf-8") as kept:
            kept.write(json.dumps([mutant["key"], mutant["place"], mutant["outcome"], CPU[-1]]) + "\n")
        self._done += 1
        if self._done % 50 == 0:
            tell(f"{self._done} of {len(self.mutants)} in {time.monotonic() - self._begun:.0f} s")
        if mutant["outcome"] == "survived":
            tell("survived " + " | ".join(mutant["key"]))


def tell(words: str) -> None:
    """Say how far the run is, on stderr."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def take_up(mutants: list[dict[str, Any]], file: Path) -> None:
    """Go on where an interrupted run stopped."""
    if not file.exists():
        return
    told = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    known = {(tuple(key), tuple(place)): outcome for key, place, outcome, *_ in told}
    for each in mutants:
        outcome = known.get((each["key"], tuple(each["place"])))
        if outcome is not None:
            each["outcome"] = outcome


def main(mutants_file: str, equivalent_file: str, result_file: str) -> None:
    """Run what is not known to be equivalent, and write each mutant with its outcome."""
    given = json.loads(Path(mutants_file).read_text("utf-8"))
    known = {
        (each["module"], each["line"], each["operator"], each["becomes"])
        for each in tomllib.loads(Path(equivalent_file).read_text("utf-8")).get("mutant", ())
    }
    every: list[dict[str, Any]] = given["mutants"]
    for each in every:
        each["key"] = key_of(each)
    equivalent = [each for each in every if each["key"] in known]
    mutants = [each for each in every if each["key"] not in known]
    stale = known - {each["key"] for each in equivalent}
    folder = Path(result_file).parent / "children"
    folder.mkdir(exist_ok=True)
    take_up(mutants, folder / "outcomes.jsonl")
    begun = time.monotonic()
    run = Run(mutants, folder)
    sys.path.insert(0, os.getcwd())
    left_out = [f"--ignore={ROOM}/{name}" for name in LEFT_OUT]
    pytest.main(["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--timeout=0", *left_out, ROOM], plugins=[run])
    answer = {
        "left_out": given["left_out"],
        "equivalent": len(equivalent),
        "stale": sorted(stale),
        "seconds": round(time.monotonic() - begun),
        "cpu_seconds": round(sum(os.times()[:4])),
        "mutants": mutants,
    }
    Path(result_file).write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
