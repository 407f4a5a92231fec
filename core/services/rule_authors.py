"""What the author of rules can do: open a package, see every example case run, read and compare its rules.

Nothing here changes the rules in force; a package is taken up only when it is signed (determinations/packages.py).
"""

from __future__ import annotations

from pathlib import Path

from core.domain.determinations.proving import ProvenPackage, proven_package
from core.domain.determinations.rule_text import FieldPair, RuleField, compared_rules, rule_fields
from core.domain.determinations.rules import Rule, RulePackage
from core.kernel.errors import Refusal
from core.kernel.progress import Progress
from core.kernel.words import Lang
from core.services.rule_packages import load_package, package_paths


class RuleAuthors:
    """Packages from files, tested."""

    def shipped(self) -> tuple[Path, ...]:
        """Return the files of the packages that ship with the program; the first is the one in force."""
        return tuple(sorted(package_paths(), key=lambda path: (path.stem != "area", path.stem)))

    def open(self, path: Path, progress: Progress | None = None) -> ProvenPackage:
        """Return the package of a file with every example run; some seconds for a large one.

        Raises:
            Trouble: "rules.unreadable".
            Refusal: "rules.bad_yaml", "rules.bad_package": with file, rule, place and what to do.
            Cancelled: the person stopped it.
        """
        return proven_package(load_package(path), progress)

    def fields(self, tested: ProvenPackage, rule_id: str, lang: Lang) -> tuple[RuleField, ...]:
        """Return a rule in words; fields without words are left out.  Raises Refusal "rules.no_such_rule"."""
        found = rule_fields(rule_named(tested.package, rule_id), tested.package, lang)
        return tuple(each for each in found if each.text)

    def compare(self, tested: ProvenPackage, one: str, other: str, lang: Lang) -> tuple[FieldPair, ...]:
        """Return two rules beside each other.  Raises Refusal "rules.no_such_rule"."""
        package = tested.package
        return compared_rules(rule_named(package, one), rule_named(package, other), package, lang)


def rule_named(package: RulePackage, rule_id: str) -> Rule:
    """Return a rule by its id.  Raises Refusal "rules.no_such_rule", params rule, package."""
    for rule in package.rules:
        if rule.rule_id == rule_id:
            return rule
    raise Refusal("rules.no_such_rule", rule=rule_id, package=f"{package.id}@{package.version}")
