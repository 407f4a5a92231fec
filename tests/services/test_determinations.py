"""Determinations of findings over the shipped rules: kept, explained, replayed, and changed by one fact."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.domain.determinations.rules import RulePackage
from core.domain.findings import Determined, Finding
from core.domain.visits import TriggerKind, VisitState
from core.kernel.clock import FixedClock, local_date
from core.kernel.errors import Refusal
from core.kernel.records import canonical_bytes, changed
from core.services.determinations import Determinations
from core.services.findings import Findings
from core.services.rule_packages import shipped_package
from tests.helpers.builders import NOW, account, enterprise, reference, visit
from tests.helpers.fakes import FakeStore


@pytest.fixture(scope="module")
def package() -> RulePackage:
    return shipped_package()


def finding(**fields: Any) -> Finding:
    base = Finding(
        id="f-1", visit="v-1", item="i-1", violation="mk.expired_drink", text="过期饮料三瓶", found_at=NOW,
        found_by="officer-1",
    )  # fmt: skip
    return changed(base, **fields)


class Desk:
    def __init__(self, package: RulePackage, *others: Any) -> None:
        self.store = FakeStore()
        self.store.seed(visit(state=VisitState.INSPECTING, inspecting_at=NOW), finding(), *others)
        lists = reference(enterprises=(enterprise(entity_type="有限责任公司", district_code="430104"),))
        self.clock = FixedClock(NOW)
        self.determinations = Determinations(self.store, lists, self.clock, account(), package)
        self.findings = Findings(self.store, self.clock, account())


def test_the_system_answers_what_it_knows_and_nothing_else(package: RulePackage) -> None:
    facts = Desk(package).determinations.facts("f-1")
    assert facts.value("violation") == "mk.expired_drink"
    assert facts.value("body_competent") is True
    assert facts.value("item_in_power") is True
    assert facts.value("party_kind") == "organisation"
    assert facts.value("place") == "430104"
    assert facts.value("discovered_on") == local_date(NOW).isoformat()
    assert facts.value("suspected_crime") is None
    assert facts.value("was_reported") is None
    assert {item.source for item in facts.items} >= {"subjects-1", "items-1", "enterprises-1", "visit"}


def test_a_complaint_is_a_report(package: RulePackage) -> None:
    desk = Desk(package)
    desk.store.seed(visit(state=VisitState.INSPECTING, trigger_kind=TriggerKind.COMPLAINT))
    assert desk.determinations.facts("f-1").value("was_reported") is True


def test_the_officers_word_stands_over_the_systems(package: RulePackage) -> None:
    desk = Desk(package)
    desk.findings.set_fact("f-1", "body_competent", False)
    fact = desk.determinations.facts("f-1").get("body_competent")
    assert fact is not None
    assert (fact.value, fact.source) == (False, "officer")


def test_without_the_officers_facts_more_evidence_is_needed(package: RulePackage) -> None:
    desk = Desk(package)
    kept = desk.determinations.determine("f-1").value
    assert kept.proposal == "needs_evidence"
    assert desk.determinations.explained(kept.id).determination.missing


def test_one_fact_changes_the_proposal_and_both_determinations_stay(package: RulePackage) -> None:
    desk = Desk(package)
    first = desk.determinations.determine("f-1").value
    for var, value in {"facts_proved": True, "suspected_crime": True}.items():
        desk.findings.set_fact("f-1", var, value)
    second = desk.determinations.determine("f-1").value
    assert (first.proposal, second.proposal) == ("needs_evidence", "transfer")
    newest = desk.determinations.newest("f-1")
    assert newest is not None
    assert newest.id == second.id
    assert len(desk.store.all(Determined)) == 2


def test_a_kept_determination_replays_to_the_same_bytes(package: RulePackage) -> None:
    desk = Desk(package)
    kept = desk.determinations.determine("f-1").value
    desk.clock.advance(days=5 * 365)
    again = desk.determinations.replay(kept.id)
    assert again.is_equal
    assert canonical_bytes(desk.determinations.explained(kept.id)).decode() == kept.result


def test_replay_with_other_rules_is_refused(package: RulePackage) -> None:
    desk = Desk(package)
    kept = desk.determinations.determine("f-1").value
    desk.store.seed(changed(kept, result=kept.result.replace(kept.package_sha256, "0" * 64)))
    with pytest.raises(Refusal) as refusal:
        desk.determinations.replay(kept.id)
    assert refusal.value.code == "determination.other_package"


def test_an_earlier_finding_of_the_same_violation_is_in_the_history(package: RulePackage) -> None:
    earlier = finding(id="f-0", visit="v-0", found_at=NOW - timedelta(days=200))
    desk = Desk(package, visit(id="v-0", state=VisitState.ARCHIVED), earlier)
    history = desk.determinations.facts("f-1").history
    assert history is not None
    (case,) = history.cases
    assert (case.violation, case.outcome, case.place) == ("mk.expired_drink", "no_penalty", "430104")
    assert case.agency == next(one.agency for one in package.violations if one.id == "mk.expired_drink")
    assert not history.is_confirmed


@pytest.mark.parametrize(
    "fields",
    [
        {"is_void": True},
        {"violation": ""},
        {"found_at": NOW + timedelta(days=1)},
    ],
)
def test_what_is_no_earlier_case_is_not_in_the_history(package: RulePackage, fields: dict[str, Any]) -> None:
    earlier = finding(**({"id": "f-0", "visit": "v-0", "found_at": NOW - timedelta(days=9)} | fields))
    history = Desk(package, visit(id="v-0"), earlier).determinations.facts("f-1").history
    assert history is not None
    assert history.cases == ()


def test_correction_on_the_spot_is_told_to_the_engine(package: RulePackage) -> None:
    desk = Desk(package)
    desk.findings.edit("f-1", corrected_on_spot=True)
    facts = desk.determinations.facts("f-1")
    assert facts.value("correction_mode") == "on_the_spot"
    assert facts.value("corrected_in_time") is True


def test_something_else_than_the_proposal_needs_a_reason(package: RulePackage) -> None:
    desk = Desk(package)
    kept = desk.determinations.determine("f-1").value
    with pytest.raises(Refusal) as refusal:
        desk.determinations.choose(kept.id, chosen="ordinary", reason="")
    assert refusal.value.code == "determination.reason_missing"
    with pytest.raises(Refusal) as unknown:
        desk.determinations.choose(kept.id, chosen="whatever", reason="x")
    assert unknown.value.code == "determination.choice_unknown"
    assert desk.determinations.choose(kept.id, chosen="ordinary", reason="负责人决定").value.chosen == "ordinary"


def test_a_void_finding_is_not_determined(package: RulePackage) -> None:
    desk = Desk(package)
    desk.findings.void("f-1", reason="误记")
    with pytest.raises(Refusal) as refusal:
        desk.determinations.determine("f-1")
    assert refusal.value.code == "finding.is_void"
