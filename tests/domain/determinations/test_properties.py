"""What holds for any facts: total, the same twice, monotone, blind to the order of rules, firm against a veto."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.determinations.engine import determine, stored
from core.domain.determinations.explanation import explain
from core.domain.determinations.facts import Fact, Facts, History, PriorCase, fact, facts_of
from core.domain.determinations.replay import replay
from core.domain.determinations.rules import Condition, FirstTime, Variable
from core.kernel.records import canonical_bytes, changed
from tests.domain.determinations.cases import NO_CASES, ON, ORDINARY, PACKAGE, VETOES, facts_with

DAYS = st.dates(date(2014, 1, 1), date(2027, 12, 31))
VIOLATIONS = st.sampled_from([*(violation.id for violation in PACKAGE.violations), "nobody.listed"])


def values_of(variable: Variable) -> st.SearchStrategy[Any]:
    if variable.var == "violation":
        return VIOLATIONS
    if variable.choices:
        return st.sampled_from([choice.value for choice in variable.choices])
    strategies: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(),
        "int": st.one_of(st.integers(0, 20), st.integers(0, 400_000)),
        "text": st.sampled_from(["430104", "440101"]),
        "date": DAYS,
    }
    return strategies[variable.type]


CASES = st.builds(
    PriorCase,
    violation=VIOLATIONS,
    found_on=DAYS,
    decided_on=st.none() | DAYS,
    outcome=st.sampled_from(["penalty", "no_penalty"]),
    agency=st.sampled_from(["城管", "消防", "市监"]),
    place=st.sampled_from(["430104", "430111"]),
    is_branch=st.booleans(),
)
HISTORIES = st.none() | st.builds(
    History,
    cases=st.lists(CASES, max_size=3).map(tuple),
    as_of=st.integers(0, 20).map(lambda days: ON - timedelta(days=days)),
    is_confirmed=st.booleans(),
)


@st.composite
def some_facts(draw: st.DrawFn) -> Facts:
    """Draw facts near the ordinary finding: some taken away, some turned, so that every row is reached."""
    by_var: dict[str, Any] = dict(ORDINARY)
    for variable in draw(st.lists(st.sampled_from(PACKAGE.variables), max_size=14, unique_by=lambda each: each.var)):
        by_var[variable.var] = draw(values_of(variable))
    for var in draw(st.lists(st.sampled_from(sorted(by_var)), max_size=4, unique=True)):
        del by_var[var]
    return facts_of((fact(var, value) for var, value in by_var.items()), history=draw(HISTORIES))


ANY_FACT = st.builds(
    Fact,
    var=st.one_of(st.sampled_from([each.var for each in PACKAGE.variables]), st.text(max_size=5)),
    value=st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), DAYS.map(str)),
)


@given(st.lists(ANY_FACT, max_size=25, unique_by=lambda each: each.var), HISTORIES, st.dates())
def test_any_facts_at_all_give_an_answer_with_words(items: list[Fact], history: History | None, on: date) -> None:
    answer = determine(facts_of(items, history=history), PACKAGE, on=on)
    assert explain(answer, "zh")[-1] == "这是供负责人决定的建议，不是决定。"
    assert explain(answer, "en")


@given(some_facts())
def test_the_same_facts_give_the_same_bytes(facts: Facts) -> None:
    kept = stored(facts, PACKAGE, on=ON)
    again = determine(changed(facts, items=facts.items[::-1]), PACKAGE, on=ON)
    assert canonical_bytes(again) == canonical_bytes(kept.determination)
    assert replay(kept, PACKAGE).is_equal


@settings(max_examples=300)
@given(some_facts(), st.sampled_from(PACKAGE.variables), st.data())
def test_a_fact_that_becomes_known_never_unsettles_an_answer(
    facts: Facts, variable: Variable, data: st.DataObject
) -> None:
    facts = facts.without(variable.var)
    before = determine(facts, PACKAGE, on=ON)
    after = determine(facts.with_fact(fact(variable.var, data.draw(values_of(variable)))), PACKAGE, on=ON)
    if before.proposal != "needs_evidence":
        assert after.proposal == before.proposal
    if variable.var != "violation":
        assert set(after.possible) <= set(before.possible)


@settings(max_examples=60)
@given(some_facts(), st.permutations(PACKAGE.rules))
def test_the_order_of_the_rules_does_not_matter(facts: Facts, rules: list[Any]) -> None:
    turned = changed(PACKAGE, rules=tuple(rules))
    assert canonical_bytes(determine(facts, turned, on=ON)) == canonical_bytes(determine(facts, PACKAGE, on=ON))


@settings(max_examples=200)
@given(some_facts(), st.sampled_from(VETOES))
def test_no_leniency_of_a_list_or_of_article_33_stands_against_a_veto(facts: Facts, veto: str) -> None:
    answer = determine(facts.with_fact(fact(veto, True)), PACKAGE, on=ON)
    assert answer.matched == ()
    assert answer.row not in ("9", "10", "11")


@settings(max_examples=150)
@given(some_facts())
def test_needs_evidence_always_says_what_is_missing_and_only_then(facts: Facts) -> None:
    answer = determine(facts, PACKAGE, on=ON)
    assert bool(answer.missing) is (answer.proposal == "needs_evidence")
    known = {item.var for item in facts.items} - {"first_time_history"}
    assert known.isdisjoint(missing.var for missing in answer.missing)


@settings(max_examples=100)
@given(some_facts())
def test_what_would_change_comes_true(facts: Facts) -> None:
    answer = determine(facts, PACKAGE, on=ON)
    for change in answer.would_change:
        if change.var == "first_time_history":
            continue
        turned = determine(facts.with_fact(fact(change.var, change.then)), PACKAGE, on=ON)
        assert turned.proposal == change.proposal != answer.proposal


def test_answering_every_question_ends_in_a_decision() -> None:
    by_var = {variable.var: variable for variable in PACKAGE.variables}
    facts = facts_with(dict.fromkeys(ORDINARY), history=NO_CASES)
    for _ in range(60):
        answer = determine(facts, PACKAGE, on=ON)
        if not answer.missing:
            break
        asked = by_var[answer.missing[0].var]
        replies: dict[str, Any] = {"bool": True, "int": 1, "text": "cs.road_occupy", "date": ON}
        value = asked.choices[0].value if asked.choices else replies[asked.type]
        facts = facts.with_fact(fact(asked.var, value))
    assert determine(facts, PACKAGE, on=ON).proposal == "transfer"


@given(some_facts())
def test_a_package_without_rules_vetoes_and_laws_still_has_the_statute(facts: Facts) -> None:
    bare = changed(PACKAGE, rules=(), vetoes=(), laws=(), immunities=(), special_limits=())
    answer = determine(facts, bare, on=ON)
    assert answer.matched == ()
    assert answer.law_basis == "current"


DRAWN_VARS: tuple[str, ...] = ("facility_damaged", "stopped_at_once", "road_restored")


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(st.sampled_from(["light", "mitigate"]), st.sampled_from(DRAWN_VARS), st.booleans()),
        min_size=1,
        max_size=5,
    ),
    st.tuples(*[st.sampled_from([True, False, None]) for _ in DRAWN_VARS]),
)
def test_rules_of_one_gate_that_hold_and_disagree_are_a_conflict_and_no_others(
    drawn: list[tuple[Any, str, bool]], known: tuple[bool | None, ...]
) -> None:
    base = changed(
        next(rule for rule in PACKAGE.rules if rule.rule_id == "LN-01"), first_time=FirstTime(), exclusions=()
    )
    rules = tuple(
        changed(
            base,
            rule_id=f"R-{number}",
            list_type=list_type,
            limb="article_32",
            conditions=Condition(var=var, op="==", value=wanted),
        )
        for number, (list_type, var, wanted) in enumerate(drawn)
    )
    values: dict[str, bool | None] = dict(zip(DRAWN_VARS, known, strict=True))
    answer = determine(facts_with({**values}), changed(PACKAGE, rules=rules), on=ON)
    held = {f"R-{number}": kind for number, (kind, var, wanted) in enumerate(drawn) if values[var] is wanted}
    expected = [tuple(sorted(held))] if len(set(held.values())) == 2 else []
    assert [each.about for each in answer.conflicts if each.code == "rules_disagree"] == expected
    assert {match.rule for match in answer.matched} == set(held)
