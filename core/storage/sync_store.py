"""The station's half of the sync store (core.sync.ports.StationStore): each method is one transaction on main.db.

Start with apply_page; intake.py says what becomes of a line, projection.py what becomes of an entity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from core.domain.publications import Publication
from core.kernel.errors import Refusal
from core.storage import cursors, foreign_chain, intake, media_state, own_chain
from core.storage.clashes import Clashing, clashing, clashing_in
from core.storage.engine import spoken_troubles
from core.storage.held import Key, Own
from core.storage.main_store import MainStore
from core.storage.published import publications
from core.storage.work import Device
from core.sync.ports import Applied, Tail
from core.sync.runs import CheckedRun, Run, RunHeader, cut_front
from core.sync.streams import Cursor, Page, Reset, cursor_after
from core.sync.wire import BlobCount, StreamDigest

if TYPE_CHECKING:
    from collections.abc import Generator


@dataclass(frozen=True)
class Standing:
    """How a station stands with headquarters by what it holds itself."""

    values: dict[str, bytes | None]
    unconfirmed: int
    """Own entries that headquarters is not known to hold."""
    oldest_unconfirmed_at: datetime | None
    """When the oldest of them was written; UTC."""
    clash_count: int
    media_waiting: int
    pending: int
    """Held entries that only a later program will read."""


class SyncStore:
    """What one station holds, as sync reads and writes it.

    Args:
        device: Names the living device and signs for it.
        size_of: Bytes of a blob by its SHA-256; 0 where it is not held.
    """

    def __init__(self, store: MainStore, device: Callable[[], Device], *, size_of: Callable[[str], int]) -> None:
        self._store = store
        self._device = device
        self._size_of = size_of

    @contextmanager
    def _reading(self) -> Generator[tuple[sa.Connection, Own]]:
        with spoken_troubles(self._store.path), self._store.reading.begin() as connection:
            yield connection, own_chain.read_own(connection)

    @contextmanager
    def _writing(self) -> Generator[tuple[sa.Connection, Own]]:
        with spoken_troubles(self._store.path), self._store.writer.begin() as connection:
            yield connection, own_chain.read_own(connection)

    def transaction(self) -> AbstractContextManager[tuple[sa.Connection, Own]]:
        """Open a transaction that writes; for the other parts of this room."""
        return self._writing()

    # Own chains.

    def own_devices(self) -> tuple[str, ...]:
        with self._reading() as (connection, _):
            return own_chain.own_devices(connection)

    def tail(self, device: str) -> Tail:
        with self._reading() as (connection, own):
            if device in own.devices:
                return own_chain.tail(connection, own, device)
            return foreign_chain.tail(connection, device)

    def chain_at(self, device: str, n: int) -> bytes | None:
        with self._reading() as (connection, own):
            return own_chain.chain_at(connection, own, device, n)

    def own_run(self, device: str, first: int, *, entries_max: int, bytes_max: int) -> Run | None:
        living = self._device()
        with self._reading() as (connection, own):
            return own_chain.own_run(
                connection,
                own,
                device,
                first,
                entries_max=entries_max,
                bytes_max=bytes_max,
                sign=living.sign if device == living.id else None,
            )

    def confirmed(self, device: str) -> int:
        with self._reading() as (connection, own):
            return own_chain.confirmed(connection, own, device)

    def confirm(self, device: str, have: int, *, durable: int, epoch: str) -> int:
        with self._writing() as (connection, own):
            home = cursors.cursor_of(connection, own.home)
            if home is not None and not home.epoch:
                cursors.restart(connection, own, Reset(stream=own.home, epoch=epoch, why="epoch"))
            if home is not None and home.epoch not in ("", epoch):
                return own_chain.unconfirmed(connection)
            return own_chain.confirm(connection, own, device, have, durable=durable)

    def durable(self, device: str) -> int:
        """Return up to where an own chain is inside a backup of headquarters."""
        with self._reading() as (connection, _):
            return own_chain.durable(connection, device)

    def unconfirmed(self) -> int:
        with self._reading() as (connection, _):
            return own_chain.unconfirmed(connection)

    # Streams.

    def read_streams(self, streams: Sequence[str]) -> None:
        """Read these streams from now on, the home stream first."""
        with self._writing() as (connection, _):
            cursors.read_streams(connection, streams)

    def cursors(self) -> tuple[Cursor, ...]:
        with self._reading() as (connection, _):
            return cursors.cursors(connection)

    def digest(self, stream: str) -> StreamDigest:
        with self._reading() as (connection, _):
            return cursors.digest(connection, stream)

    def apply_page(self, page: Page, runs: Sequence[CheckedRun]) -> Applied:
        with self._writing() as (connection, own):
            cursor = cursors.cursor_of(connection, page.stream)
            if cursor is None or (page.first, page.prev) != (cursor.seq + 1, cursor.head):
                # Another process of this station was faster; what it took in is not taken in twice.
                raise Refusal("sync.page_damaged", stream=page.stream, seq=page.first, why="does_not_follow")
            self._check_chains(connection, own, page, runs)
            lines = intake.lines_of(runs, page.first)
            taken = intake.take_lines(connection, own, page.stream, lines)
            foreign_chain.keep_seals(connection, [run for run in runs if not _is_own(connection, own, run)])
            cursors.move(connection, page, families=taken.families, leaves=taken.leaves)
        if page.stream == own.home:
            after = cursor_after(page)
            self._store.horizon.seen = f"{after.stream}@{after.seq}#{after.head.hex()[:16]}"
        return _applied(taken, len(page.lines))

    def _check_chains(self, connection: sa.Connection, own: Own, page: Page, runs: Sequence[CheckedRun]) -> None:
        """Refuse a page in which a run does not follow its author's chain as it is held here."""
        ends: dict[str, bytes] = {}
        seq = page.first
        for run in runs:
            header = run.header
            held = (
                {ends[header.device]}
                if header.device in ends
                else self._values(connection, own, header.device, header.first - 1)
            )
            if header.prev not in held:
                raise Refusal("sync.page_damaged", stream=page.stream, seq=seq, why="chain")
            ends[header.device] = header.head
            seq += header.count

    @staticmethod
    def _values(connection: sa.Connection, own: Own, device: str, n: int) -> set[bytes]:
        values = foreign_chain.chain_values(connection, device, n)
        mine = own_chain.chain_at(connection, own, device, n) if device in own.devices else None
        return values | {mine} if mine is not None else values

    def restart_stream(self, reset: Reset) -> None:
        with self._writing() as (connection, own):
            unsaid = foreign_chain.unsaid(connection, reset.stream)
            cursors.restart(connection, own, reset)
            intake.project_again(connection, own, unsaid)
            if reset.stream == own.home:
                media_state.forget_stored(connection)
        self._store.look_around()

    # Others.

    def apply_peer_run(self, run: CheckedRun) -> Applied:
        device, header = run.header.device, run.header
        with self._writing() as (connection, own):
            end = foreign_chain.tail(connection, device)
            if header.first > end.n + 1:
                raise Refusal("sync.run_gap", device=device, have=end.n)
            if header.prev not in foreign_chain.chain_values(connection, device, header.first - 1):
                raise Refusal("sync.run_fork", device=device, n=header.first)
            known = min(end.n - header.first + 1, header.count)
            if known and run.chains[known - 1] not in foreign_chain.chain_values(
                connection, device, header.first + known - 1
            ):
                raise Refusal("sync.run_fork", device=device, n=header.first + known - 1)
            if known == header.count:
                return Applied(entries=0, own_confirmed=0)
            fresh = cut_front(run, known) if known else run
            taken = intake.take_lines(connection, own, header.stream, intake.lines_of((fresh,), None))
            foreign_chain.keep_seals(connection, (fresh,))
        return _applied(taken, fresh.header.count)

    def held_elsewhere(self) -> Iterable[Run]:
        with self._reading() as (connection, _):
            waiting = foreign_chain.only_here(connection)
        for device, first, head in waiting:
            with self._reading() as (connection, own):
                run = foreign_chain.held_run(connection, own, device, first, head)
            if run is not None:
                yield run

    def note_beside(self, run: RunHeader) -> None:
        with self._writing() as (connection, own):
            touched = foreign_chain.note_beside(connection, own, run)
            intake.project_again(connection, own, touched)

    def public_of(self, device: str) -> bytes | None:
        with self._reading() as (connection, _):
            return foreign_chain.public_of(connection, device)

    def held_tails(self) -> dict[str, int]:
        with self._reading() as (connection, _):
            return foreign_chain.held_tails(connection)

    # Clashes.

    def clashes(self, *, visit: str = "", key: Key | None = None) -> tuple[Clashing, ...]:
        """Return the entities of which several values stand: all, those of one visit, or one."""
        with self._reading() as (connection, own):
            return clashing(connection, own, visit=visit, key=key)

    def clashes_in(self, visit: str) -> int:
        """Return how many entities of a visit clash."""
        with self._reading() as (connection, _):
            return clashing_in(connection, visit)

    def clash_count(self) -> int:
        with self._reading() as (connection, _):
            return _clash_count(connection)

    def judge_again(self) -> int:
        """Read what an older program could not; return how many entries are read now."""
        with self._writing() as (connection, own):
            return intake.judge_again(connection, own)

    def pending(self) -> int:
        """Return how many held entries only a later program will read."""
        with self._reading() as (connection, _):
            return intake.pending(connection)

    def standing(self, *keys: str) -> Standing:
        """Return how this station stands, read in one transaction, with the values kept under `keys`.

        That transaction writes only where media were named since the last time: whoever asks after every save waits
        for no disk.
        """
        with self._reading() as (connection, _):
            if not media_state.is_behind(connection):
                return _standing(connection, keys)
        with self._writing() as (connection, _):
            media_state.note_new(connection, self._size_of)
            return _standing(connection, keys)

    def publications(self) -> tuple[Publication, ...]:
        """Return what headquarters published and did not withdraw."""
        with self._reading() as (connection, own):
            return publications(connection, own)

    # Notes of past syncs.

    def note(self, note: bytes, *, keep: int) -> None:
        """Keep a note of a sync, and of the older ones the newest `keep`."""
        with self._writing() as (connection, _):
            connection.exec_driver_sql("INSERT INTO sync_note(note) VALUES (?)", (note,))
            connection.exec_driver_sql("DELETE FROM sync_note WHERE id <= (SELECT max(id) FROM sync_note) - ?", (keep,))

    def notes(self, limit: int) -> tuple[bytes, ...]:
        """Return the notes, newest first."""
        with self._reading() as (connection, _):
            rows = connection.exec_driver_sql("SELECT note FROM sync_note ORDER BY id DESC LIMIT ?", (limit,))
            return tuple(row[0] for row in rows)

    # Media.

    def blobs_waiting(self, *, limit: int) -> tuple[str, ...]:
        with self._writing() as (connection, _):
            media_state.note_new(connection, self._size_of)
            return media_state.waiting(connection, limit=limit)

    def blob_stored(self, sha256: str) -> None:
        with self._writing() as (connection, _):
            media_state.stored(connection, sha256)

    def blob_count(self) -> BlobCount:
        with self._writing() as (connection, _):
            media_state.note_new(connection, self._size_of)
            return media_state.count(connection)

    # Bundles.

    def next_bundle(self, recipient: str) -> int:
        with self._writing() as (connection, _):
            _count_bundle(connection, recipient)
            connection.exec_driver_sql("UPDATE bundle_count SET sent = sent + 1 WHERE peer = ?", (recipient,))
            row = connection.exec_driver_sql("SELECT sent FROM bundle_count WHERE peer = ?", (recipient,)).one()
            return int(row[0])

    def newest_bundle(self, sender: str) -> int:
        with self._reading() as (connection, _):
            row = connection.exec_driver_sql("SELECT taken FROM bundle_count WHERE peer = ?", (sender,)).first()
            return int(row[0]) if row else 0

    def note_bundle(self, sender: str, sequence: int, tails: dict[str, int]) -> None:
        with self._writing() as (connection, _):
            _count_bundle(connection, sender)
            connection.exec_driver_sql(
                "UPDATE bundle_count SET taken = ?, tails = ? WHERE peer = ?",
                (sequence, msgspec.json.encode(tails), sender),
            )

    def tails_known_to(self, peer: str) -> dict[str, int]:
        with self._reading() as (connection, _):
            row = connection.exec_driver_sql("SELECT tails FROM bundle_count WHERE peer = ?", (peer,)).first()
            return msgspec.json.decode(row[0], type=dict[str, int]) if row else {}


def _standing(connection: sa.Connection, keys: Iterable[str]) -> Standing:
    return Standing(
        values={key: own_chain.me_value(connection, key) for key in keys},
        unconfirmed=own_chain.unconfirmed(connection),
        oldest_unconfirmed_at=own_chain.oldest_unconfirmed_at(connection),
        clash_count=_clash_count(connection),
        media_waiting=media_state.waiting_count(connection),
        pending=intake.pending(connection),
    )


def _clash_count(connection: sa.Connection) -> int:
    sql = "SELECT (SELECT count(*) FROM clash) + (SELECT count(*) FROM f_conflict WHERE state = 'open')"
    return int(connection.exec_driver_sql(sql).scalar_one())


def _is_own(connection: sa.Connection, own: Own, run: CheckedRun) -> bool:
    """Tell whether a run stands in an own chain: its seals are kept there."""
    header = run.header
    return (
        header.device in own.devices and own_chain.chain_at(connection, own, header.device, header.last) == header.head
    )


def _applied(taken: intake.Taken, entries: int) -> Applied:
    return Applied(
        entries=entries,
        own_confirmed=taken.own,
        touched=taken.touched,
        clashes=taken.clashes,
        pending=taken.pending,
    )


def _count_bundle(connection: sa.Connection, peer: str) -> None:
    connection.exec_driver_sql(
        "INSERT OR IGNORE INTO bundle_count(peer, sent, taken, tails) VALUES (?, 0, 0, ?)", (peer, b"{}")
    )
