"""Headquarters in memory: the plainest store that keeps every promise of core.sync.ports. The model for the real ones.

A transaction works on a copy of the state and puts it in place when it ends well; whatever can be counted from the log
is counted from the log each time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from core.domain.shared_state import DeviceStatus, KeptEntry, StationDevice
from core.kernel.errors import Refusal
from core.kernel.records import changed, from_plain
from core.sync.digest import NOTHING, added, leaf_value
from core.sync.directory import FAMILY
from core.sync.entries import CHAIN_START, Entry, decode
from core.sync.hq_pen import HqPen
from core.sync.judge import GOOD, judge
from core.sync.ports import DeviceHead, Found, LogRow, StreamHead
from core.sync.pull import give
from core.sync.push import take_run
from core.sync.runs import CheckedRun, Run, RunHeader, Verify, check_run
from core.sync.streams import STREAM_START, Page, Reset, hq_device, is_hq
from core.sync.wire import BlobCount, ChainAnswer, DigestAnswer, PullRequest, PushAnswer, StreamDigest

NUMBER_MARGIN = 1_000

Trip = Callable[[str], None]
Effective = dict[str, tuple[bytes, Entry, bool]]
"""Entry id to line, entry, and whether headquarters wrote it."""


def no_trip(_: str) -> None:
    """Let everything pass."""


def note_effect(effective: Effective, line: bytes, entry: Entry, *, by_hq: bool) -> None:
    """Add what one entry of a stream, and the one that headquarters took in inside of it, makes effective."""
    effective.setdefault(entry.id, (line, entry, by_hq))
    if by_hq and entry.fam == "kept_entry" and entry.op == "put" and judge(entry, by_hq=True) == GOOD:
        kept = from_plain(KeptEntry, entry.body)
        inner = kept.line.encode()
        effective.setdefault(kept.id, (inner, decode(inner), is_hq(kept.device)))


def digest_of(effective: Effective) -> tuple[dict[str, int], bytes]:
    """Return the families and the leaf digest of the effective entries of a stream."""
    families: dict[str, int] = {}
    named: set[tuple[str, str, str]] = set()
    for _, entry, _ in effective.values():
        families[entry.fam] = families.get(entry.fam, 0) + 1
        named |= {(entry.fam, entry.ent, parent) for parent in entry.parents}
    ends = [one for _, one, _ in effective.values() if (one.fam, one.ent, one.id) not in named]
    return families, added(NOTHING, sum(leaf_value(one.fam, one.ent, one.id) for one in ends))


@dataclass(frozen=True)
class HqState:
    """Everything that headquarters keeps. Never changed in place: an old state is a backup."""

    heads: dict[str, StreamHead] = field(default_factory=dict[str, StreamHead])
    devices: dict[str, DeviceHead] = field(default_factory=dict[str, DeviceHead])
    homes: dict[str, str] = field(default_factory=dict[str, str])
    log: dict[str, tuple[LogRow, ...]] = field(default_factory=dict[str, tuple[LogRow, ...]])
    runs: dict[str, tuple[tuple[int, RunHeader], ...]] = field(
        default_factory=dict[str, tuple[tuple[int, RunHeader], ...]]
    )
    forks: tuple[CheckedRun, ...] = ()
    series: dict[tuple[str, str, int], int] = field(default_factory=dict[tuple[str, str, int], int])
    series_start: int = 1
    epoch: str = ""

    def copy(self) -> HqState:
        """Return a state that may be worked on."""
        return replace(
            self,
            heads=dict(self.heads),
            devices=dict(self.devices),
            homes=dict(self.homes),
            log=dict(self.log),
            runs=dict(self.runs),
            series=dict(self.series),
        )


class ModelHqWork:
    """One transaction (core.sync.ports.HqWork)."""

    def __init__(self, stream: str, state: HqState, trip: Trip) -> None:
        self.stream = stream
        self.state = state
        self._trip = trip

    def lock_device(self, device: str) -> DeviceHead | None:
        return self.state.devices.get(device) if self.state.homes.get(device) == self.stream else None

    def lock_stream(self) -> StreamHead:
        return self.state.heads[self.stream]

    def lines(self, device: str, first: int, last: int) -> tuple[bytes, ...]:
        rows = (row for row in self.state.log[self.stream] if row.device == device and first <= row.n <= last)
        return tuple(row.line for row in rows)

    def effective(self) -> Effective:
        return effective_in(self.state, self.stream)

    def known(self, identifiers: Sequence[str]) -> dict[str, bytes]:
        effective = self.effective()
        return {one: effective[one][0] for one in identifiers if one in effective}

    def append(self, run: RunHeader, rows: Sequence[LogRow], *, first_seq: int) -> None:
        self._trip("hq.append")
        state, last = self.state, rows[-1]
        assert first_seq == state.heads[self.stream].seq + 1, "a stream has no gaps"
        state.log[self.stream] = (*state.log[self.stream], *rows)
        self._trip("hq.run")
        state.runs[self.stream] = (*state.runs[self.stream], (first_seq, run))
        self._trip("hq.heads")
        state.heads[self.stream] = changed(state.heads[self.stream], seq=last.seq, head=last.stream_head)
        head = state.devices[run.device]
        state.devices[run.device] = changed(head, n=last.n, chain=run.head, hlc=last.entry.hlc)
        self._know_again(rows)

    def _know_again(self, rows: Sequence[LogRow]) -> None:
        """Know the devices of which headquarters' own lost entries tell: behind them come their chains (F14)."""
        fresh: Effective = {}
        for row in rows:
            if row.effect and is_hq(row.device):
                note_effect(fresh, row.line, row.entry, by_hq=True)
        for _, entry, by_hq in fresh.values():
            if by_hq and entry.fam == FAMILY and entry.op == "put":
                self._know(from_plain(StationDevice, entry.body))

    def _know(self, told: StationDevice) -> None:
        held = self.state.devices.get(told.id)
        if held is None:
            self.state.homes[told.id] = self.stream
            held = DeviceHead(n=0, chain=CHAIN_START, durable=0, status="", public=bytes.fromhex(told.public))
        self.state.devices[told.id] = changed(held, status=told.status.value)

    def keep_fork(self, run: CheckedRun) -> None:
        self._trip("hq.fork")
        if run not in self.state.forks:
            self.state = replace(self.state, forks=(*self.state.forks, run))
        device = run.header.device
        if not is_hq(device) and self.state.devices[device].status == DeviceStatus.ACTIVE.value:
            self.state.devices[device] = changed(self.state.devices[device], status=DeviceStatus.FORKED.value)

    def lease(self, *, body: str, kind: str, year: int, size: int, station: str) -> tuple[int, int]:
        first = self.state.series.get((body, kind, year), self.state.series_start)
        self.state.series[body, kind, year] = first + size
        return first, first + size - 1

    def find(self, family: str, entity: str) -> Found | None:
        found: Entry | None = None
        in_chain = {row.entry.id for row in self.state.log[self.stream]}
        for _, one, by_hq in self.effective().values():
            if by_hq and (one.fam, one.ent) == (family, entity):
                # What was lost and came back beside the chain replaces nothing that was decided since.
                follows = found is None or one.id in in_chain or found.id in one.parents
                found = one if follows else found
        return Found(entry=found.id, body=found.body) if found else None


def effective_in(state: HqState, stream: str) -> Effective:
    """Return the effective entries of a stream, from its log alone."""
    log = state.log.get(stream, ())
    counted = _COUNTED.get(stream)
    if counted is None or counted[0] is not log:
        effective: Effective = {}
        for row in log:
            if row.effect:
                note_effect(effective, row.line, row.entry, by_hq=is_hq(row.device))
        _COUNTED[stream] = (log, effective)
    return _COUNTED[stream][1]


_COUNTED: dict[str, tuple[tuple[LogRow, ...], Effective]] = {}
"""Stream to what was counted last, and from which log: a log is never changed in place."""


class ModelHq:
    """A headquarters: its state, its transactions, its reading (core.sync.ports.ReadHq)."""

    def __init__(self, state: HqState, *, trip: Trip = no_trip) -> None:
        self.state = state
        self.trip = trip

    @contextmanager
    def open_work(self, stream: str) -> Generator[ModelHqWork]:
        """Open a transaction; an exception leaves everything as it was."""
        self.trip("hq.begin")
        work = ModelHqWork(stream, self.state.copy(), self.trip)
        yield work
        self.trip("hq.commit")
        self.state = work.state

    def open_stream(self, stream: str, hq_public: bytes) -> None:
        """Make a stream and headquarters' own chain in it, if they are not there."""
        if stream in self.state.heads:
            return
        state = self.state.copy()
        state.heads[stream] = StreamHead(seq=0, head=STREAM_START, epoch=state.epoch)
        state.log[stream], state.runs[stream] = (), ()
        self.state = state
        self.add_device(hq_device(stream), stream, hq_public)

    def add_device(self, device: str, stream: str, public: bytes) -> None:
        """Let a chain into its home stream; a known one stays as it is."""
        if device in self.state.devices:
            return
        state = self.state.copy()
        state.homes[device] = stream
        state.devices[device] = DeviceHead(n=0, chain=CHAIN_START, durable=0, status="active", public=public)
        self.state = state

    def stream_head(self, stream: str) -> StreamHead | None:
        return self.state.heads.get(stream)

    def head_at(self, stream: str, seq: int) -> bytes | None:
        log = self.state.log.get(stream, ())
        if seq == 0:
            return STREAM_START
        return log[seq - 1].stream_head if seq <= len(log) else None

    def page(self, stream: str, after: int, *, limit: int) -> tuple[tuple[RunHeader, ...], tuple[bytes, ...]]:
        headers: list[RunHeader] = []
        count = 0
        for first, header in self.state.runs[stream]:
            if first > after and (count < limit):
                headers.append(header)
                count += header.count
        return tuple(headers), tuple(row.line for row in self.state.log[stream][after : after + count])

    def digest(self, stream: str) -> StreamDigest:
        head = self.state.heads[stream]
        families, leaves = digest_of(effective_in(self.state, stream))
        return StreamDigest(
            stream=stream, epoch=head.epoch, seq=head.seq, head=head.head, families=families, leaves=leaves
        )

    def moved_durable(self) -> HqState:
        """Return the state as a backup, and note at every chain that it is inside one."""
        self.state = replace(
            self.state, devices={name: changed(one, durable=one.n) for name, one in self.state.devices.items()}
        )
        return self.state

    def restore(self, backup: HqState, epoch: str, *, margin: int = NUMBER_MARGIN) -> None:
        """Put a backup in place: a new epoch, and no number that may have been given out since."""
        # As high as anything that this very disk still knows, too: a backup may be put in place twice.
        start = max(backup.series_start, self.state.series_start) + margin
        series = {
            key: max(self.state.series.get(key, 1), backup.series.get(key, 1)) + margin
            for key in {*backup.series, *self.state.series}
        }
        heads = {name: changed(head, epoch=epoch) for name, head in backup.heads.items()}
        self.state = replace(backup.copy(), heads=heads, series=series, series_start=start, epoch=epoch)


class ModelDesk:
    """What headquarters does for one request (as core.hq.desk.Desk)."""

    def __init__(self, hq: ModelHq, pen: HqPen, verify: Verify) -> None:
        self.hq = hq
        self._pen = pen
        self._verify = verify

    def chain(self, device: str) -> ChainAnswer:
        head = self.hq.state.devices.get(device)
        if head is None:
            raise Refusal("sync.device_unknown", device=device)
        return ChainAnswer(
            device=device,
            have=head.n,
            head=head.chain,
            durable=head.durable,
            status=head.status,
            epoch=self.hq.state.epoch,
            at=self._pen.now(),
        )

    def push(self, run: Run) -> PushAnswer:
        head = self.hq.state.devices.get(run.header.device)
        if head is None:
            raise Refusal("sync.device_unknown", device=run.header.device)
        checked = check_run(run, head.public, self._verify)
        with self.hq.open_work(self.hq.state.homes[run.header.device]) as work:
            return take_run(work, checked, self._pen)

    def pull(self, device: str, request: PullRequest) -> tuple[Page | Reset, ...]:
        return give(self.hq, request, self._receives(device))

    def digest(self, device: str, streams: Sequence[str]) -> DigestAnswer:
        allowed = self._receives(device)
        assert set(streams) <= set(allowed), "a station asks about what it reads"
        return DigestAnswer(
            chain=self.chain(device), streams=tuple(self.hq.digest(one) for one in streams), blobs=BlobCount()
        )

    def _receives(self, device: str) -> tuple[str, ...]:
        if self.chain(device).status in (DeviceStatus.RETIRED.value, DeviceStatus.LOST.value):
            raise Refusal("sync.device_retired", device=device)
        return self.streams(device)

    def streams(self, device: str) -> tuple[str, ...]:
        """Return what a device reads: its home, and what headquarters publishes to all."""
        home = self.hq.state.homes.get(device)
        if home is None:
            raise Refusal("sync.device_unknown", device=device)
        return (home, *(name for name in self.hq.state.heads if name.startswith("ref/")))
