"""Clashes as a person sees them, and the decision between their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from core.domain.checklists import Answer
from core.domain.enterprises import Enterprise
from core.domain.families import BY_NAME
from core.domain.officers import Officer
from core.domain.visits import Remark, Visit
from core.kernel.errors import Refusal
from core.kernel.records import Record, changed, from_plain
from core.services.ports import Reference, Work
from core.storage.clashes import Clashing
from core.storage.work import StoreWork
from core.sync.merge import GONE, Side

WHOLE = GONE
"""The field of a side that is about the whole record: it was voided on one side and changed on the other."""


class ClashSide(Record):
    """One of several values of one field."""

    field: str
    entry: str
    actor: str
    actor_name: str
    at: datetime
    value: Any


class ClashView(Record):
    """One record with several values, as the page shows it. `at`: when the newest of them was written."""

    family: str
    entity: str
    visit: str
    title: str
    at: datetime
    sides: tuple[ClashSide, ...]


def view_of(clash: Clashing, work: Work, reference: Reference) -> ClashView:
    """Return a clash with the names of people and what it is about."""
    sides = tuple(_side(one.field, side, reference) for one in clash.clashes for side in one.sides)
    return ClashView(
        family=clash.family,
        entity=clash.entity,
        visit=clash.visit,
        title=_title(clash, work, reference),
        at=max(side.at for side in sides),
        sides=sides,
    )


def _side(field: str, side: Side, reference: Reference) -> ClashSide:
    officer = reference.find(Officer, side.actor)
    return ClashSide(
        field=field,
        entry=side.entry,
        actor=side.actor,
        actor_name=officer.name if officer is not None else side.actor,
        at=side.at,
        value=side.value,
    )


def _title(clash: Clashing, work: Work, reference: Reference) -> str:
    visit = work.table(Visit).find(clash.visit) if clash.visit else None
    name = visit.enterprise_name if visit is not None else clash.visit
    if visit is None:
        held = reference.find(Enterprise, clash.visit)
        name = held.name if held is not None else clash.visit or clash.entity
    answer = work.table(Answer).find(clash.entity) if clash.family == "answer" else None
    return f"{name} · {answer.point}" if answer is not None else name


def decide(clash: Clashing, chosen: Mapping[str, str], work: StoreWork, *, note: str, at: datetime) -> None:
    """Write the decision: an entry whose parents are all leaves.

    Args:
        chosen: By field, the entry whose value is taken; every field that clashes must be named.
        note: Why; kept among the remarks of the visit.

    Raises:
        Refusal: "sync.choice_incomplete", params field; "sync.choice_unknown", params field; "sync.choice_odd" (the
            values do not make a record together).
    """
    family = BY_NAME[clash.family]
    body = dict(clash.shown or {})
    for one in clash.clashes:
        entry = chosen.get(one.field)
        if entry is None:
            raise Refusal("sync.choice_incomplete", field=one.field)
        side = next((side for side in one.sides if side.entry == entry), None)
        if side is None:
            raise Refusal("sync.choice_unknown", field=one.field)
        if one.field == WHOLE:
            if side.value is None:
                # Only its author takes a record back; whoever decides for that has it taken back there.
                raise Refusal("sync.choice_odd")
            body = dict(side.value)
        else:
            body[one.field] = side.value
    try:
        record: Any = from_plain(family.record, body)
    except msgspec.ValidationError as error:
        raise Refusal("sync.choice_odd") from error
    remark = Remark(code="clash_decided", note=note.strip(), at=at)
    if note.strip() and isinstance(record, Visit):
        record = changed(record, remarks=(*record.remarks, remark))
    work.table(family.record).put(record, parents=clash.leaves)
    visit = work.table(Visit).find(clash.visit) if clash.visit else None
    if note.strip() and visit is not None and not isinstance(record, Visit):
        work.table(Visit).put(changed(visit, remarks=(*visit.remarks, remark)))
