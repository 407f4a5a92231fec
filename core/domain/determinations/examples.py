"""Example cases: a package proves itself before it is published."""

from __future__ import annotations

from datetime import date

from core.domain.determinations.engine import determine
from core.domain.determinations.facts import Facts, History, PriorCase, fact, facts_of
from core.domain.determinations.rules import ExampleCase, RulePackage
from core.kernel.records import Record, changed


class ExampleResult(Record):
    """What an example should give and what it gave."""

    name: str
    expected: str
    given: str
    is_passed: bool
    rule: str = ""


def facts_of_plain(
    plain: dict[str, bool | int | str], *, on: date, first_time: bool | None = None, source: str = ""
) -> Facts:
    """Return facts from a plain mapping. `first_time` True is a confirmed look-up without a hit, None no look-up."""
    history = None
    if first_time is not None:
        history = History(cases=() if first_time else (_earlier(plain, on),), as_of=on, is_confirmed=True)
    return facts_of((fact(var, value, source=source, as_of=on) for var, value in plain.items()), history=history)


def _earlier(plain: dict[str, bool | int | str], on: date) -> PriorCase:
    """Return an earlier case like this one, a month before it was found; agency and place are this case's own."""
    found = plain.get("discovered_on")
    day = date.fromisoformat(found) if isinstance(found, str) else on
    before = date.fromordinal(max(1, day.toordinal() - 31))
    return PriorCase(
        violation=str(plain.get("violation", "")),
        found_on=before,
        decided_on=before,
        outcome="penalty",
        agency=str(plain.get("agency", "")),
        place=str(plain.get("place", "")),
    )


def example_facts(example: ExampleCase, package: RulePackage) -> Facts:
    """Return the facts of an example; its earlier case, if any, was decided by the violation's own agency."""
    agency = next((each.agency for each in package.violations if each.id == example.facts.get("violation")), "")
    facts = facts_of_plain(example.facts, on=example.decided_on, first_time=example.first_time, source="example")
    if facts.history is None:
        return facts
    cases = tuple(changed(case, agency=agency) for case in facts.history.cases)
    return changed(facts, history=changed(facts.history, cases=cases, source="example"))


def check_package(package: RulePackage) -> tuple[ExampleResult, ...]:
    """Return every example with what it gave; the package may be published when all are passed."""
    return tuple(checked_example(example, package) for example in package.examples)


def _should_hold(example: ExampleCase) -> bool | None:
    """Return whether the example's rule must hold: as it says itself, else an ordinary outcome shows that it does not
    and a lenient one that it does.
    """
    if not example.rule or example.rule_holds is not None:
        return example.rule_holds if example.rule else None
    return {"no_penalty": True, "light": True, "mitigate": True, "ordinary": False}.get(example.expect)


def checked_example(example: ExampleCase, package: RulePackage) -> ExampleResult:
    """Return what one example should give and what it gives."""
    answer = determine(example_facts(example, package), package, on=example.decided_on)
    rules = {match.rule for match in answer.matched}
    is_right = answer.proposal == example.expect and (not example.duty or answer.duty == example.duty)
    is_right = is_right and example.coercion in ("", answer.coercion)
    holds = _should_hold(example)
    if holds is not None:
        is_right = is_right and (example.rule in rules) is holds
    return ExampleResult(
        name=example.name, expected=example.expect, given=answer.proposal, is_passed=is_right, rule=example.rule
    )
