"""A headquarters in which everything has happened once: what verify, rebuild, backup and export are tried on."""

from __future__ import annotations

import hashlib

from core.domain.documents import DocumentKind
from core.domain.shared_state import Command, CommandKind, Task
from core.hq.work import SqlWork
from core.kernel.records import to_plain
from core.sync.hq_pen import draft
from core.sync.streams import home_stream
from tests.helpers.headquarters import STREAM, Author, Headquarters

PICTURE = b"a picture"


def busy(hq: Headquarters) -> tuple[Author, Author, Author]:
    """Fill a headquarters: two devices of one body, one of another, a fork, a clash, media, numbers, a task."""
    one, two = Author("d-1", clock=hq.clock), Author("d-2", clock=hq.clock)
    far = Author("d-3", clock=hq.clock, stream=home_stream("430104"))
    for author in (one, two, far):
        hq.admit(author)
    first = one.answer(1, identifier="e-1", blobs=(hashlib.sha256(PICTURE).hexdigest(),))
    left = one.answer(1, parents=(first.id,), note="left")
    right = two.answer(1, parents=(first.id,), note="right", blobs=("f" * 64,))
    two.answer(1, parents=("not here yet", left.id, right.id))
    two.answer(1, identifier="e-1", note="other bytes under a known id")
    two.write("dream", "x-1", {"id": "x-1"})
    hq.push(two)
    hq.clock.advance(minutes=5)
    hq.push(one)
    twin = one.copy()
    one.answers(3)
    ask(one, "c-1", size=50)
    twin.answer(7, note="on the clone")
    hq.push(one, 3)
    hq.push(twin, 3)
    task = Task(id="t-1", kind="plan", about="p-1", at=hq.clock.now())
    hq.store.run(STREAM, lambda work: _write(hq, work, task))
    far.answers(2)
    hq.push(far)
    name = hashlib.sha256(PICTURE).hexdigest()
    hq.desk.put_part(one.device, name, 0, PICTURE)
    hq.desk.complete(one.device, name, len(PICTURE))
    return one, two, far


def ask(author: Author, identifier: str, *, size: int = 50, body: str = "某局", year: int = 2026) -> None:
    """Append a command that asks for numbers."""
    command = Command(
        id=identifier,
        kind=CommandKind.LEASE_NUMBERS,
        at=author.clock.now(),
        by="o-1",
        body=body,
        document_kind=DocumentKind.PRIOR_NOTICE,
        year=year,
        size=size,
    )
    author.write("command", identifier, to_plain(command))


def move(author: Author, identifier: str, task: str, *, version: int, to: str) -> None:
    """Append a command that moves a task."""
    command = Command(
        id=identifier,
        kind=CommandKind.MOVE_TASK,
        at=author.clock.now(),
        by="o-1",
        task=task,
        expected_version=version,
        to_state=to,
    )
    author.write("command", identifier, to_plain(command))


def _write(hq: Headquarters, work: SqlWork, task: Task) -> None:
    hq.pen().write(work, (draft(task),))
