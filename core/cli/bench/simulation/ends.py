"""What the simulation needs of a laptop and of a headquarters, whatever store stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from core.domain.shared_state import DeviceStatus
from core.kernel.clock import Clock
from core.kernel.errors import Trouble
from core.kernel.ids import new_id
from core.kernel.records import Record
from core.sync.entries import Entry
from core.sync.hq_pen import Draft as HqDraft
from core.sync.merge import Projection
from core.sync.ports import ReadHq, StationStore
from core.sync.runs import Run
from core.sync.streams import Page, Reset
from core.sync.wire import ChainAnswer, DigestAnswer, PartsAnswer, PullRequest, PushAnswer

Image = Any
"""The copy of a disk, as only the end that made it understands it."""
Op = Literal["put", "void"]


class Died(BaseException):
    """The machine stopped between two writes; whoever catches this opens the disk again."""


class Broken(Exception):
    """An invariant of sync.md section 4 does not hold."""

    def __init__(self, invariant: int, why: str) -> None:
        super().__init__(f"invariant {invariant}: {why}")
        self.invariant = invariant


class Tripwire:
    """Lets machines die, or their disks be full, at a chosen write: a laptop's and headquarters' apart.

    Args:
        note: Told of everything that it does: "station.died", "hq.full" and the like.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._armed: dict[str, tuple[int, bool]] = {}

    def arm(self, where: str, left: int, *, is_full: bool = False) -> None:
        """Fire at the write after `left` more whose name begins with `where`."""
        self._armed[where] = (left, is_full)

    @property
    def is_armed(self) -> bool:
        """Tell whether some write is going to fail."""
        return bool(self._armed)

    def disarm(self, where: str = "") -> None:
        """Let everything pass again whose name begins with `where`."""
        self._armed = {one: how for one, how in self._armed.items() if not one.startswith(where)}

    def __call__(self, name: str) -> None:
        where = next((one for one in self._armed if name.startswith(one)), None)
        if where is None:
            return
        left, is_full = self._armed[where]
        if left:
            self._armed[where] = (left - 1, is_full)
            return
        if is_full:
            # A full disk stays full until somebody makes room: every write of this session fails.
            self._note(f"{where}full")
            raise Trouble("storage.disk_full", path=name)
        self.disarm(where)
        self._note(f"{where}died")
        raise Died(name)


class Change(Record):
    """One entry that a station is about to write. Without `parents` it edits what is shown."""

    family: str
    entity: str
    body: dict[str, Any]
    op: Op = "put"
    schema: int = 1
    parents: tuple[str, ...] | None = None
    id: str = ""
    """Only of a forged twin: an id that somebody else's entry has."""
    blobs: tuple[str, ...] = ()

    def entry(self, n: int, hlc: str, *, parents: tuple[str, ...], actor: str, at: datetime) -> Entry:
        """Return the entry that it becomes, as number n of its device."""
        return Entry(
            id=self.id or new_id(),
            n=n,
            hlc=hlc,
            fam=self.family,
            ent=self.entity,
            op=self.op,
            parents=parents,
            schema=self.schema,
            actor=actor,
            at=at,
            blobs=self.blobs,
            body=self.body,
        )


class StationEnd(Protocol):
    """One laptop whose disk the simulation holds."""

    @property
    def store(self) -> StationStore: ...

    def save(self, changes: Sequence[Change], *, actor: str) -> tuple[bytes, ...]:
        """Write entries in one transaction, sealed; return their lines."""
        ...

    def settle(self, family: str, entity: str, *, side: int, actor: str) -> tuple[bytes, ...]:
        """Resolve every clash of an entity by taking one side of each; the entry's parents are all leaves."""
        ...

    def open_chain(self, device: str, private: bytes) -> None:
        """Set the chain aside and begin a new one."""
        ...

    def subscribe(self, streams: Sequence[str], keys: dict[str, bytes]) -> None:
        """Read these streams, the home first; `keys` are headquarters' own."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign with the living key."""
        ...

    def row(self, family: str, entity: str) -> Projection | None:
        """Return one row as it is shown here."""
        ...

    def rows(self) -> dict[tuple[str, str], Projection]:
        """Return every row that is shown here, with its clashes."""
        ...

    def held(self) -> dict[str, bytes]:
        """Return every entry on the disk, by id."""
        ...

    def faults(self) -> tuple[str, ...]:
        """Return what the program's own check of this disk finds wrong; a model keeps nothing that could differ."""
        ...

    def rot(self, dice: int) -> bool:
        """Damage what is held of the home stream, without a trace; False where there is nothing to damage."""
        ...

    def image(self) -> Image:
        """Return a copy of the disk."""
        ...

    def close(self) -> None:
        """Let go of the disk, as when the machine stops: what was not committed is gone."""
        ...


class Desk(Protocol):
    """What headquarters does for one request (core.hq.desk)."""

    def chain(self, device: str) -> ChainAnswer: ...

    def push(self, run: Run) -> PushAnswer: ...

    def pull(self, device: str, request: PullRequest) -> tuple[Page | Reset, ...]: ...

    def digest(self, device: str, streams: Sequence[str]) -> DigestAnswer: ...

    def parts(self, device: str, sha256: str) -> PartsAnswer: ...

    def put_part(self, device: str, sha256: str, number: int, content: bytes) -> None: ...

    def complete(self, device: str, sha256: str, size: int) -> None: ...

    def blob(self, device: str, sha256: str, *, start: int = 0, limit: int | None = None) -> bytes: ...


class CentreEnd(Protocol):
    """One headquarters with its workers."""

    @property
    def desks(self) -> Sequence[Desk]: ...

    @property
    def read(self) -> ReadHq:
        """A reader of what is committed, beside the workers."""
        ...

    def open_stream(self, stream: str) -> None:
        """Make a stream, if it is not there."""
        ...

    def enrol(self, device: str, public: bytes, stream: str, *, past: dict[str, bytes]) -> None:
        """Take a device in, or again; `past` are the keys under which the same station wrote before."""
        ...

    def set_status(self, device: str, status: DeviceStatus) -> None:
        """Retire a device, declare it lost, or take it back; its body is told. One that is not known stays so."""
        ...

    def write(self, stream: str, drafts: Sequence[HqDraft]) -> None:
        """Write in headquarters' name."""
        ...

    def backup(self) -> Image:
        """Copy the disk and note at every chain what is inside a backup."""
        ...

    def restore(self, image: Image, *, epoch: str) -> None:
        """Put a backup in place, as the command does."""
        ...

    def faults(self) -> tuple[str, ...]:
        """Return what `hq verify` finds wrong; a model keeps nothing that could differ."""
        ...

    def reopen(self) -> None:
        """Start again after a death: what was not committed is gone."""
        ...

    def close(self) -> None:
        """Let go of the disk."""
        ...


class Makers(Protocol):
    """Makes the ends of one town."""

    def station(self, image: Image | None, *, clock: Clock, trip: Callable[[str], None]) -> StationEnd: ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...

    def centre(
        self, *, clock: Clock, trip: Callable[[str], None], sign: Callable[[bytes], bytes], public: bytes
    ) -> CentreEnd: ...
