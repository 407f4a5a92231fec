"""The place where a schedule happens: laptops, one headquarters with two workers, the wire, sticks, and time."""

from __future__ import annotations

import hashlib
import itertools
import random
import tempfile
import uuid
from pathlib import Path

from core.cli.bench.simulation.drawer import Drawer
from core.cli.bench.simulation.ends import Broken, Died, Image, Makers, Tripwire
from core.cli.bench.simulation.laptop import Laptop, TickingClock
from core.cli.bench.simulation.ledger import Ledger
from core.cli.bench.simulation.memory_folder import memory_folder
from core.cli.bench.simulation.wire import BadWire, Faults, Post, verified
from core.crypto import signing
from core.kernel.errors import Refusal, Trouble
from core.kernel.ids import ids_from
from core.kernel.progress import Unwatched
from core.sync.session import SessionReport, run_session
from core.sync.streams import hq_device

BODIES = ("330106", "330108")
PLANS = "ref/plans"
CLOSED = frozenset({"retired", "lost"})
RENEWALS_MAX = 3
"""New keys that one laptop takes in one visit to headquarters, before something is wrong."""


class Place:
    """One place from one seed: the same seed gives the same ids, keys and devices, whatever machine it runs on."""

    def __init__(self, seed: int, makers: Makers, *, stations: int) -> None:
        self.seed = seed
        self.makers = makers
        self.faults = Faults()
        self.trip = Tripwire(self.faults.note)
        self.notes = itertools.count(1)
        self.publics: dict[str, bytes] = {}
        self._counter = itertools.count(1)
        self._ids = random.Random(f"ids {seed}")
        self._keys = itertools.count(1)
        self.hq_clock = TickingClock()
        self._hq_private = self.fresh_key("hq")
        self.hq_public = signing.public_key_of(self._hq_private)
        with ids_from(self.new_id):
            self.centre = makers.centre(
                clock=self.hq_clock,
                trip=self.trip,
                sign=self.sign_as_hq,
                public=self.hq_public,
            )
            streams = (*(f"org/{body}" for body in BODIES), PLANS)
            for stream in streams:
                self.centre.open_stream(stream)
        self.ledger = Ledger(self.centre, streams)
        self.post = Post(self.centre, self.trip, self.faults, self.ledger.told, self.ledger.gave)
        self.backups: list[Image] = []
        self._folder = tempfile.TemporaryDirectory(prefix="town-", dir=memory_folder())
        self.drawer = Drawer(Path(self._folder.name))
        self.epochs = itertools.count(1)
        self.laptops: list[Laptop] = []
        for number in range(stations):
            # The last one works for another body: nothing of the others may ever reach it.
            body = BODIES[1] if stations > 2 and number == stations - 1 else BODIES[0]
            self.laptops.append(self.new_laptop(number, body))

    def at(self, who: int, dice: random.Random) -> Laptop:
        """Return the laptop of a number, or one of its clones."""
        return dice.choice([one for one in self.laptops if one.number % 100 == who])

    def fingerprint(self) -> str:
        """Return a hash over where everything stands: equal for two runs of one seed."""
        digest = hashlib.sha256()
        for stream in self.ledger.streams:
            digest.update(repr(self.centre.read.digest(stream)).encode())
        for laptop in self.laptops:
            digest.update(repr((laptop.number, laptop.end.store.cursors(), laptop.end.store.unconfirmed())).encode())
        return digest.hexdigest()

    def session(self, laptop: Laptop, dice: random.Random, *, rough: int) -> SessionReport | None:
        """Let a laptop sync, and enrol anew where headquarters says so; None where the line or the machine broke."""
        for _ in range(RENEWALS_MAX):
            laptop.arm(dice, rough)
            report = self.try_session(laptop, BadWire(self.post, laptop.device, dice, rough))
            if report is None or report.state not in ("forked", "behind"):
                # A retired laptop hands over what it has and stays what it is.
                return report
            self.renew(laptop)
        if rough == 0:
            raise Broken(18, f"laptop {laptop.number} takes one new key after another")
        return None

    def try_session(self, laptop: Laptop, line: BadWire) -> SessionReport | None:
        """Let a laptop sync once; None where the line, the machine or headquarters' memory of it failed.

        Raises Broken where a good line was refused something.
        """
        try:
            return self.try_strictly(laptop, line)
        except Died:
            laptop.reopen()
        except Trouble:
            if line.is_good and not self.trip.is_armed:
                raise
        except Refusal as refusal:
            if refusal.code == "sync.device_unknown" and self.is_unknown(laptop):
                # Restored to a time before this laptop: a person lets it in again, under its own key.
                self.trip.disarm()
                self.admit(laptop)
                return self.try_session(laptop, line) if line.is_good else None
            if line.is_good:
                raise Broken(19, f"laptop {laptop.number} cannot sync: {refusal}") from refusal
        finally:
            self.trip.disarm()
        return None

    def try_strictly(self, laptop: Laptop, line: BadWire, *, is_checked: bool = True) -> SessionReport:
        """Let a laptop sync once and let every fault through."""
        report = run_session(laptop.end.store, laptop.blobs, line, verified, now=laptop.clock.now, progress=Unwatched())
        if is_checked:
            after_a_session(laptop, report)
        return report

    def is_closed(self, laptop: Laptop) -> bool:
        """Tell whether headquarters gives a laptop nothing any more."""
        said = self.ledger.chain_of(laptop.device)
        return said is not None and said.status in CLOSED

    def is_unknown(self, laptop: Laptop) -> bool:
        """Tell whether headquarters does not know one of the devices that a laptop is or was."""
        return any(self.ledger.chain_of(device) is None for device in laptop.end.store.own_devices())

    def renew(self, laptop: Laptop) -> None:
        """Give a laptop a new device and key; its past chains stay and are handed over."""
        laptop.end.open_chain(self.new_device(), self.fresh_key("device"))
        self.admit(laptop)

    def admit(self, laptop: Laptop) -> None:
        """Enrol the living device of a laptop, with those that it was before."""
        devices = laptop.end.store.own_devices()
        publics = {device: laptop.end.store.public_of(device) or b"" for device in devices}
        self.publics |= publics
        self.centre.enrol(
            devices[-1], publics[devices[-1]], laptop.home, past={one: publics[one] for one in devices[:-1]}
        )
        streams = (laptop.home, PLANS)
        laptop.end.subscribe(streams, {hq_device(stream): self.hq_public for stream in streams})

    def new_laptop(self, number: int, body: str) -> Laptop:
        """Return a new laptop of a body, enrolled."""
        clock = TickingClock()
        end = self.makers.station(None, clock=clock, trip=self.trip)
        laptop = Laptop(number, body, self.makers, self.trip, clock, end)
        with ids_from(self.new_id):
            laptop.end.open_chain(self.new_device(), self.fresh_key("device"))
            self.admit(laptop)
        return laptop

    def good_wire(self, laptop: Laptop) -> BadWire:
        """Return a line on which nothing happens."""
        return BadWire(self.post, laptop.device, random.Random(0), 0)

    def sign_as_hq(self, message: bytes) -> bytes:
        """Sign with headquarters' service key."""
        return signing.sign(self._hq_private, message)

    def new_device(self) -> str:
        """Return the id of a new device."""
        return f"d-{self._ids.getrandbits(48):012x}"

    def fresh_key(self, what: str) -> bytes:
        """Return a private key that only this town has."""
        return hashlib.sha256(f"{what} {self.seed} {next(self._keys)}".encode()).digest()

    def new_id(self) -> str:
        """Return the next id: version 7 in form, from the seed alone, in the order in which they are made."""
        value = next(self._counter) << 80 | 7 << 76 | 2 << 62 | self._ids.getrandbits(60)
        return str(uuid.UUID(int=value))

    def close(self) -> None:
        """Let go of every disk."""
        for laptop in self.laptops:
            laptop.end.close()
        self.centre.close()
        self._folder.cleanup()


def after_a_session(laptop: Laptop, report: SessionReport) -> None:
    """Invariants 6, 15 and 23: equal positions, equal contents; and nothing of another body."""
    for one in report.statement.differences if report.statement else ():
        if one.what in ("hash", "leaves", "families"):
            raise Broken(23, f"laptop {laptop.number}, {one.where}: {one.what} {one.here} here, {one.there} there")
    streams = {cursor.stream for cursor in laptop.end.store.cursors()}
    if any(stream.startswith("org/") and stream != laptop.home for stream in streams):
        raise Broken(15, f"laptop {laptop.number} reads {streams}")
