"""Run every mutant against the tests that reach its line: `run_mutants.py MUTANTS.json EQUIVALENT.toml RESULT.json`.

One process collects the tests once and forks for each mutant. In the child the mutated function takes the place of the
original one (its code object is exchanged), so nothing is imported again; mutants outside a function are run in a child
that imports the mutated source instead (`fresh.py`). Which tests reach which line is measured before, each test in a
child of its own. A child ends with the first test that fails, or when its processor time is used up.
"""

from __future__ import annotations

import ast
import builtins
import gc
import importlib
import json
import os
import resource
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

ROOM = "tests/domain/determinations"
# Tests of the packages' signatures and of the schema: slow, and what they look at is not the engine.
LEFT_OUT = ("test_signed_packages.py", "test_schema.py")
JOBS = int(os.environ.get("MUTATION_JOBS", "2"))
# Processor seconds a mutant may take before it counts as killed by an endless loop.
CPU_SECONDS_MAX = 60
# A survivor is not looked at for longer than this; the properties run with few examples.
TESTS_SECONDS_MAX = float(os.environ.get("MUTATION_SECONDS", "6"))
EXAMPLES = 25
# Where the reach is known already, tests quicker than this are run once so that what they read is read.
WARM_SECONDS_MAX = 0.3
SURVIVED, KILLED, FRESH_NEEDED = 0, 1, 3
# Processor seconds of each child that ended.
CPU: list[float] = []


class Outcome:
    """Remembers the first test that failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failing test."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


def quietly() -> None:
    """Let nothing of a child reach the terminal."""
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


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
                if number == 0 or self._families[number] != self._families[number - 1]:
                    if self.seconds[number] < WARM_SECONDS_MAX:
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


def in_children(
    numbers: Iterable[int], work: Callable[[int], int], *, seconds_max: int = CPU_SECONDS_MAX
) -> Iterator[tuple[int, int]]:
    """Run `work` for each number in a forked child, JOBS at a time; give number and exit code (a signal is negative)."""
    waiting = iter(numbers)
    running: dict[int, int] = {}
    while True:
        while len(running) < JOBS:
            number = next(waiting, None)
            if number is None:
                break
            child = os.fork()
            if child == 0:
                quietly()
                resource.setrlimit(resource.RLIMIT_CPU, (seconds_max, seconds_max + 5))
                os._exit(work(number))
            running[child] = number
        if not running:
            return
        child, status, usage = os.wait3(0)
        CPU.append(usage.ru_utime + usage.ru_stime)
        yield running.pop(child), os.waitstatus_to_exitcode(status)


def function_at(source: str, row: int, column: int) -> str:
    """Return the qualified name of the outermost function whose body holds the place, or an empty text."""

    def search(body: list[ast.stmt], before: str) -> str:
        for node in body:
            if isinstance(node, ast.ClassDef):
                inner = search(node.body, f"{before}{node.name}.")
                if inner:
                    return inner
            if isinstance(node, ast.FunctionDef):
                first = node.body[0]
                ends = (node.end_lineno or 0, node.end_col_offset or 0)
                if (first.lineno, first.col_offset) <= (row, column) <= ends:
                    return f"{before}{node.name}"
        return ""

    return search(ast.parse(source).body, "")


def code_named(code: CodeType, name: str) -> CodeType | None:
    """Return the code of a function by its qualified name."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == name:
                return constant
            inner = code_named(constant, name)
            if inner is not None:
                return inner
    return None


@cache
def functions_of(module: str) -> dict[str, list[FunctionType]]:
    """Return the living function objects of a module by qualified name; looked for once, before anything is frozen."""
    path = str(Path(module).resolve())
    found: dict[str, list[FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and os.path.realpath(each.__code__.co_filename) == path:
            found[each.__code__.co_qualname].append(each)
    return found


def exchanged(module: str, name: str, mutated: str) -> bool:
    """Put the mutated code into every function object of that name; tell whether that was possible."""
    new = code_named(compile(mutated, str(Path(module).resolve()), "exec"), name)
    functions = functions_of(module).get(name, [])
    if new is None or not functions or any(len(one.__code__.co_freevars) != len(new.co_freevars) for one in functions):
        return False
    for each in functions:
        each.__code__ = new
    return True


def exchange_all(module: str, code: CodeType) -> None:
    """Put the code of a whole module into its living functions, where it fits."""
    for name, functions in functions_of(module).items():
        new = code_named(code, name)
        for each in functions:
            if new is not None and len(each.__code__.co_freevars) == len(new.co_freevars):
                each.__code__ = new


def note_of(number: int, statement: ast.stmt) -> ast.stmt:
    """Return the statement that notes that the line of another one was reached."""
    note = ast.parse(f"__reach__(({number}, {statement.lineno}))").body[0]
    return ast.copy_location(note, statement)


def forget_compiled() -> None:
    """Forget the packages that were made ready to run: they hold closures of the code before."""
    kept: dict[int, Any] = vars(importlib.import_module("core.domain.determinations.compiled"))["_kept"]
    kept.clear()


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
            if name:
                self._places[number] = name
                yield number
            else:
                mutant["outcome"] = "fresh"

    def _chosen(self, number: int) -> list[int]:
        mutant = self.mutants[number]
        first, _, last, _ = mutant["place"]
        return self.reach.tests(mutant["module"], first, last, self._kills[mutant["module"] + self._places[number]])

    def _run_mutant(self, number: int) -> int:
        mutant = self.mutants[number]
        try:
            is_ready = exchanged(mutant["module"], self._places[number], mutant["source"])
        except SyntaxError:
            return KILLED
        if not is_ready:
            return FRESH_NEEDED
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
        mutant["outcome"] = {SURVIVED: "survived", FRESH_NEEDED: "fresh"}.get(code, "killed")
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
