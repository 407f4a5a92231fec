"""A station in memory: the plainest store that keeps every promise of core.sync.ports. The model for the real one.

Like headquarters in memory: a state is never changed in place, so an old one is the image of a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from core.cli.bench.simulation.model_disk import Line, Read, Seal, StationState
from core.cli.bench.simulation.model_hq import Effective, Trip, digest_of, no_trip, note_effect
from core.crypto import signing
from core.domain.families import BY_NAME, Scope
from core.kernel.errors import Refusal
from core.sync.directory import keys_in
from core.sync.entries import CHAIN_START, Entry, encode, next_chain, seal_text
from core.sync.judge import GOOD, LATER_PROGRAM, judge
from core.sync.merge import Change, Projection, change_of, project
from core.sync.ports import Applied, Tail
from core.sync.runs import CheckedRun, Run, RunHeader
from core.sync.streams import STREAM_START, Cursor, Page, Reset, cursor_after, is_hq
from core.sync.wire import BlobCount, StreamDigest


class ModelStation:
    """A station's store (core.sync.ports.StationStore)."""

    def __init__(self, state: StationState, *, trip: Trip = no_trip) -> None:
        self.state = state
        self.trip = trip
        # What was counted last and from which state: states never change, so it stays true.
        self._counted: tuple[StationState, dict[tuple[str, str], list[Change]]] | None = None
        self._shown: dict[tuple[str, str], Projection] = {}

    # What the station itself writes.

    def open_chain(self, device: str, private: bytes) -> None:
        """Begin a chain under a new key; the old one is kept and its key is gone."""
        state = self.state.copy()
        state.keys[device] = signing.public_key_of(private)
        state.own[device], state.seals[device], state.confirmed[device] = (), (), 0
        self.state = replace(state, devices=(*state.devices, device), private=private)

    def subscribe(self, streams: Iterable[str], keys: dict[str, bytes]) -> None:
        """Read these streams from their start, where they are not read yet."""
        state = self.state.copy()
        for stream in streams:
            state.cursors.setdefault(stream, Cursor(stream=stream))
            state.read.setdefault(stream, ())
        state.keys.update(keys)
        self.state = state

    def save(self, entries: Callable[[int, str], Sequence[Entry]]) -> tuple[bytes, ...]:
        """Write entries of the living chain and seal them: one transaction. `entries` is given number and last hlc."""
        device = self.state.devices[-1]
        state, chain = self.state.copy(), self.state.own[device]
        fresh: list[Line] = []
        head = chain[-1].chain if chain else CHAIN_START
        for entry in entries(len(chain) + 1, chain[-1].entry.hlc if chain else ""):
            self.trip("station.entry")
            raw = encode(entry)
            head = next_chain(head, raw)
            fresh.append(Line(raw=raw, chain=head, entry=entry))
        state.own[device] = (*chain, *fresh)
        n = len(state.own[device])
        seal = Seal(n=n, head=head, seal=signing.sign(state.private, seal_text(device, n, head)))
        state.seals[device] = (*state.seals[device], seal)
        self._commit(state)
        return tuple(line.raw for line in fresh)

    def _commit(self, state: StationState) -> None:
        self.trip("station.commit")
        self.state = state
        self.trip("station.committed")

    # What the protocol asks.

    def own_devices(self) -> tuple[str, ...]:
        return self.state.devices

    def tail(self, device: str) -> Tail:
        if device in self.state.own:
            lines = self.state.own[device]
            return Tail(n=len(lines), chain=lines[-1].chain if lines else CHAIN_START)
        held = [run.header for run in self.state.shelf.values() if run.header.device == device]
        last = max(held, key=lambda header: header.last, default=None)
        return Tail(n=last.last, chain=last.head) if last else Tail(n=0, chain=CHAIN_START)

    def chain_at(self, device: str, n: int) -> bytes | None:
        lines = self.state.own.get(device, ())
        if n == 0:
            return CHAIN_START
        return lines[n - 1].chain if n <= len(lines) else None

    def own_run(self, device: str, first: int, *, entries_max: int, bytes_max: int) -> Run | None:
        lines = self.state.own[device]
        if first > len(lines):
            return None
        size, last = 0, first - 1
        for line in lines[first - 1 : first - 1 + entries_max]:
            size += len(line.raw)
            if size > bytes_max and last >= first:
                break
            last += 1
        seal = self._seal(device, first, last)
        return Run(
            header=RunHeader(
                device=device,
                stream=self.home,
                first=first,
                count=seal.n - first + 1,
                prev=lines[first - 2].chain if first > 1 else CHAIN_START,
                head=seal.head,
                seal=seal.seal,
            ),
            lines=tuple(line.raw for line in lines[first - 1 : seal.n]),
        )

    def _seal(self, device: str, first: int, last: int) -> Seal:
        if device == self.state.devices[-1]:
            head = self.state.own[device][last - 1].chain
            return Seal(n=last, head=head, seal=signing.sign(self.state.private, seal_text(device, last, head)))
        stored = [seal for seal in self.state.seals[device] if seal.n >= first]
        return max((seal for seal in stored if seal.n <= last), key=lambda seal: seal.n, default=stored[0])

    @property
    def home(self) -> str:
        """The stream of this station's chains."""
        return next(name for name in self.state.cursors if name.startswith("org/"))

    def confirmed(self, device: str) -> int:
        there, upto = self.effective(self.home), self.state.confirmed[device]
        for line in self.state.own[device][upto:]:
            if line.entry.id not in there:
                break
            upto += 1
        return upto

    def confirm(self, device: str, have: int, *, durable: int, epoch: str) -> int:
        state, home = self.state.copy(), self.state.cursors[self.home]
        if home.epoch not in ("", epoch):
            return self.unconfirmed()
        if not home.epoch:
            state.cursors[self.home] = Cursor(stream=self.home, epoch=epoch)
            state.confirmed.update(dict.fromkeys(state.confirmed, 0))
        state.confirmed[device] = have
        self._commit(state)
        return self.unconfirmed()

    def cursors(self) -> tuple[Cursor, ...]:
        return tuple(self.state.cursors.values())

    def apply_page(self, page: Page, runs: Sequence[CheckedRun]) -> Applied:
        state = self.state.copy()
        before = self._own_unread(state)
        self.trip("station.page")
        for run in runs:
            self._follow(state, page.stream, run)
            self._shelve(state, run)
            state.read[page.stream] = (*state.read[page.stream], *((run.header.device, one) for one in _lines(run)))
            state.keys.update(keys_in(run))
            self.trip("station.run")
        state.cursors[page.stream] = cursor_after(page)
        self._commit(state)
        entries = [entry for run in runs for entry in run.entries]
        return Applied(
            entries=len(entries),
            own_confirmed=before - self._own_unread(state),
            touched=tuple(dict.fromkeys((entry.fam, entry.ent) for entry in entries)),
            pending=sum(
                judge(entry, by_hq=is_hq(run.header.device)) in LATER_PROGRAM for run in runs for entry in run.entries
            ),
        )

    def _follow(self, state: StationState, stream: str, run: CheckedRun) -> None:
        """Check that a run follows what this stream told of its chain; what is held from elsewhere may have parted."""
        told = [line for device, line in state.read[stream] if device == run.header.device]
        n, chain = (told[-1].entry.n, told[-1].chain) if told else (0, CHAIN_START)
        if (run.header.first, run.header.prev) != (n + 1, chain):
            raise Refusal("sync.page_damaged", stream=stream, seq=0, why="chain")

    def _shelve(self, state: StationState, run: CheckedRun) -> None:
        if run.header.device not in state.own:
            state.shelf[_key_of(run.header)] = run

    def apply_peer_run(self, run: CheckedRun) -> Applied:
        if run.header.device in self.state.own:
            return Applied(entries=0, own_confirmed=0)
        tail = self.tail(run.header.device)
        if run.header.first > tail.n + 1:
            raise Refusal("sync.run_gap", device=run.header.device, have=tail.n)
        state = self.state.copy()
        self._shelve(state, run)
        self._commit(state)
        return Applied(entries=len(run.entries), own_confirmed=0)

    def restart_stream(self, reset: Reset) -> None:
        state = self.state.copy()
        state.cursors[reset.stream] = Cursor(stream=reset.stream, epoch=reset.epoch, seq=0, head=STREAM_START)
        state.read[reset.stream] = ()
        beside = (key for key in state.beside if state.shelf[key].header.stream != reset.stream)
        state = replace(state, beside=frozenset(beside))
        if reset.stream == self.home:
            state.confirmed.update(dict.fromkeys(state.confirmed, 0))
        self._commit(state)

    def held_elsewhere(self) -> Iterable[Run]:
        # By line: under the id of another an entry has no effect, and is there all the same.
        there = {one[0] for stream in self.state.read for one in self.effective(stream).values()}
        there |= {line.raw for read in self.state.read.values() for _, line in read}
        for run in sorted(self.state.shelf.values(), key=_offered):
            if _key_of(run.header) not in self.state.beside and any(line not in there for line in run.lines):
                yield Run(header=run.header, lines=run.lines)

    def note_beside(self, run: RunHeader) -> None:
        self._commit(replace(self.state, beside=self.state.beside | {_key_of(run)}))

    def public_of(self, device: str) -> bytes | None:
        return self.state.keys.get(device)

    def digest(self, stream: str) -> StreamDigest:
        cursor = self.state.cursors[stream]
        families, leaves = digest_of(self.effective(stream))
        return StreamDigest(
            stream=stream, epoch=cursor.epoch, seq=cursor.seq, head=cursor.head, families=families, leaves=leaves
        )

    def clash_count(self) -> int:
        return sum(bool(one.clashes) for one in self.rows().values())

    def blobs_waiting(self, *, limit: int) -> tuple[str, ...]:
        return ()

    def blob_stored(self, sha256: str) -> None:
        """Nothing is kept of blobs here."""

    def blob_count(self) -> BlobCount:
        return BlobCount()

    def unconfirmed(self) -> int:
        return self._own_unread(self.state)

    def _own_unread(self, state: StationState) -> int:
        there = self.effective(self.home) if state is self.state else effective_in(state, self.home)
        return sum(
            line.entry.id not in there
            for device, lines in state.own.items()
            for line in lines[state.confirmed[device] :]
        )

    def next_bundle(self, recipient: str) -> int:
        return self._count(f"to:{recipient}", self.state.bundles.get(f"to:{recipient}", 0) + 1)

    def newest_bundle(self, sender: str) -> int:
        return self.state.bundles.get(f"from:{sender}", 0)

    def note_bundle(self, sender: str, sequence: int, tails: dict[str, int]) -> None:
        self._count(f"from:{sender}", max(sequence, self.newest_bundle(sender)))

    def _count(self, name: str, value: int) -> int:
        state = self.state.copy()
        state.bundles[name] = value
        self._commit(state)
        return value

    def tails_known_to(self, peer: str) -> dict[str, int]:
        return {}

    def held_tails(self) -> dict[str, int]:
        devices = {run.header.device for run in self.state.shelf.values()}
        return {device: self.tail(device).n for device in devices}

    # What a person sees.

    def effective(self, stream: str) -> Effective:
        """Return the effective entries of a stream as far as it was read."""
        return effective_in(self.state, stream)

    def changes(self) -> dict[tuple[str, str], list[Change]]:
        """Return what makes rows here, by family and entity."""
        if self._counted is None or self._counted[0] is not self.state:
            self._counted, self._shown = (self.state, self._changes()), {}
        return self._counted[1]

    def _changes(self) -> dict[tuple[str, str], list[Change]]:
        found = {
            (stream, identifier): one
            for stream in self.state.read
            for identifier, one in self.effective(stream).items()
        }
        for run in self.state.shelf.values():
            for entry, line in zip(run.entries, run.lines, strict=True):
                if not is_hq(run.header.device):
                    found.setdefault((self.home, entry.id), (line, entry, False))
        for lines in self.state.own.values():
            for line in lines:
                found.setdefault((self.home, line.entry.id), (line.raw, line.entry, False))
        mine = {line.entry.id for lines in self.state.own.values() for line in lines}
        changes: dict[tuple[str, str], list[Change]] = {}
        for (_, identifier), (_, entry, by_hq) in found.items():
            if judge(entry, by_hq=by_hq) == GOOD and (_is_shared(entry) or identifier in mine):
                changes.setdefault((entry.fam, entry.ent), []).append(change_of(entry))
        return changes

    def row(self, family: str, entity: str) -> Projection | None:
        """Return one row with its clashes."""
        changes, place = self.changes(), (family, entity)
        if place in changes and place not in self._shown:
            self._shown[place] = project(changes[place], quiet=BY_NAME[family].quiet)
        return self._shown.get(place)

    def rows(self) -> dict[tuple[str, str], Projection]:
        """Return every row with its clashes."""
        return {place: row for place in self.changes() if (row := self.row(*place)) is not None}

    def held(self) -> dict[str, bytes]:
        """Return every entry on this disk, by its id; an own one goes before its twin."""
        found: dict[str, bytes] = {}
        for run in self.state.shelf.values():
            found |= {entry.id: line for entry, line in zip(run.entries, run.lines, strict=True)}
        return found | {line.entry.id: line.raw for lines in self.state.own.values() for line in lines}


def _key_of(header: RunHeader) -> tuple[str, int, bytes]:
    return header.device, header.first, header.head


def _offered(run: CheckedRun) -> tuple[bool, str, int]:
    """Headquarters' own first, since they tell of the devices behind the others; then each chain in its order."""
    return not is_hq(run.header.device), run.header.device, run.header.first


def _lines(run: CheckedRun) -> tuple[Line, ...]:
    return tuple(
        Line(raw=raw, chain=chain, entry=entry)
        for raw, chain, entry in zip(run.lines, run.chains, run.entries, strict=True)
    )


def _is_shared(entry: Entry) -> bool:
    return BY_NAME[entry.fam].scope is not Scope.STATION


def effective_in(state: StationState, stream: str) -> Effective:
    """Return the effective entries of a stream as a state has read it."""
    return _effective_of(state.read.get(stream, ()))


@lru_cache(maxsize=256)
def _effective_of(read: Read) -> Effective:
    effective: Effective = {}
    for device, line in read:
        note_effect(effective, line.raw, line.entry, by_hq=is_hq(device))
    return effective
