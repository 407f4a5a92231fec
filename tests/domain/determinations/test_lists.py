"""The list entries: each limit on both sides, exclusions, channels, validity, several matches and conflicts."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.determinations.rules import Condition, FirstTime, Label, Rule, RulePackage
from core.kernel.records import changed
from tests.domain.determinations.cases import ACT_ON, PACKAGE, VETOES, answer, earlier

Facts = dict[str, bool | int | str | date | None]
CORRECTED: Facts = {"corrected_in_time": True, "no_harmful_result": True}
ROAD: Facts = {
    **CORRECTED,
    "facility_damaged": False,
    "area_cm2": 50_000,
    "duration_days": 2,
    "injury_or_loss": False,
}
ENTRIES: dict[str, Facts] = {
    "LN-01": ROAD,
    "LN-03": {
        **CORRECTED,
        "violation": "cs.road_building",
        "area_cm2": 50_000,
        "volume_dm3": 5_000,
        "road_restored": True,
        "facility_damaged": False,
    },
    "LN-05": {
        **CORRECTED,
        "violation": "fire.any",
        "fire_causes": 2,
        "fire_cause_above_general": False,
        "injury_or_loss": False,
        "is_small_micro": False,
    },
    "LN-06": {
        **CORRECTED,
        "violation": "fire.any",
        "fire_causes": 3,
        "is_small_micro": True,
        "filings_last_year": 0,
        "major_hazard": False,
        "injury_or_loss": False,
    },
    "LN-12": {**CORRECTED, "violation": "mk.unregistered", "needs_licence": False, "duration_days": 29},
    "LN-13": {
        **CORRECTED,
        "violation": "mk.prize_sale",
        "top_prize_cents": 10_000_000,
        "duration_days": 29,
        "prize_paid": False,
    },
    "LN-14": {
        **CORRECTED,
        "violation": "mk.expired_drink",
        "purchase_checks_done": True,
        "unaware_of_breach": False,
        "intentional": False,
        "goods_count": 1,
    },
    "LN-15": {"corrected_in_time": True, "violation": "he.hazard_not_told", "persons_concerned": 3},
    "LN-23": {
        **CORRECTED,
        "violation": "hr.overtime",
        "workers_concerned": 2,
        "was_reported": False,
    },
    "LN-24": {
        **CORRECTED,
        "violation": "ec.emission_over",
        "toxic_pollutant": False,
        "factors_over": 1,
        "over_permille": 99,
        "over_minutes_day": 240,
    },
    "LN-25": {**CORRECTED, "violation": "ec.waste_sign", "waste_per_year_kg": 1_000, "correction_days": 5},
}


@pytest.mark.parametrize("rule_id", sorted(ENTRIES))
def test_an_entry_applies_at_its_limits(rule_id: str) -> None:
    given = answer(ENTRIES[rule_id])
    assert given.proposal == ("light" if rule_id == "LN-15" else "no_penalty")
    assert [match.rule for match in given.matched] == [rule_id]


@pytest.mark.parametrize(
    ("rule_id", "var", "beyond"),
    [
        ("LN-01", "area_cm2", 50_100),
        ("LN-01", "area_cm2", 50_001),
        ("LN-01", "duration_days", 3),
        ("LN-01", "facility_damaged", True),
        ("LN-01", "injury_or_loss", True),
        ("LN-01", "corrected_in_time", False),
        ("LN-01", "no_harmful_result", False),
        ("LN-03", "volume_dm3", 5_001),
        ("LN-03", "area_cm2", 50_100),
        ("LN-03", "road_restored", False),
        ("LN-05", "fire_causes", 3),
        ("LN-05", "fire_cause_above_general", True),
        ("LN-06", "filings_last_year", 1),
        ("LN-06", "major_hazard", True),
        ("LN-12", "duration_days", 30),
        ("LN-12", "needs_licence", True),
        ("LN-13", "top_prize_cents", 10_000_001),
        ("LN-13", "top_prize_cents", 4_999_999),
        ("LN-13", "duration_days", 30),
        ("LN-13", "prize_paid", True),
        ("LN-14", "goods_count", 2),
        ("LN-14", "intentional", True),
        ("LN-15", "persons_concerned", 4),
        ("LN-23", "workers_concerned", 3),
        ("LN-24", "over_permille", 100),
        ("LN-24", "over_minutes_day", 241),
        ("LN-24", "factors_over", 2),
        ("LN-24", "toxic_pollutant", True),
        ("LN-25", "waste_per_year_kg", 1_001),
        ("LN-25", "correction_days", 6),
    ],
)
def test_a_near_miss_of_an_entry_is_no_match(rule_id: str, var: str, beyond: bool | int) -> None:
    given = answer({**ENTRIES[rule_id], var: beyond})
    assert given.proposal == "ordinary"
    assert given.matched == ()


def test_a_near_miss_still_has_article_32() -> None:
    given = answer({**ROAD, "area_cm2": 50_100, "harm_removed_by_self": True})
    assert (given.proposal, given.row) == ("light", "12")


def test_an_unanswered_condition_of_an_entry_is_asked_and_not_refused() -> None:
    given = answer({**ROAD, "area_cm2": None})
    assert given.proposal == "needs_evidence"
    assert [missing.var for missing in given.missing] == ["area_cm2"]
    assert given.missing[0].evidence_kind == "measurement"


def test_once_a_condition_has_failed_the_others_are_not_asked() -> None:
    given = answer({**ROAD, "area_cm2": None, "facility_damaged": True})
    assert given.proposal == "ordinary"


@pytest.mark.parametrize("veto", VETOES)
def test_no_entry_stands_against_a_veto(veto: str) -> None:
    given = answer({**ROAD, veto: True})
    assert given.proposal == "ordinary"
    assert given.matched == ()


@pytest.mark.parametrize("rule_id", ["LN-01", "LN-12", "LN-15"])
def test_light_lists_too_fall_to_a_veto(rule_id: str) -> None:
    assert answer({**ENTRIES[rule_id], "obstructed": True}).proposal == "ordinary"


@pytest.mark.parametrize(("channel", "proposal"), [("double_random", "ordinary"), ("clue", "no_penalty")])
def test_a_list_can_leave_out_a_channel(channel: str, proposal: str) -> None:
    found = date(2025, 3, 2)
    changes: Facts = {**CORRECTED, "violation": "he.record_copy", "act_on": found, "discovered_on": found}
    assert answer({**changes, "case_channel": channel}, on=date(2025, 3, 5)).proposal == proposal


@pytest.mark.parametrize(
    ("on", "proposal"),
    [
        (date(2025, 3, 16), "ordinary"),
        (date(2025, 3, 17), "no_penalty"),
        (date(2030, 3, 16), "no_penalty"),
        (date(2030, 3, 17), "ordinary"),
    ],
)
def test_a_list_is_in_force_from_its_first_to_its_last_day(on: date, proposal: str) -> None:
    changes: Facts = {
        **CORRECTED,
        "violation": "ed.board_duty",
        "circumstances_minor": False,
        "harm_minor": True,
        "cooperates": True,
        "order_or_quality_affected": True,
        "act_on": on,
        "discovered_on": on,
    }
    # The statute's own second limb is closed by its wider class, so that only the list is left.
    history = earlier(date(on.year - 1, 6, 1), violation="ed.other", agency="教育")
    package = changed(
        PACKAGE,
        parameters=changed(PACKAGE.parameters, first_time=FirstTime(required=True, scope="any", territory="anywhere")),
    )
    history = changed(history, as_of=on)
    assert answer(changes, history=history, on=on, package=package).proposal == proposal


def rule(rule_id: str, **fields: object) -> Rule:
    plain: dict[str, object] = {
        "list_type": "no_penalty",
        "title": Label(zh="试", en="trial"),
        "violations": ("cs.road_occupy",),
        "limb": "minor",
        "conditions": Condition(var="facility_damaged", op="==", value=False),
        "source": "S53",
    }
    return Rule(rule_id=rule_id, **{**plain, **fields})  # pyright: ignore[reportArgumentType]  (fields are checked by use)


def with_rules(*rules: Rule) -> RulePackage:
    return changed(PACKAGE, rules=(*PACKAGE.rules, *rules))


def test_several_matching_rules_are_all_listed() -> None:
    given = answer(ROAD, package=with_rules(rule("X-1"), rule("A-1")))
    assert [match.rule for match in given.matched] == ["A-1", "LN-01", "X-1"]


def test_rules_that_disagree_on_the_duty_are_a_conflict_for_the_head() -> None:
    given = answer(ROAD, package=with_rules(rule("X-1")))
    assert (given.proposal, given.duty) == ("no_penalty", "must")
    (conflict,) = given.conflicts
    assert (conflict.code, conflict.row, conflict.about) == ("rules_disagree", "10", ("LN-01", "X-1"))


def test_light_and_mitigate_together_are_a_conflict_and_the_milder_is_proposed() -> None:
    light = rule("X-1", list_type="light", limb="article_32")
    mitigate = rule("X-2", list_type="mitigate", limb="article_32")
    given = answer({"facility_damaged": False, "area_cm2": 90_000}, package=with_rules(light, mitigate))
    assert given.proposal == "mitigate"
    assert given.conflicts[0].about == ("X-1", "X-2")


def test_a_mitigate_list_agrees_with_article_32() -> None:
    mitigate = rule("X-2", list_type="mitigate", limb="article_32")
    given = answer({"facility_damaged": False, "area_cm2": 90_000, "merit_helping": True}, package=with_rules(mitigate))
    assert (given.proposal, given.duty, given.conflicts) == ("mitigate", "must", ())


def test_rules_that_agree_are_no_conflict() -> None:
    given = answer(ROAD, package=with_rules(rule("X-1", limb="first_offence", first_time=FirstTime(required=True))))
    assert given.conflicts == ()


@pytest.mark.parametrize(
    ("place", "proposal"), [("430104", "no_penalty"), ("440104", "ordinary"), (None, "needs_evidence")]
)
def test_a_rule_can_be_bound_to_a_place(place: str | None, proposal: str) -> None:
    local = rule("X-1", violations=("cs.road_building",), applies_in=("4301",))
    changes: Facts = {**CORRECTED, "violation": "cs.road_building", "facility_damaged": False, "place": place}
    assert answer({**changes, "area_cm2": 90_000}, package=with_rules(local)).proposal == proposal


def test_a_rule_for_an_agency_and_a_rule_for_all_reach_a_violation() -> None:
    package = with_rules(rule("X-1", violations=("agency:城管",)), rule("X-2", violations=("*",)))
    changes: Facts = {**CORRECTED, "violation": "cs.waste_standard", "facility_damaged": False, "harm_removed": False}
    assert [match.rule for match in answer(changes, package=package).matched] == ["X-1", "X-2"]


def test_any_and_not_are_read() -> None:
    condition = Condition(
        any=(
            Condition(var="area_cm2", op="<", value="0.5", unit="m2"),
            Condition(not_=Condition(var="duration_days", op=">=", value=1, unit="day")),
        )
    )
    package = with_rules(rule("X-1", violations=("mk.unregistered",), conditions=condition))
    changes: Facts = {**CORRECTED, "violation": "mk.unregistered", "needs_licence": True}
    proposals = [
        answer({**changes, "area_cm2": area, "duration_days": days}, package=package).proposal
        for area, days in ((4_999, 1), (5_000, 1), (5_000, 0), (4_999, None), (5_000, None))
    ]
    assert proposals == ["no_penalty", "ordinary", "no_penalty", "no_penalty", "needs_evidence"]


def test_a_no_penalty_entry_brings_its_evidence_and_its_steps() -> None:
    given = answer(ROAD)
    assert given.evidence_required == ("photo_before", "photo_after", "measurement")
    assert given.follow_up == ("order_to_correct", "education", "commitment", "revisit")


def test_an_unsigned_commitment_fails_an_entry_that_asks_for_it() -> None:
    signed = Condition(var="commitment_signed", op="==", value=True)
    package = with_rules(rule("X-1", violations=("mk.unregistered",), conditions=signed))
    changes: Facts = {**CORRECTED, "violation": "mk.unregistered", "needs_licence": True}
    assert answer({**changes, "commitment_signed": True}, package=package).proposal == "no_penalty"
    assert answer({**changes, "commitment_signed": False}, package=package).proposal == "ordinary"


def test_the_act_day_alone_does_not_choose_a_list() -> None:
    assert answer({**ROAD, "act_on": ACT_ON, "discovered_on": ACT_ON}).proposal == "no_penalty"
