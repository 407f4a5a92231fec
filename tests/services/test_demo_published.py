"""The lists that ship with the program."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from core.domain.lists import Origin
from core.services.demo.published import (
    calendar_days,
    published_caps,
    published_items,
    published_leniency,
    published_plans,
    rows_of,
)

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "published"


def test_the_published_lists_are_complete() -> None:
    counts = [len(rows) for rows in (published_items(), published_plans(), published_leniency(), published_caps())]
    assert counts == [165, 56, 81, 10]


def test_every_published_row_names_a_known_source() -> None:
    known = {row["source_id"] for row in rows_of("sources")}
    rows = [*published_items(), *published_plans(), *published_leniency(), *published_caps(), *calendar_days()]
    assert {row.source_id for row in rows} <= known
    assert {row.origin for row in rows} == {Origin.PUBLISHED}


@pytest.mark.parametrize("name", ["items", "plans", "leniency", "streets"])
def test_the_seed_says_what_the_collected_file_says(name: str) -> None:
    collected = SHARED / f"{name}.csv"
    if not collected.exists():
        pytest.skip("the collected lists are not beside this checkout")
    seed = name if name == "streets" else f"{name}-published"
    with collected.open(encoding="utf-8-sig", newline="") as file:
        there = [row for row in csv.DictReader(file)]
    here = list(rows_of(seed))
    if name == "streets":
        there, here = ([{k: v for k, v in row.items() if k != "basis"} for row in rows] for rows in (there, here))
    assert here == there


def test_caps_have_a_number_only_where_the_text_is_plain() -> None:
    assert [cap.times for cap in published_caps()] == [None, None, 1, 1, 1, 1, 1, 4, 1, 1]


def test_the_calendar_knows_holidays_and_made_up_days_of_each_year() -> None:
    days = {day.day: day for day in calendar_days()}
    assert not days[date(2026, 10, 1)].is_working
    assert days[date(2026, 2, 14)].is_working
    assert {day.year for day in days} == set(range(2020, 2027))


def test_made_up_working_days_are_weekend_days() -> None:
    assert all(day.day.weekday() >= 5 for day in calendar_days() if day.is_working)
