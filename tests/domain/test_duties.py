"""The make-good clocks, at both edges, and the settings they come from."""

from __future__ import annotations

import tomllib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.duties import Urgency, approval_due_at, late_scan_due_at, open_clocks, settled
from core.domain.gate_settings import GateSettings, settings_from
from core.domain.visits import Deviation, Duty, EntryPath, Visit
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import changed
from core.kernel.resources import resources_dir
from tests.helpers.builders import NOW, visit

SETTINGS = GateSettings()
SECOND = timedelta(seconds=1)


def owing(duty: Duty = Duty.SCAN, path: EntryPath = EntryPath.NETWORK_DOWN) -> Visit:
    due_at = late_scan_due_at(path, NOW, SETTINGS)
    owed = Deviation(path=path, duty=duty, reason_code="r", opened_at=NOW, due_at=due_at)
    return visit(deviations=(owed,))


def test_after_a_network_failure_three_calendar_days_are_left() -> None:
    assert late_scan_due_at(EntryPath.NETWORK_DOWN, NOW, SETTINGS) == NOW + timedelta(days=3)


def test_an_emergency_scan_has_no_day_it_is_due_before_the_record() -> None:
    assert late_scan_due_at(EntryPath.EMERGENCY, NOW, SETTINGS) is None
    (clock,) = open_clocks(owing(path=EntryPath.EMERGENCY), NOW, SETTINGS)
    assert clock.urgency is Urgency.DUE_SOON
    assert not clock.needs_supervisor


@pytest.mark.parametrize(
    ("after", "urgency"),
    [
        (timedelta(0), Urgency.RUNNING),
        (timedelta(days=1) - SECOND, Urgency.RUNNING),
        (timedelta(days=1), Urgency.DUE_SOON),
        (timedelta(days=3), Urgency.DUE_SOON),
        (timedelta(days=3) + SECOND, Urgency.OVERDUE),
    ],
)
def test_the_banner_is_red_from_the_second_day_and_overdue_after_the_third(after: timedelta, urgency: Urgency) -> None:
    (clock,) = open_clocks(owing(), NOW + after, SETTINGS)
    assert clock.urgency is urgency
    assert clock.needs_supervisor == (urgency is Urgency.OVERDUE)


def test_what_was_made_good_or_settled_runs_no_clock() -> None:
    here = owing()
    assert open_clocks(changed(here, deviations=settled(here, Duty.SCAN, made_good_at=NOW)), NOW, SETTINGS) == ()
    noted = settled(here, Duty.SCAN, supervisor="boss", supervisor_note="已核实")
    assert open_clocks(changed(here, deviations=noted), NOW, SETTINGS) == ()


def test_the_three_clocks_are_not_mixed() -> None:
    with pytest.raises(Refusal) as refusal:
        settled(owing(Duty.SCAN), Duty.APPROVAL, made_good_at=NOW)
    assert refusal.value.code == "visit.nothing_owed"


def test_a_reason_without_a_duty_runs_no_clock() -> None:
    assert open_clocks(owing(Duty.NONE, EntryPath.NO_CODE_SHOWN), NOW, SETTINGS) == ()


@given(st.integers(0, 400), st.integers(1, 60))
def test_a_clock_never_becomes_less_urgent(hours: int, more: int) -> None:
    rank = list(Urgency)
    (early,) = open_clocks(owing(), NOW + timedelta(hours=hours), SETTINGS)
    (late,) = open_clocks(owing(), NOW + timedelta(hours=hours + more), SETTINGS)
    assert rank.index(early.urgency) <= rank.index(late.urgency)


def test_the_shipped_settings_are_the_defaults_and_say_what_nobody_confirmed() -> None:
    shipped = settings_from(tomllib.loads((resources_dir() / "rules" / "gates.toml").read_text("utf-8")))
    assert changed(shipped, unverified=(), sources={}) == SETTINGS
    assert "late_scan_network_days" in shipped.unverified
    assert "officers_min" not in shipped.unverified
    assert all(shipped.sources[name] for name in shipped.unverified)
    assert approval_due_at(NOW, shipped) == NOW + timedelta(hours=24)


def test_a_setting_that_nobody_knows_is_trouble() -> None:
    with pytest.raises(Trouble) as trouble:
        settings_from({"list_warn_dais": {"value": 7}})
    assert trouble.value.params == {"name": "list_warn_dais"}
