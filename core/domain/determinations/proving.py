"""A package as its author sees it: every rule with its example cases, passed or failed, and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.determinations.doubts import Doubt, doubts_of
from core.domain.determinations.examples import ExampleResult, checked_example
from core.domain.determinations.rules import Immunity, Rule, RulePackage, in_order, package_hash
from core.kernel.progress import Progress, Unwatched


@dataclass(frozen=True)
class ProvenRule:
    """A rule with the examples that name it, and the doubts that touch it."""

    rule: Rule
    examples: tuple[ExampleResult, ...]
    doubts: tuple[Doubt, ...]

    @property
    def id(self) -> str:
        """Return the id of the rule."""
        return self.rule.rule_id

    @property
    def failed(self) -> tuple[ExampleResult, ...]:
        """Return the examples that did not give what they should."""
        return tuple(each for each in self.examples if not each.is_passed)


@dataclass(frozen=True)
class ProvenPackage:
    """A package, its hash, its rules with their examples, and the examples that name no rule."""

    package: RulePackage
    sha256: str
    rules: tuple[ProvenRule, ...]
    other_examples: tuple[ExampleResult, ...]
    doubts: tuple[Doubt, ...]
    results: tuple[ExampleResult, ...]

    @property
    def failed(self) -> tuple[ExampleResult, ...]:
        """Return every example that did not give what it should; a package with one cannot be published."""
        return tuple(each for each in self.results if not each.is_passed)

    @property
    def immunities(self) -> tuple[Immunity, ...]:
        """Return the special laws' own grounds, whose examples stand among the others."""
        return self.package.immunities


def proven_package(package: RulePackage, progress: Progress | None = None) -> ProvenPackage:
    """Return the package with every example run.  Raises Cancelled."""
    watch = progress or Unwatched()
    found: list[ExampleResult] = []
    for place, example in enumerate(package.examples, start=1):
        found.append(checked_example(example, package))
        watch.step(place, len(package.examples))
    results = tuple(found)
    doubts = doubts_of(package)
    ordered = in_order(package).rules
    names = {rule.rule_id for rule in ordered}
    rules = tuple(
        ProvenRule(
            rule=rule,
            examples=tuple(each for each in results if each.rule == rule.rule_id),
            # That an entry is unverified stands at the entry itself.
            doubts=tuple(each for each in doubts if rule.rule_id in each.rules and each.code != "unverified"),
        )
        for rule in ordered
    )
    others = tuple(each for each in results if each.rule not in names)
    return ProvenPackage(
        package=package,
        sha256=package_hash(package),
        rules=rules,
        other_examples=others,
        doubts=doubts,
        results=results,
    )
