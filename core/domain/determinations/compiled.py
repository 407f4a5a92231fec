"""A package made ready to run, kept as long as it is used, and facts made ready to look up."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from core.domain.determinations.facts import Fact, Facts
from core.domain.determinations.gates_statute import Program, Row, program_for, unnamed_program
from core.domain.determinations.measures import coercion_rows, summary_node
from core.domain.determinations.nodes import Leaf, Values
from core.domain.determinations.results import Change, GateVerdict, Line
from core.domain.determinations.rules import RulePackage, Variable, Violation, in_order, package_hash
from core.domain.determinations.vocabulary import Vocabulary

K = TypeVar("K")
V = TypeVar("V")
# Leaf, row, rule, truth, fact, source, day: all that a line shows.
LineKey = tuple[Leaf, str, str, bool | None, Any, str, date | None]
_KEPT_RECORDS_MAX = 20_000


class Kept(dict[K, V]):
    """A memory of frozen records that forgets everything when it is full."""

    def keep(self, key: K, value: V) -> V:
        """Keep and return the value."""
        if len(self) >= _KEPT_RECORDS_MAX:
            self.clear()
        self[key] = value
        return value


class CompiledPackage:
    """One package with a program for each violation that was asked about."""

    def __init__(self, package: RulePackage) -> None:
        self.package = in_order(package)
        self.hash = package_hash(package)
        self.name = f"{package.id}@{package.version}"
        self.words = Vocabulary(self.package)
        self.summary = summary_node(self.words, package.parameters)
        self._known = {violation.id: violation for violation in package.violations}
        # Records that come again and again; frozen, so that many determinations may hold the same one.
        self.lines: Kept[LineKey, Line] = Kept()
        self.verdicts: Kept[tuple[Row, bool | None], GateVerdict] = Kept()
        self.changes: Kept[tuple[str, Any, Any, str], Change] = Kept()
        self._programs: dict[str, Program] = {}
        self._coercion: dict[str, tuple[Row, ...]] = {}

    def program(self, violation: str | None) -> Program:
        """Return the rows for a violation; one that the package does not know still has the statute's rows."""
        key = violation or ""
        found = self._programs.get(key)
        if found is None:
            if violation:
                title = self.words.variables["violation"].label
                here = self._known.get(violation) or Violation(id=violation, title=title, law="")
                found = program_for(here, self.package, self.words)
            else:
                found = unnamed_program(self.package, self.words)
            # Only the package's own violations are kept, so that foreign names cannot fill the memory.
            if not violation or violation in self._known:
                self._programs[key] = found
        return found

    def coercion(self, program: Program) -> tuple[Row, ...]:
        """Return the coercion rows of a program; without a list rule they are the same for every violation."""
        key = program.violation.id if program.coercion_rules else ""
        found = self._coercion.get(key)
        if found is None:
            found = self._coercion[key] = coercion_rows(self.words, program.coercion_rules)
        return found

    def values(self, facts: Facts, on: date) -> tuple[Values, dict[str, Fact], tuple[str, ...]]:
        """Return the values by variable, the facts behind them, and the names of facts that cannot be used.

        A fact of an unknown variable or of the wrong type is not used, and said so; it counts as unknown.
        """
        values: Values = {"#on": on, "#history": facts.history, "#veto": None}
        used: dict[str, Fact] = {}
        ignored: list[str] = []
        variables = self.words.variables
        for fact in facts.items:
            if fact.value is None:
                continue
            variable = variables.get(fact.var)
            value = _typed(variable, fact.value) if variable is not None else None
            if value is None:
                ignored.append(fact.var)
                continue
            values[fact.var] = value
            used[fact.var] = fact
        return values, used, tuple(ignored)


def _typed(variable: Variable, value: Any) -> Any:
    """Return the value in its variable's type, or None when it does not fit."""
    kind = variable.type
    if kind == "bool":
        return value if type(value) is bool else None
    if kind == "int":
        return value if type(value) is int else None
    if type(value) is not str:
        return None
    if kind == "text":
        fits = not variable.choices or any(choice.value == value for choice in variable.choices)
        return value if fits and value else None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


# Compiling costs a few milliseconds; the last packages are kept by identity, which a frozen record makes safe. The
# record itself is kept beside, so that its id cannot be given to another one meanwhile.
_KEPT_MAX = 8
_kept: dict[int, tuple[RulePackage, CompiledPackage]] = {}


def compiled(package: RulePackage) -> CompiledPackage:
    """Return the package ready to run; the same record is compiled once."""
    found = _kept.get(id(package))
    if found is not None and found[0] is package:
        return found[1]
    made = CompiledPackage(package)
    if len(_kept) >= _KEPT_MAX:
        _kept.clear()
    _kept[id(package)] = (package, made)
    return made
