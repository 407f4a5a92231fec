"""Gates about why and how often: plan or lawful out-of-plan kind, annual cap, chances to come together.

Source: domain.md 1.4, 1.7, 1.8, 1.9.
"""

from __future__ import annotations

import re
from datetime import timedelta

from core.domain.catalog import Cap, Item
from core.domain.gate_facts import (
    GateFacts,
    PastVisit,
    list_as_of,
    list_fact,
    list_source,
    own_fact,
    setting_fact,
    visit_fact,
)
from core.domain.gate_lines import GateFact, GateLine, GateVerdict
from core.domain.lists import ListKind
from core.domain.plans import Plan
from core.domain.visits import TriggerKind, VisitKind, VisitState

CITE_PLAN = "国办发〔2024〕54号:按年度计划、专项计划检查;投诉举报、转办交办、数据监测、企业申请触发的个案检查除外(转引)"
CITE_CAP = "国办发〔2024〕54号:公布年度频次上限;按同一机关、同一企业、自然年计(转引,豁免范围未核实)"
CITE_JOINT = "优化营商环境条例第五十四条;国办发〔2024〕54号“综合查一次”(转引)"

# Nothing but blanks and punctuation may differ between the name in the plan and the name in the item list.
_NOISE = re.compile(r"[\s,。、,.;;::()()《》“”\"'·-]+")


def same_name(one: str, other: str) -> bool:
    """Tell whether two item names are equal but for blanks and punctuation."""
    return _NOISE.sub("", one) == _NOISE.sub("", other)


def _covers(plan: Plan, facts: GateFacts, *, special: bool) -> bool:
    visit = facts.visit
    body = visit.subject == plan.subject or visit.subject in plan.partner_subjects
    named = not plan.enterprises or bool({visit.enterprise, visit.uscc} & set(plan.enterprises) - {""})
    return body and named and plan.year == facts.day.year and plan.is_special is special


def _plan_line(facts: GateFacts, *, special: bool) -> tuple[GateVerdict, str, str, tuple[GateFact, ...]]:
    lawful = [plan for plan in facts.plans if _covers(plan, facts, special=special)]
    hits = {item.id: _hit(item, lawful) for item in facts.items}
    linked = next((plan for plan in lawful if plan.id == facts.visit.plan), None)
    used = [hit for hit in hits.values() if hit] + ([linked] if linked else [])
    shown = tuple(
        list_fact(facts, "plan", f"{plan.title or plan.item_name} ({plan.id})", ListKind.PLANS)
        for plan in {plan.id: plan for plan in used}.values()
    ) or (list_fact(facts, "plan", "", ListKind.PLANS),)
    missing = [identifier for identifier in facts.visit.items if hits.get(identifier) is None]
    if ListKind.PLANS.value not in facts.lists:
        return GateVerdict.BLOCK, "no_plan_list", "import_plans", shown
    if missing and linked is None:
        why = "no_special_plan" if special else "not_in_plan"
        return GateVerdict.BLOCK, why, "link_plan", shown
    if special and any(not plan.approved_by for plan in used):
        return GateVerdict.UNKNOWN, "special_plan_approval_unknown", "add_plan_approval", shown
    if missing:
        return GateVerdict.WARN, "plan_names_other_item", "link_plan", shown
    if any(plan.months and facts.day.month not in plan.months for plan in used):
        return GateVerdict.WARN, "outside_planned_months", "move_visit", shown
    return GateVerdict.PASS, "plan_hit", "", shown


def _hit(item: Item, plans: list[Plan]) -> Plan | None:
    return next((plan for plan in plans if same_name(plan.item_name, item.name)), None)


def _case_line(facts: GateFacts) -> tuple[GateVerdict, str, str, tuple[GateFact, ...]]:
    visit = facts.visit
    shown = (
        visit_fact(facts, "trigger_kind", visit.trigger_kind.value if visit.trigger_kind else ""),
        # A tip's number says nothing about who gave it; the informant's name is never a fact here.
        visit_fact(facts, "trigger_no", visit.trigger_no),
    )
    if isinstance(visit.trigger_kind, TriggerKind) and visit.trigger_no.strip():
        return GateVerdict.PASS, "numbered_trigger", "", shown
    return GateVerdict.BLOCK, "trigger_missing", "add_trigger", shown


_FOLLOWED = frozenset({VisitState.CORRECTING, VisitState.CORRECTED, VisitState.CASE_OPENED, VisitState.CLOSED})


def _follow_up_line(facts: GateFacts) -> tuple[GateVerdict, str, str, tuple[GateFact, ...]]:
    visit, parent = facts.visit, facts.parent
    shown = (own_fact(facts, "parent", visit.parent),)
    if parent is None:
        return GateVerdict.BLOCK, "parent_missing", "link_parent", shown
    if (parent.subject, parent.enterprise) != (visit.subject, visit.enterprise):
        return GateVerdict.BLOCK, "parent_of_other", "link_parent", shown
    if parent.correct_by is None or parent.state not in _FOLLOWED:
        return GateVerdict.BLOCK, "nothing_ordered", "link_parent", shown
    return GateVerdict.PASS, "re_check_of_order", "", shown


def plan_or_kind(facts: GateFacts) -> GateLine:
    """The visit stands in a plan of the year, or is of a lawful kind outside it with its trigger (计划之外无检查)."""
    kind = facts.visit.kind
    if kind in (VisitKind.ROUTINE, VisitKind.SPECIAL):
        verdict, why, change, shown = _plan_line(facts, special=kind is VisitKind.SPECIAL)
    elif kind is VisitKind.CASE:
        verdict, why, change, shown = _case_line(facts)
    elif kind is VisitKind.FOLLOW_UP:
        verdict, why, change, shown = _follow_up_line(facts)
    else:
        verdict, why, change, shown = GateVerdict.PASS, "no_inspection", "", ()
    return GateLine(
        gate="plan_or_kind",
        verdict=verdict,
        facts=(visit_fact(facts, "visit_kind", kind.value), *shown),
        citation=CITE_PLAN,
        as_of=list_as_of(facts, ListKind.PLANS) if kind in (VisitKind.ROUTINE, VisitKind.SPECIAL) else facts.now,
        why=why,
        change=change,
    )


def cap_for(facts: GateFacts) -> Cap | None:
    """Return the cap that fits the visit best: the most particular row, and among equals the lowest number."""
    grade = facts.enterprise.grade if facts.enterprise else ""
    names = [item.name for item in facts.items]
    classes = {item.object_class for item in facts.items}
    fitting = [
        cap
        for cap in facts.caps
        if cap.subject in ("", facts.visit.subject)
        and cap.credit_grade in ("", grade)
        and cap.object_class in ("", *classes)
        and (not cap.item_name or any(same_name(cap.item_name, name) for name in names))
    ]
    return min(fitting, key=_cap_rank, default=None)


def _cap_rank(cap: Cap) -> tuple[int, int, str]:
    particular = sum(1 for field in (cap.subject, cap.item_name, cap.credit_grade, cap.object_class) if field)
    # A row without a plain number is strictest: it must be read by a person.
    return -particular, -1 if cap.times is None else cap.times, cap.id


def visits_counted(facts: GateFacts) -> tuple[PastVisit, ...]:
    """Return the inspections of this body at this enterprise in the calendar year of the visit, joint ones once.

    Follow-ups are shown apart and special ones deployed by a superior do not count (domain.md 1.4, 1.8).
    """
    counted: dict[str, PastVisit] = {}
    for past in facts.past:
        same_year = past.inspected_on is not None and past.inspected_on.year == facts.day.year
        counts = past.kind in (VisitKind.ROUTINE, VisitKind.CASE) or (
            past.kind is VisitKind.SPECIAL and not past.is_by_superior
        )
        if same_year and counts and past.subject == facts.visit.subject:
            counted.setdefault(past.joint_visit or past.id, past)
    # Another half of this very joint visit is this visit: it must not be counted against itself.
    counted.pop(facts.visit.joint_visit or facts.visit.id, None)
    return tuple(counted.values())


def _cap_exemption(facts: GateFacts) -> tuple[str, bool]:
    """Return why the cap does not stop this visit (empty: it does), and whether the visit counts at all."""
    visit = facts.visit
    if visit.kind is VisitKind.NON_INSPECTION:
        return "no_inspection", False
    if visit.kind is VisitKind.FOLLOW_UP:
        return "follow_up_counted_apart", False
    linked = [plan for plan in facts.plans if plan.id == visit.plan]
    if visit.kind is VisitKind.SPECIAL and any(plan.is_by_superior for plan in linked):
        return "special_by_superior", False
    return ("case_exempt", True) if visit.kind is VisitKind.CASE else ("", True)


def annual_cap(facts: GateFacts) -> GateLine:
    """Used against the limit: over it and exempt warns and tells the supervisor, over it and not exempt blocks.

    No cap loaded is shown as 上限未配置 and is unknown, never unlimited (domain.md 1.8).
    """
    exemption, counts = _cap_exemption(facts)
    cap = cap_for(facts)
    used = len(visits_counted(facts))
    limit = cap.times if cap else None
    if not counts:
        verdict, why, change = GateVerdict.PASS, exemption, ""
    elif cap is None or limit is None:
        verdict, why, change = (
            GateVerdict.UNKNOWN,
            "cap_not_configured" if cap is None else "cap_not_a_number",
            "load_caps",
        )
    elif used + 1 <= limit:
        verdict, why, change = GateVerdict.PASS, "under_cap", ""
    elif exemption:
        verdict, why, change = GateVerdict.WARN, "over_cap_exempt", "tell_supervisor"
    else:
        verdict, why, change = GateVerdict.BLOCK, "over_cap", "wait_for_next_year"
    return GateLine(
        gate="annual_cap",
        verdict=verdict,
        facts=(
            own_fact(facts, "used", used),
            GateFact(
                name="limit",
                value="" if cap is None else cap.text if limit is None else str(limit),
                source=list_source(facts, ListKind.CAPS),
                as_of=list_as_of(facts, ListKind.CAPS),
            ),
            visit_fact(facts, "exemption", exemption),
        ),
        citation=CITE_CAP if cap is None or not cap.basis else f"{CITE_CAP};{cap.basis}",
        as_of=facts.history_as_of or facts.now,
        why=why,
        change=change,
        is_verified=False,
        notify_supervisor=why == "over_cap_exempt",
    )


def joint_visit(facts: GateFacts) -> GateLine:
    """Other visits planned at this enterprise around the same days: what can be merged is merged (综合查一次)."""
    visit = facts.visit
    span = timedelta(days=facts.settings.merge_within_days)
    near = [
        past
        for past in facts.past
        if past.inspected_on is None
        and not past.is_ended
        and past.kind is not VisitKind.NON_INSPECTION
        and abs(past.planned_from - visit.planned_from) <= span
    ]
    apart = [past for past in near if not visit.joint_visit or past.joint_visit != visit.joint_visit]
    alone = visit.kind in (VisitKind.NON_INSPECTION, VisitKind.FOLLOW_UP) or not apart
    return GateLine(
        gate="joint_visit",
        verdict=GateVerdict.PASS if alone else GateVerdict.WARN,
        facts=(
            *(
                own_fact(facts, "other_visit", f"{past.subject} {past.planned_from:%Y-%m-%d} ({past.id})")
                for past in apart
            ),
            setting_fact(facts, "merge_within_days"),
        ),
        citation=CITE_JOINT,
        as_of=facts.history_as_of or facts.now,
        why="nothing_to_merge" if alone else "could_merge",
        change="" if alone else "merge_visits",
        is_verified=False,
    )
