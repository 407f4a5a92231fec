"""The 394 plan lines of the demo station: 56 published ones and 338 for the demo bodies, this year's and last year's.

Source of the number: domain.md 1.2 (S01).
"""

from __future__ import annotations

from datetime import date

from core.domain.catalog import Item
from core.domain.lists import Origin
from core.domain.plans import Plan
from core.kernel.records import changed
from core.services.demo.items import demo_items
from core.services.demo.published import published_plans
from core.services.demo.subjects import EMERGENCY, FIRE, KEY_BODIES, MAIN_BODY

PLAN_COUNT = 394
LINES_A_YEAR = 169
MAIN_BODY_LINES = 24
KEY_BODY_LINES = 12
SOURCE_ID = "demo-plans"
# Hunan counties file their annual plans by the end of March (domain.md 1.7, S37).
FILED = (3, 28)
ALL_YEAR_LINES = 3
"""So many lines after the first of a body hold all year round, so that a visit can pass on any day."""
PREFERRED = ("对食品安全进行监督检查", "餐饮服务单位证后监管", "食品销售单位证后监管", "对市场主体登记事项的监督检查")
"""Parts of the names of the main body's items that the demo enterprises meet most: its first plan lines."""
SEASONS = ((), (), (3, 4, 5, 6), (9, 10, 11))
RATIOS = ("5%", "10%", "不超过20%", "20户")


def _chosen_items() -> tuple[Item, ...]:
    """Return the items with a plan line: most of the key bodies', then a few of every other body in turn."""
    by_subject: dict[str, list[Item]] = {}
    for item in demo_items():
        by_subject.setdefault(item.subject, []).append(item)
    chosen: list[Item] = []
    for body in KEY_BODIES:
        items = sorted(by_subject.pop(body), key=_rank)
        chosen += items[: MAIN_BODY_LINES if body == MAIN_BODY else KEY_BODY_LINES]
    place = 0
    while len(chosen) < LINES_A_YEAR:
        chosen += [items[place] for items in by_subject.values() if place < len(items)]
        place += 1
    return tuple(chosen[:LINES_A_YEAR])


def _rank(item: Item) -> int:
    return next((place for place, words in enumerate(PREFERRED) if words in item.name), len(PREFERRED))


def _line(number: int, item: Item, year: int, *, filed_on: date, per_body: int) -> Plan:
    months = () if per_body <= ALL_YEAR_LINES else SEASONS[per_body % len(SEASONS)]
    return Plan(
        id=f"demo-plan-{year}-{number:03d}",
        title=f"{item.subject}{year}年度涉企行政检查计划(示例·推演)",
        year=year,
        subject=item.subject,
        partner_subjects=(FIRE, EMERGENCY) if item.subject == MAIN_BODY and per_body == 1 else (),
        item_name=item.name,
        object_class=item.object_class,
        ratio_or_count=RATIOS[per_body % len(RATIOS)],
        months=months,
        months_text=f"{months[0]}-{months[-1]}月" if months else "全年",
        method=item.method or "现场检查",
        level="县级",
        basis="年度计划(示例)",
        filed_on=filed_on,
        origin=Origin.DEMO,
        source_id=SOURCE_ID,
    )


def _special(line: Plan) -> Plan:
    """Return the line as one of a campaign that a superior deployed: outside the cap (domain.md 1.8)."""
    return changed(
        line,
        title=f"{line.subject}{line.year}年专项检查计划(示例·推演)",
        is_special=True,
        months=(),
        months_text="全年",
        is_by_superior=True,
        approved_by="长沙市人民政府(示例)",
    )


def demo_plans(today: date) -> tuple[Plan, ...]:
    """Return the 338 demo lines of the local day's year and of the year before."""
    lines: list[Plan] = []
    for year in (today.year - 1, today.year):
        # Early in the year the new plan is not due yet; the demo's is filed by then all the same.
        filed_on = min(date(year, *FILED), today)
        seen: dict[str, int] = {}
        for number, item in enumerate(_chosen_items(), start=1):
            per_body = seen[item.subject] = seen.get(item.subject, -1) + 1
            line = _line(number, item, year, filed_on=filed_on, per_body=per_body)
            last_of_main = item.subject == MAIN_BODY and per_body == MAIN_BODY_LINES - 1
            lines.append(_special(line) if last_of_main else line)
    return tuple(lines)


def all_plans(today: date) -> tuple[Plan, ...]:
    """Return the demo lines and the published ones, 394 together."""
    return demo_plans(today) + published_plans()
