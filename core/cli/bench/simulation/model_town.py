"""Towns whose laptops and headquarters live in memory: thousands of schedules a minute, and the model for real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.cli.bench.simulation.ends import Change, Image
from core.cli.bench.simulation.model_disk import StationState
from core.cli.bench.simulation.model_hq import HqState, ModelDesk, ModelHq, Trip
from core.cli.bench.simulation.model_station import ModelStation
from core.cli.bench.simulation.wire import verified
from core.crypto import signing
from core.domain.families import BY_NAME
from core.domain.shared_state import DeviceStatus, StationDevice
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.records import changed, from_plain
from core.sync.directory import FAMILY
from core.sync.entries import Entry, next_hlc
from core.sync.hq_pen import Draft, HqPen, draft
from core.sync.merge import GONE, Projection, leaves, project
from core.sync.wire import PartsAnswer

Written = tuple[bytes, ...]


class ModelLaptop:
    """A laptop (core.cli.bench.simulation.ends.StationEnd)."""

    def __init__(self, state: StationState, clock: Clock, trip: Trip) -> None:
        self.store = ModelStation(state, trip=trip)
        self._clock = clock

    def save(self, changes: Sequence[Change], *, actor: str) -> Written:
        def entries(first: int, hlc: str) -> list[Entry]:
            made: list[Entry] = []
            for n, one in enumerate(changes, first):
                shown = self.store.row(one.family, one.entity)
                parents = one.parents if one.parents is not None else shown.parents if shown else ()
                now = self._clock.now()
                hlc = next_hlc(hlc, now)
                made.append(one.entry(n, hlc, parents=parents, actor=actor, at=now))
            return made

        return self.store.save(entries)

    def settle(self, family: str, entity: str, *, side: int, actor: str) -> Written:
        changes = self.store.changes()[family, entity]
        shown = project(changes, quiet=BY_NAME[family].quiet)
        body = dict(shown.body or {})
        for clash in shown.clashes:
            if clash.field != GONE:
                body[clash.field] = clash.sides[side % len(clash.sides)].value
        parents = tuple(one.id for one in leaves(changes))
        return self.save([Change(family=family, entity=entity, body=body, parents=parents)], actor=actor)

    def open_chain(self, device: str, private: bytes) -> None:
        self.store.open_chain(device, private)

    def subscribe(self, streams: Sequence[str], keys: dict[str, bytes]) -> None:
        self.store.subscribe(streams, keys)

    def sign(self, message: bytes) -> bytes:
        return signing.sign(self.store.state.private, message)

    def row(self, family: str, entity: str) -> Projection | None:
        return self.store.row(family, entity)

    def rows(self) -> dict[tuple[str, str], Projection]:
        return self.store.rows()

    def held(self) -> dict[str, bytes]:
        return self.store.held()

    def faults(self) -> tuple[str, ...]:
        return ()

    def rot(self, dice: int) -> bool:
        state = self.store.state.copy()
        read = state.read[self.store.home]
        if not read:
            return False
        at = dice % len(read)
        state.read[self.store.home] = (*read[:at], *read[at + 1 :])
        self.store.state = state
        return True

    def image(self) -> Image:
        return self.store.state

    def close(self) -> None:
        """Nothing is held open."""


class MediaDesk(ModelDesk):
    """A desk that takes media in, and keeps none of them."""

    def parts(self, device: str, sha256: str) -> PartsAnswer:
        return PartsAnswer(sha256=sha256, is_whole=True)

    def put_part(self, device: str, sha256: str, number: int, content: bytes) -> None:
        raise AssertionError("every blob is whole here")

    def complete(self, device: str, sha256: str, size: int) -> None:
        raise AssertionError("every blob is whole here")

    def blob(self, device: str, sha256: str, *, start: int = 0, limit: int | None = None) -> bytes:
        raise Refusal("sync.blob_damaged", sha256=sha256)


class ModelCentre:
    """A headquarters (core.cli.bench.simulation.ends.CentreEnd)."""

    def __init__(self, clock: Clock, trip: Trip, sign: Callable[[bytes], bytes], public: bytes) -> None:
        self.read = ModelHq(HqState(epoch="epoch-0"), trip=trip)
        self._public = public
        self._clock = clock
        self.pen = HqPen(sign, clock.now)
        self.desks = tuple(MediaDesk(self.read, self.pen, verified) for _ in range(2))

    def open_stream(self, stream: str) -> None:
        self.read.open_stream(stream, self._public)

    def enrol(self, device: str, public: bytes, stream: str, *, past: dict[str, bytes]) -> None:
        for name, key in (*past.items(), (device, public)):
            if name not in self.read.state.devices:
                self.read.add_device(name, stream, key)
                told = StationDevice(
                    id=name,
                    station=name,
                    subject=stream.removeprefix("org/"),
                    public=key.hex(),
                    seal_recipient="",
                    officer="",
                    enrolled_at=self._clock.now(),
                )
                self.write(stream, [draft(told)])

    def set_status(self, device: str, status: DeviceStatus) -> None:
        home = self.read.state.homes.get(device)
        if home is None:
            return
        with self.read.open_work(home) as work:
            held = work.find(FAMILY, device)
            told = from_plain(StationDevice, held.body) if held else None
            if held is not None and told is not None:
                self.pen.write(work, (draft(changed(told, status=status), parents=(held.entry,)),))

    def write(self, stream: str, drafts: Sequence[Draft]) -> None:
        with self.read.open_work(stream) as work:
            self.pen.write(work, drafts)

    def backup(self) -> Image:
        return self.read.moved_durable()

    def restore(self, image: Image, *, epoch: str) -> None:
        assert isinstance(image, HqState)
        self.read.restore(image, epoch)

    def faults(self) -> tuple[str, ...]:
        return ()

    def reopen(self) -> None:
        """What was not committed is not in the state."""

    def close(self) -> None:
        """Nothing is held open."""


class ModelMakers:
    """Makes towns in memory (core.cli.bench.simulation.ends.Makers)."""

    def close(self) -> None:
        """Nothing is held open."""

    def station(self, image: Image | None, *, clock: Clock, trip: Trip) -> ModelLaptop:
        assert image is None or isinstance(image, StationState)
        return ModelLaptop(image or StationState(), clock, trip)

    def centre(self, *, clock: Clock, trip: Trip, sign: Callable[[bytes], bytes], public: bytes) -> ModelCentre:
        return ModelCentre(clock, trip, sign, public)
