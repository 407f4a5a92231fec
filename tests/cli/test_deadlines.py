"""`deadlines` on the command line: due dates with their article, the rules, and what runs at the demo station."""

from __future__ import annotations

from tests.cli.line import CommandLine


def test_a_deadline_is_counted_with_its_article(demo: CommandLine) -> None:
    found = demo.ask("deadlines", "of", "preservation_disposal", "--from", "2026-03-06")
    assert (found["on"], found["is_verified"], found["days_left"]) == ("2026-03-17", True, 0)
    assert "第五十六条" in found["citation"]
    assert "2026-03-17" in demo.say("deadlines", "of", "1", "--from", "2026-03-06")


def test_a_last_day_on_a_weekend_says_that_it_moved_on(demo: CommandLine) -> None:
    said = demo.say("deadlines", "of", "fine_payment", "--from", "2026-03-06")
    assert "2026-03-23" in said
    assert "2026-03-21" in said


def test_hours_are_counted_from_the_minute(demo: CommandLine) -> None:
    found = demo.ask("deadlines", "of", "coercion_makeup", "--from", "2026-03-06T09:30")
    assert found["at"] == "2026-03-07T01:30:00Z"
    assert demo.fault("deadlines", "of", "coercion_makeup", "--from", "2026-03-06") == "deadlines.instant_missing"


def test_days_of_a_test_move_the_end_of_a_sealing(demo: CommandLine) -> None:
    words = ("deadlines", "of", "sealing", "--from", "2026-03-06", "--excluded", "2026-03-10..2026-03-19")
    assert demo.ask(*words)["on"] == "2026-04-15"


def test_the_late_fee_and_the_fixed_day_have_their_own_answers(demo: CommandLine) -> None:
    fee = demo.ask("deadlines", "of", "7", "--from", "2026-03-23", "--fine-yuan", "1000", "--paid-on", "2026-03-25")
    assert fee["fee_cents"] == 6000
    assert demo.ask("deadlines", "of", "35", "--from", "2026-01-01")["on"] == "2026-03-31"
    assert demo.fault("deadlines", "of", "late_fee", "--from", "2026-03-23") == "deadlines.not_counted"


def test_what_is_no_day_and_no_rule_is_told(demo: CommandLine) -> None:
    assert demo.fault("deadlines", "of", "1", "--from", "tomorrow") == "cli.deadlines.day_unreadable"
    assert demo.fault("deadlines", "of", "nothing", "--from", "2026-03-06") == "deadlines.rule_unknown"


def test_all_rules_are_listed_in_the_order_of_their_rows(demo: CommandLine) -> None:
    rows = [one["row"] for one in demo.ask("deadlines", "list")["rules"]]
    assert rows == sorted(rows)
    assert set(rows) == set(range(1, 39))


def test_what_runs_is_sorted_by_its_day(demo: CommandLine) -> None:
    days = [one["due_on"] for one in demo.ask("deadlines", "open")["deadlines"] if one["due_on"]]
    assert days == sorted(days)
    assert demo.say("deadlines", "open").strip()
    assert all(day.startswith("2026-03") for day in demo.ask("deadlines", "month", "2026-03")["days"])
