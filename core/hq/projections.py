"""What headquarters shows of everybody's records: one row a record, merged as every station merges it.

A worker follows each stream behind a watermark that moves in the same transaction, so it may die at any point (F29).
The tables may be dropped and are rebuilt from the log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from core.domain.families import BY_NAME
from core.hq import sql
from core.hq import tables as t
from core.hq.store import HqStore
from core.hq.upkeep import KEPT, contents_of
from core.hq.work import SqlWork
from core.kernel.records import Record
from core.sync.entries import Entry, decode
from core.sync.judge import GOOD, judge
from core.sync.merge import Change, Projection, change_of, project
from core.sync.streams import is_hq

WORKER = "projection"
BATCH = 500
Key = tuple[str, str]
"""Family and entity."""


class Shown(Record):
    """One record as headquarters shows it; `body` is None when it was voided."""

    stream: str
    family: str
    entity: str
    visit: str
    parents: tuple[str, ...]
    clashes: int
    body: dict[str, Any] | None


class Projections:
    """The shown records of one headquarters."""

    def __init__(self, store: HqStore) -> None:
        self._store = store

    def catch_up(self) -> int:
        """Follow every stream to its end; return how many entries were new."""
        return sum(self.follow(stream) for stream in self._store.read.streams())

    def follow(self, stream: str) -> int:
        """Follow one stream to its end, in batches that commit one by one; return how many entries were new."""
        total = 0
        while fresh := self._store.run(stream, _batch):
            total += fresh
        return total

    def rebuild(self, stream: str) -> int:
        """Drop what is shown of a stream and follow it from its first entry; return how many entries it has."""

        def drop(work: SqlWork) -> None:
            for table in (t.projection, t.projection_source, t.watermark):
                work.connection.execute(sa.delete(table).where(table.c.stream_id == work.stream))

        self._store.run(stream, drop)
        return self.follow(stream)

    def find(self, stream: str, family: str, entity: str) -> Shown | None:
        """Return one record."""
        found = list(self._where(stream, t.projection.c.fam == family, t.projection.c.ent == entity))
        return found[0] if found else None

    def of_family(self, stream: str, family: str) -> tuple[Shown, ...]:
        """Return the records of one family, voided ones left out."""
        return tuple(self._where(stream, t.projection.c.fam == family, sa.not_(t.projection.c.is_void)))

    def of_visit(self, stream: str, visit: str) -> tuple[Shown, ...]:
        """Return everything that belongs to one visit."""
        return tuple(self._where(stream, t.projection.c.visit == visit))

    def clashing(self, stream: str) -> tuple[Shown, ...]:
        """Return the records with fields on which authors differ."""
        return tuple(self._where(stream, t.projection.c.clashes > 0))

    def _where(self, stream: str, *conditions: sa.ColumnElement[bool]) -> Iterator[Shown]:
        table = t.projection
        query = sa.select(table).where(table.c.stream_id == stream, *conditions).order_by(table.c.fam, table.c.ent)
        with self._store.read.reading() as connection:
            rows = connection.execute(query).all()
        return (_shown(row) for row in rows)

    def differing(self, stream: str) -> tuple[str, ...]:
        """Return "family/entity" of every row that differs from what the log gives; the worker must be at the end."""
        expected: dict[Key, list[Change]] = {}
        with self._store.read.reading() as connection:
            for entry in _makers(connection, stream, 0, None):
                expected.setdefault((entry.fam, entry.ent), []).append(change_of(entry))
            table = t.projection
            rows = connection.execute(sa.select(table).where(table.c.stream_id == stream)).all()
        live = {(row.fam, row.ent): _shown(row) for row in rows}
        wanted = {key: _row_of(stream, key, changes) for key, changes in expected.items()}
        keys = live.keys() | wanted.keys()
        return tuple(sorted("/".join(key) for key in keys if not _is_same(live, wanted, key)))


def _is_same(live: dict[Key, Shown], wanted: dict[Key, dict[str, Any]], key: Key) -> bool:
    return key in live and key in wanted and live[key] == _shown_of(wanted[key])


def _batch(work: SqlWork) -> int:
    """Follow the stream by one batch; return how many entries it had."""
    connection, stream = work.connection, work.stream
    after = _locked_mark(connection, stream)
    last = connection.execute(
        sa.select(sa.func.max(t.change_log.c.seq)).where(
            t.change_log.c.stream_id == stream, t.change_log.c.seq <= after + BATCH
        )
    ).scalar()
    if last is None or last <= after:
        return 0
    touched: dict[Key, None] = {}
    sources: list[tuple[Any, ...]] = []
    for seq, entry in _placed(connection, stream, after, last):
        touched[entry.fam, entry.ent] = None
        sources.append((stream, entry.fam, entry.ent, seq))
    names = list(t.projection_source.c.keys())
    if sources:
        values = [dict(zip(names, row, strict=True)) for row in dict.fromkeys(sources)]
        connection.execute(sql.insert_new(t.projection_source, connection.dialect.name), values)
        rows = [_row_of(stream, key, changes) for key, changes in _changes(connection, stream, touched).items()]
        connection.execute(sql.upsert(t.projection, connection.dialect.name), rows)
    mark = {"name": WORKER, "stream_id": stream, "seq": last}
    connection.execute(sql.upsert(t.watermark, connection.dialect.name), mark)
    return last - after


def _locked_mark(connection: sa.Connection, stream: str) -> int:
    mark = t.watermark
    query = sa.select(mark.c.seq).where(mark.c.name == WORKER, mark.c.stream_id == stream).with_for_update()
    found = connection.execute(query).scalar()
    if found is None:
        start = {"name": WORKER, "stream_id": stream, "seq": 0}
        connection.execute(sql.insert_new(mark, connection.dialect.name), start)
        found = connection.execute(query).scalar_one()
    return int(found)


def _makers(connection: sa.Connection, stream: str, after: int, last: int | None) -> Iterator[Entry]:
    return (entry for _, entry in _placed(connection, stream, after, last))


def _placed(connection: sa.Connection, stream: str, after: int, last: int | None) -> Iterator[tuple[int, Entry]]:
    """Yield the entries that make rows, also those inside others, with the number at which they stand."""
    log = t.change_log
    query = sa.select(log.c.seq, log.c.device_id, log.c.raw).where(
        log.c.stream_id == stream, log.c.effect, log.c.seq > after
    )
    query = query.order_by(log.c.seq) if last is None else query.where(log.c.seq <= last).order_by(log.c.seq)
    kept = _kept_by_carrier(connection, stream)
    for row in connection.execute(query):
        for entry in _entries_at(row.device_id, row.raw, kept):
            yield row.seq, entry


def _kept_by_carrier(connection: sa.Connection, stream: str) -> frozenset[tuple[str, str]]:
    """Return (carrier, entry) of the entries that came inside others; there are few, one fork at a time."""
    kept = t.kept_entry
    rows = connection.execute(sa.select(kept.c.carrier, kept.c.change_id).where(kept.c.stream_id == stream))
    return frozenset((row.carrier, row.change_id) for row in rows)


def _entries_at(device: str, line: bytes, kept: Collection[tuple[str, str]]) -> Iterator[Entry]:
    entry = decode(line)
    if judge(entry, by_hq=is_hq(device)) != GOOD:
        return
    yield entry
    if entry.fam != KEPT or entry.op != "put":
        return
    for inner in contents_of(entry):
        is_taken = (inner.carrier, inner.entry.id) in kept
        if is_taken and judge(inner.entry, by_hq=is_hq(inner.device)) == GOOD:
            yield inner.entry


def _changes(connection: sa.Connection, stream: str, keys: Iterable[Key]) -> dict[Key, list[Change]]:
    """Return every change of the given records."""
    source, log = t.projection_source, t.change_log
    wanted = set(keys)
    of_stream = sa.select(source.c.seq).where(source.c.stream_id == stream)
    places = sql.among(of_stream, source.c.ent, connection.dialect.name).subquery()
    query = (
        sa.select(log.c.seq, log.c.device_id, log.c.raw)
        .join(places, places.c.seq == log.c.seq)
        .where(log.c.stream_id == stream)
        .distinct()
        .order_by(log.c.seq)
    )
    kept = _kept_by_carrier(connection, stream)
    found: dict[Key, list[Change]] = {key: [] for key in wanted}
    for row in connection.execute(query, {"ids": sql.ids_value({entity for _, entity in wanted})}):
        for entry in _entries_at(row.device_id, row.raw, kept):
            if (entry.fam, entry.ent) in wanted:
                found[entry.fam, entry.ent].append(change_of(entry))
    return found


def _row_of(stream: str, key: Key, changes: Sequence[Change]) -> dict[str, Any]:
    family = BY_NAME[key[0]]
    shown: Projection = project(changes, quiet=family.quiet)
    body = shown.body if shown.body is not None else {}
    return {
        "stream_id": stream,
        "fam": key[0],
        "ent": key[1],
        "visit": str(body.get(family.visit_field, "")) if family.visit_field else "",
        "parents": msgspec.json.encode(sorted(shown.parents)).decode(),
        "is_void": shown.body is None,
        "clashes": len(shown.clashes),
        "body": msgspec.json.encode(body).decode(),
    }


def _shown_of(row: dict[str, Any]) -> Shown:
    return Shown(
        stream=row["stream_id"],
        family=row["fam"],
        entity=row["ent"],
        visit=row["visit"],
        parents=tuple(msgspec.json.decode(row["parents"])),
        clashes=row["clashes"],
        body=None if row["is_void"] else msgspec.json.decode(row["body"]),
    )


def _shown(row: sa.Row[Any]) -> Shown:
    names = ("stream_id", "fam", "ent", "visit", "parents", "clashes", "is_void", "body")
    return _shown_of({name: getattr(row, name) for name in names})
