"""A headquarters on a real database, and authors who write chains: what tests of hq are made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.crypto import signing
from core.domain.checklists import Answer, Verdict
from core.domain.shared_state import StationDevice
from core.hq.desk import Desk
from core.hq.device_rows import DeviceRow, new_row
from core.hq.directory import admit
from core.hq.store import HqStore
from core.kernel.clock import FixedClock
from core.kernel.ids import new_id
from core.kernel.records import to_plain
from core.sync.entries import CHAIN_START, Entry, Op, encode, next_chain, next_hlc, seal_text
from core.sync.hq_pen import HqPen
from core.sync.runs import Run, RunHeader
from core.sync.streams import home_stream
from core.sync.wire import PushAnswer
from tests.helpers.clock import standing_clock
from tests.helpers.hq_blobs import MemoryBlobs

SUBJECT = "330106"
STREAM = home_stream(SUBJECT)
HQ_KEY = bytes(range(32))


class Author:
    """One device and what it wrote. The key is made from the name, so that tests are the same every time."""

    def __init__(self, device: str, *, clock: FixedClock | None = None, stream: str = STREAM) -> None:
        self.device = device
        self.stream = stream
        self.private = device.encode().ljust(32, b".")
        self.public = signing.public_key_of(self.private)
        self.clock = clock or standing_clock()
        self.entries: list[Entry] = []
        self.lines: list[bytes] = []
        self.chains: list[bytes] = [CHAIN_START]

    def copy(self) -> Author:
        """Return the same device as it is now, as a restored disk image would give it."""
        twin = Author(self.device, clock=self.clock, stream=self.stream)
        twin.entries, twin.lines, twin.chains = self.entries[:], self.lines[:], self.chains[:]
        return twin

    def write(
        self,
        family: str,
        entity: str,
        body: dict[str, Any],
        *,
        parents: tuple[str, ...] = (),
        op: Op = "put",
        blobs: tuple[str, ...] = (),
        identifier: str = "",
        schema: int = 1,
    ) -> Entry:
        """Append one entry."""
        entry = Entry(
            id=identifier or new_id(),
            n=len(self.lines) + 1,
            hlc=next_hlc(self.entries[-1].hlc if self.entries else "", self.clock.now()),
            fam=family,
            ent=entity,
            op=op,
            parents=parents,
            schema=schema,
            actor="o-1",
            at=self.clock.now(),
            blobs=blobs,
            body=body,
        )
        self.entries.append(entry)
        self.lines.append(encode(entry))
        self.chains.append(next_chain(self.chains[-1], self.lines[-1]))
        return entry

    def answer(self, number: int, *, parents: tuple[str, ...] = (), note: str = "", **more: Any) -> Entry:
        """Append the answer to point `number`."""
        return self.write("answer", f"a-{number}", answer_body(number, note=note), parents=parents, **more)

    def answers(self, count: int) -> list[Entry]:
        """Append answers to as many points of their own."""
        start = len(self.lines)
        return [self.answer(start + at, identifier=f"{self.device}-{start + at}") for at in range(count)]

    def run(self, first: int = 1, count: int | None = None) -> Run:
        """Return a sealed run of the chain."""
        last = len(self.lines) if count is None else first + count - 1
        head = self.chains[last]
        header = RunHeader(
            device=self.device,
            stream=self.stream,
            first=first,
            count=last - first + 1,
            prev=self.chains[first - 1],
            head=head,
            seal=signing.sign(self.private, seal_text(self.device, last, head)),
        )
        return Run(header=header, lines=tuple(self.lines[first - 1 : last]))


def answer_body(number: int, *, note: str = "") -> dict[str, Any]:
    """Return the plain form of an answer."""
    clock = standing_clock()
    answer = Answer(
        id=f"a-{number}",
        visit="v-1",
        item="i-1",
        point=f"p-{number}",
        verdict=Verdict.PASS,
        note=note,
        answered_at=clock.now(),
        answered_by="o-1",
    )
    return to_plain(answer)


class Headquarters:
    """A store with its desk; begun anew where the database is empty."""

    def __init__(self, database: str | Path, *, clock: FixedClock | None = None) -> None:
        self.clock = clock or standing_clock()
        self.store = HqStore(database, clock=self.clock)
        if not self.store.is_begun():
            self.store.begin(hq_public=signing.public_key_of(HQ_KEY))
        self.blobs = MemoryBlobs()
        self.desk = Desk(self.store, self.blobs, pen=self.pen, verify=signing.verify, clock=self.clock)

    def pen(self) -> HqPen:
        """Return headquarters' pen."""
        return HqPen(lambda message: signing.sign(HQ_KEY, message), self.clock.now)

    def admit(self, author: Author, *, reads: tuple[str, ...] = (), station: str = "") -> DeviceRow:
        """Take an author's device in."""
        told = StationDevice(
            id=author.device,
            station=station or f"s-{author.device}",
            subject=author.stream.removeprefix("org/"),
            public=author.public.hex(),
            seal_recipient="age1",
            officer="o-1",
            enrolled_at=self.clock.now(),
        )
        row = new_row(told, reads=reads)
        return self.store.run(row.home_stream, lambda work: admit(work, self.pen(), row))

    def push(self, author: Author, first: int = 1, count: int | None = None) -> PushAnswer:
        """Push a run of an author's chain."""
        return self.desk.push(author.run(first, count))

    def log(self, stream: str = STREAM) -> tuple[bytes, ...]:
        """Return every line of a stream."""
        lines: list[bytes] = []
        while page := self.store.read.page(stream, len(lines), limit=500)[1]:
            lines += page
        return tuple(lines)

    def leaves(self, stream: str = STREAM) -> bytes:
        """Return the digest of a stream's leaves."""
        return self.store.read.digest(stream).leaves

    def close(self) -> None:
        """Close every connection."""
        self.store.close()


def lines_of(*authors: Author) -> Sequence[bytes]:
    """Return the lines that authors wrote."""
    return [line for author in authors for line in author.lines]
