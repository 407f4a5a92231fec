"""What stations and headquarters share: keys, commands and their outcomes, tasks, conflicts that people settle.

A command asks headquarters to move something that several stations share; it is accepted or refused with a reason, and
both are records. Source: sync.md 3.8.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from core.domain.documents import DocumentKind
from core.kernel.ids import cell_id
from core.kernel.records import Record


class DeviceStatus(StrEnum):
    """What headquarters holds of one key of a station."""

    ACTIVE = "active"
    RETIRED = "retired"
    """May still hand over its chain, which is kept and flagged; receives nothing."""
    LOST = "lost"
    """As retired, and its slots are erased at the next contact."""
    FORKED = "forked"
    """Two chains under one key, as after a restored disk image: the station must enrol again."""


class StationDevice(Record):
    """One key identity of a station, as headquarters tells the stations of its body. Written by headquarters only."""

    id: str
    """The device id."""
    station: str
    subject: str
    """The body whose stream is the home of its chain."""
    public: str
    """Ed25519 public key in hex."""
    seal_recipient: str
    """age recipient to which bundles are sealed."""
    officer: str
    status: DeviceStatus = DeviceStatus.ACTIVE
    enrolled_at: datetime
    status_at: datetime | None = None
    status_reason: str = ""
    certificate: str = ""
    """X.509 certificate (DER) in base64, for the signature inside PDF files."""


class CommandKind(StrEnum):
    """What a station may ask headquarters to do."""

    LEASE_NUMBERS = "lease_numbers"
    MOVE_TASK = "move_task"
    SUGGEST = "suggest"
    """A correction of something that headquarters publishes; goes to a person's inbox there."""


class Command(Record):
    """One request, as an entry of the station's own chain."""

    id: str
    kind: CommandKind
    at: datetime
    by: str
    # LEASE_NUMBERS
    body: str = ""
    document_kind: DocumentKind | None = None
    year: int = 0
    size: int = 0
    # MOVE_TASK
    task: str = ""
    expected_version: int = 0
    to_state: str = ""
    # SUGGEST
    subject_kind: str = ""
    subject_id: str = ""
    text: str = ""


class Outcome(Record):
    """Headquarters' answer to one command; its id is the command's. Written by headquarters only."""

    id: str
    kind: CommandKind
    device: str
    accepted: bool
    reason: str = ""
    """Code of the refusal; words: sync.outcome.<reason>."""
    at: datetime
    # LEASE_NUMBERS
    block: str = ""
    body: str = ""
    document_kind: DocumentKind | None = None
    year: int = 0
    first: int = 0
    last: int = 0
    # MOVE_TASK
    task: str = ""
    version: int = 0
    to_state: str = ""


class TaskState(StrEnum):
    """States of a task that several stations could take on."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    DROPPED = "dropped"


TASK_MOVES: dict[TaskState, frozenset[TaskState]] = {
    TaskState.OPEN: frozenset({TaskState.TAKEN, TaskState.DROPPED}),
    TaskState.TAKEN: frozenset({TaskState.OPEN, TaskState.DONE, TaskState.DROPPED}),
    TaskState.DONE: frozenset(),
    TaskState.DROPPED: frozenset(),
}
"""The legal moves of a task."""


class Task(Record):
    """A piece of shared work: a planned visit, a clue, a review. Its state moves by commands only."""

    id: str
    kind: str
    """plan, clue or review."""
    about: str
    """Id of what it is about, such as the plan."""
    state: TaskState = TaskState.OPEN
    version: int = 1
    """Counts the moves; a command names the version that its author saw."""
    holder: str = ""
    """Device that took it."""
    at: datetime


class KeptEntry(Record):
    """An entry that headquarters took in outside its author's chain, with the line as the author sealed it.

    So comes back what was written under a key whose chain had parted: nothing that an author sealed is dropped.
    """

    id: str
    """Id of the entry kept."""
    device: str
    n: int
    why: str
    """fork."""
    line: str
    """The line as it was written."""
    head: str
    """Chain value, in hex, at which the seal of its run stands."""
    seal: str
    """That seal in hex."""
    last: int
    """Number at which the seal stands."""


class ConflictKind(StrEnum):
    """What turned out not to fit after two stations' work came together."""

    CAP = "cap"
    """More visits than the annual cap allows, counting other stations' too."""
    FIRST_TIME = "first_time"
    """A first time was found that was not the first."""
    DETERMINATION = "determination"
    """The facts under a determination changed."""
    PREPARED_PAPER = "prepared_paper"
    """One prepared paper became two final ones, or one although it was taken back."""


class ConflictState(StrEnum):
    """Whether a person has looked."""

    OPEN = "open"
    SETTLED = "settled"


class Conflict(Record):
    """A doubt about a visit or determination that stands until a person settles it; the matter itself is not rewritten.

    The id is the UUIDv5 of kind and matter, so that two stations that find the same doubt meet on one record.
    """

    id: str
    kind: ConflictKind
    visit: str
    about: str
    """Id of the visit, determination or prepared paper in doubt."""
    others: tuple[str, ...] = ()
    """Ids of the visits or determinations that contradict it; of a prepared paper, the papers made of it."""
    found_at: datetime
    state: ConflictState = ConflictState.OPEN
    settled_at: datetime | None = None
    settled_by: str = ""
    settled_how: str = ""


def conflict_id(kind: ConflictKind, about: str) -> str:
    """Return the id of the conflict of one kind about one matter."""
    return cell_id("conflict", kind.value, about)
