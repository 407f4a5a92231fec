"""First times that hq confirms or contradicts, facts that arrive late, and what today's rules would say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.domain.determinations.explanation import explain
from core.domain.determinations.facts import PriorCase
from core.domain.determinations.rules import RulePackage
from core.domain.findings import Determined, Finding
from core.domain.visits import VisitState
from core.kernel.clock import FixedClock, local_date
from core.kernel.errors import Refusal
from core.kernel.records import changed
from core.services.determinations import Determinations
from core.services.findings import Findings
from core.services.rule_packages import demo_findings, shipped_package
from tests.helpers.builders import NOW, account, enterprise, reference, visit
from tests.helpers.fakes import FakeStore

TODAY = local_date(NOW)
VIOLATION = "cs.road_occupy"
# Everything the officer says of a violation that is first, of minor harm and corrected in time.
FIRST_TIME: dict[str, Any] = {
    item.var: item.value
    for item in demo_findings()[0].facts.items
    if item.var not in ("violation", "place", "discovered_on", "party_kind", "facility_damaged")
} | {"facility_damaged": True}


@pytest.fixture(scope="module")
def package() -> RulePackage:
    return shipped_package()


def finding(**fields: Any) -> Finding:
    base = Finding(
        id="f-1", visit="v-1", item="i-1", violation=VIOLATION, text="占道四平方米", found_at=NOW, found_by="officer-1",
        facts=FIRST_TIME,
    )  # fmt: skip
    return changed(base, **fields)


class Desk:
    def __init__(self, package: RulePackage, *others: Any, older: tuple[RulePackage, ...] = ()) -> None:
        self.store = FakeStore()
        self.store.seed(visit(state=VisitState.INSPECTING, inspecting_at=NOW), finding(), *others)
        lists = reference(enterprises=(enterprise(entity_type="有限责任公司", district_code="430104"),))
        self.clock = FixedClock(NOW)
        self.determinations = Determinations(self.store, lists, self.clock, account(), package, older)
        self.findings = Findings(self.store, self.clock, account())

    def result(self, kept: Determined) -> Any:
        return self.determinations.explained(kept.id).determination


def earlier(days: int = 100, **fields: Any) -> PriorCase:
    day = TODAY - timedelta(days=days)
    plain: dict[str, Any] = {
        "violation": VIOLATION, "found_on": day, "decided_on": day, "outcome": "penalty", "agency": "城管",
    }  # fmt: skip
    return PriorCase(**(plain | fields))


def test_a_first_time_from_this_store_alone_is_provisional_and_says_how_fresh(package: RulePackage) -> None:
    desk = Desk(package)
    kept = desk.determinations.determine("f-1").value
    answer = desk.result(kept)
    assert (kept.proposal, answer.duty, answer.is_provisional) == ("no_penalty", "may", True)
    lines = explain(answer, "zh")
    assert any("暂定" in line for line in lines)
    assert any("首次" in line and f"截至{TODAY.isoformat()}" in line for line in lines)


def test_a_first_time_that_hq_confirms_is_provisional_no_longer(package: RulePackage) -> None:
    desk = Desk(package)
    desk.determinations.determine("f-1")
    kept = desk.determinations.confirm_history("f-1", (), as_of=TODAY).value
    answer = desk.result(kept)
    assert (kept.proposal, answer.is_provisional, answer.conflicts) == ("no_penalty", False, ())
    assert len(desk.store.all(Determined)) == 2


def test_what_hq_confirmed_stays_known_when_the_finding_is_determined_again(package: RulePackage) -> None:
    desk = Desk(package)
    desk.determinations.confirm_history("f-1", (earlier(900),), as_of=TODAY)
    desk.clock.advance(days=30)
    again = desk.determinations.determine("f-1").value
    history = desk.determinations.explained(again.id).facts.history
    assert history is not None
    assert (history.is_confirmed, history.as_of, history.cases) == (True, TODAY, (earlier(900),))


def test_a_first_time_that_hq_contradicts_is_a_conflict_and_both_determinations_stay(package: RulePackage) -> None:
    desk = Desk(package)
    first = desk.determinations.determine("f-1").value
    second = desk.determinations.confirm_history("f-1", (earlier(),), as_of=TODAY).value
    answer = desk.result(second)
    assert (first.proposal, second.proposal) == ("no_penalty", "ordinary")
    assert [(each.code, each.row) for each in answer.conflicts] == [("history_contradicted", "11")]
    assert {one.id for one in desk.store.all(Determined)} == {first.id, second.id}
    fact = desk.determinations.explained(second.id).facts.get("history_contradicted")
    assert fact is not None
    assert (fact.source, fact.as_of) == ("hq", TODAY)


def test_a_contradiction_stays_until_a_person_settles_it(package: RulePackage) -> None:
    desk = Desk(package)
    desk.determinations.determine("f-1")
    desk.determinations.confirm_history("f-1", (earlier(),), as_of=TODAY)
    third = desk.determinations.determine("f-1").value
    assert [each.code for each in desk.result(third).conflicts] == ["history_contradicted"]
    desk.findings.set_fact("f-1", "history_contradicted", False)
    fourth = desk.determinations.determine("f-1").value
    assert desk.result(fourth).conflicts == ()


@pytest.mark.parametrize("case", [earlier(900), earlier(100, violation="fire.any", agency="消防"), earlier(-1)])
def test_a_case_of_hq_that_does_not_end_the_first_time_contradicts_nothing(
    package: RulePackage, case: PriorCase
) -> None:
    desk = Desk(package)
    desk.determinations.determine("f-1")
    kept = desk.determinations.confirm_history("f-1", (case,), as_of=TODAY).value
    assert (kept.proposal, desk.result(kept).conflicts) == ("no_penalty", ())


def test_a_confirmed_first_time_that_a_later_look_up_ends_is_no_broken_promise_of_this_store(
    package: RulePackage,
) -> None:
    desk = Desk(package)
    desk.determinations.confirm_history("f-1", (), as_of=TODAY)
    kept = desk.determinations.confirm_history("f-1", (earlier(),), as_of=TODAY).value
    assert (kept.proposal, desk.result(kept).conflicts) == ("ordinary", ())


def test_a_case_that_another_station_brought_contradicts_the_first_time_too(package: RulePackage) -> None:
    desk = Desk(package)
    desk.determinations.determine("f-1")
    other = finding(id="f-0", visit="v-0", found_at=NOW - timedelta(days=60), facts={})
    desk.store.seed(visit(id="v-0", state=VisitState.ARCHIVED), other)
    review = desk.determinations.review("f-1")
    assert review is not None
    assert (review.is_reopened, review.has_other_cases, review.needs_head) == (True, True, True)
    assert (review.proposal_then, review.proposal_now) == ("no_penalty", "ordinary")
    kept = desk.determinations.determine("f-1").value
    assert [each.code for each in desk.result(kept).conflicts] == ["history_contradicted"]


def test_a_case_only_this_store_knows_is_kept_beside_hqs(package: RulePackage) -> None:
    other = finding(id="f-0", visit="v-0", found_at=NOW - timedelta(days=60), facts={})
    desk = Desk(package, visit(id="v-0", state=VisitState.ARCHIVED), other)
    kept = desk.determinations.confirm_history("f-1", (earlier(900),), as_of=TODAY).value
    history = desk.determinations.explained(kept.id).facts.history
    assert history is not None
    assert [case.found_on for case in history.cases] == [TODAY - timedelta(days=900), TODAY - timedelta(days=60)]


def test_a_finding_that_was_never_determined_has_nothing_to_review(package: RulePackage) -> None:
    assert Desk(package).determinations.review("f-1") is None


def test_nothing_is_reopened_while_nothing_changed(package: RulePackage) -> None:
    desk = Desk(package)
    desk.determinations.determine("f-1")
    desk.clock.advance(days=1)
    review = desk.determinations.review("f-1")
    assert review is not None
    assert (review.is_reopened, review.changed_facts, review.needs_head) == (False, (), False)


def test_evidence_of_no_fault_that_arrives_late_reopens_the_proposal(package: RulePackage) -> None:
    desk = Desk(package, finding(facts=FIRST_TIME | {"harm_minor": False, "no_harmful_result": False}))
    first = desk.determinations.determine("f-1").value
    for var, value in {"no_fault_claimed": True, "no_fault_proved": True, "fault_not_required_by_law": False}.items():
        desk.findings.set_fact("f-1", var, value)
    review = desk.determinations.review("f-1")
    assert review is not None
    assert review.is_reopened
    assert review.changed_facts == ("fault_not_required_by_law", "no_fault_claimed", "no_fault_proved")
    assert (review.determined, review.proposal_then, review.proposal_now) == (first.id, "ordinary", "no_penalty")
    assert not review.needs_head
    second = desk.determinations.determine("f-1").value
    assert (desk.result(second).row, desk.result(second).duty) == ("7", "must")
    assert len(desk.store.all(Determined)) == 2


def test_late_evidence_after_a_person_has_chosen_is_for_the_head(package: RulePackage) -> None:
    desk = Desk(package, finding(facts=FIRST_TIME | {"harm_minor": False, "no_harmful_result": False}))
    first = desk.determinations.determine("f-1").value
    desk.determinations.choose(first.id, chosen="light", reason="负责人决定")
    desk.findings.set_fact("f-1", "suspected_crime", True)
    review = desk.determinations.review("f-1")
    assert review is not None
    assert (review.proposal_now, review.needs_head) == ("transfer", True)


def test_a_fact_taken_back_reopens_too(package: RulePackage) -> None:
    desk = Desk(package)
    desk.determinations.determine("f-1")
    desk.findings.set_fact("f-1", "suspected_crime", None)
    review = desk.determinations.review("f-1")
    assert review is not None
    assert review.changed_facts == ("suspected_crime",)
    assert review.proposal_now == "needs_evidence"


def stricter(package: RulePackage) -> RulePackage:
    """Return later rules whose statute window asks for harm nobody can call minor: the first time looks back for ever
    and every violation of the class counts.
    """
    window = changed(package.parameters.first_time, window_months=None)
    return changed(package, version="2026.2", parameters=changed(package.parameters, first_time=window))


def test_todays_rules_are_a_second_question_with_its_own_answer(package: RulePackage) -> None:
    desk = Desk(package)
    kept = desk.determinations.confirm_history("f-1", (earlier(900),), as_of=TODAY).value
    later = Desk(stricter(package), older=(package,))
    later.store.rows = desk.store.rows
    assert later.determinations.replay(kept.id).is_equal
    answer = later.determinations.today(kept.id)
    assert (answer.then, answer.now.proposal) == ("no_penalty", "ordinary")
    assert (answer.is_same_package, answer.is_same_proposal) == (False, False)
    assert answer.now.package == "area@2026.2"
    assert later.determinations.explained(kept.id).determination.proposal == "no_penalty"


def test_todays_rules_may_be_those_of_then(package: RulePackage) -> None:
    desk = Desk(package)
    kept = desk.determinations.determine("f-1").value
    answer = desk.determinations.today(kept.id)
    assert (answer.is_same_package, answer.is_same_proposal, answer.is_history_old) == (True, True, False)


@pytest.mark.parametrize(("days", "is_old"), [(7, False), (8, True)])
def test_a_look_up_that_is_too_old_for_today_is_said_so(package: RulePackage, days: int, *, is_old: bool) -> None:
    desk = Desk(package)
    kept = desk.determinations.determine("f-1").value
    desk.clock.advance(days=days)
    answer = desk.determinations.today(kept.id)
    assert answer.is_history_old is is_old
    assert answer.now.proposal == ("needs_evidence" if is_old else "no_penalty")


def test_statistics_count_each_finding_once_by_list_agency_and_outcome(package: RulePackage) -> None:
    listed = FIRST_TIME | {"facility_damaged": False}
    desk = Desk(package, finding(id="f-2", facts=listed), finding(id="f-3", violation="", facts={}))
    desk.determinations.determine("f-1")
    kept = desk.determinations.determine("f-1").value
    desk.determinations.choose(kept.id, chosen="ordinary", reason="负责人决定")
    desk.determinations.determine("f-2")
    desk.determinations.determine("f-3")
    found = desk.determinations.statistics(TODAY, TODAY)
    assert (found.count("findings"), found.count("replaced"), found.count("overruled")) == (3, 1, 1)
    assert (found.count("proposed", "no_penalty"), found.count("taken", "no_penalty")) == (2, 1)
    assert (found.count("taken", "ordinary"), found.count("taken", "needs_evidence")) == (1, 1)
    assert found.count("provisional") == 2
    assert {(cell.list_source, cell.agency, cell.outcome, cell.count) for cell in found.cells} == {
        ("", "城管", "ordinary", 1),
        ("S53", "城管", "no_penalty", 1),
        ("", "", "needs_evidence", 1),
    }


def test_void_findings_and_other_days_are_not_counted(package: RulePackage) -> None:
    desk = Desk(package, finding(id="f-2"))
    desk.determinations.determine("f-1")
    desk.determinations.determine("f-2")
    desk.findings.void("f-2", reason="误记")
    assert desk.determinations.statistics(TODAY, TODAY).count("findings") == 1
    day = timedelta(days=1)
    assert desk.determinations.statistics(TODAY - day, TODAY - day).cells == ()
    assert desk.determinations.statistics(TODAY + day, TODAY + day).count("findings") == 0


def test_a_period_that_ends_before_it_begins_is_refused(package: RulePackage) -> None:
    with pytest.raises(Refusal) as caught:
        Desk(package).determinations.statistics(date(2026, 3, 2), date(2026, 3, 1))
    assert caught.value.code == "determination.period"


def test_a_reviewer_sees_every_overruled_proposal_with_its_reason_newest_first(package: RulePackage) -> None:
    desk = Desk(package)
    first = desk.determinations.determine("f-1").value
    desk.determinations.choose(first.id, chosen="light", reason="先前意见")
    desk.clock.advance(minutes=5)
    second = desk.determinations.determine("f-1").value
    desk.clock.advance(minutes=5)
    chosen = desk.determinations.choose(second.id, chosen="ordinary", reason="负责人决定").value
    found = desk.determinations.overruled(TODAY, TODAY)
    assert [(one.determined, one.chosen, one.reason, one.is_replaced) for one in found] == [
        (second.id, "ordinary", "负责人决定", False),
        (first.id, "light", "先前意见", True),
    ]
    assert found[0].at == chosen.chosen_at == desk.clock.now()
    assert chosen.chosen_by == account().officer
    assert desk.determinations.statistics(TODAY, TODAY).count("overruled") == 1


def test_taking_the_proposal_after_all_is_no_overruling(package: RulePackage) -> None:
    desk = Desk(package)
    kept = desk.determinations.determine("f-1").value
    desk.determinations.choose(kept.id, chosen="ordinary", reason="负责人决定")
    desk.determinations.choose(kept.id, chosen=kept.proposal, reason="")
    assert desk.determinations.overruled(TODAY, TODAY) == ()


def test_an_overview_gives_the_proposal_what_is_kept_and_what_became_of_it(package: RulePackage) -> None:
    desk = Desk(package)
    before = desk.determinations.overview("f-1")
    assert (before.kept, before.review) == (None, None)
    desk.determinations.determine("f-1")
    desk.findings.set_fact("f-1", "facility_damaged", False)
    after = desk.determinations.overview("f-1")
    assert after.review is not None
    assert after.review.changed_facts == ("facility_damaged",)
    assert after.proposal == desk.determinations.preview("f-1")
