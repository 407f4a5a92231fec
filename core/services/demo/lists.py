"""Every list of the demo station: which rows each kind holds, and the version record it is written under."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from core.domain.catalog import Cap
from core.domain.lists import ListKind, ListVersion, Origin
from core.kernel.records import Record
from core.services.demo.enterprises import generate
from core.services.demo.items import all_items
from core.services.demo.officers import demo_officers
from core.services.demo.plans import all_plans
from core.services.demo.published import calendar_days, published_caps, published_leniency
from core.services.demo.subjects import MAIN_BODY, demo_subjects

ENTERPRISE_COUNT = 2000
CAP_TIMES = 2
"""A year, body and enterprise, as 涟源 and 益阳 have it (domain.md 1.8, S25, S38); the area's own was not found."""
CAP_TIMES_GRADE_D = 4
CAP_SOURCE_ID = "demo-caps"


def demo_caps() -> tuple[Cap, ...]:
    """Return a made-up cap for each demo body, and a wider one of the main body for grade D."""
    caps = [_cap(f"demo-cap-{row.id[-2:]}", row.name, CAP_TIMES) for row in demo_subjects()]
    return (*caps, _cap("demo-cap-01-d", MAIN_BODY, CAP_TIMES_GRADE_D, grade="D"))


def _cap(identifier: str, subject: str, times: int, *, grade: str = "") -> Cap:
    objects = f"信用等级{grade}的同一企业" if grade else "同一企业"
    return Cap(
        id=identifier,
        subject=subject,
        credit_grade=grade,
        times=times,
        text=f"对{objects}每年不超过{times}次(示例·推演)",
        basis="示例上限,本区上限未核实",
        origin=Origin.DEMO,
        source_id=CAP_SOURCE_ID,
    )


def demo_rows(
    kind: ListKind, today: date, *, head_keys: dict[str, str], enterprises: int = ENTERPRISE_COUNT
) -> Iterable[Record]:
    """Return the rows of one list of the demo station on the local day; enterprises are streamed."""
    if kind is ListKind.ENTERPRISES:
        return generate(enterprises)
    rows: dict[ListKind, tuple[Record, ...]] = {
        ListKind.SUBJECTS: demo_subjects(),
        ListKind.ITEMS: all_items(),
        ListKind.PLANS: all_plans(today),
        ListKind.OFFICERS: demo_officers(today, head_keys),
        ListKind.LENIENCY: published_leniency(),
        ListKind.CALENDAR: calendar_days(),
        ListKind.CAPS: demo_caps() + published_caps(),
    }
    return rows[kind]


def demo_version(kind: ListKind, today: date, *, imported_at: datetime, imported_by: str) -> ListVersion:
    """Return the version record to write the list under; number, row count and digest come from the writing.

    It is in force from the first day of the year before, because last year's visits pin it too.
    """
    name = f"示例数据:{kind.value}"
    return ListVersion(
        id="",
        kind=kind,
        version=0,
        effective_on=date(today.year - 1, 1, 1),
        imported_at=imported_at,
        imported_by=imported_by,
        file_name=name,
        # There is no file: the digest of its name stands in, the rows have a digest of their own.
        file_sha256=hashlib.sha256(name.encode()).hexdigest(),
        row_count=0,
        rows_sha256="",
        is_demo=True,
    )
