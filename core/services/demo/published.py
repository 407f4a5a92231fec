"""The lists that ship with the program (resources/lists), as records. Facts restated from published pages.

Rows of other regions' lists keep their subject as the page writes it, their source id and Origin.PUBLISHED.
They are not legal texts (resources/lists/README.md).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date

from core.domain.catalog import CalendarDay, Cap, Item, LeniencyEntry
from core.domain.lists import Origin
from core.domain.plans import Plan
from core.kernel.resources import resources_dir

Row = dict[str, str]

TIMES_A_YEAR = re.compile(r"^(\d+)次/年$")
MONTH_RANGE = re.compile(r"^(\d{1,2})-(\d{1,2})月$")


def rows_of(name: str) -> Iterator[Row]:
    """Return the rows of resources/lists/<name>.csv by heading."""
    with (resources_dir() / "lists" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def published_items() -> tuple[Item, ...]:
    """Return the 165 published items. Ids count the lines of the file: each source has its own numbers."""
    return tuple(
        Item(
            id=f"pub-item-{number:03d}",
            subject=row["subject"],
            name=row["item_name"],
            content=row["content"],
            object_class=row["object_class"],
            legal_basis=_parts(row["legal_basis"]),
            method=row["method"],
            frequency=row["frequency"],
            level=row["level"],
            category=row["category"],
            origin=Origin.PUBLISHED,
            source_id=row["source_id"],
        )
        for number, row in enumerate(rows_of("items-published"), start=1)
    )


def published_plans() -> tuple[Plan, ...]:
    """Return the 56 published plan lines. Year 0: the page names none."""
    return tuple(
        Plan(
            id=f"pub-plan-{number:03d}",
            title=row["plan_title"],
            year=int(row["year"] or 0),
            subject=row["lead_subject"],
            partner_subjects=tuple(filter(None, row["partner_subjects"].split("、"))),
            item_name=row["item_name"],
            object_class=row["object_class"],
            ratio_or_count=row["ratio_or_count"],
            months=_months(row["months"]),
            months_text=row["months"],
            method=row["method"],
            origin=Origin.PUBLISHED,
            source_id=row["source_id"],
        )
        for number, row in enumerate(rows_of("plans-published"), start=1)
    )


def published_leniency() -> tuple[LeniencyEntry, ...]:
    """Return the 81 published leniency lines."""
    return tuple(
        LeniencyEntry(
            id=f"pub-leniency-{number:03d}",
            list_type=row["list_type"],
            agency=row["agency"],
            violation=row["violation"],
            violation_basis=row["violation_basis"],
            penalty_basis=row["penalty_basis"],
            conditions=row["conditions"],
            leniency_basis=row["leniency_basis"],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            place=row["place"],
            origin=Origin.PUBLISHED,
            source_id=row["source_id"],
        )
        for number, row in enumerate(rows_of("leniency-published"), start=1)
    )


def published_caps() -> tuple[Cap, ...]:
    """Return the 10 published caps; `times` only where the text is plainly N times a year."""
    return tuple(
        Cap(
            id=f"pub-cap-{number:02d}",
            subject=row["subject"],
            item_name=row["item_name"],
            object_class=row["object_class"],
            times=_times(row["text"]),
            text=row["text"],
            basis=row["basis"],
            origin=Origin.PUBLISHED,
            source_id=row["source_id"],
        )
        for number, row in enumerate(rows_of("caps-published"), start=1)
    )


def calendar_days() -> tuple[CalendarDay, ...]:
    """Return the holidays and made-up working days of 2020 to 2026."""
    return tuple(
        CalendarDay(
            id=row["day"],
            day=date.fromisoformat(row["day"]),
            is_working=row["is_working"] == "yes",
            name=row["name"],
            origin=Origin.PUBLISHED,
            source_id=row["source_id"],
        )
        for row in rows_of("calendar")
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split("[;；]", text) if part)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _times(text: str) -> int | None:
    plain = TIMES_A_YEAR.match(text)
    return int(plain[1]) if plain else None


def _months(text: str) -> tuple[int, ...]:
    """Return the months of a plain range inside one year; other wordings stay text only."""
    plain = MONTH_RANGE.match(text)
    if plain is None:
        return ()
    first, last = int(plain[1]), int(plain[2])
    return tuple(range(first, last + 1))
