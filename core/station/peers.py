"""Meeting a colleague's laptop: who it is, two people who agree, two bundles, and what both hold afterwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.crypto import signing
from core.domain.shared_state import DeviceStatus, StationDevice
from core.kernel.errors import Refusal
from core.kernel.progress import Progress
from core.kernel.records import Record
from core.remote.peer import Cable, End, Ends, Side, accepted, connected, listening, meet, own_addresses
from core.remote.peer import Meeting as Line
from core.sync.bundle import BundleReport

if TYPE_CHECKING:
    from core.station.unlocked import Unlocked
    from core.storage.sync_store import SyncStore

Told = Callable[[tuple[str, ...]], object]
"""Told the addresses to type at the other laptop, once this one waits there."""


class Exchanging(Protocol):
    """What an exchange needs of the station's sync (core.station.sync.SyncStation)."""

    store: SyncStore

    def export_bundle(self, path: Path, *, to: str, progress: Progress | None) -> BundleReport: ...

    def import_bundle(self, path: Path, *, progress: Progress | None) -> BundleReport: ...


class Peer(Record):
    """A colleague's laptop. The fingerprint is what its own screen shows as its own."""

    device: str
    officer: str
    subject: str
    fingerprint: str


class PeerChain(Record):
    """How far either laptop holds the records of one of the two."""

    device: str
    here: int
    there: int
    equal: bool


class PeerReport(Record):
    """What an exchange came to. `equal`: each holds the whole chain of the other, to the same hash."""

    other: Peer
    sent: BundleReport
    taken: BundleReport
    chains: tuple[PeerChain, ...]
    equal: bool


class PeerMeeting:
    """A colleague's laptop at the other end of the cable; nothing moved yet. `exchange` or `decline` ends it."""

    def __init__(self, session: Unlocked, sync: Exchanging, line: Line, other: Peer) -> None:
        self._session = session
        self._sync = sync
        self._line = line
        self.other = other

    def exchange(self, *, progress: Progress) -> PeerReport:
        """Wait until the other person agrees too, change bundles, and compare what both hold.

        Raises:
            Refusal: "peer.declined", and as SyncStation.export_bundle and import_bundle.
            Trouble: "peer.broken": nothing was taken in, or all of it; again is the same.
            Cancelled: likewise.
        """
        line, store = self._line, self._sync.store
        line.cable.progress = progress
        try:
            line.agree()
            # What the other side holds by now decides what is sent.
            store.note_bundle(line.other, store.newest_bundle(line.other), line.tails)
            sent_up_to = self._end(self._session.device_id)
            reports: list[BundleReport] = []

            def write(path: Path) -> None:
                reports.append(self._sync.export_bundle(path, to=line.other, progress=progress))

            taken = line.change(
                write, partial(self._sync.import_bundle, progress=progress), self._session.exchange_folder
            )
            ours = Ends(own=sent_up_to, yours=self._end(line.other))
            theirs = line.tell(ours)
        finally:
            line.cable.close()
        chains = self._compared(ours, theirs)
        is_equal = all(one.equal for one in chains) and not taken.bad
        return PeerReport(other=self.other, sent=reports[0], taken=taken, chains=chains, equal=is_equal)

    def decline(self) -> None:
        """Tell the other laptop that this is not who was meant; nothing moves."""
        self._line.decline()

    def _end(self, device: str) -> End:
        tail = self._sync.store.tail(device)
        return End(n=tail.n, chain=tail.chain)

    def _compared(self, ours: Ends, theirs: Ends) -> tuple[PeerChain, ...]:
        own, other = self._session.device_id, self._line.other
        here = self._sync.store.chain_at(own, theirs.yours.n)
        is_sent = theirs.yours.n >= ours.own.n and here == theirs.yours.chain
        # More than was just sent may have come from headquarters: it stands on the same chain.
        is_taken = ours.yours == theirs.own or ours.yours.n > theirs.own.n
        return (
            PeerChain(device=own, here=ours.own.n, there=theirs.yours.n, equal=is_sent),
            PeerChain(device=other, here=ours.yours.n, there=theirs.own.n, equal=is_taken),
        )


def wait_for(
    session: Unlocked, sync: Exchanging, host: str, port: int, *, told: Told, progress: Progress
) -> PeerMeeting:
    """Wait for a colleague's laptop; raises as core.station.sync.SyncStation.wait_for_peer."""
    with listening(host, port) as server:
        taken = int(server.getsockname()[1])
        told(tuple(f"{address}:{taken}" for address in ((host,) if host else own_addresses())))
        connection = accepted(server, progress)
    return met(session, sync, Cable(connection, progress), is_first=False)


def call(session: Unlocked, sync: Exchanging, address: str, port: int, *, progress: Progress) -> PeerMeeting:
    """Call a colleague's laptop that waits; raises as core.station.sync.SyncStation.call_peer.

    Args:
        port: Where the address names none.
    """
    progress.step(0, None, "peer_call")
    host, port = place_of(address, port)
    return met(session, sync, Cable(connected(host, port), progress), is_first=True)


def met(session: Unlocked, sync: Exchanging, cable: Cable, *, is_first: bool) -> PeerMeeting:
    """Learn who is at the other end of a cable; raises as core.remote.peer.meet, and Refusal "peer.not_active"."""
    found: dict[str, StationDevice] = {}

    def public_of(device: str) -> bytes | None:
        with session.read_work() as work:
            known = work.table(StationDevice).find(device)
        if known is None:
            return None
        if known.status is not DeviceStatus.ACTIVE:
            raise Refusal("peer.not_active", officer=known.officer, device=device)
        found[device] = known
        return bytes.fromhex(known.public)

    side = Side(
        device=session.device_id,
        public_of=public_of,
        sign=session.sign,
        verify=signing.verify,
        tails=sync.store.held_tails(),
    )
    try:
        line = meet(cable, side, is_first=is_first)
    except BaseException:
        cable.close()
        raise
    told = found[line.other]
    other = Peer(
        device=told.id,
        officer=told.officer,
        subject=told.subject,
        fingerprint=signing.fingerprint(bytes.fromhex(told.public)),
    )
    return PeerMeeting(session, sync, line, other)


def place_of(address: str, port: int) -> tuple[str, int]:
    """Return host and port of an address as the other laptop shows it.  Raises Refusal "peer.address_unreadable"."""
    host, separator, told = address.strip().rpartition(":")
    if not separator:
        host, told = told, str(port)
    if not host or not (told.isascii() and told.isdigit() and len(told) <= 5) or not 0 < int(told) < 1 << 16:
        raise Refusal("peer.address_unreadable", address=address)
    return host, int(told)
