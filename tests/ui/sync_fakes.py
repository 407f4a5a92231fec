"""The facade of sync from memory: what a page is told, and what it asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.domain.documents import DocumentKind
from core.domain.numbers import NumberBlock
from core.domain.shared_state import Command, CommandKind, Conflict, ConflictKind, Outcome
from core.kernel.changes import Done, Topic
from core.kernel.errors import Fault
from core.station.peers import Peer, PeerChain, PeerReport
from core.station.relaying import Carried
from core.sync.bundle import BadMember, BundleReport
from core.sync.pull import Pulled
from core.sync.statement import Counts, Difference, Statement

NOW = datetime.fromisoformat("2026-03-17T01:31:00+00:00")
SYNC = frozenset({Topic.SYNC})


@dataclass
class FakeStatus:
    """A station that is enrolled and has nothing to send, unless a test says otherwise."""

    is_enrolled: bool = True
    url: str = "https://hq.example:8443"
    subject: str = "岳麓区市场监督管理局"
    device: str = "d-7f31c09a52be"
    last_success_at: datetime | None = NOW - timedelta(minutes=12)
    last_attempt_at: datetime | None = NOW - timedelta(minutes=12)
    last_error: str = ""
    unconfirmed: int = 0
    oldest_unsynced_at: datetime | None = None
    lease_until: datetime | None = None
    clash_count: int = 0
    blobs_waiting: int = 0
    is_forked: bool = False
    failures: int = 0
    pending: int = 0
    status: str = "active"


def not_enrolled(count: int = 7) -> FakeStatus:
    """Return the status of a station that is its own authority."""
    return FakeStatus(
        is_enrolled=False,
        url="",
        subject="",
        last_success_at=None,
        last_attempt_at=None,
        unconfirmed=count,
        oldest_unsynced_at=NOW - timedelta(days=3),
    )


def statement(*, equal: bool = True, differences: tuple[Difference, ...] = (), only_here: int = 0) -> Statement:
    """Return a statement over 4,182 records."""
    root = "9f3a11c2d07e48b5a6c4f1e09d2b7783" * 2
    return Statement(
        at=NOW - timedelta(minutes=12),
        equal=equal,
        records=Counts(here=4182, there=4182 - only_here, only_here=only_here),
        blobs=Counts(here=96, there=96, only_here=0),
        blob_bytes_there=161_480_704,
        root_here=root,
        root_there=root if equal else root[::-1],
        conflicts=0,
        differences=differences,
        awaited=(),
        durable=4000,
    )


UNEQUAL = statement(
    equal=False,
    only_here=3,
    differences=(
        Difference(what="chain", where="d-7f31c09a52be", here="4182", there="4179"),
        Difference(what="families", where="org/330106 answer", here="1204", there="1203"),
    ),
)


def clash(*fields: str, visit: str = "v-1", values: dict[str, tuple[Any, Any]] | None = None) -> Any:
    """Return a clash of an answer with two values a field."""
    told = values or {one: ("fail", "pass") for one in fields or ("verdict",)}
    people = (("o-1", "张敏"), ("o-2", "李强"))
    sides = tuple(
        SimpleNamespace(
            field=name,
            entry=f"e-{name}-{place}",
            actor=people[place][0],
            actor_name=people[place][1],
            at=NOW - timedelta(hours=5 - place),
            value=value,
        )
        for name, pair in told.items()
        for place, value in enumerate(pair)
    )
    return SimpleNamespace(
        family="answer",
        entity="a-1",
        visit=visit,
        title="湖南某某商贸有限公司 · 疏散通道是否畅通",
        at=NOW - timedelta(hours=4),
        sides=sides,
    )


def doubt(kind: ConflictKind = ConflictKind.CAP) -> Conflict:
    """Return an open doubt."""
    return Conflict(
        id=f"c-{kind.value}",
        kind=kind,
        visit="v-1",
        about="v-1",
        others=("v-2", "v-3"),
        found_at=NOW - timedelta(hours=2),
    )


def note(*, ok: bool = True, error: str = "", minutes_ago: int = 12) -> Any:
    """Return one past session."""
    at = NOW - timedelta(minutes=minutes_ago)
    return SimpleNamespace(
        id=str(minutes_ago),
        at=at,
        ended_at=at + timedelta(seconds=9),
        ok=ok,
        error=error,
        pushed=51 if ok else 0,
        pulled=230 if ok else 0,
        bytes_sent=48_200 if ok else 0,
        bytes_received=190_400 if ok else 0,
    )


def asked(identifier: str = "k-1", *, size: int = 50) -> Command:
    """Return a request for numbers."""
    return Command(
        id=identifier,
        kind=CommandKind.LEASE_NUMBERS,
        at=NOW - timedelta(hours=3),
        by="o-1",
        body="岳麓区市场监督管理局",
        document_kind=DocumentKind.SCENE_RECORD,
        year=2026,
        size=size,
    )


def answered(command: Command, *, reason: str = "") -> Outcome:
    """Return the answer to a request: leased, or refused for a reason."""
    return Outcome(
        id=command.id,
        kind=command.kind,
        device="d-7f31c09a52be",
        accepted=not reason,
        reason=reason,
        at=NOW - timedelta(hours=1),
        first=0 if reason else 251,
        last=0 if reason else 300,
    )


def block(*, left: int, kind: DocumentKind = DocumentKind.SCENE_RECORD, source: str = "hq") -> NumberBlock:
    """Return a block of fifty numbers with some left."""
    return NumberBlock(
        id=f"b-{kind.value}",
        body="岳麓区市场监督管理局",
        kind=kind,
        year=2026,
        station="d-7f31c09a52be",
        first=201,
        last=250,
        next_seq=251 - left,
        leased_at=NOW - timedelta(days=20),
        source=source,
    )


@dataclass
class FakeSync:
    """Answers from its fields and keeps what it was asked for; `fault` is raised by whatever reaches for the line."""

    now: FakeStatus = field(default_factory=not_enrolled)
    stated: Statement | None = None
    notes: tuple[Any, ...] = ()
    open_clashes: tuple[Any, ...] = ()
    open_conflicts: tuple[Conflict, ...] = ()
    quarantined: tuple[tuple[str, str], ...] = ()
    fault: Fault | None = None
    is_repeat: bool = False
    bad: tuple[BadMember, ...] = ()
    pulled: int = 0
    is_erased: bool = False
    asked: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])

    def status(self) -> FakeStatus:
        return self.now

    def last_statement(self) -> Statement | None:
        return self.stated

    def history(self, limit: int) -> tuple[Any, ...]:
        return self.notes[:limit]

    def clashes(self) -> tuple[Any, ...]:
        return self.open_clashes

    def conflicts(self) -> tuple[Conflict, ...]:
        return self.open_conflicts

    def run(self, *, progress: Any) -> Any:
        self.asked.append(("run",))
        if self.fault is not None:
            raise self.fault
        progress.step(1, 2, "push")
        return SimpleNamespace(
            pulled=self.pulled,
            own_confirmed=0,
            lists_taken=(),
            quarantined=self.quarantined,
            state="even",
            is_erased=self.is_erased,
        )

    def preview(self, url: str, code: str) -> Any:
        self.asked.append(("preview", url, code))
        if self.fault is not None:
            raise self.fault
        return SimpleNamespace(
            hq_fingerprint="3F2A 9C01 77DE 10B4",
            own_fingerprint="A001 52BE C09A 7F31",
            root_fingerprint="88C4 0D3E 61F2 BA97",
        )

    def enrol(self, url: str, code: str, *, progress: Any) -> Any:
        self.asked.append(("enrol", url, code))
        if self.fault is not None:
            raise self.fault
        self.now = FakeStatus(url=url, unconfirmed=self.now.unconfirmed)
        seen = self.preview(url, code)
        return SimpleNamespace(device=self.now.device, subject=self.now.subject, **vars(seen))

    def resolve(self, family: str, entity: str, chosen: dict[str, str], note: str) -> Done[None]:
        self.asked.append(("resolve", family, entity, chosen, note))
        if self.fault is not None:
            raise self.fault
        self.open_clashes = ()
        return Done(None, SYNC)

    def settle(self, conflict_id: str, how: str) -> Done[None]:
        self.asked.append(("settle", conflict_id, how))
        self.open_conflicts = ()
        return Done(None, SYNC)

    def request_numbers(self, body: str, kind: DocumentKind, year: int, size: int) -> Done[None]:
        self.asked.append(("request_numbers", body, kind, year, size))
        return Done(None, SYNC)

    def export_bundle(self, path: Path, *, to: str, with_media: bool, progress: Any) -> Any:
        self.asked.append(("export", path, to, with_media))
        if self.fault is not None:
            raise self.fault
        path.write_bytes(bytes(1_800_000))
        return BundleReport(id="b-1", sender=self.now.device, recipient=to, sequence=1, runs=2, blobs=3)

    def import_bundle(self, path: Path, *, progress: Any) -> Any:
        self.asked.append(("import", path))
        if self.fault is not None:
            raise self.fault
        pulled = Pulled() if self.is_repeat else Pulled(entries=12, own_confirmed=43)
        return BundleReport(
            id="b-2",
            sender="hq",
            recipient=self.now.device,
            sequence=4,
            pages=1,
            pulled=pulled,
            bad=self.bad,
            is_repeat=self.is_repeat,
            statement=self.stated,
        )

    def carry(self, files: tuple[Path, ...], answers: Path, *, progress: Any) -> tuple[Carried, ...]:
        self.asked.append(("carry", files, answers))
        if self.fault is not None:
            raise self.fault
        first, *others = files
        taken = Carried(file=first.name, sender="d-77aa", runs=2, blobs=1, answer=str(answers / "answer-d-77aa-1.x"))
        return (taken, *(Carried(file=one.name, fault="bundle.damaged") for one in others))

    def own_fingerprint(self) -> str:
        return "A001 52BE C09A 7F31"

    def wait_for_peer(self, *, told: Any, progress: Any) -> FakeMeeting:
        self.asked.append(("wait",))
        told(("192.168.1.5:47613", "169.254.7.1:47613"))
        return self._met()

    def call_peer(self, address: str, *, progress: Any) -> FakeMeeting:
        self.asked.append(("call", address))
        return self._met()

    def _met(self) -> FakeMeeting:
        if self.fault is not None:
            raise self.fault
        return FakeMeeting(self)


@dataclass
class FakeMeeting:
    """A colleague's laptop at the other end of the cable."""

    sync: FakeSync
    other: Peer = field(
        default_factory=lambda: Peer(
            device="d-77aa", officer="李强", subject="430104", fingerprint="7QHX 2M9D K0A4 9F31"
        )
    )

    def decline(self) -> None:
        self.sync.asked.append(("decline",))

    def exchange(self, *, progress: Any) -> PeerReport:
        self.sync.asked.append(("exchange",))
        if self.sync.fault is not None:
            raise self.sync.fault
        progress.step(1, 2, "peer_send")
        own = self.sync.now.device
        sent = BundleReport(id="b-3", sender=own, recipient=self.other.device, sequence=1, runs=2, blobs=3)
        taken = BundleReport(
            id="b-4",
            sender=self.other.device,
            recipient=own,
            sequence=5,
            runs=1,
            blobs=1,
            bad=self.sync.bad,
            pulled=Pulled(entries=43),
        )
        equal = not self.sync.bad
        chains = (
            PeerChain(device=own, here=1204, there=1204, equal=True),
            PeerChain(device=self.other.device, here=890 if equal else 847, there=890, equal=equal),
        )
        return PeerReport(other=self.other, sent=sent, taken=taken, chains=chains, equal=equal)
