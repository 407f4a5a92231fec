"""Which duty stands where several grounds hold, and that an open veto is asked for."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.determinations.rules import Condition, FirstTime
from core.kernel.records import changed
from tests.domain.determinations.cases import PACKAGE, VETOES, answer, earlier

MINOR = {"circumstances_minor": True, "corrected_in_time": True, "no_harmful_result": True}
WEAK = changed(
    next(rule for rule in PACKAGE.rules if rule.rule_id == "LN-01"),
    list_type="mitigate",
    limb="article_32",
    duty="may",
    first_time=FirstTime(),
    exclusions=(),
    conditions=Condition(var="road_restored", op="==", value=True),
)
WITH_WEAK = changed(PACKAGE, rules=(WEAK,))


@pytest.mark.parametrize("veto", VETOES)
def test_an_open_veto_is_asked_for_where_a_lenient_row_turns_on_it(veto: str) -> None:
    given = answer({**MINOR, veto: None})
    assert given.proposal == "needs_evidence"
    assert veto in {missing.var for missing in given.missing}


def test_a_list_that_says_may_stays_may_by_itself() -> None:
    given = answer({"road_restored": True}, package=WITH_WEAK)
    assert (given.proposal, given.duty, given.row) == ("mitigate", "may", "12")


def test_a_limb_that_is_a_duty_makes_leniency_a_duty_whichever_line_stands_first() -> None:
    given = answer({"road_restored": True, "harm_removed_by_self": True}, package=WITH_WEAK)
    assert (given.proposal, given.duty, given.row) == ("mitigate", "must", "12")


def test_a_limb_that_is_a_duty_is_read_before_a_list_that_says_may() -> None:
    given = answer(
        {"road_restored": True, "harm_removed_by_self": True},
        package=changed(PACKAGE, rules=(changed(WEAK, list_type="light"),)),
    )
    assert (given.proposal, given.duty, given.alternatives) == ("light", "must", ("mitigate",))


def test_a_duty_of_row_12_does_not_make_an_earlier_choice_a_duty() -> None:
    given = answer({"harm_minor": True, "corrected_in_time": True, "harm_removed_by_self": True})
    assert (given.proposal, given.duty, given.row) == ("no_penalty", "may", "11")


def test_a_decided_answer_asks_nothing_though_a_row_with_the_same_result_is_open() -> None:
    given = answer({**MINOR, "no_fault_claimed": None})
    assert (given.proposal, given.missing) == ("no_penalty", ())


def test_where_a_first_time_counts_anywhere_a_case_of_another_body_ends_it() -> None:
    first = {"harm_minor": True, "corrected_in_time": True}
    assert PACKAGE.parameters.first_time.territory == "anywhere"
    assert answer(first, history=earlier(date(2026, 1, 5), agency="消防")).proposal == "ordinary"


def test_a_case_of_the_same_class_under_another_provision_does_not_end_a_first_time_by_provision() -> None:
    window = changed(PACKAGE.parameters.first_time, scope="same_provision")
    package = changed(PACKAGE, rules=(), parameters=changed(PACKAGE.parameters, first_time=window))
    history = earlier(date(2026, 1, 5), violation="cs.bridge_braking")
    first = {"harm_minor": True, "corrected_in_time": True}
    assert answer(first, history=history, package=package).proposal == "no_penalty"
    assert answer(first, history=history).proposal == "ordinary"
