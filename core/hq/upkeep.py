"""What a push keeps beside the log, in its transaction: leaves, media that entries name, headquarters' own records.

All of it follows from the log alone (core.hq.replay) and is compared with it by `hq verify`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa

from core.domain.families import BY_NAME, Scope
from core.domain.numbers import NumberBlock
from core.domain.shared_state import KeptEntry, Outcome, StationDevice
from core.hq import numbers, sql
from core.hq import tables as t
from core.hq.device_rows import keep_told
from core.hq.leaves import Node, moved, parents_of
from core.kernel.records import Record, from_plain
from core.sync.digest import NOTHING, added
from core.sync.entries import Entry, decode
from core.sync.judge import GOOD, judge
from core.sync.ports import LogRow
from core.sync.streams import is_hq

KEPT = "kept_entry"
_HEX = frozenset("0123456789abcdef")

Authored = tuple[str, Entry]
"""An entry and the device that wrote it."""


class Totals(Record):
    """What a stream's row counts: what the statement compares, and parents that are not here."""

    leaves: bytes = NOTHING
    families: dict[str, int] = {}
    awaited: int = 0


def take_in(connection: sa.Connection, stream: str, rows: Sequence[LogRow]) -> list[Authored]:
    """Keep the entries that came inside entries of headquarters' own; return author and entry of the new ones."""
    carriers = [row for row in rows if is_hq(row.device) and row.entry.fam == KEPT and makes_rows(row)]
    if not carriers:
        return []
    inside = [one for row in carriers for one in contents_of(row.entry)]
    before = known(connection, stream, [inner.entry.id for inner in inside])
    taken: list[Authored] = []
    kept_rows: list[tuple[Any, ...]] = []
    for inner in inside:
        entry = inner.entry
        if entry.id in before:
            continue
        before[entry.id] = inner.line
        kept_rows.append((stream, entry.id, inner.carrier, inner.device, entry.fam, entry.ent, inner.line))
        taken.append((inner.device, entry))
    sql.bulk(connection, t.kept_entry, kept_rows)
    return taken


class Inner(Record):
    """An entry that came inside another one."""

    carrier: str
    device: str
    entry: Entry
    line: bytes


def contents_of(carrier: Entry) -> list[Inner]:
    """Return the entry inside a kept entry, and what is inside that one: headquarters may lose a carrier, too."""
    kept = from_plain(KeptEntry, carrier.body)
    line = kept.line.encode()
    entry = decode(line)
    inner = Inner(carrier=carrier.id, device=kept.device, entry=entry, line=line)
    is_carrier = is_hq(kept.device) and entry.fam == KEPT and entry.op == "put" and judge(entry, by_hq=True) == GOOD
    return [inner, *contents_of(entry)] if is_carrier else [inner]


def move_leaves(connection: sa.Connection, stream: str, entries: Sequence[Entry], totals: Totals) -> Totals:
    """Note which entries the new ones name as parents; return the totals of the stream after them."""
    parents = parents_of(entries)
    wanted = [node.entry for node in parents]
    if totals.awaited:
        wanted += [entry.id for entry in entries]
    named = _nodes(connection, stream, "named", wanted)
    own = {entry.id for entry in entries}
    held = _nodes(connection, stream, "here", [node.entry for node in parents])
    change = moved(entries, named=named, here=[node for node in held if node.entry not in own])
    rows = [(stream, node.entry, node.family, node.entity) for node in change.named]
    sql.bulk(connection, t.named_parent, rows)
    families = dict(totals.families)
    for entry in entries:
        families[entry.fam] = families.get(entry.fam, 0) + 1
    return Totals(
        leaves=added(totals.leaves, change.digest), families=families, awaited=totals.awaited + change.awaited
    )


def _nodes(connection: sa.Connection, stream: str, which: str, identifiers: Sequence[str]) -> set[Node]:
    if not identifiers:
        return set()
    rows = connection.execute(
        _node_query(which, connection.dialect.name), {"stream": stream, "ids": sql.ids_value(identifiers)}
    )
    return {Node(family=row.fam, entity=row.ent, entry=row.change_id) for row in rows}


def add_blobs(connection: sa.Connection, stream: str, entries: Iterable[Authored]) -> None:
    """Note the media that entries name, with effect or without: whoever names one may hand it over."""
    rows = {
        (sha256, entry.id): (stream, sha256, entry.id, device)
        for device, entry in reversed(list(entries))
        for sha256 in entry.blobs
        if is_address(sha256)
    }
    if rows:
        names = list(t.blob_ref.c.keys())
        values = [dict(zip(names, row, strict=True)) for row in rows.values()]
        connection.execute(sql.insert_new(t.blob_ref, connection.dialect.name), values)


def keep_records(
    connection: sa.Connection, stream: str, rows: Sequence[LogRow], taken: Iterable[Authored], *, now: datetime
) -> None:
    """Keep headquarters' own records as they stand now."""
    in_chain = {row.entry.id for row in rows}
    for device, entry in taken:
        if not is_record_of_hq(device, entry):
            continue
        # What was lost and came back beside the chain replaces nothing that was decided since.
        write = sql.upsert if entry.id in in_chain else sql.insert_new
        values = {"stream_id": stream, "fam": entry.fam, "ent": entry.ent, "entry": entry.id}
        body = msgspec.json.encode(entry.body).decode()
        connection.execute(write(t.hq_record, connection.dialect.name), values | {"body": body})
        if entry.fam == "outcome":
            numbers.keep_clear(connection, stream, from_plain(Outcome, entry.body), now=now)
        if entry.fam == "station_device":
            keep_told(connection, from_plain(StationDevice, entry.body))


def keep_numbers_clear(connection: sa.Connection, stream: str, taken: Iterable[Authored], *, now: datetime) -> None:
    """Never lease numbers that a station says it holds."""
    for device, entry in taken:
        if entry.fam == "number_block" and entry.op == "put" and judge(entry, by_hq=is_hq(device)) == GOOD:
            numbers.keep_clear_of_block(connection, stream, from_plain(NumberBlock, entry.body), now=now)


def is_record_of_hq(device: str, entry: Entry) -> bool:
    """Tell whether an entry gives one of the records by which headquarters decides."""
    if not is_hq(device) or entry.op != "put" or entry.fam == KEPT or judge(entry, by_hq=True) != GOOD:
        return False
    return BY_NAME[entry.fam].scope is Scope.HQ


def known(connection: sa.Connection, stream: str, identifiers: Sequence[str]) -> dict[str, bytes]:
    """Return the line of every given entry id that is in the stream with effect."""
    if not identifiers:
        return {}
    query = _known_query(connection.dialect.name)
    rows = connection.execute(query, {"stream": stream, "ids": sql.ids_value(identifiers)})
    return {row.change_id: row.raw for row in rows}


def _held(dialect: str, *columns: str) -> Any:
    """Return the query for entries with effect by their ids, those too that came inside others."""
    log, kept = t.change_log, t.kept_entry
    logged = sa.select(*(log.c[name] for name in columns)).where(
        log.c.stream_id == sa.bindparam("stream"),
        # Written as the partial index has it: SQLite compares the words.
        sa.text("effect"),
    )
    inside = sa.select(*(kept.c[name] for name in columns)).where(kept.c.stream_id == sa.bindparam("stream"))
    return sa.union_all(
        sql.among(logged, log.c.change_id, dialect),
        sql.among(inside, kept.c.change_id, dialect),
    )


@cache
def _known_query(dialect: str) -> Any:
    return _held(dialect, "change_id", "raw")


@cache
def _node_query(which: str, dialect: str) -> Any:
    if which == "here":
        return _held(dialect, "change_id", "fam", "ent")
    named = t.named_parent
    nodes = sa.select(named.c.change_id, named.c.fam, named.c.ent).where(named.c.stream_id == sa.bindparam("stream"))
    return sql.among(nodes, named.c.change_id, dialect)


def is_address(sha256: str) -> bool:
    """Tell whether a text is a SHA-256 in hex, as blobs are named."""
    return len(sha256) == 64 and _HEX.issuperset(sha256)


def makes_rows(row: LogRow) -> bool:
    """Tell whether an entry of the log makes a row."""
    return row.effect and row.verdict == GOOD and row.entry.op == "put"
