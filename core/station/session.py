"""An unlocked station: the services of one person, wired to the tools."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.crypto import sealing, signing
from core.domain.accounts import Account
from core.domain.lists import ListKind, ListVersion
from core.domain.shared_state import DeviceStatus, StationDevice
from core.domain.station_events import StationEvent, TrustedKey
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.progress import Progress
from core.kernel.records import Record, changed, settle_records
from core.station.backup import Manifest, make_backup
from core.station.identity import pdf_identity
from core.station.link import read_link
from core.station.services import Services
from core.station.unlocked import Unlocked
from core.storage.blobs import FileBlobs
from core.storage.clashes import clashing_in
from core.storage.home import Home
from core.storage.journal import LogReport
from core.storage.main_store import MainStore, device_of, new_device_id
from core.storage.reference import FileReference
from core.storage.work import Device

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.station.sync import SyncStation


class StationInfo(Record):
    """What a station says of itself; nothing secret."""

    station: str
    device: str
    home: str
    is_demo: bool
    entries: int
    head: str
    unsynced: int
    key_id: str
    public: str
    fingerprint: str


class Session(Unlocked):
    """The services of one person at an unlocked station. Close it to lock."""

    def __init__(self, home: Home, store: MainStore, data_key: bytes, *, account: str, clock: Clock) -> None:
        self._home = home
        self.store = store
        self._closed = False
        self.clock = clock
        device = device_of(store, sign=signing.sign)
        folder_key = sealing.derive(data_key, "blobs")
        self.blobs = self.file_blobs = FileBlobs(
            home.blobs,
            seal=lambda content, bound_to: sealing.seal(folder_key, content, bound_to=bound_to),
            unseal=lambda sealed, bound_to: sealing.unseal(folder_key, sealed, bound_to=bound_to),
            overhead=sealing.OVERHEAD_BYTES,
        )
        self._read = store.reader(device, clock=clock, actor="")
        self.list_files = FileReference(
            home.folder, sealing.derive(data_key, "reference"), read_versions=self._list_versions
        )
        self.reference = self.list_files
        with self._read() as work:
            self.account: Account = work.table(Account).get(account)
        self._become(device)
        content = home.read()
        self.station_id, self.is_demo = content.station, content.is_demo
        self.own_forms = home.folder / "forms"
        self.exchange_folder = home.exports
        self.sign_key = store.value(f"sign_key:{self.account.officer}")

    def _become(self, device: Device) -> None:
        """Write in the name of a device from now on."""
        self.device = device
        self.device_id = device.id
        self.public = device.public
        self.open_work = self.store.opener(device, clock=self.clock, actor=self.account.officer)
        self.read_work = self.store.reader(device, clock=self.clock, actor=self.account.officer)

    def sign(self, message: bytes) -> bytes:
        """Sign with the device's key."""
        return self.device.sign(message)

    @classmethod
    def open(cls, home: Home, data_key: bytes, *, account: str, clock: Clock) -> Session:
        """Open the store of a home with its data key."""
        settle_records()
        store = MainStore(home.main_db, sealing.derive(data_key, "database"))
        try:
            return cls(home, store, data_key, account=account, clock=clock)
        except BaseException:
            store.close()
            raise

    @property
    def reading(self) -> Services:
        """The same services over read-only transactions: they never wait for a writer, and refuse to write."""
        return self._reading

    @cached_property
    def _reading(self) -> Services:
        return _Reading(self)

    # The station itself.

    def station_info(self) -> StationInfo:
        """Return what this station is and how far its chain goes."""
        content = self._home.read()
        head = self.store.head()
        return StationInfo(
            station=content.station,
            device=self.device.id,
            home=str(self._home.folder),
            is_demo=content.is_demo,
            entries=head.n,
            head=head.chain.hex(),
            unsynced=self.store.unsynced_count(),
            key_id=signing.key_id_of(self.device.public).hex(),
            public=self.device.public.hex(),
            fingerprint=signing.fingerprint(self.device.public),
        )

    def unsynced_count(self) -> int:
        """Return the number of entries that exist only here."""
        return self.store.unsynced_count()

    def verify_log(self, *, expected_head: str = "") -> LogReport:
        """Check the chain, its seals, and with a head from a paper that nothing behind it was cut off."""
        return self.store.verify_log(check=signing.verify, expected_head=expected_head)

    def differing_rows(self) -> tuple[str, ...]:
        """Return the rows that differ from what the entries give; empty when all is equal."""
        return self.store.differing_rows()

    def backup(self, target: Path, *, progress: Progress) -> Manifest:
        """Write a backup of the whole home.  Raises as core.station.backup.make_backup."""
        with self.list_files.held_still():
            return make_backup(self._home, self.store, target, at=self.clock.now(), progress=progress)

    def begin_after_restore(self) -> None:
        """Open a new chain under a new device that names the old head; first thing after a restore."""
        self._begin_anew("restored")

    def begin_after_fork(self) -> None:
        """Open a new chain, because another copy of this disk went on with the old one; a new code is needed."""
        self._begin_anew("forked")

    def _begin_anew(self, kind: str) -> None:
        old = self.store.head()
        device, private = new_device_id(), signing.new_signing_key()
        before = self.device.id
        self.store.open_new_chain(device=device, private=private, public=signing.public_key_of(private))
        self._become(device_of(self.store, sign=signing.sign))
        self.forget_services()
        with self.open_work() as work:
            event = StationEvent(
                id=new_id(),
                kind=kind,
                at=self.clock.now(),
                device=device,
                old_device=before,
                old_n=old.n,
                old_head=old.chain.hex(),
            )
            work.table(StationEvent).put(event)
        self.numbers.burn_all(kind)

    def forget_services(self) -> None:
        """Make every service anew when it is next asked for: what they stand on has changed."""
        self._forget_services()
        self.__dict__.pop("_reading", None)

    def erase_slots(self) -> None:
        """Erase every account's slot, as headquarters ordered: after locking nobody opens this store again."""
        content = self._home.read()
        self._home.write(changed(content, slots={}, order=()))

    @cached_property
    def sync(self) -> SyncStation:
        """Sync with headquarters and colleagues."""
        from core.station.sync import SyncStation

        return SyncStation(self)

    # What headquarters' part in it asks of the services.

    @property
    def is_enrolled(self) -> bool:
        """Tell whether numbers and lists come from headquarters."""
        return read_link(self.store) is not None

    def clashes_in(self, visit: str) -> int:
        """Return how many records of a visit stand with several values."""
        with self.store.reading.begin() as connection:
            return clashing_in(connection, visit)

    def may_begin(self) -> None:
        """Refuse a new visit after the end of the lease: "sync.lease_over", params until."""
        link = read_link(self.store)
        if link is not None and link.lease_until is not None and link.lease_until < self.clock.now():
            raise Refusal("sync.lease_over", until=f"{local_date(link.lease_until):%Y-%m-%d}")

    # Trust in other stations' papers.

    def trusted_keys(self) -> Mapping[bytes, bytes]:
        """Return public keys by key id: this station's own and those that were vouched for."""
        own = {signing.key_id_of(self.device.public): self.device.public}
        with self.read_work() as work:
            others = work.table(TrustedKey).where()
            told = work.table(StationDevice).where()
        trusted = {bytes.fromhex(key.id): bytes.fromhex(key.public) for key in others if not key.is_void}
        # What a lost laptop signs after its loss is anybody's: a person has to vouch for its key anew.
        publics = [bytes.fromhex(one.public) for one in told if one.status is not DeviceStatus.LOST]
        return own | {signing.key_id_of(public): public for public in publics} | trusted

    def told_certificates(self) -> Mapping[bytes, bytes]:
        """Return certificates for signatures inside files, DER, by key id: those that headquarters told of devices."""
        with self.read_work() as work:
            told = work.table(StationDevice).where()
        return {
            signing.key_id_of(bytes.fromhex(one.public)): base64.b64decode(one.certificate)
            for one in told
            if one.certificate
        }

    def own_key(self, name: str) -> TrustedKey:
        """Return this station's public keys, to be carried to whoever checks its papers."""
        return TrustedKey(
            id=signing.key_id_of(self.device.public).hex(),
            name=name,
            public=self.device.public.hex(),
            certificate=base64.b64encode(self.pdf_identity()[1]).decode(),
            added_at=self.clock.now(),
            added_by=self.account.officer,
            device=self.device.id,
        )

    def trust(self, key: TrustedKey) -> None:
        """Take another station's public keys as known. The fingerprints must have been compared by people."""
        with self.open_work() as work:
            work.table(TrustedKey).put(key)

    def pdf_identity(self) -> tuple[bytes, bytes]:
        """Return (private key, certificate) for signatures inside PDF files, both DER; made once a device."""
        return pdf_identity(self.store, self.device.id, station=self.station_id, now=self.clock.now())

    # Codes.

    def decode_pixels(self, grey: npt.NDArray[np.uint8]) -> tuple[str, ...]:
        """Return the texts of all codes in a grey picture (height × width, uint8); for the errand lane."""
        from core.codes.decode import decode_pixels

        return tuple(found.text for found in decode_pixels(grey))

    def decode_file(self, path: Path) -> tuple[str, ...]:
        """Return the texts of all codes in a picture file.  Raises as core.codes.pictures."""
        from core.codes.pictures import decode_file

        return tuple(found.text for found in decode_file(path))

    def fill_with_demo(self, progress: Progress) -> None:
        """Write the demo station's lists, people and visits."""
        from core.services.demo.build import build_demo

        report = build_demo(
            self.open_work,
            self.reference,
            self.clock,
            new_key=signing.new_signing_key,
            public_of=signing.public_key_of,
            sign=signing.sign,
            blobs=self.blobs,
            progress=progress,
            checklist_of=self.checklists.for_item,
        )
        for officer, private in report.head_keys.items():
            self.store.set_value(f"sign_key:{officer}", private)

    def close(self) -> None:
        """Lock: close every file. Closing twice does nothing."""
        if not self._closed:
            self._closed = True
            self.list_files.close()
            self.store.close()

    def _list_versions(self, *kinds: ListKind) -> Sequence[ListVersion]:
        with self._read() as work:
            return work.table(ListVersion).where(kind=kinds)


class _Reading(Services):
    """The reading twin of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.account = session.account
        self.clock = session.clock
        self.open_work = session.read_work
        self.read_work = session.read_work
        self.reference = session.reference
        self.blobs = session.blobs
        self.sign_key = None
        self.device_id = session.device_id
        self.station_id = session.station_id
        self.public = session.public
        self.own_forms = session.own_forms
        self.sign = session.sign
        self.clashes_in = session.clashes_in
        self.may_begin = session.may_begin
        self.pdf_identity = session.pdf_identity
        self.trusted_keys = session.trusted_keys
        self.told_certificates = session.told_certificates

    @property
    def is_enrolled(self) -> bool:
        return self._session.is_enrolled
