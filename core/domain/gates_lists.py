"""Gates about the published lists: the body, its entrustment, the items, and how old the lists are.

Source: domain.md 1.3, 1.7. Citations follow the sources named there; what was not read in full is cited as 转引.
"""

from __future__ import annotations

from datetime import date

from core.domain.catalog import Item, SubjectKind
from core.domain.gate_facts import (
    GateFacts,
    list_as_of,
    list_fact,
    setting_fact,
    setting_is_verified,
    visit_fact,
)
from core.domain.gate_lines import GateLine, GateVerdict
from core.domain.lists import ListKind
from core.domain.visits import VisitKind

CITE_SUBJECT = "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》:检查主体须确认并公告(转引)"
CITE_ENTRUST = "行政处罚法第二十条、国办发〔2024〕54号问答:委托书须公布,以委托机关名义检查(转引)"
CITE_ITEM = "国办发〔2024〕54号:检查事项未经公布不得实施(转引)"
CITE_AGE = "清单、计划以公布的最新版本为准;离线天数界限为本产品缺省值(未核实)"


def _within(on: date, begun: date | None, ended: date | None) -> bool:
    return (begun is None or begun <= on) and (ended is None or on <= ended)


def subject_listed(facts: GateFacts) -> GateLine:
    """The body must stand on the published list of subjects on the day; no list is no listing (domain.md 1.3)."""
    subject = facts.subject
    listed = subject is not None and subject.is_listed
    in_dates = subject is not None and _within(facts.day, subject.listed_from, subject.listed_to)
    why = "subject_listed" if listed and in_dates else "subject_out_of_dates" if listed else "subject_not_listed"
    if ListKind.SUBJECTS.value not in facts.lists:
        why = "no_subject_list"
    passed = why == "subject_listed"
    return GateLine(
        gate="subject_listed",
        verdict=GateVerdict.PASS if passed else GateVerdict.BLOCK,
        facts=(
            visit_fact(facts, "subject", facts.visit.subject),
            list_fact(facts, "listed", "yes" if listed and in_dates else "no", ListKind.SUBJECTS),
        ),
        citation=CITE_SUBJECT,
        as_of=list_as_of(facts, ListKind.SUBJECTS),
        why=why,
        change="" if passed else "import_subjects" if why == "no_subject_list" else "choose_listed_subject",
    )


def entrustment(facts: GateFacts) -> GateLine:
    """An entrusted body acts in another's name and only under a published entrustment (domain.md 1.3)."""
    subject = facts.subject
    entrusted = subject is not None and subject.kind is SubjectKind.ENTRUSTED_ORG
    proved = subject is not None and bool(subject.entrusting_subject and subject.entrustment_no)
    passed = not entrusted or proved
    if subject is None:
        verdict, why = GateVerdict.UNKNOWN, "subject_not_listed"
    else:
        verdict = GateVerdict.PASS if passed else GateVerdict.BLOCK
        why = "not_entrusted" if not entrusted else "entrustment_published" if proved else "entrustment_missing"
    return GateLine(
        gate="entrustment",
        verdict=verdict,
        facts=(
            list_fact(facts, "subject_kind", subject.kind.value if subject else "", ListKind.SUBJECTS),
            list_fact(facts, "entrusting_subject", subject.entrusting_subject if subject else "", ListKind.SUBJECTS),
            list_fact(facts, "entrustment_no", subject.entrustment_no if subject else "", ListKind.SUBJECTS),
        ),
        citation=CITE_ENTRUST,
        as_of=list_as_of(facts, ListKind.SUBJECTS),
        why=why,
        change="" if verdict is GateVerdict.PASS else "publish_entrustment",
    )


def _item_state(facts: GateFacts, identifier: str, item: Item | None) -> str:
    subject = facts.subject
    names = {facts.visit.subject} | ({subject.entrusting_subject} if subject and subject.entrusting_subject else set())
    if item is None:
        return "item_not_listed"
    if item.subject not in names:
        return "item_of_other_subject"
    return "item_in_force" if _within(facts.day, item.in_force_from, item.in_force_to) else "item_not_in_force"


def items_listed(facts: GateFacts) -> GateLine:
    """Every item must stand on the published list of this body and be in force on the day (清单之外无检查)."""
    found = {item.id: item for item in facts.items}
    states = {wanted: _item_state(facts, wanted, found.get(wanted)) for wanted in facts.visit.items}
    bad = [state for state in states.values() if state != "item_in_force"]
    entry_only = facts.visit.kind is VisitKind.NON_INSPECTION
    why = bad[0] if bad else "no_items" if not states else "item_in_force"
    passed = why == "item_in_force" or (entry_only and not states)
    return GateLine(
        gate="items_listed",
        verdict=GateVerdict.PASS if passed else GateVerdict.BLOCK,
        facts=tuple(
            list_fact(facts, state, found[key].name if key in found else key, ListKind.ITEMS)
            for key, state in states.items()
        ),
        citation=CITE_ITEM,
        as_of=list_as_of(facts, ListKind.ITEMS),
        why="entry_without_items" if entry_only and not states else why,
        change="" if passed else "choose_listed_items",
    )


def non_inspection(facts: GateFacts) -> GateLine:
    """A visit that is no inspection may not carry items: it may not disguise one (domain.md 1.4)."""
    disguised = facts.visit.kind is VisitKind.NON_INSPECTION and bool(facts.visit.items)
    return GateLine(
        gate="non_inspection",
        verdict=GateVerdict.BLOCK if disguised else GateVerdict.PASS,
        facts=(
            visit_fact(facts, "visit_kind", facts.visit.kind.value),
            visit_fact(facts, "item_count", len(facts.visit.items)),
        ),
        citation="国办发〔2024〕54号:不得变相检查(转引)",
        as_of=facts.now,
        why="disguised_inspection" if disguised else "kind_and_items_fit",
        change="remove_items" if disguised else "",
    )


def _freshness(facts: GateFacts, gate: str, kinds: tuple[ListKind, ...]) -> GateLine:
    settings = facts.settings
    ages = {kind: facts.lists.get(kind.value) for kind in kinds}
    days = {kind: (facts.now - age.as_of).days for kind, age in ages.items() if age}
    oldest = max(days.values(), default=0)
    routine = facts.visit.kind is VisitKind.ROUTINE
    if len(days) < len(kinds):
        verdict, why = GateVerdict.UNKNOWN, "list_missing"
    elif min(days.values()) < 0:
        verdict, why = GateVerdict.UNKNOWN, "list_from_future"
    elif oldest >= settings.list_block_days and routine:
        verdict, why = GateVerdict.BLOCK, "list_too_old"
    elif oldest >= settings.list_warn_days:
        verdict, why = GateVerdict.WARN, "list_old"
    else:
        verdict, why = GateVerdict.PASS, "list_fresh"
    return GateLine(
        gate=gate,
        verdict=verdict,
        facts=(
            *(list_fact(facts, "age_days", days.get(kind, ""), kind) for kind in kinds),
            setting_fact(facts, "list_warn_days"),
            setting_fact(facts, "list_block_days"),
        ),
        citation=CITE_AGE,
        as_of=min((age.as_of for age in ages.values() if age), default=None),
        why=why,
        change="" if verdict is GateVerdict.PASS else "refresh_lists",
        is_verified=setting_is_verified(facts, "list_warn_days", "list_block_days"),
    )


def list_freshness(facts: GateFacts) -> GateLine:
    """Subjects, items and officers: warn from 7 days, block a routine visit from 30 (domain.md 1.7, [I])."""
    return _freshness(facts, "list_freshness", (ListKind.SUBJECTS, ListKind.ITEMS, ListKind.OFFICERS))


def plan_freshness(facts: GateFacts) -> GateLine:
    """Plans: the same limits; a visit that needs no plan does not depend on their age."""
    if facts.visit.kind in (VisitKind.ROUTINE, VisitKind.SPECIAL):
        return _freshness(facts, "plan_freshness", (ListKind.PLANS,))
    return GateLine(
        gate="plan_freshness",
        verdict=GateVerdict.PASS,
        facts=(visit_fact(facts, "visit_kind", facts.visit.kind.value),),
        citation=CITE_AGE,
        as_of=facts.now,
        why="no_plan_needed",
    )
