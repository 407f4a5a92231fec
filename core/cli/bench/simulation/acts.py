"""What each step of a schedule does. Every choice that a step leaves open comes from its own dice."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from core.cli.bench.simulation import sticks
from core.cli.bench.simulation.ends import Change, Died
from core.cli.bench.simulation.laptop import Laptop
from core.cli.bench.simulation.place import PLANS, Place
from core.cli.bench.simulation.steps import Step
from core.cli.bench.simulation.wire import deliver
from core.domain.checklists import Answer, Verdict
from core.domain.documents import DocumentKind
from core.domain.evidence import Evidence, EvidenceKind
from core.domain.families import BY_RECORD
from core.domain.shared_state import Command, CommandKind, DeviceStatus, Task, TaskState
from core.kernel.ids import cell_id, new_id
from core.kernel.records import Record, from_plain, to_plain
from core.sync.entries import decode
from core.sync.hq_pen import draft

VISITS, POINTS = 2, 3
CLONES_MAX = 2
BACKUPS_MAX = 4

Act = Callable[[Place, Laptop, Step, random.Random], None]


def change(record: Record, **more: Any) -> Change:
    """Return the change that writes a record."""
    family = BY_RECORD[type(record)]
    return Change(family=family.name, entity=str(getattr(record, family.key)), body=to_plain(record), **more)


# What officers do.


def _edit(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    cells = dice.sample([(visit, point) for visit in range(VISITS) for point in range(POINTS)], dice.randint(1, 3))
    laptop.save([_answer(place, laptop, visit, point, dice) for visit, point in cells], dice, step.rough)


def _answer(place: Place, laptop: Laptop, visit: int, point: int, dice: random.Random) -> Change:
    """Return an edit of what is shown: one field or two are changed, the others stay."""
    entity = cell_id("answer", laptop.body, str(visit), str(point))
    shown = laptop.end.row("answer", entity)
    now = laptop.clock.now()
    if shown is None or shown.body is None:
        fresh = Answer(
            id=entity,
            visit=f"visit-{laptop.body}-{visit}",
            item="item",
            point=f"point-{point}",
            answered_at=now,
            answered_by=laptop.actor,
        )
        body = to_plain(fresh)
    else:
        body = dict(shown.body)
    values = {
        "verdict": dice.choice([one.value for one in Verdict]),
        "value": str(dice.randrange(3)),
        "note": f"{laptop.number}.{next(place.notes)}",
    }
    for field in dice.sample(list(values), dice.randint(1, 2)):
        body[field] = values[field]
    return change(from_plain(Answer, body | {"answered_at": to_plain(now), "answered_by": laptop.actor}))


def _settle(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    torn = sorted(place for place, row in laptop.end.rows().items() if row.clashes)
    if torn:
        family, entity = dice.choice(torn)
        side = dice.randrange(4)
        laptop.written(lambda: laptop.end.settle(family, entity, side=side, actor=laptop.actor), dice, step.rough)


def _void(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    alive = sorted(place for place, row in laptop.end.rows().items() if row.body is not None and place[0] == "answer")
    if alive:
        family, entity = dice.choice(alive)
        gone = Change(family=family, entity=entity, body={"reason": "mistaken"}, op="void")
        laptop.save([gone], dice, step.rough)


def _photo(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    content = dice.randbytes(dice.choice((0, 10, 3_000)))
    name = laptop.blobs.put(content)
    now = laptop.clock.now()
    piece = Evidence(
        id=new_id(),
        visit=f"visit-{laptop.body}-0",
        kind=EvidenceKind.PHOTO,
        blob=name,
        size_bytes=len(content),
        media_type="image/jpeg",
        made_at=now,
        made_by=laptop.actor,
    )
    laptop.save([change(piece, blobs=(name,))], dice, step.rough)


def _lease(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    now = laptop.clock.now()
    command = Command(
        id=new_id(),
        kind=CommandKind.LEASE_NUMBERS,
        at=now,
        by=laptop.actor,
        body=laptop.body,
        document_kind=dice.choice(list(DocumentKind)[:2]),
        year=place.hq_clock.now().year,
        size=dice.choice((0, 1, 20, 60)),
    )
    _command(laptop, command, step, dice)


def _move(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    tasks = sorted(place for place in laptop.end.rows() if place[0] == "task")
    row = laptop.end.row(*dice.choice(tasks)) if tasks else None
    if row is None or row.body is None:
        return
    task = from_plain(Task, row.body)
    command = Command(
        id=new_id(),
        kind=CommandKind.MOVE_TASK,
        at=laptop.clock.now(),
        by=laptop.actor,
        task=task.id,
        expected_version=task.version,
        to_state=dice.choice([one.value for one in TaskState]),
    )
    _command(laptop, command, step, dice)


def _command(laptop: Laptop, command: Command, step: Step, dice: random.Random) -> None:
    if laptop.save([change(command)], dice, step.rough):
        laptop.commands.append(command)


def _again(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    """Write one of the own commands a second time, as a hasty program might: it must be carried out once."""
    if laptop.commands:
        laptop.save([change(dice.choice(laptop.commands))], dice, step.rough)


# What a newer, a hostile or a mistaken program writes.


def _future(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    known = dice.random() < 0.5
    one = Change(
        family="answer" if known else "wonder",
        entity=new_id(),
        body={"new": next(place.notes)},
        schema=99 if known else 1,
        parents=(),
    )
    laptop.save([one], dice, step.rough)


def _forge(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    """Write what only headquarters may write, or a record that is none."""
    tasks = sorted(entity for family, entity in laptop.end.rows() if family == "task") or [new_id()]
    task = Task(id=dice.choice(tasks), kind="plan", about="forged", version=99, at=laptop.clock.now())
    broken = Change(family="answer", entity=new_id(), body={"id": "another"}, parents=())
    laptop.save([change(task, parents=()), broken], dice, step.rough)


def _twin(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    """Write under an id that an entry of somebody else has."""
    mine = {laptop.actor}
    # What its disk wrote before it was copied is its own too: no store takes an id twice into one chain.
    held = {one: line for one, line in laptop.end.held().items() if one not in laptop.saved}
    foreign = sorted(one for one, line in held.items() if _actor(line) not in mine)
    if not foreign:
        return
    entity = cell_id("answer", laptop.body, "0", "0")
    answer = _answer(place, laptop, 0, 0, dice)
    twin = Change(family="answer", entity=entity, body=answer.body, parents=(), id=dice.choice(foreign))
    laptop.save([twin], dice, step.rough)


def _actor(line: bytes) -> str:
    return decode(line).actor


# Lines and sticks.


def _sync(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    place.session(laptop, dice, rough=step.rough)


def _peer(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    sticks.write_to_peer(place, laptop, place.at(step.other, dice))


def _stick_out(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    sticks.write_to_hq(place, laptop)


def _stick_in(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    sticks.read_at_hq(place, dice, step.rough)


def _answer_in(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    sticks.read_at_laptop(place, laptop, dice, step.rough)


def _late(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    deliver(place.post, dice)


# Disks.


def _image(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    laptop.keep_image()


def _rollback(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    if laptop.images:
        place.faults.note("rolled_back")
        laptop.roll_back(dice)


def _clone(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    clones = [one for one in place.laptops if one.number >= 100]
    if len(clones) < CLONES_MAX:
        place.faults.note("cloned")
        place.laptops.append(laptop.twin(laptop.number % 100 + 100 * (len(clones) + 1)))


def _lose(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    """The machine is gone for good; its officer gets a new one."""
    place.faults.note("lost")
    laptop.end.close()
    place.laptops[place.laptops.index(laptop)] = place.new_laptop(laptop.number, laptop.body)


def _retire(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    """Headquarters retires a station, declares it lost, takes it back, or lets its officer enrol it anew."""
    device, chosen = laptop.device, dice.random()
    if not place.is_closed(laptop):
        place.faults.note("retired")
        place.centre.set_status(device, DeviceStatus.LOST if chosen < 0.3 else DeviceStatus.RETIRED)
    elif chosen < 0.5:
        place.centre.set_status(device, DeviceStatus.ACTIVE)
    else:
        place.renew(laptop)


def _die(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    place.faults.note("died")
    laptop.reopen()


# Headquarters and time.


def _task(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    task = Task(id=new_id(), kind="plan", about="plan", at=place.hq_clock.now())
    _written_by_hq(place, laptop.home, task, dice, step.rough)


def _publish(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    task = Task(id=new_id(), kind="plan", about="reference", at=place.hq_clock.now())
    _written_by_hq(place, PLANS, task, dice, step.rough)


def _written_by_hq(place: Place, stream: str, task: Task, dice: random.Random, rough: int) -> None:
    if rough and dice.random() < 0.2 * rough:
        place.trip.arm("hq.", dice.randrange(6))
    try:
        place.centre.write(stream, [draft(task)])
    except Died:
        place.centre.reopen()


def _backup(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    place.backups.append(place.centre.backup())
    del place.backups[:-BACKUPS_MAX]


def _restore(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    if place.backups:
        place.faults.note("restored")
        # What was under way days ago does not arrive any more: it would hide that something was lost.
        place.post.mail.clear()
        place.centre.restore(dice.choice(place.backups), epoch=f"epoch-{next(place.epochs)}")


def _clock(place: Place, laptop: Laptop, step: Step, dice: random.Random) -> None:
    place.faults.note("clock")
    (place.hq_clock if dice.random() < 0.15 else laptop.clock).jump(dice)


ACTS: dict[str, Act] = {
    "edit": _edit,
    "settle": _settle,
    "void": _void,
    "photo": _photo,
    "lease": _lease,
    "move": _move,
    "again": _again,
    "future": _future,
    "forge": _forge,
    "twin": _twin,
    "sync": _sync,
    "peer": _peer,
    "stick_out": _stick_out,
    "stick_in": _stick_in,
    "answer_in": _answer_in,
    "late": _late,
    "image": _image,
    "rollback": _rollback,
    "clone": _clone,
    "lose": _lose,
    "retire": _retire,
    "die": _die,
    "task": _task,
    "publish": _publish,
    "backup": _backup,
    "restore": _restore,
    "clock": _clock,
}
"""The act of every kind of step (steps.WEIGHTS)."""
