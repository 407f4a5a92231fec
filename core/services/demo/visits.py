"""The made-up visits, led through the real moves of the state machine, so that none is in a state it cannot reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from core.domain import moves
from core.domain.approvals import approve_scheme, scheme_of
from core.domain.duties import late_scan_due_at
from core.domain.enterprises import Enterprise
from core.domain.gate_settings import GateSettings
from core.domain.plans import Plan
from core.domain.visits import (
    EntryPath,
    OralReport,
    PersonMet,
    Refused,
    Scan,
    TriggerKind,
    Visit,
    VisitKind,
)
from core.kernel.clock import local, local_date
from core.kernel.records import changed
from core.services.demo.chance import Dice
from core.services.demo.officers import MAIN_OFFICERS
from core.services.demo.stories import OPEN_ENDINGS, Ending, Story
from core.services.demo.subjects import MAIN_BODY
from core.services.demo.world import World, at_local, demo_id, visit_matter

LICENCE_URL = "http://www.gsxt.gov.cn/index.html?uniscid="
CORRECTION_DAYS = 7
_PROBLEMS = {
    Ending.CORRECTED_ON_SPOT: 1,
    Ending.CORRECTED: 1,
    Ending.CORRECTING: 1,
    Ending.CASE_OPENED: 2,
    Ending.CASE_RUNNING: 2,
}
_CONCLUSIONS = {
    Ending.CORRECTED_ON_SPOT: "spot_conclusion",
    Ending.CORRECTED: "problem_conclusion",
    Ending.CORRECTING: "problem_conclusion",
    Ending.CASE_OPENED: "case_conclusion",
    Ending.CASE_RUNNING: "case_conclusion",
}
_LATE_PATHS = {
    Ending.LATE_SCAN: (EntryPath.NETWORK_DOWN, "network_down"),
    Ending.EMERGENCY: (EntryPath.EMERGENCY, "gas_leak"),
}
ARCHIVE_AFTER_DAYS = 30


def draft(
    world: World,
    *,
    key: str,
    body: str,
    kind: VisitKind,
    enterprise: Enterprise,
    officers: tuple[str, ...],
    planned_from: datetime,
    planned_to: datetime,
    created_at: datetime,
) -> Visit:
    """Return a draft with the items, plan line or trigger that its kind needs. `key` makes its id."""
    identifier = demo_id(created_at, "demo-visit", key)
    dice = Dice(sum(key.encode()), 394)
    plan = _plan(world, body, kind, local(planned_from).year)
    # A visit outside any plan looks at what the body's first plan line names.
    item = world.item_named(body, (plan or world.plans_of(body, local(planned_from).year)[0]).item_name)
    trigger = dice.one_of((TriggerKind.COMPLAINT, TriggerKind.TRANSFER, TriggerKind.DATA_ALERT))
    return Visit(
        id=identifier,
        number=f"{local(created_at):%y%m%d}-{identifier[-4:].upper()}",
        kind=kind,
        subject=body,
        enterprise=enterprise.id,
        enterprise_name=enterprise.name,
        uscc=enterprise.uscc,
        address=enterprise.address,
        items=(item.id,),
        plan=plan.id if plan else "",
        trigger_kind=trigger if kind is VisitKind.CASE else None,
        trigger_no=f"示例线索{local(created_at):%Y%m}-{dice.below(900) + 100}" if kind is VisitKind.CASE else "",
        officers=officers,
        planned_from=planned_from,
        planned_to=planned_to,
        scheme_method=visit_matter()["visit_method"],
        place=enterprise.address,
        created_at=created_at,
        created_by=officers[0],
        is_demo=True,
    )


def _plan(world: World, body: str, kind: VisitKind, year: int) -> Plan | None:
    """Return the plan line that a routine or special visit stands in; other kinds need none."""
    if kind not in (VisitKind.ROUTINE, VisitKind.SPECIAL):
        return None
    lines = world.plans_of(body, year)
    return next(p for p in lines if p.is_special is (kind is VisitKind.SPECIAL) and (p.is_special or not p.months))


def approved(world: World, visit: Visit, *, at: datetime) -> Visit:
    """Return the visit with the head's signed approval; it expires with the planned window."""
    head = world.head_of(visit.subject)
    key = world.head_keys[head.id]
    approval = approve_scheme(
        scheme_of(visit, scheme_id=demo_id(at, "demo-scheme", visit.id)),
        head,
        public_key=key.public,
        sign=partial(world.sign, key.private),
        approved_at=at,
        expires_at=visit.planned_to,
    )
    return moves.approve(visit, approval, at=at)


def past_visit(world: World, story: Story, enterprise: Enterprise) -> Visit:
    """Return the visit of a story as it stands today."""
    begin = at_local(story.day, story.hour, 10)
    visit = draft(
        world,
        key=f"past-{story.number}",
        body=story.body,
        kind=story.kind,
        enterprise=enterprise,
        officers=officers_for(world, story.body, begin, turn=story.number),
        planned_from=at_local(story.day, 8),
        planned_to=at_local(story.day, 20),
        created_at=begin - timedelta(days=0 if story.ending is Ending.EMERGENCY else 3, hours=1),
    )
    if story.ending is Ending.EMERGENCY:
        visit = _orally_approved(world, visit, at=begin - timedelta(minutes=30))
    else:
        visit = approved(world, visit, at=begin - timedelta(days=1))
    if story.ending is Ending.ABORTED:
        visit = moves.abort(visit, reason="企业临时停业,改期(示例)", at=begin)
        return moves.archive(visit, at=begin + timedelta(hours=2))
    if story.ending is not Ending.EMERGENCY:
        visit = moves.notify(visit, at=begin - timedelta(minutes=20))
    visit = moves.pass_gates(visit, at=begin, list_versions=dict(world.list_versions))
    visit = moves.arrive(visit, at=begin)
    if story.ending is Ending.REFUSED:
        refused = Refused(reason_code="no_reason_given", is_justified=False, note="拒绝入内(示例)", at=begin)
        visit = moves.refuse(visit, refused, at=begin + timedelta(minutes=5))
        return moves.archive(visit, at=begin + timedelta(hours=3))
    return ended(world, story, _inspected(story, visit, begin))


def _orally_approved(world: World, visit: Visit, *, at: datetime) -> Visit:
    """Return the visit on the emergency path; the written approval is still owed."""
    report = OralReport(
        leader=world.head_of(visit.subject).id, told_at=at, reason_code="gas_leak", note="燃气泄漏报警(示例)"
    )
    due_at = at + timedelta(hours=GateSettings().approval_makeup_hours)
    return moves.approve_orally(visit, report, by=visit.officers[0], at=at, due_at=due_at)


def officers_for(world: World, body: str, at: datetime, *, turn: int) -> tuple[str, ...]:
    """Return two officers of a body: the two main ones in two of three visits of theirs, else others in turn."""
    known = [officer.id for officer in world.officers_of(body, local_date(at))]
    if body == MAIN_BODY and turn % 3:
        return MAIN_OFFICERS
    others = [identifier for identifier in known if identifier not in MAIN_OFFICERS]
    return (others[turn % len(others)], others[(turn + 1) % len(others)])


def _inspected(story: Story, visit: Visit, begin: datetime) -> Visit:
    """Return the visit from the door to the beginning of the inspection."""
    minute = timedelta(minutes=1)
    read = Scan(
        raw=LICENCE_URL + visit.uscc,
        kind="license_url",
        uscc=visit.uscc,
        uscc_valid=True,
        scanned_at=begin + 3 * minute,
        source="camera",
        officer=visit.officers[0],
    )
    visit = _entered(story, visit, read, at=begin + 3 * minute)
    name, post = Dice(story.number, 5).one_of(visit_matter()["people"])
    visit = moves.identify(visit, PersonMet(name=name, post=post), at=begin + 6 * minute)
    visit = moves.tell_rights(visit, recusal_asked=False, at=begin + 8 * minute)
    visit = moves.begin(visit, at=begin + 10 * minute)
    if story.ending in _LATE_PATHS:
        late = begin + 40 * minute
        visit = moves.register_late_scan(visit, _later(read, late), at=late)
    return visit


def _entered(story: Story, visit: Visit, read: Scan, *, at: datetime) -> Visit:
    """Return the visit past the door: with the code, or on the lawful path of the story."""
    settings = GateSettings()
    by = visit.officers[0]
    if story.ending is Ending.NO_CODE:
        return moves.declare_no_code(visit, reason_code="no_code", note="示例", by=by, at=at)
    if story.ending in _LATE_PATHS:
        path, reason = _LATE_PATHS[story.ending]
        due_at = late_scan_due_at(path, at, settings)
        return moves.declare_late_scan(visit, path=path, reason_code=reason, note="示例", by=by, at=at, due_at=due_at)
    visit = moves.scan(visit, read, at=at)
    if story.ending is Ending.UPLOAD_OWED:
        due_at = late_scan_due_at(EntryPath.NETWORK_DOWN, at, settings)
        assert due_at is not None, "a network failure always has a make-good clock"
        visit = moves.declare_network_down(visit, reason_code="network_down", note="示例", at=at, due_at=due_at)
    return visit


def _later(read: Scan, at: datetime) -> Scan:
    return changed(read, scanned_at=at)


def problem_count(story: Story) -> int:
    """Return how many problems the visit of a story found."""
    more = story.ending is Ending.CORRECTED and story.number % 4 == 0
    return _PROBLEMS.get(story.ending, 0) + more


def ended(world: World, story: Story, visit: Visit) -> Visit:
    """Return the visit from its record to where it stands today."""
    assert visit.inspecting_at is not None, "a visit that ends was inspecting"
    told_at = visit.inspecting_at + timedelta(minutes=75 + story.number % 40)
    words = visit_matter()
    count = problem_count(story)
    conclusion = words[_CONCLUSIONS.get(story.ending, "clean_conclusion")].format(count=count)
    visit = moves.record(visit, conclusion=conclusion, party_opinion="无异议(示例)", at=told_at - timedelta(minutes=10))
    visit = moves.tell_result(visit, at=told_at)
    due = local_date(told_at) + timedelta(days=CORRECTION_DAYS)
    if story.ending in (Ending.CORRECTED, Ending.CORRECTING):
        visit = moves.order_correction(visit, correct_by=due, at=told_at)
    if story.ending is Ending.CORRECTED:
        told_at = at_local(due, 10)
        visit = moves.correct(visit, note=words["correction_note"], at=told_at)
    if story.ending in (Ending.CASE_OPENED, Ending.CASE_RUNNING):
        number = f"示例立案〔{local(told_at).year}〕{story.number + 1}号"
        visit = moves.open_case(visit, number=number, at=told_at)
    return visit if story.ending in OPEN_ENDINGS else _closed(visit, told_at, now=world.now)


def _closed(visit: Visit, at: datetime, *, now: datetime) -> Visit:
    visit = moves.close(visit, at=at + timedelta(minutes=20))
    archived_at = at + timedelta(days=ARCHIVE_AFTER_DAYS)
    return moves.archive(visit, at=archived_at) if archived_at < now else visit


def choose(enterprises: Sequence[Enterprise], taken: set[str], *, turn: int) -> Enterprise:
    """Return the next enterprise that no other visit has; each is visited once, far below any cap."""
    for step in range(len(enterprises)):
        found = enterprises[(turn * 7 + step) % len(enterprises)]
        if found.id not in taken:
            taken.add(found.id)
            return found
    raise AssertionError("the demo has fewer enterprises of a sort than visits to them")
