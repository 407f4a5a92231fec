"""Sticks: the very slow line. Bundles of the real format, read late, twice, out of order, and sometimes damaged."""

from __future__ import annotations

import random
from collections.abc import Callable

from core.cli.bench.simulation.drawer import Stick
from core.cli.bench.simulation.ends import Died
from core.cli.bench.simulation.laptop import Laptop
from core.cli.bench.simulation.place import Place
from core.cli.bench.simulation.wire import BadWire, verified
from core.kernel.errors import Refusal, Trouble
from core.kernel.ids import new_id
from core.kernel.progress import Unwatched
from core.sync.bundle import HQ, BundleReader, BundleWriter
from core.sync.bundle_in import take_answer_bundle, take_at_hq, take_from_peer
from core.sync.bundle_out import Envelope, write_answer, write_for_hq, write_for_peer


def as_it_is(content: bytes) -> bytes:
    """Seal nothing: whether age works is not what a simulation looks at."""
    return content


def write_to_hq(place: Place, laptop: Laptop) -> None:
    """Write what headquarters is not known to hold."""
    path, store = place.drawer.fresh(), laptop.end.store
    envelope = Envelope(id=new_id(), sender=laptop.device, recipient=HQ, made_at=laptop.clock.now())
    try:
        write_for_hq(
            store,
            laptop.blobs,
            BundleWriter(path, as_it_is),
            envelope,
            laptop.end.sign,
            with_media=True,
            progress=Unwatched(),
        )
    except Died:
        laptop.reopen()
        return
    except Trouble:
        return
    place.drawer.put(Stick(path, laptop.device, HQ, store.own_devices(), store.cursors()))


def write_to_peer(place: Place, laptop: Laptop, other: Laptop) -> None:
    """Write for a colleague what he is not known to hold."""
    path = place.drawer.fresh()
    envelope = Envelope(id=new_id(), sender=laptop.device, recipient=other.device, made_at=laptop.clock.now())
    try:
        write_for_peer(
            laptop.end.store,
            laptop.blobs,
            BundleWriter(path, as_it_is),
            envelope,
            laptop.end.sign,
            with_media=False,
            progress=Unwatched(),
        )
    except Died:
        laptop.reopen()
        return
    except Trouble:
        return
    place.drawer.put(Stick(path, laptop.device, other.device))


def read_at_hq(place: Place, dice: random.Random, rough: int) -> None:
    """Take one of the sticks in at headquarters, and write the answer onto another."""
    sticks = [one for one in place.drawer.sticks if one.recipient == HQ]
    if not sticks:
        return
    stick = dice.choice(sticks)
    line = BadWire(place.post, stick.sender, dice, rough)
    try:
        with _reader(place, stick, HQ, dice, rough, place.publics.get) as reader:
            take_at_hq(reader, line, progress=Unwatched())
        _write_back(place, stick, line)
    except (Trouble, Refusal):
        # It is put in again another day; what went in stays in.
        place.faults.note("stick_refused")


def _write_back(place: Place, stick: Stick, line: BadWire) -> None:
    path = place.drawer.fresh()
    living = stick.devices[-1]
    envelope = Envelope(id=new_id(), sender=HQ, recipient=living, made_at=place.hq_clock.now())
    write_answer(
        line,
        BundleWriter(path, as_it_is),
        envelope,
        place.sign_as_hq,
        sequence=place.drawer.next_sequence(living),
        devices=stick.devices,
        cursors=stick.cursors,
        progress=Unwatched(),
    )
    place.drawer.put(Stick(path, HQ, living))


def read_at_laptop(place: Place, laptop: Laptop, dice: random.Random, rough: int) -> None:
    """Take one of the sticks for this laptop in."""
    sticks = [one for one in place.drawer.sticks if one.recipient == laptop.device]
    if not sticks:
        return
    stick = dice.choice(sticks)
    store = laptop.end.store
    laptop.arm(dice, rough)
    try:
        with _reader(place, stick, laptop.device, dice, rough, store.public_of) as reader:
            if stick.sender == HQ:
                take_answer_bundle(store, laptop.blobs, reader, verified, at=laptop.clock.now(), progress=Unwatched())
            else:
                take_from_peer(store, laptop.blobs, reader, verified, progress=Unwatched())
    except Died:
        laptop.reopen()
    except (Trouble, Refusal):
        place.faults.note("stick_refused")


def _reader(
    place: Place,
    stick: Stick,
    recipient: str,
    dice: random.Random,
    rough: int,
    public_of: Callable[[str], bytes | None],
) -> BundleReader:
    content = stick.path.read_bytes()
    path = place.drawer.folder / "read.isb"
    if rough and dice.random() < 0.15 * rough:
        place.faults.note("stick_damaged")
        at = dice.randrange(len(content))
        content = content[:at] if dice.random() < 0.5 else content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    path.write_bytes(content)

    def public(sender: str) -> bytes | None:
        return place.hq_public if sender == HQ else public_of(sender)

    return BundleReader(path, unseal=as_it_is, verify=verified, public_of=public, recipient=recipient)
