"""What the page of sync shows, gathered in one reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.documents import DocumentKind
from core.domain.lists import ListKind, ListVersion
from core.domain.numbers import NumberBlock, is_low, remaining
from core.domain.shared_state import Command, Conflict, ConflictState, DeviceStatus, Outcome, StationDevice
from core.kernel.clock import local_date
from ui.desk import Session
from ui.sync.deciding import questions

HISTORY_SHOWN = 30
ASKS_SHOWN = 40
HQ_LISTS_FROM = 100_001
"""List versions from here on were published by headquarters."""


@dataclass(frozen=True)
class Ask:
    """One request to headquarters and its answer; None while it waits."""

    command: Command
    outcome: Outcome | None

    @property
    def is_refused(self) -> bool:
        return self.outcome is not None and not self.outcome.accepted


@dataclass(frozen=True)
class Stock:
    """Numbers left of one body, kind of paper and year."""

    body: str
    kind: DocumentKind
    year: int
    left: int
    size: int
    is_low: bool
    is_leased: bool
    """Headquarters leased every block that still has numbers."""
    leased_at: datetime


@dataclass(frozen=True)
class SyncView:
    """Everything on the page. The types of the facade are those of core.station.sync."""

    status: Any
    statement: Any
    history: tuple[Any, ...]
    clashes: tuple[Any, ...]
    questions: dict[str, str]
    """The check point that an answer is to, by the id of the answer that clashes."""
    conflicts: tuple[Conflict, ...]
    asks: tuple[Ask, ...]
    stocks: tuple[Stock, ...]
    lists: tuple[ListVersion, ...]
    forked: tuple[StationDevice, ...] = ()
    """Devices of the body whose chain parted, as headquarters told: their officers have to enrol again."""

    @property
    def to_decide(self) -> int:
        """Return how many things wait for a person: clashes and open doubts."""
        return len(self.clashes) + len(self.conflicts)


def read_sync(session: Session) -> SyncView:
    """Return the state of sync as the station knows it now; asks no network."""
    sync = session.sync
    with session.read_work() as work:
        commands = tuple(work.table(Command).where())
        outcomes = tuple(work.table(Outcome).where())
        blocks = tuple(work.table(NumberBlock).where())
        devices = tuple(work.table(StationDevice).where())
    year = local_date(session.clock.now()).year
    clashes = tuple(sync.clashes())
    return SyncView(
        status=sync.status(),
        statement=sync.last_statement(),
        history=tuple(sync.history(HISTORY_SHOWN)),
        clashes=clashes,
        questions=questions(session, clashes),
        conflicts=tuple(one for one in sync.conflicts() if one.state is ConflictState.OPEN),
        asks=asks_of(commands, outcomes),
        stocks=stocks_of(blocks, year),
        lists=lists_from_hq(session),
        forked=tuple(one for one in devices if one.status is DeviceStatus.FORKED),
    )


def asks_of(commands: Iterable[Command], outcomes: Iterable[Outcome]) -> tuple[Ask, ...]:
    """Return the newest requests with their answers: waiting ones first, then refused, then accepted."""
    answered = {one.id: one for one in outcomes}
    asks = [Ask(one, answered.get(one.id)) for one in commands]
    newest = sorted(asks, key=lambda ask: ask.command.at, reverse=True)
    ranked = sorted(newest, key=lambda ask: 0 if ask.outcome is None else 1 if ask.is_refused else 2)
    return tuple(ranked[:ASKS_SHOWN])


def stocks_of(blocks: Iterable[NumberBlock], year: int) -> tuple[Stock, ...]:
    """Return what is left of this year's numbers, and of the next one's, by body and kind; the lowest first."""
    groups: dict[tuple[str, DocumentKind, int], list[NumberBlock]] = {}
    for block in blocks:
        if block.year >= year:
            groups.setdefault((block.body, block.kind, block.year), []).append(block)
    stocks = [
        Stock(
            body=body,
            kind=kind,
            year=of_year,
            left=sum(remaining(one) for one in found),
            size=sum(one.last - one.first + 1 for one in found),
            is_low=is_low(found),
            is_leased=all(one.source == "hq" for one in found if remaining(one)),
            leased_at=max(one.leased_at for one in found),
        )
        for (body, kind, of_year), found in groups.items()
    ]
    return tuple(sorted(stocks, key=lambda one: (not one.is_low, one.body, one.kind.value, one.year)))


def lists_from_hq(session: Session) -> tuple[ListVersion, ...]:
    """Return the newest version of every list that headquarters published."""
    newest = (session.reference.versions(kind) for kind in ListKind)
    ends = (versions[-1] for versions in newest if versions)
    return tuple(one for one in ends if one.version >= HQ_LISTS_FROM)


def colleagues(session: Session) -> tuple[StationDevice, ...]:
    """Return the other stations whose keys headquarters told us, to which a stick may be sealed."""
    with session.read_work() as work:
        devices = work.table(StationDevice).where()
    others = (one for one in devices if one.status is DeviceStatus.ACTIVE and one.station != session.station_id)
    return tuple(sorted(others, key=lambda one: (one.subject, one.officer, one.id)))
