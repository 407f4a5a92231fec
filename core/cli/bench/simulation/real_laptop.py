"""A laptop over the real store: SQLCipher, its journal, its projections; the file lies in memory."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from core.cli.bench.simulation.ends import Change, Image
from core.cli.bench.simulation.memory_folder import memory_folder
from core.cli.bench.simulation.wire import verified
from core.crypto import signing
from core.domain.families import BY_NAME
from core.kernel.clock import Clock
from core.kernel.records import from_plain, parse_json, to_plain
from core.storage import journal
from core.storage.engine import tell_of_writes
from core.storage.foreign_chain import HQ_PUBLIC
from core.storage.held import held_of
from core.storage.main_store import MainStore, device_of
from core.storage.own_chain import HOME
from core.storage.projection import shown, write_shown
from core.storage.sync_store import SyncStore
from core.sync.entries import next_hlc
from core.sync.merge import GONE, Projection

KEY = bytes(range(32))
FILES = ("main.db", "main.db-wal")
WRITES = frozenset({"insert", "update", "delete", "commit"})

Trip = Callable[[str], None]
Files = dict[str, bytes]
_counter = itertools.count(1)


@cache
def _empty() -> Files:
    """Return the files of a store without entries; made once, since the migrations take longest."""
    with TemporaryDirectory(prefix="laptop-", dir=memory_folder()) as name:
        MainStore(Path(name) / FILES[0], KEY).close()
        return _read(Path(name))


def _read(folder: Path) -> Files:
    return {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}


class RealLaptop:
    """A laptop (core.cli.bench.simulation.ends.StationEnd)."""

    def __init__(self, folder: Path, files: Files, clock: Clock, trip: Trip) -> None:
        self._folder = folder
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        self._clock = clock
        self._main = MainStore(folder / FILES[0], KEY)
        tell_of_writes(self._main.writer, lambda what: trip(f"station.{what}") if what in WRITES else None)
        self.store = SyncStore(self._main, lambda: device_of(self._main, sign=signing.sign), size_of=lambda _: 0)

    # Writing.

    def save(self, changes: Sequence[Change], *, actor: str) -> tuple[bytes, ...]:
        first = self._main.head().n + 1
        if all(_is_ordinary(one) for one in changes):
            device = device_of(self._main, sign=signing.sign)
            with self._main.opener(device, clock=self._clock, actor=actor)() as work:
                for one in changes:
                    work.table(BY_NAME[one.family].record).put(from_plain(BY_NAME[one.family].record, one.body))
        else:
            self._save_odd(changes, actor)
        return self._lines_from(first)

    def _save_odd(self, changes: Sequence[Change], actor: str) -> None:
        """Write what no use case of ours writes: voids, families of a later program, forgeries."""
        device = device_of(self._main, sign=signing.sign)
        with self.store.transaction() as (connection, own):
            before = head = journal.read_head(connection)
            for one in changes:
                parents = one.parents
                if parents is None:
                    row = self._row(one.family, one.entity)
                    parents = row.parents if row else ()
                now = self._clock.now()
                entry = one.entry(head.n + 1, next_hlc(head.hlc, now), parents=parents, actor=actor, at=now)
                head = journal.append(connection, head, (entry,))
            journal.seal_run(connection, device=device.id, before=before, after=head, sign=device.sign)
            known = [one for one in changes if one.family in BY_NAME]
            held = held_of(connection, own, [one.entity for one in known])
            keys = {(one.family, one.entity) for one in known}
            write_shown(connection, {key: shown(BY_NAME[key[0]], held[key]) for key in sorted(keys)})

    def settle(self, family: str, entity: str, *, side: int, actor: str) -> tuple[bytes, ...]:
        first = self._main.head().n + 1
        row = self._row(family, entity)
        assert row is not None, "what clashes is shown"
        body = dict(row.body or {})
        for clash in row.clashes:
            if clash.field != GONE:
                body[clash.field] = clash.sides[side % len(clash.sides)].value
        record = BY_NAME[family].record
        device = device_of(self._main, sign=signing.sign)
        with self._main.opener(device, clock=self._clock, actor=actor)() as work:
            work.table(record).put(from_plain(record, body), parents=self._leaves(family, entity))
        return self._lines_from(first)

    def _leaves(self, family: str, entity: str) -> tuple[str, ...]:
        (found,) = self.store.clashes(key=(family, entity))
        return found.leaves

    def _lines_from(self, first: int) -> tuple[bytes, ...]:
        rows = self._ask("SELECT raw FROM entry WHERE n >= ? ORDER BY n", first)
        return tuple(row[0] for row in rows)

    def open_chain(self, device: str, private: bytes) -> None:
        self._main.open_new_chain(device=device, private=private, public=signing.public_key_of(private))

    def subscribe(self, streams: Sequence[str], keys: dict[str, bytes]) -> None:
        for public in dict.fromkeys(keys.values()):
            self._main.set_value(HQ_PUBLIC, public)
        self._main.set_value(HOME, streams[0].encode())
        self.store.read_streams(streams)
        self._main.look_around()

    def sign(self, message: bytes) -> bytes:
        return device_of(self._main, sign=signing.sign).sign(message)

    # Reading.

    def row(self, family: str, entity: str) -> Projection | None:
        return self._row(family, entity)

    def _row(self, family: str, entity: str) -> Projection | None:
        if family not in BY_NAME:
            return None
        rows = self._ask(f"SELECT record, entry FROM f_{family} WHERE id = ?", entity)
        clashing = self._ask("SELECT 1 FROM clash WHERE fam = ? AND ent = ?", family, entity)
        if clashing:
            return self._clashing(family, entity, rows[0][0] if rows else None)
        return Projection(parents=_parents(rows[0][1]), body=parse_json(rows[0][0])) if rows else None

    def _clashing(self, family: str, entity: str, record: bytes | None) -> Projection:
        """Return a row with its clashes; the body is the one that is shown."""
        with self._main.reading.begin() as connection:
            (own,) = (self._main.horizon.own,)
            held = held_of(connection, own, (entity,))[family, entity]
        found = shown(BY_NAME[family], held)
        parents = _parents(found.row.entry) if found.row else ()
        return Projection(parents=parents, body=parse_json(record) if record else None, clashes=found.clashes)

    def rows(self) -> dict[tuple[str, str], Projection]:
        torn = {(row[0], row[1]) for row in self._ask("SELECT fam, ent FROM clash")}
        found: dict[tuple[str, str], Projection] = {}
        for name in BY_NAME:
            for identifier, record, entry in self._ask(f"SELECT id, record, entry FROM f_{name} ORDER BY id"):
                if (name, identifier) not in torn:
                    found[name, identifier] = Projection(parents=_parents(entry), body=parse_json(record))
        for family, entity in sorted(torn):
            row = self._row(family, entity)
            if row is not None:
                found[family, entity] = row
        return found

    def held(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for table in ("foreign_entry", "past_entry", "entry"):
            found |= {row[0]: row[1] for row in self._ask(f"SELECT id, raw FROM {table}")}
        return found

    def _ask(self, sql: str, *values: Any) -> Sequence[Any]:
        with self._main.reading.begin() as connection:
            return connection.exec_driver_sql(sql, values).all()

    # The disk.

    def faults(self) -> tuple[str, ...]:
        breaks = self._main.verify_log(check=verified).bad
        return (*(f"{one.why} {one.n} {one.entry}" for one in breaks), *self._main.differing_rows())

    def rot(self, dice: int) -> bool:
        rows = self._ask("SELECT stream FROM stream_cursor WHERE seq > 0")
        if rows:
            with self.store.transaction() as (connection, _):
                connection.exec_driver_sql("UPDATE stream_cursor SET leaves = zeroblob(32) WHERE seq > 0")
        return bool(rows)

    def image(self) -> Image:
        return _read(self._folder)

    def close(self) -> None:
        self._main.close()
        shutil.rmtree(self._folder)


def _is_ordinary(one: Change) -> bool:
    if one.op != "put" or one.parents is not None or one.id or one.family not in BY_NAME:
        return False
    try:
        return one.schema == BY_NAME[one.family].schema and bool(from_plain(BY_NAME[one.family].record, one.body))
    except msgspec.ValidationError:
        return False


def _parents(entry: str) -> tuple[str, ...]:
    return tuple(one for one in entry.split(" ") if one)


def plain_record(family: str, body: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a body as its record holds it: with every default written out."""
    return to_plain(from_plain(BY_NAME[family].record, body)) if body is not None else None


def new_laptop(folder: Path, image: Image | None, *, clock: Clock, trip: Trip) -> RealLaptop:
    """Return a laptop over the files of an image, or over an empty store."""
    return RealLaptop(folder / f"laptop-{next(_counter)}", image or _empty(), clock, trip)
