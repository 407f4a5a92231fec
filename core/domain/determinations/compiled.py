"""A package made ready to run, kept as long as it is used, and facts made ready to look up."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.domain.determinations.facts import Fact, Facts
from core.domain.determinations.gates_statute import Program, program_for, unnamed_program
from core.domain.determinations.measures import coercion_rows, summary_node
from core.domain.determinations.nodes import Leaf, Values
from core.domain.determinations.rules import Label, RulePackage, Variable, Violation, in_order, package_hash
from core.domain.determinations.vocabulary import Vocabulary

_LEAVES_MAX = 10_000


class CompiledPackage:
    """One package with a program for each violation that was asked about."""

    def __init__(self, package: RulePackage) -> None:
        self.package = in_order(package)
        self.hash = package_hash(package)
        self.name = f"{package.id}@{package.version}"
        self.words = Vocabulary(self.package)
        self.summary = summary_node(self.words, package.parameters)
        self._known = {violation.id: violation for violation in package.violations}
        self._line_words: dict[Leaf, tuple[str, Label]] = {}
        self._programs: dict[str, Program] = {}
        self._coercion = {"": coercion_rows(self.words, ())}

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

    def coercion(self, program: Program) -> Any:
        """Return the coercion rows of a program."""
        key = program.violation.id
        found = self._coercion.get(key) if key in self._coercion or not program.coercion_rules else None
        if not program.coercion_rules:
            return self._coercion[""]
        if found is None:
            found = self._coercion[key] = coercion_rows(self.words, program.coercion_rules)
        return found

    def line_words(self, leaf: Leaf) -> tuple[str, Label]:
        """Return the unit and the citation of a leaf's line; the same few hundred leaves are asked for for ever."""
        found = self._line_words.get(leaf)
        if found is None:
            variable = self.words.variables.get(leaf.var)
            found = (variable.unit if variable is not None else "", self.words.article_label(leaf.article))
            if leaf.var in self.words.variables and len(self._line_words) < _LEAVES_MAX:
                self._line_words[leaf] = found
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


# Compiling costs a few milliseconds; the last packages are kept by identity, which a frozen record makes safe.
_KEPT_MAX = 8
_kept: dict[int, CompiledPackage] = {}
_owners: dict[int, RulePackage] = {}


def compiled(package: RulePackage) -> CompiledPackage:
    """Return the package ready to run; the same record is compiled once."""
    key = id(package)
    found = _kept.get(key)
    if found is not None and _owners.get(key) is package:
        return found
    if len(_kept) >= _KEPT_MAX:
        _kept.clear()
        _owners.clear()
    made = CompiledPackage(package)
    # The owner is kept beside it, so that its id cannot be given to another record meanwhile.
    _owners[key] = package
    _kept[key] = made
    return made
