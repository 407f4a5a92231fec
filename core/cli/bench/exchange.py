"""`bench push` and `bench pull`: one real station against headquarters on PostgreSQL, over HTTP on this machine.

The station's store is encrypted as any; what is timed is what a sync does: reading runs, sealing, sending and marking
them, or asking for pages, checking chains and seals, applying them. The peers are measured in the same run where they
can be (peers.py).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from core.cli.bench.figures import Result, at_least, at_most, machine, median, rounded, seconds, settle
from core.cli.bench.hq_matter import BenchHq, serving_hq
from core.cli.bench.peers import Peer, measured_peers
from core.cli.bench.setting import Setting
from core.crypto import signing
from core.domain.checklists import Answer, Verdict
from core.kernel.clock import SystemClock
from core.kernel.ids import cell_id, new_id
from core.remote.line import HttpLine
from core.remote.tokens import Caller
from core.remote.transport import new_client
from core.storage.foreign_chain import HQ_PUBLIC
from core.storage.main_store import MainStore, device_of, new_device_id
from core.storage.own_chain import HOME
from core.storage.sync_store import SyncStore
from core.sync.pull import pull_all
from core.sync.push import push_chain
from core.sync.streams import home_stream

CHANGES_MAX = 10_000
ROUNDS = 3
SAVED_AT_ONCE = 500
WIRE_BYTES = 80
SUBJECT = "bench-body"
PUSH_AIMS = {"anki": 0.8, "pouchdb": 4.0}
PULL_AIMS = {"anki": 1.2, "pouchdb": 6.0}


@dataclass
class Measured:
    """The rounds of one direction."""

    changes: int
    seconds: list[float] = field(default_factory=list[float])
    wire: list[float] = field(default_factory=list[float])
    """Bytes of bodies a change."""

    @property
    def rates(self) -> list[float]:
        return [self.changes / one for one in self.seconds]


class BenchStation:
    """One station: its store and its line."""

    def __init__(self, folder: Path, hq: BenchHq) -> None:
        folder.mkdir()
        self._store = MainStore(folder / "main.db", secrets.token_bytes(32))
        private = signing.new_signing_key()
        public = signing.public_key_of(private)
        self.device = new_device_id()
        self._store.open_new_chain(device=self.device, private=private, public=public)
        hq.admit(self.device, SUBJECT, public)
        # As in a session, which reads its device once.
        living = device_of(self._store, sign=signing.sign)
        self.sync = SyncStore(self._store, lambda: living, size_of=len)
        self._store.set_value(HOME, home_stream(SUBJECT).encode())
        self._store.set_value(HQ_PUBLIC, hq.headquarters.keys.public)
        self.sync.read_streams((home_stream(SUBJECT),))
        self._store.look_around()
        caller = Caller(self.device, public, lambda message: signing.sign(private, message), time.time)
        self._client = new_client(hq.url)
        self.line = HttpLine(
            self._client, caller=caller, verify=signing.verify, root_public=hq.headquarters.keys.root_public
        )

    def save(self, count: int) -> None:
        """Save answers to points, as a visit does, some hundred a transaction."""
        opener = self._store.opener(device_of(self._store, sign=signing.sign), clock=SystemClock(), actor="o-1")
        visit = new_id()
        for first in range(0, count, SAVED_AT_ONCE):
            with opener() as work:
                for number in range(first, min(first + SAVED_AT_ONCE, count)):
                    work.table(Answer).put(_answer(visit, number))

    def push(self) -> int:
        """Hand everything over and return how much was sent."""
        pushed = push_chain(self.sync, self.line, self.device, self.line.chain(self.device), watch=lambda _: None)
        return pushed.sent

    def pull(self) -> int:
        """Read everything and return how much came."""
        return pull_all(self.sync, self.line, signing.verify, watch=lambda _: None).entries

    def close(self) -> None:
        """Close store and line."""
        self._client.close()
        self._store.close()


def run_push(setting: Setting) -> Result:
    """Measure pushing."""
    pushes, _, peers = _both(setting)
    rates = {peer.name: peer.push_rate for peer in peers}
    return _result("push", pushes, peers, rates, PUSH_AIMS, "one station hands its changes over, 500 a request")


def run_pull(setting: Setting) -> Result:
    """Measure pulling."""
    _, pulls, peers = _both(setting)
    rates = {peer.name: peer.pull_rate for peer in peers}
    return _result("pull", pulls, peers, rates, PULL_AIMS, "one station reads another's changes, 2,000 a page")


def _both(setting: Setting) -> tuple[Measured, Measured, tuple[Peer, ...]]:
    count = min(setting.rows, CHANGES_MAX)
    pushes, pulls = Measured(count), Measured(count)
    with (
        TemporaryDirectory(prefix="mingjian-lines-") as name,
        serving_hq() as hq,
        _two(Path(name), hq) as (author, reader),
    ):
        for _ in range(1 if setting.is_quick else ROUNDS):
            author.save(count)
            settle()
            _time(pushes, author, author.push, side=0)
            _time(pulls, reader, reader.pull, side=1)
    return pushes, pulls, measured_peers(setting, count)


def _time(measured: Measured, station: BenchStation, work: Callable[[], int], *, side: int) -> None:
    before = station.line.traffic[side]
    moved: list[int] = []
    measured.seconds.append(seconds(lambda: moved.append(work())))
    assert moved[0] >= measured.changes, "everything was moved"
    measured.wire.append((station.line.traffic[side] - before) / moved[0])


@contextmanager
def _two(folder: Path, hq: BenchHq) -> Generator[tuple[BenchStation, BenchStation]]:
    stations = [BenchStation(folder / name, hq) for name in ("author", "reader")]
    try:
        yield stations[0], stations[1]
    finally:
        for station in stations:
            station.close()


def _answer(visit: str, number: int) -> Answer:
    return Answer(
        id=cell_id(visit, "bench-item-1", f"point-{number}", "0"),
        visit=visit,
        item="bench-item-1",
        point=f"point-{number}",
        verdict=Verdict.PASS,
        note="现场已拍照,见证据清单" if number % 10 == 0 else "",
        answered_at=datetime.now(UTC),
        answered_by="o-1",
    )


def _result(
    name: str, own: Measured, peers: tuple[Peer, ...], rates: dict[str, float], aims: dict[str, float], what: str
) -> Result:
    rate = median(own.rates)
    known = {peer: value for peer, value in rates.items() if value}
    first = next(iter(known), "")
    details: dict[str, float | str] = {"wire bytes a change": rounded(median(own.wire))}
    for peer in peers:
        details[peer.name] = f"{rounded(rates[peer.name]):g} {peer.unit}" if rates[peer.name] else peer.why
    return Result(
        bench=name,
        rows=own.changes,
        figure=rounded(rate),
        unit="changes/s",
        baseline=rounded(known[first]) if first else None,
        ratio=rounded(rate / known[first]) if first else None,
        runs=len(own.rates),
        machine=machine(),
        what=what,
        baseline_what=f"{first}, {next(peer.what for peer in peers if peer.name == first)}" if first else "",
        ratio_means="times the baseline" if first else "",
        lowest=rounded(min(own.rates)),
        highest=rounded(max(own.rates)),
        aims=(
            at_most("wire bytes a change", median(own.wire), WIRE_BYTES),
            *(at_least(f"times {peer}", rate / value, aims[peer]) for peer, value in known.items()),
        ),
        details=details,
    )
