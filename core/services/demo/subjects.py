"""The 48 subjects of the demo station (示例·推演). Source of the number: domain.md 1.2 (S01)."""

from __future__ import annotations

import tomllib
from functools import cache
from itertools import count
from typing import Any

from core.domain.catalog import Subject, SubjectKind
from core.domain.lists import Origin
from core.kernel.records import changed
from core.kernel.resources import resources_dir
from core.services.demo.published import rows_of

SUBJECT_COUNT = 48
MAIN_BODY = "湖南湘江新区商务和市场监管局"
"""The body of the two main demo officers; its name is documented (S19), everything else about it is made up."""
FIRE, EMERGENCY = "湖南湘江新区消防救援大队", "湖南湘江新区应急管理局"
URBAN, CULTURE, HEALTH = "湖南湘江新区城市管理和综合执法局", "湖南湘江新区文化旅游广电体育局", "湖南湘江新区卫生健康局"
KEY_BODIES = (MAIN_BODY, FIRE, EMERGENCY, URBAN, CULTURE, HEALTH)
"""Bodies with officers, items, plans and caps of their own, so that a visit can pass every gate."""
TOWN_FIELD = "镇街综合执法"
SOURCE_ID = "demo-subjects"
Words = tuple[str, str, str]
"""Name, field and 机关代字."""
NAME_SOURCE_ID = "S19"


@cache
def subject_matter() -> dict[str, Any]:
    """Return resources/demo/subjects.toml."""
    return tomllib.loads((resources_dir() / "demo" / "subjects.toml").read_text("utf-8"))


@cache
def demo_subjects() -> tuple[Subject, ...]:
    """Return the subjects: organs, authorised and entrusted bodies, then the towns and streets.

    Reconsideration body and court stay empty: for the new area they are not verified (domain.md 2.4).
    """
    matter = subject_matter()
    own_name: list[tuple[Words, SubjectKind]] = [(tuple(row), SubjectKind.ORGAN) for row in matter["organs"]]
    own_name += [(tuple(row), SubjectKind.AUTHORIZED_ORG) for row in matter["authorized"]]
    entrusted = [((row[0], row[1], row[2]), matter["organs"][row[3]][0]) for row in matter["entrusted"]]
    towns = [_town(row) for row in rows_of("streets")]
    numbers = count(1)
    return (
        *(_subject(next(numbers), words, kind) for words, kind in own_name),
        *(
            changed(
                _subject(next(numbers), words, SubjectKind.ENTRUSTED_ORG),
                entrusting_subject=body,
                entrustment_no=f"示例委托书〔2025〕{place}号",
            )
            for place, (words, body) in enumerate(entrusted, start=1)
        ),
        *(_subject(next(numbers), words, SubjectKind.ORGAN) for words in towns),
    )


def _town(row: dict[str, str]) -> Words:
    office = "人民政府" if row["unit_type"] == "镇" else "办事处"
    plain = row["name"].removesuffix("街道").removesuffix("镇")
    return f"长沙市{row['district_name']}{row['name']}{office}", TOWN_FIELD, f"湘新{plain}"


def _subject(number: int, words: Words, kind: SubjectKind) -> Subject:
    name, field, abbr = words
    return Subject(
        id=f"demo-subject-{number:02d}",
        name=name,
        kind=kind,
        field=field,
        agency_abbr=abbr,
        address=f"长沙市岳麓区示例路{number}号(示例)",
        phone=f"0731-000000{number:02d}(示例)",
        complaint_phone=f"0731-000001{number:02d}(示例)",
        origin=Origin.DEMO,
        source_id=NAME_SOURCE_ID if name == MAIN_BODY else SOURCE_ID,
    )
