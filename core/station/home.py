"""A station before anybody has unlocked it: who may, and the growing wait after wrong passwords."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from core.crypto import sealing, signing, slots
from core.crypto.slots import STANDARD_COST, KeySlot, SlotCost
from core.domain.accounts import Account
from core.domain.officers import Role
from core.domain.station_events import StationEvent
from core.kernel.clock import Clock, SystemClock
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.progress import Progress, Unwatched
from core.kernel.records import Record, changed, from_plain, to_plain
from core.station.identity import pdf_identity
from core.station.session import Session
from core.storage.home import FORMAT, Home, StationFile
from core.storage.main_store import MainStore, device_of, new_device_id

PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class NewAccount(Record):
    """An account that was just made, with the password that is shown this once."""

    name: str
    role: str
    password: str


class Station:
    """One laptop's installation, locked. Nothing encrypted is read before `unlock`."""

    def __init__(self, folder: Path, *, clock: Clock | None = None) -> None:
        self.home = Home(folder)
        self._clock = clock or SystemClock()

    @classmethod
    def open(cls, folder: Path, *, clock: Clock | None = None) -> Station:
        """Return the station of the folder.  Raises Refusal "station.missing", "storage.newer_version"."""
        station = cls(folder, clock=clock)
        station.home.read()
        return station

    def accounts(self) -> tuple[str, ...]:
        """Return the names of the accounts, in the order they were made."""
        content = self.home.read()
        return content.order or tuple(content.slots)

    @property
    def is_demo(self) -> bool:
        """Tell whether this is the demo station: 示例数据 stands on every page and paper."""
        return self.home.read().is_demo

    def wait_s(self, account: str) -> int:
        """Return the seconds to wait before the next password may be tried."""
        failures = self.home.read().failures.get(account)
        if failures is None:
            return 0
        delay = timedelta(seconds=slots.unlock_delay_s(failures.count))
        now = self._clock.now()
        # A clock set back must not shorten the wait, nor stretch it beyond one whole delay.
        waited = max(now - failures.last_at, timedelta(0))
        return max(0, -int(-(delay - waited).total_seconds() // 1))

    def unlock(self, account: str, password: str) -> Session:
        """Open the store for the account.

        Raises:
            Refusal: "unlock.wait", params seconds; "unlock.account_missing"; "crypto.wrong_password".
            Trouble: what opening the store may raise (core.storage.main_store).
        """
        content = self.home.read()
        if account not in content.slots:
            raise Refusal("unlock.account_missing", account=account)
        seconds = self.wait_s(account)
        if seconds > 0:
            raise Refusal("unlock.wait", seconds=seconds)
        self.home.note_failure(account, self._clock.now())
        data_key = slots.open_slot(from_plain(KeySlot, content.slots[account]), password)
        self.home.forget_failures(account)
        return Session.open(self.home, data_key, account=account, clock=self._clock)

    def change_password(self, account: str, old: str, new: str, *, cost: SlotCost = STANDARD_COST) -> None:
        """Wrap the data key anew; the store itself does not change.

        Raises:
            Refusal: "crypto.wrong_password", "unlock.password_short".
        """
        check_password(new)
        content = self.home.read()
        data_key = slots.open_slot(from_plain(KeySlot, content.slots[account]), old)
        slot = to_plain(slots.make_slot(account, new, data_key, cost=cost))
        self.home.write(changed(content, slots=content.slots | {account: slot}))


def check_password(password: str) -> None:
    """Refuse a password of fewer than ten characters: "unlock.password_short".

    Length and nothing else: NIST SP 800-63B section 5.1.1.2 asks for at least 8 and against rules of composition.
    """
    if len(password) < 10:
        raise Refusal("unlock.password_short", least=10)


def new_station(
    folder: Path,
    accounts: Sequence[tuple[Account, str]],
    *,
    is_demo: bool = False,
    clock: Clock | None = None,
    cost: SlotCost = STANDARD_COST,
) -> Station:
    """Make a station with its accounts (each with its password) in an empty folder.

    Raises:
        Refusal: "station.exists", "station.folder_not_empty", "unlock.password_short".
        Trouble: "storage.read_only", "storage.disk_full", "storage.unreachable".
    """
    clock = clock or SystemClock()
    home = Home(folder)
    if home.exists():
        raise Refusal("station.exists", path=str(folder))
    if folder.is_dir() and any(folder.iterdir()):
        raise Refusal("station.folder_not_empty", path=str(folder))
    for _, password in accounts:
        check_password(password)
    data_key = slots.new_data_key()
    wrapped = {
        account.name: to_plain(slots.make_slot(account.name, password, data_key, cost=cost))
        for account, password in accounts
    }
    now = clock.now()
    content = StationFile(format=FORMAT, station=f"s-{secrets.token_hex(4)}", created_at=now, is_demo=is_demo, slots={})
    home.create(content)
    _first_entries(home, data_key, accounts, station=content.station, clock=clock, now=now)
    # The accounts come last: a home whose making was cut short has none, and says so.
    home.write(changed(content, slots=wrapped, order=tuple(wrapped)))
    return Station(folder, clock=clock)


def _first_entries(
    home: Home, data_key: bytes, accounts: Sequence[tuple[Account, str]], *, station: str, clock: Clock, now: datetime
) -> None:
    store = MainStore(home.main_db, sealing.derive(data_key, "database"))
    try:
        device, private = new_device_id(), signing.new_signing_key()
        store.open_new_chain(device=device, private=private, public=signing.public_key_of(private))
        opener = store.opener(device_of(store, sign=signing.sign), clock=clock, actor=accounts[0][0].officer)
        with opener() as work:
            work.table(StationEvent).put(StationEvent(id=new_id(), kind="created", at=now, device=device))
            for account, _ in accounts:
                work.table(Account).put(account)
        # Made now, because it takes a large part of a second that the first paper should not wait for.
        pdf_identity(store, device, station=station, now=now)
    finally:
        store.close()


def new_password() -> str:
    """Return a random password of four groups of four letters and digits, none easily confused (78 bits)."""
    letters = "".join(secrets.choice(PASSWORD_LETTERS) for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def demo_station(
    folder: Path, *, progress: Progress | None = None, clock: Clock | None = None, cost: SlotCost = STANDARD_COST
) -> tuple[Station, tuple[NewAccount, ...]]:
    """Make the demo station and return it with its accounts and their passwords, which are shown this once."""
    from core.services.demo.accounts import DEMO_ACCOUNTS

    made = [(account, new_password()) for account in DEMO_ACCOUNTS]
    station = new_station(folder, made, is_demo=True, clock=clock, cost=cost)
    first, password = made[0]
    session = station.unlock(first.name, password)
    try:
        session.fill_with_demo(progress or Unwatched())
    finally:
        session.close()
    shown = tuple(
        NewAccount(name=account.name, role=(account.roles or (Role.OFFICER,))[0].value, password=secret)
        for account, secret in made
    )
    return station, shown
