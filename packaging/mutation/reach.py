"""Which tests reach which statement, and the running of single collected tests."""

from __future__ import annotations

import ast
import builtins
import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from exchange import exchange_all, forget_compiled, note_of

EXAMPLES = 25
# Where the reach is known already, tests quicker than this are run once so that what they read is read.
WARM_SECONDS_MAX = 0.3


class Outcome:
    """Remembers the first test that failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failing test."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


def few_examples(items: list[pytest.Item]) -> None:
    """Give the properties a fixed, small set of examples, the same for every mutant."""
    from hypothesis import Phase, settings

    for item in items:
        function: Any = getattr(item, "obj", None)
        own = getattr(function, "_hypothesis_internal_use_settings", None)
        if own is not None:
            function._hypothesis_internal_use_settings = settings(
                own, max_examples=EXAMPLES, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
            )


def run_item(item: pytest.Item, after: pytest.Item | None) -> None:
    """Run one collected test with its fixtures."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)


class Reach:
    """Which tests come to which statement of the modules, and how long each takes.

    Each statement gets a note of its line before it, which costs a tenth of a tracer. What one test left compiled is
    forgotten before the next of another name, so that a test reaches what it would reach alone.
    """

    def __init__(self, modules: set[str], file: Path) -> None:
        self.modules = sorted(modules)
        self._file = file
        self.failed = ""
        self._hit: set[tuple[int, int]] = set()
        self._by_line: dict[tuple[str, int], set[int]] = defaultdict(set)
        self._starts: dict[str, list[int]] = {}
        self._families: list[str] = []
        self.seconds: dict[int, float] = {}

    def measure(self, items: list[pytest.Item], outcome: Outcome) -> None:
        """Run every test here, so that the children begin with everything read that no mutant changes."""
        self._families = [item.nodeid.partition("[")[0] for item in items]
        names = [item.nodeid for item in items]
        if self._loaded(names):
            for number, item in enumerate(items):
                is_first = number == 0 or self._families[number] != self._families[number - 1]
                if is_first and self.seconds[number] < WARM_SECONDS_MAX:
                    run_item(item, None)
            self.failed = outcome.failed
            return
        builtins.__dict__["__reach__"] = self._hit.add
        originals = {module: self._note_statements(number, module) for number, module in enumerate(self.modules)}
        before: set[tuple[int, int]] = set()
        for number, item in enumerate(items):
            is_first = number == 0 or self._families[number] != self._families[number - 1]
            if is_first:
                forget_compiled()
            self._hit.clear()
            begun = time.process_time()
            run_item(item, None)
            self.seconds[number] = time.process_time() - begun
            # The first of a name makes the packages ready; the others would, if they ran alone.
            before = set(self._hit) if is_first else before
            for module, line in self._hit | before:
                self._by_line[(self.modules[module], line)].add(number)
        for module, original in originals.items():
            exchange_all(module, original)
        self.failed = outcome.failed
        by_line = [[module, line, sorted(tests)] for (module, line), tests in self._by_line.items()]
        self._file.write_text(json.dumps([names, list(self.seconds.items()), by_line, self._starts]), "utf-8")

    def _loaded(self, names: list[str]) -> bool:
        """Take what an interrupted run of the same tests measured."""
        if not self._file.exists():
            return False
        known, seconds, by_line, starts = json.loads(self._file.read_text("utf-8"))
        if known != names:
            return False
        self.seconds = {number: spent for number, spent in seconds}
        self._by_line.update({(module, line): set(tests) for module, line, tests in by_line})
        self._starts = starts
        return True

    def _note_statements(self, number: int, module: str) -> CodeType:
        path = str(Path(module).resolve())
        source = Path(module).read_text("utf-8")
        tree = ast.parse(source)
        self._starts[module] = sorted({each.lineno for each in ast.walk(tree) if isinstance(each, ast.stmt)})
        for node in ast.walk(tree):
            for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
                if isinstance(body, list) and not isinstance(node, ast.Module | ast.ClassDef):
                    body[:] = [one for each in body for one in (note_of(number, each), each)]
        exchange_all(module, compile(ast.fix_missing_locations(tree), path, "exec"))
        return compile(source, path, "exec")

    def tests(self, module: str, first: int, last: int, kills: Counter[int]) -> list[int]:
        """Return the tests that come to these lines: those that killed a neighbour first, then one of each name.

        Many tests of one name look at the same thing, so their second comes after the first of every other.
        """
        begins = max((start for start in self._starts[module] if start <= first), default=first)
        found = set[int]().union(*(self._by_line.get((module, line), ()) for line in range(begins, last + 1)))
        turn: Counter[str] = Counter()
        ranked: list[tuple[int, int, float, int]] = []
        for each in sorted(found, key=lambda each: self.seconds[each]):
            family = self._families[each]
            ranked.append((-kills[each], turn[family], self.seconds[each], each))
            turn[family] += 1
        return [each for _, _, _, each in sorted(ranked)]
