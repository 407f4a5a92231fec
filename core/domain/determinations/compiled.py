"""A package made ready to run, kept as long as it is used, and facts made ready to look up."""

from __future__ import annotations

from datetime import date

from core.domain.determinations.facts import Facts
from core.domain.determinations.gates_statute import Program, Row, program_for, unnamed_program
from core.domain.determinations.kept import Kept
from core.domain.determinations.lines import HISTORY_VAR, LineForm, Said
from core.domain.determinations.measures import coercion_rows, summary_node
from core.domain.determinations.nodes import Leaf, Values
from core.domain.determinations.results import Change
from core.domain.determinations.rules import RulePackage, Violation, in_order, package_hash
from core.domain.determinations.tables import Table, table_of
from core.domain.determinations.vocabulary import Vocabulary

_KEPT_RECORDS_MAX = 20_000
# In what a fact of each type is written down; a day is a text.
_TYPES: dict[str, type] = {"bool": bool, "int": int, "text": str, "date": str}


class CompiledPackage:
    """One package with a table for each violation that was asked about."""

    def __init__(self, package: RulePackage) -> None:
        self.package = in_order(package)
        self.hash = package_hash(package)
        self.name = f"{package.id}@{package.version}"
        self.words = Vocabulary(self.package)
        # Records that come again and again; frozen, so that many determinations may hold the same one.
        self.changes: Kept[Change] = Kept(_KEPT_RECORDS_MAX)
        self._summary = Row("P", summary_node(self.words, package.parameters))
        self._types = {var: _TYPES[variable.type] for var, variable in self.words.variables.items()}
        self._choices = {
            var: frozenset(choice.value for choice in variable.choices)
            for var, variable in self.words.variables.items()
        }
        self._known = {violation.id: violation for violation in package.violations}
        self._forms: Kept[LineForm] = Kept(_KEPT_RECORDS_MAX)
        self._tables: dict[str, Table] = {}
        self._coercion: dict[str, tuple[Row, ...]] = {}

    def table(self, violation: str | None) -> Table:
        """Return the table of a violation; one that the package does not know still has the statute's rows."""
        key = violation or ""
        found = self._tables.get(key)
        if found is None:
            program = self._program(violation)
            found = table_of(program, self.coercion(program), self._summary, self._form)
            # Only the package's own violations are kept, so that foreign names cannot fill the memory.
            if not violation or violation in self._known:
                self._tables[key] = found
        return found

    def _program(self, violation: str | None) -> Program:
        if not violation:
            return unnamed_program(self.package, self.words)
        title = self.words.variables["violation"].label
        here = self._known.get(violation) or Violation(id=violation, title=title, law="")
        return program_for(here, self.package, self.words)

    def coercion(self, program: Program) -> tuple[Row, ...]:
        """Return the coercion rows of a program; without a list rule they are the same for every violation."""
        if program.coercion_rules:
            return coercion_rows(self.words, program.coercion_rules)
        found = self._coercion.get("")
        if found is None:
            found = self._coercion[""] = coercion_rows(self.words, ())
        return found

    def _form(self, leaf: Leaf, gate: str, rule: str) -> LineForm:
        key = (leaf, gate, rule)
        found = self._forms.get(key)
        return found if found is not None else self._forms.keep(key, LineForm(leaf, gate, rule))

    def values(self, facts: Facts) -> tuple[Values, dict[str, Said], tuple[str, ...]]:
        """Return the values by variable, what was said of each, and the names of facts that cannot be used.

        A fact of an unknown variable or of the wrong type is not used, and said so; it counts as unknown.
        """
        history = facts.history
        values: Values = {}
        said: dict[str, Said] = {}
        if history is not None:
            said[HISTORY_VAR] = (len(history.cases), history.source, history.as_of)
        ignored: list[str] = []
        types = self._types
        for fact in facts.items:
            var, given = fact.var, fact.value
            if given is None:
                continue
            # A text or a day has to fit beside; anything else is used as it was given.
            value = given if type(given) is types.get(var) else None
            if type(value) is str:
                value = self._read(var, value)
            if value is None:
                ignored.append(var)
                continue
            values[var] = value
            said[var] = (given, fact.source, fact.as_of)
        return values, said, tuple(sorted(ignored))

    def _read(self, var: str, value: str) -> str | date | None:
        """Return a text in its variable's type, or None when it does not fit."""
        if self.words.variables[var].type == "date":
            try:
                return date.fromisoformat(value)
            except ValueError:
                return None
        choices = self._choices[var]
        return value if value and (not choices or value in choices) else None


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
