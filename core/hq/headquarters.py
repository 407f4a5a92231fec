"""Composition root of headquarters: a folder with settings and keys, the database, the store of media, and the parts.

The folder is what makes a machine a worker: copied to another machine, it makes a second worker over the same database.
"""

from __future__ import annotations

import os
import secrets
import socket
from functools import cached_property, partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec

from core.crypto import signing
from core.crypto.slots import STANDARD_COST, SlotCost
from core.hq.auth import Guard
from core.hq.blob_store import ObjectBlobs, open_blobs
from core.hq.bundles import HqBundles
from core.hq.carried import CarriedFiles
from core.hq.desk import Desk
from core.hq.duties import Duties
from core.hq.engine import POSTGRESQL
from core.hq.enrolment import Enrolment
from core.hq.front import Front
from core.hq.keys import SERVICE_FILE, ServiceKeys, new_keys, read_keys
from core.hq.people import HqRole, People
from core.hq.proofs import StoredProofs
from core.hq.publishing import Guardrail, Publishing
from core.hq.rotation import take_next
from core.hq.schedule import Schedule, duties_of
from core.hq.service import Service
from core.hq.sessions import Sessions
from core.hq.store import HqStore
from core.hq.work import HQ_PUBLIC
from core.kernel.clock import Clock, SystemClock
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record, changed, settle_records
from core.sheets.room import SpreadsheetFiles
from core.sync.hq_pen import ACTOR, HqPen

SETTINGS_FILE = "hq.json"
DATABASE_FILE, BLOB_FOLDER = "hq.db", "blobs"
FIRST_ADMIN = "admin"


class HqSettings(Record):
    """What the folder says. Empty addresses mean the folder itself."""

    name: str = "总部"
    database: str = ""
    """`postgresql+psycopg://…` without a password; that comes from PGPASSWORD or PGPASSFILE."""
    blobs: str = ""
    removed_rows_max: int = 50
    """A version of a list that drops more rows than this needs a second person."""
    removed_share_max: float = 0.05
    """So does one that drops more than this share."""
    schedule: Schedule = Schedule()
    """What `hq serve` does by itself."""
    overdue_days: int = 3
    """Days without hearing of a station after which it is shown as overdue."""


class Headquarters:
    """One headquarters, opened.

    Args:
        database, blobs: Addresses that take the place of the folder's.
        cost: Of one guess at a password.

    Raises:
        Refusal: "hq.folder_missing"; "hq.not_begun"; "hq.newer_version".
        Trouble: "hq.keys_unreadable", and those of the database and the store of media.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database: str = "",
        blobs: str = "",
        clock: Clock | None = None,
        cost: SlotCost = STANDARD_COST,
    ) -> None:
        self.folder = folder
        self.clock = clock or SystemClock()
        self.settings = read_settings(folder)
        self.store = HqStore(database or self.settings.database or folder / DATABASE_FILE, clock=self.clock)
        self.keys = self._keys_in_force(folder)
        self._blob_address = blobs or self.settings.blobs or str(folder / BLOB_FOLDER)
        self._cost = cost

    def _keys_in_force(self, folder: Path) -> ServiceKeys:
        """Return the keys that the database names: a worker with an old key file would answer with a key of the past.

        Raises:
            Trouble: "hq.key_mismatch"; the folder's key is not the database's.
        """
        keys = read_keys(folder)
        public = self.store.setting(HQ_PUBLIC)
        if public is None or keys.public == public:
            return keys
        fresh = take_next(folder, public)
        if fresh is None:
            raise Trouble("hq.key_mismatch", folder=str(folder))
        return fresh

    @cached_property
    def blobs(self) -> ObjectBlobs:
        """The store of media."""
        return open_blobs(self._blob_address)

    @cached_property
    def people(self) -> People:
        """Accounts of people at headquarters."""
        return People(self.store.engines, self.clock, cost=self._cost)

    @cached_property
    def enrolment(self) -> Enrolment:
        """Codes and the stations that come with them."""
        return Enrolment(self.store, self.keys, pen=self.pen, clock=self.clock)

    @cached_property
    def desk(self) -> Desk:
        """What headquarters does for devices."""
        return Desk(self.store, self.blobs, pen=self.pen, verify=signing.verify, clock=self.clock)

    @cached_property
    def publishing(self) -> Publishing:
        """Publishing of lists."""
        guardrail = Guardrail(
            removed_rows_max=self.settings.removed_rows_max, removed_share_max=self.settings.removed_share_max
        )
        return Publishing(
            self.store,
            self.blobs,
            sheets=SpreadsheetFiles(),
            pen=self.pen,
            guardrail=guardrail,
            clock=self.clock,
        )

    @cached_property
    def bundles(self) -> HqBundles:
        """Bundles on sticks."""
        versions = self.publishing.versions
        return HqBundles(self.store, self.desk, self.keys, versions=versions, clock=self.clock)

    def pen(self, actor: str = ACTOR) -> HqPen:
        """Return headquarters' pen in the hand of a person."""
        return HqPen(partial(signing.sign, self.keys.private), self.clock.now, actor=actor)

    def service(self, *, with_schedule: bool = False) -> Service:
        """Return what the routes of one worker need.

        Args:
            with_schedule: This worker looks after the duties, too, with the others that do.
        """
        settle_records()
        guard = Guard(
            self.keys.signer(),
            self.keys.private,
            clock=self.clock,
            seen=StoredProofs(self.store.engines, self.clock),
            public_of=self._public_of,
        )
        return Service(
            store=self.store,
            desk=self.desk,
            guard=guard,
            enrolment=self.enrolment,
            people=self.people,
            sessions=Sessions(self.keys.private, self.clock),
            bundles=self.bundles,
            carried=CarriedFiles(self.store, self.blobs),
            clock=self.clock,
            duties=self.duties() if with_schedule else None,
            reseal=self.keys.signer().sign if len(self.store.hq_keys()) > 1 else None,
            name=self.settings.name,
            overdue_days=self.settings.overdue_days,
        )

    def duties(self) -> Duties:
        """Return the schedule in the name of this process."""
        found: list[Duties] = []
        duties = duties_of(
            self.settings.schedule,
            self.store,
            self.blobs,
            sign=self.keys.signer().sign,
            extra=self.backup_members,
            is_stopped=lambda: any(one.is_stopped for one in found),
        )
        holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        found.append(Duties(self.store.engines, duties, clock=self.clock, holder=holder))
        return found[0]

    def backup_members(self) -> dict[str, bytes]:
        """Return what goes into a backup beside the database and the media: settings and service key."""
        return {name: (self.folder / name).read_bytes() for name in (SETTINGS_FILE, SERVICE_FILE)}

    def app(self, *, with_schedule: bool = False) -> Front:
        """Return the application of one worker."""
        from core.hq.app import make_app

        if not self.store.is_begun():
            raise Refusal("hq.not_begun")
        service = self.service(with_schedule=with_schedule)
        return make_app(service, self.keys.signer(), root_signature=self.keys.root_signature)

    def close(self) -> None:
        """Close every connection."""
        self.store.close()

    def _public_of(self, device: str) -> bytes | None:
        row = self.store.directory.find(device)
        return row.public if row is not None else None


def begin(
    folder: Path,
    *,
    settings: HqSettings | None = None,
    admin: str = FIRST_ADMIN,
    password: str = "",
    clock: Clock | None = None,
    cost: SlotCost = STANDARD_COST,
) -> tuple[Headquarters, str]:
    """Make a headquarters: settings, keys, an empty database with a new epoch, the first administrator.

    Returns:
        The headquarters and the administrator's password, which is told once.

    Raises:
        Refusal: "hq.folder_taken", "hq.exists", "hq.password_short".
        Trouble: "hq.keys_unwritable", and those of the database.
    """
    if (folder / SETTINGS_FILE).exists():
        raise Refusal("hq.folder_taken", folder=str(folder))
    given = settings or HqSettings()
    kept = changed(given, database=without_password(given.database))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The log of every body lies in it: nobody else's business on a shared machine.
        folder.chmod(0o700)
        keys = new_keys(folder)
        (folder / SETTINGS_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(kept)))
    except OSError as error:
        raise Trouble("hq.keys_unwritable", path=str(folder), why=error.strerror or "") from error
    headquarters = Headquarters(folder, database=given.database, clock=clock, cost=cost)
    headquarters.store.begin(hq_public=keys.public)
    password = password or "-".join(secrets.token_hex(2) for _ in range(4))
    headquarters.people.add(admin, password, HqRole.ADMIN)
    return headquarters, password


def read_settings(folder: Path) -> HqSettings:
    """Return the folder's settings.  Raises Refusal "hq.folder_missing"; Trouble "hq.settings_unreadable"."""
    path = folder / SETTINGS_FILE
    if not path.exists():
        raise Refusal("hq.folder_missing", folder=str(folder))
    try:
        return msgspec.json.decode(path.read_bytes(), type=HqSettings)
    except (OSError, msgspec.MsgspecError) as error:
        raise Trouble("hq.settings_unreadable", path=str(path)) from error


def without_password(url: str) -> str:
    """Return a database's address without the password that may stand in it."""
    if not url.startswith(POSTGRESQL):
        return url
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}"))
