"""Both sides of every limit of time: limitation, months, ages by birthday, first-time windows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.domain.determinations.derive import with_derived
from core.domain.determinations.facts import History, fact, facts_of
from core.domain.determinations.months import add_months, age_on, is_within
from core.kernel.records import changed
from tests.domain.determinations.cases import ON, PACKAGE, answer, earlier

FIRST = {"harm_minor": True, "corrected_in_time": True, "violation": "cs.road_occupy"}
LISTED = {
    "facility_damaged": False,
    "area_cm2": 40000,
    "duration_days": 1,
    "injury_or_loss": False,
    "corrected_in_time": True,
    "no_harmful_result": True,
}


@pytest.mark.parametrize(
    ("begins", "months", "ends"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 8, 31), -6, date(2024, 2, 29)),
        (date(2024, 3, 2), 24, date(2026, 3, 2)),
        (date(9999, 12, 1), 1, date.max),
        (date(9999, 1, 1), 1, date(9999, 2, 1)),
        (date(1, 1, 1), -1, date.min),
        (date(1, 2, 1), 1, date(1, 3, 1)),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last(begins: date, months: int, ends: date) -> None:
    assert add_months(begins, months) == ends


def test_the_corresponding_day_is_inside_and_the_next_is_not() -> None:
    assert is_within(date(2024, 3, 2), date(2026, 3, 2), 24)
    assert not is_within(date(2024, 3, 2), date(2026, 3, 3), 24)


@pytest.mark.parametrize("months", range(1, 14))
def test_months_reach_to_their_corresponding_day_and_no_further(months: int) -> None:
    for days in range(430):
        begun = date(2027, 1, 1) + timedelta(days=days)
        last = add_months(begun, months)
        assert is_within(begun, last, months)
        assert not is_within(begun, last + timedelta(days=1), months)


@pytest.mark.parametrize(
    ("safety", "no_harm", "years"), [(False, False, 2), (False, True, 2), (True, True, 2), (True, False, 5)]
)
def test_the_limitation_ends_on_its_corresponding_day(safety: bool, no_harm: bool, years: int) -> None:
    act_on = date(2020, 3, 2)
    last = add_months(act_on, years * 12)
    changes = {"act_on": act_on, "safety_related": safety, "no_harmful_result": no_harm, "new_law_milder": False}
    assert answer({**changes, "discovered_on": last}).proposal != "time_barred"
    assert answer({**changes, "discovered_on": last + timedelta(days=1)}).proposal == "time_barred"


def test_between_two_and_five_years_the_class_must_be_known() -> None:
    changes = {"act_on": date(2022, 1, 1), "discovered_on": date(2025, 1, 1), "no_harmful_result": False}
    given = answer(changes)
    assert given.proposal == "needs_evidence"
    assert [missing.var for missing in given.missing] == ["safety_related"]


def test_after_five_years_the_class_does_not_matter() -> None:
    assert answer({"act_on": date(2021, 8, 1), "discovered_on": date(2026, 8, 2)}).proposal == "time_barred"


CONTINUING = {"act_on": date(2021, 8, 1), "act_continuing": True, "safety_related": False}


@pytest.mark.parametrize(("ended", "is_barred"), [(date(2024, 3, 1), True), (date(2024, 3, 2), False)])
def test_a_continuing_act_counts_from_its_end(ended: date, is_barred: bool) -> None:
    given = answer({**CONTINUING, "act_still_going": False, "act_ended_on": ended})
    assert (given.proposal == "time_barred") is is_barred


def test_an_act_that_still_goes_on_is_never_too_old() -> None:
    assert answer({**CONTINUING, "act_still_going": True}).proposal == "ordinary"


def test_a_continuing_act_of_unknown_end_asks_for_it() -> None:
    given = answer(CONTINUING)
    assert given.proposal == "needs_evidence"
    assert {missing.var for missing in given.missing} == {"act_still_going", "act_ended_on"}


LABOUR = {"violation": "hr.overtime", "workers_concerned": 9, "act_on": date(2023, 1, 1), "safety_related": False}


@pytest.mark.parametrize(
    ("reported_on", "is_barred"), [(date(2025, 1, 1), False), (date(2025, 1, 2), True), (None, True)]
)
def test_a_report_in_time_stops_the_labour_limit(reported_on: date | None, is_barred: bool) -> None:
    changes = {**LABOUR, "was_reported": reported_on is not None, "reported_on": reported_on}
    assert (answer(changes).proposal == "time_barred") is is_barred


def test_a_report_does_not_stop_the_general_limit() -> None:
    changes = {"act_on": date(2023, 1, 1), "safety_related": False, "was_reported": True}
    assert answer({**changes, "reported_on": date(2023, 2, 1)}).proposal == "time_barred"


def test_the_labour_limit_asks_whether_it_was_reported() -> None:
    assert "was_reported" in {missing.var for missing in answer(LABOUR).missing}


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2026, 3, 1), 13),
        (date(2026, 3, 2), 13),
        (date(2026, 3, 3), 14),
        (date(2012, 3, 2), 0),
        (date(2030, 3, 2), 17),
        (date(2030, 3, 3), 18),
    ],
)
def test_a_year_of_age_is_full_on_the_day_after_the_birthday(day: date, age: int) -> None:
    assert age_on(date(2012, 3, 2), day) == age


def test_an_age_is_a_difference_of_years_however_long_ago() -> None:
    assert age_on(date(2, 1, 1), date(2026, 3, 2)) == 2024


@pytest.mark.parametrize(("born_on", "proposal"), [(date(2012, 3, 2), "no_penalty"), (date(2012, 3, 1), "light")])
def test_the_birthday_gives_the_age_on_the_day_of_the_act(born_on: date, proposal: str) -> None:
    given = facts_of([fact("party_born_on", born_on), fact("act_on", date(2026, 3, 2)), fact("act_continuing", False)])
    age = with_derived(given).value("party_age")
    assert isinstance(age, int)
    changes = {"party_kind": "natural_person", "party_capacity": "full", "party_age": age}
    assert answer(changes).proposal == proposal


@pytest.mark.parametrize(
    ("mode", "in_time"),
    [("before_discovery", True), ("on_the_spot", True), ("within_period", True), ("late", False), ("none", False)],
)
def test_the_mode_of_correction_says_whether_it_was_in_time(mode: str, in_time: bool) -> None:
    assert with_derived(facts_of([fact("correction_mode", mode)])).value("corrected_in_time") is in_time


@pytest.mark.parametrize(("done", "in_time"), [(10, True), (11, False)])
def test_correction_on_the_ordered_day_is_in_time_and_a_day_later_is_not(done: int, in_time: bool) -> None:
    facts = facts_of([fact("corrected_on", date(2026, 3, done)), fact("correction_due_on", date(2026, 3, 10))])
    assert with_derived(facts).value("corrected_in_time") is in_time


def test_a_given_fact_is_never_replaced_by_a_derived_one() -> None:
    facts = facts_of([fact("correction_mode", "late"), fact("corrected_in_time", True)])
    assert with_derived(facts).value("corrected_in_time") is True


@pytest.mark.parametrize(
    ("day", "is_first"),
    [(date(2024, 3, 1), True), (date(2024, 3, 2), False), (date(2024, 3, 3), False), (date(2026, 3, 1), False)],
)
def test_the_statutes_window_of_24_months_has_its_corresponding_day_inside(day: date, is_first: bool) -> None:
    given = answer(FIRST, history=earlier(day))
    assert (given.proposal == "no_penalty") is is_first


@pytest.mark.parametrize(("found", "is_first"), [(date(2025, 2, 28), False), (date(2025, 3, 1), True)])
def test_a_window_of_12_months_from_a_leap_day(found: date, is_first: bool) -> None:
    light = {
        "violation": "tw.site_not_cleaned",
        "circumstances_minor": True,
        "act_on": found,
        "discovered_on": found,
    }
    history = earlier(date(2024, 2, 29), violation="tw.site_not_cleaned", agency="乡镇")
    assert (answer(light, history=history).proposal == "light") is is_first


def test_a_window_without_end_looks_back_for_ever() -> None:
    given = answer(LISTED, history=earlier(date(1999, 1, 1)))
    assert given.proposal == "ordinary"


def test_an_earlier_no_penalty_counts_unless_the_rule_says_otherwise() -> None:
    history = earlier(date(2020, 1, 1), outcome="no_penalty")
    assert answer(LISTED, history=history).proposal == "ordinary"
    rules = tuple(
        changed(rule, first_time=changed(rule.first_time, counts=("penalty",))) if rule.rule_id == "LN-01" else rule
        for rule in PACKAGE.rules
    )
    assert answer(LISTED, history=history, package=changed(PACKAGE, rules=rules)).proposal == "no_penalty"


@pytest.mark.parametrize(
    "fields",
    [{"agency": "消防"}, {"violation": "cs.road_building"}, {"violation": "nobody.knows"}],
    ids=["another_agency", "another_item", "unknown_item"],
)
def test_a_case_outside_the_rules_scope_does_not_count(fields: dict[str, str]) -> None:
    assert answer(LISTED, history=earlier(date(2020, 1, 1), **fields)).proposal == "no_penalty"


def test_a_branch_counts_unless_the_rule_says_otherwise() -> None:
    history = earlier(date(2020, 1, 1), is_branch=True)
    rules = tuple(
        changed(rule, first_time=changed(rule.first_time, counts_branches=False)) if rule.rule_id == "LN-01" else rule
        for rule in PACKAGE.rules
    )
    assert answer(LISTED, history=history).proposal == "ordinary"
    assert answer(LISTED, history=history, package=changed(PACKAGE, rules=rules)).proposal == "no_penalty"


def test_another_area_does_not_count_where_the_rule_looks_at_the_area() -> None:
    light = {"violation": "tw.site_not_cleaned", "circumstances_minor": True}
    fields = {"violation": "tw.site_not_cleaned", "agency": "乡镇"}
    assert answer(light, history=earlier(date(2026, 1, 1), **fields)).proposal == "ordinary"
    assert answer(light, history=earlier(date(2026, 1, 1), **fields, place="430111")).proposal == "light"


def test_the_same_class_counts_for_the_statutes_second_limb() -> None:
    assert answer(FIRST, history=earlier(date(2025, 1, 1), violation="cs.road_building")).proposal == "ordinary"
    assert answer(FIRST, history=earlier(date(2025, 1, 1), violation="fire.any")).proposal == "no_penalty"


def test_a_later_case_is_no_earlier_case() -> None:
    assert answer(FIRST, history=earlier(date(2026, 3, 2))).proposal == "no_penalty"


@pytest.mark.parametrize(("age_days", "proposal"), [(0, "no_penalty"), (7, "no_penalty"), (8, "needs_evidence")])
def test_a_local_look_up_is_provisional_while_fresh_and_unknown_when_old(age_days: int, proposal: str) -> None:
    history = History(as_of=ON - timedelta(days=age_days), is_confirmed=False, source="local")
    given = answer(FIRST, history=history)
    assert given.proposal == proposal
    assert given.is_provisional is (proposal == "no_penalty")


def test_an_old_look_up_with_a_hit_is_a_hit() -> None:
    history = changed(earlier(date(2025, 1, 1)), is_confirmed=False, as_of=date(2025, 6, 1))
    assert answer(FIRST, history=history).proposal == "ordinary"


def test_no_look_up_asks_the_system() -> None:
    given = answer(FIRST, history=None)
    assert given.proposal == "needs_evidence"
    assert [(missing.var, missing.who) for missing in given.missing] == [("first_time_history", "system")]


def test_the_line_of_the_first_time_shows_how_many_cases_and_how_fresh() -> None:
    given = answer(FIRST, history=earlier(date(2020, 1, 1)))
    line = next(line for line in given.lines if (line.row, line.var) == ("11", "first_time_history"))
    assert (line.fact, line.fact_text, line.source, line.as_of) == (1, "查到前案1件", "hq", ON)


def test_a_second_visit_that_finds_the_order_not_obeyed_is_no_correction_in_time() -> None:
    facts = facts_of([fact("correction_mode", "late")])
    in_time = with_derived(facts).value("corrected_in_time")
    assert answer({**LISTED, "corrected_in_time": False, "missed_deadline": True}).proposal == "ordinary"
    assert in_time is False


def test_two_findings_of_one_visit_are_each_determined_alone() -> None:
    first = answer(LISTED)
    second = answer({**LISTED, "violation": "cs.road_building", "area_cm2": 90_000})
    assert (first.proposal, second.proposal) == ("no_penalty", "ordinary")
