"""Stored determinations, their replay, their words, and the package files at the edge."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.domain.determinations.engine import determine, stored
from core.domain.determinations.explanation import explain
from core.domain.determinations.facts import Fact, Facts, History, fact, facts_of
from core.domain.determinations.replay import replay
from core.domain.determinations.results import StoredDetermination
from core.domain.determinations.units import amount_text, converted
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import canonical_bytes, changed, from_plain, parse_json, to_plain
from core.services.rule_packages import load_facts, load_package, package_paths
from tests.domain.determinations.cases import ON, PACKAGE, answer, facts_with

MINOR = {"circumstances_minor": True, "corrected_in_time": True, "no_harmful_result": True}


def test_a_stored_determination_comes_back_from_its_bytes_and_replays_equal() -> None:
    kept = stored(facts_with(MINOR), PACKAGE, on=ON)
    again = from_plain(StoredDetermination, parse_json(canonical_bytes(kept)))
    assert again == kept
    answered = replay(again, PACKAGE)
    assert answered.is_equal
    assert answered.is_same_engine


def test_a_tampered_determination_does_not_replay_equal() -> None:
    kept = stored(facts_with(MINOR), PACKAGE, on=ON)
    forged = changed(kept, determination=changed(kept.determination, proposal="ordinary"))
    assert not replay(forged, PACKAGE).is_equal


def test_replay_with_other_rules_is_refused() -> None:
    kept = stored(facts_with(MINOR), PACKAGE, on=ON)
    with pytest.raises(Refusal) as refusal:
        replay(kept, changed(PACKAGE, version="2026.2"))
    assert refusal.value.code == "determination.other_package"


def test_what_todays_rules_say_is_a_question_of_its_own() -> None:
    kept = stored(facts_with(MINOR), PACKAGE, on=ON)
    today = determine(kept.facts, changed(PACKAGE, version="2026.2"), on=date(2027, 1, 1))
    assert today.package == "area@2026.2"
    assert today.package_hash != kept.package_hash


def test_the_determination_names_package_hash_and_engine() -> None:
    given = answer(MINOR)
    assert (given.package, len(given.package_hash), given.engine) == ("area@2026.1", 64, "2")


def test_the_json_shape_has_the_promised_fields() -> None:
    plain = to_plain(answer({"facts_proved": None}))
    promised = {"proposal", "duty", "coercion", "procedure", "lines", "missing", "would_change", "package", "engine"}
    assert promised <= set(plain)
    assert {"row", "condition", "value", "fact", "source", "as_of", "citation"} <= set(plain["lines"][0])
    assert {"var", "who"} <= set(plain["missing"][0])


def test_a_fact_that_stands_twice_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        facts_of([fact("place", "430104"), fact("place", "430105")])
    assert refusal.value.code == "determination.fact_twice"


def test_facts_can_be_looked_up_replaced_and_taken_away() -> None:
    facts = Facts(items=(Fact(var="place", value="430104"),))
    assert facts.with_fact(fact("place", "430105")).value("place") == "430105"
    assert facts.without("place").get("place") is None
    assert facts.value("act_on") is None


def test_the_explanation_begins_with_the_proposal_and_ends_with_who_decides() -> None:
    lines = explain(answer(MINOR), "zh")
    assert lines[0] == "建议：应当不予处罚。"
    assert any("及时改正——是" in line and "第三十三条第一款前段" in line for line in lines)
    assert lines[-1] == "这是供负责人决定的建议，不是决定。"


def test_the_explanation_of_an_entry_names_its_place_its_source_and_its_mark() -> None:
    listed = {"facility_damaged": False, "area_cm2": 40_000, "duration_days": 1, "injury_or_loss": False}
    lines = explain(answer({**listed, "corrected_in_time": True, "no_harmful_result": True}), "zh")
    assert lines[1] == "符合清单条目 LN-01《擅自占用城市道路》（湖南省常德市，S53）〔示例·推演〕"
    assert any("占用（建设）面积不超过5平方米——是（4平方米" in line for line in lines)


def test_what_is_unverified_is_shown_so() -> None:
    given = answer({"harm_minor": True, "corrected_in_time": True})
    assert any("首次" in line and "（未核实）" in line for line in explain(given, "zh"))
    assert any("(unverified)" in line for line in explain(given, "en"))


def test_the_explanation_of_a_gap_says_what_is_possible_and_who_can_tell() -> None:
    lines = explain(answer({"suspected_crime": None}), "en")
    assert lines[0] == "Proposal: more facts or evidence are needed."
    assert "transfer, a penalty by ordinary discretion" in lines[1]
    assert lines[2].endswith("(supplied by the officer)")


def test_ordinary_says_which_ground_failed() -> None:
    lines = explain(answer({**MINOR, "malicious": True}), "zh")
    assert any("主观恶意——是" in line for line in lines)


def test_a_provisional_proposal_says_so() -> None:
    local = History(as_of=ON, is_confirmed=False, source="local")
    given = answer({"harm_minor": True, "corrected_in_time": True}, history=local)
    assert any("暂定" in line for line in explain(given, "zh"))


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "amount"),
    [
        (5, "m2", "cm2", 50_000),
        ("5.01", "m2", "cm2", 50_100),
        (200, "yuan", "fen", 20_000),
        (4, "hour", "minute", 240),
        ("0.00001", "m2", "cm2", None),
        (5, "m2", "fen", None),
        ("x", "m2", "cm2", None),
        ("NaN", "m2", "cm2", None),
        (5, "furlong", "cm2", None),
    ],
)
def test_units_convert_exactly_or_not_at_all(value: int | str, unit: str, wanted: str, amount: int | None) -> None:
    assert converted(value, unit, wanted) == amount


def test_amounts_are_read_in_the_unit_people_use() -> None:
    assert amount_text(50_100, "cm2", "zh") == "5.01平方米"
    assert amount_text(300_000, "fen", "en") == "3000 yuan"


def test_every_shipped_package_loads() -> None:
    names = [path.name for path in package_paths()]
    assert "area.yaml" in names
    assert all(load_package(path).examples for path in package_paths())


def test_a_missing_package_file_is_trouble(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        load_package(tmp_path / "away.yaml")
    assert trouble.value.code == "rules.unreadable"


@pytest.mark.parametrize(("text", "line"), [("a: [1\nb: 2", 2), ("- 1\n- 2", 1), ("!!python/name:os.system", 1)])
def test_a_file_that_is_no_plain_mapping_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(Refusal) as refusal:
        load_package(path)
    assert refusal.value.code == "rules.bad_yaml"
    assert refusal.value.params["line"] == line


def test_a_facts_file_gives_facts_with_their_sources_and_the_history(tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(
        "decided_on: 2026-03-05\n"
        "first_time: true\n"
        "facts:\n"
        "  act_on: 2026-03-02\n"
        "  area_cm2: {value: 40000, source: tape, as_of: 2026-03-02, evidence_ids: [p1]}\n",
        "utf-8",
    )
    facts, on = load_facts(path)
    assert on == ON
    assert facts.value("act_on") == "2026-03-02"
    area = facts.get("area_cm2")
    assert area == Fact(var="area_cm2", value=40000, source="tape", as_of=date(2026, 3, 2), evidence_ids=("p1",))
    assert facts.history is not None
    assert facts.history.cases == ()


@pytest.mark.parametrize("text", ["a: 1", "facts: [1]", "facts: {a: 1.5}", "facts: {a: 1}\ndecided_on: soon"])
def test_a_facts_file_that_does_not_fit_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(Refusal) as refusal:
        load_facts(path)
    assert refusal.value.code == "rules.bad_facts"
