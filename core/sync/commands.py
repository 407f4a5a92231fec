"""Commands: what headquarters answers when a station asks for something that is shared. One outcome a command.

Two stations may ask for the same thing; the order in which headquarters takes their entries in decides, and the loser
is told why. Source: sync.md 3.8; invariant 11, F27.
"""

from __future__ import annotations

from datetime import datetime

from core.domain.shared_state import TASK_MOVES, Command, CommandKind, Outcome, Task, TaskState
from core.kernel.records import changed, from_plain
from core.sync.entries import Entry
from core.sync.hq_pen import Draft, draft
from core.sync.ports import HqWork

FAMILY = "command"
LEASE_MAX = 200
"""Numbers in one block that a station may ask for."""


def answer(work: HqWork, device: str, entry: Entry, *, now: datetime) -> tuple[Draft, ...]:
    """Return what headquarters writes in answer to one command: the outcome, and what it moved."""
    if work.find("outcome", entry.ent) is not None:
        # The same command under a second entry: it was answered, and is not carried out again.
        return ()
    command = from_plain(Command, entry.body)
    match command.kind:
        case CommandKind.LEASE_NUMBERS:
            return (draft(_lease(work, device, command, now)),)
        case CommandKind.MOVE_TASK:
            return _move(work, device, command, now)
        case CommandKind.SUGGEST:
            return (draft(_outcome(command, device, now, accepted=True)),)


def _outcome(command: Command, device: str, now: datetime, *, accepted: bool, reason: str = "") -> Outcome:
    return Outcome(id=command.id, kind=command.kind, device=device, accepted=accepted, reason=reason, at=now)


def _lease(work: HqWork, device: str, command: Command, now: datetime) -> Outcome:
    if command.document_kind is None or not command.body or not 1 <= command.size <= LEASE_MAX:
        return _outcome(command, device, now, accepted=False, reason="lease_senseless")
    if not now.year - 1 <= command.year <= now.year + 1:
        return _outcome(command, device, now, accepted=False, reason="year_far")
    leased = work.lease(
        body=command.body, kind=command.document_kind.value, year=command.year, size=command.size, station=device
    )
    if leased is None:
        return _outcome(command, device, now, accepted=False, reason="body_of_another")
    first, last = leased
    return changed(
        _outcome(command, device, now, accepted=True),
        block=command.id,
        body=command.body,
        document_kind=command.document_kind,
        year=command.year,
        first=first,
        last=last,
    )


def _move(work: HqWork, device: str, command: Command, now: datetime) -> tuple[Draft, ...]:
    found = work.find("task", command.task)
    if found is None:
        return (draft(_outcome(command, device, now, accepted=False, reason="task_missing")),)
    task = from_plain(Task, found.body)
    reason = _objection(task, device, command)
    if reason:
        return (draft(_outcome(command, device, now, accepted=False, reason=reason)),)
    to_state = TaskState(command.to_state)
    moved = changed(
        task,
        state=to_state,
        version=task.version + 1,
        holder="" if to_state is TaskState.OPEN else device,
        at=now,
    )
    said = changed(
        _outcome(command, device, now, accepted=True), task=task.id, version=moved.version, to_state=to_state.value
    )
    return draft(said), draft(moved, parents=(found.entry,))


def _objection(task: Task, device: str, command: Command) -> str:
    if command.expected_version != task.version:
        return "version_passed"
    if command.to_state not in {state.value for state in TASK_MOVES[task.state]}:
        return "move_illegal"
    if task.holder and task.holder != device and command.to_state == TaskState.DONE:
        return "held_by_another"
    return ""
