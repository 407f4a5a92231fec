"""Checking what came from others: every run against its seal, every stream against the hash that was read.

Any byte that was changed, taken away or put in shows here. Source: sync.md 3.3; invariant 12.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from core.domain.shared_state import KeptEntry
from core.kernel.records import from_plain
from core.storage.cursors import cursors
from core.storage.foreign_chain import lines_of_run, sealers_of
from core.storage.held import BATCH, Own
from core.sync.entries import Break, decode, seal_text
from core.sync.runs import RunHeader
from core.sync.streams import STREAM_START, next_stream

Verify = Callable[[bytes, bytes, bytes], bool]


def foreign_breaks(connection: sa.Connection, own: Own, *, check: Verify) -> Iterator[Break]:
    """Yield every place where what came from others does not hold."""
    yield from _bad_runs(connection, own, check)
    yield from _bad_rows(connection)
    for cursor in cursors(connection):
        yield from _bad_stream(connection, own, cursor.stream, cursor.seq, cursor.head)


def _bad_runs(connection: sa.Connection, own: Own, check: Verify) -> Iterator[Break]:
    rows = connection.exec_driver_sql("SELECT device, first, head, stream, count, prev, seal, suite FROM foreign_run")
    for row in rows.all():
        header = RunHeader(
            device=row[0],
            first=row[1],
            head=row[2],
            stream=row[3],
            count=row[4],
            prev=row[5],
            seal=row[6],
            suite=row[7],
        )
        held = len(lines_of_run(connection, own, header))
        if held != header.count:
            yield Break(n=header.last - held, entry="", why="changed")
        elif not _is_sealed(connection, header, check):
            yield Break(n=header.last, entry="", why="seal_forged")
    unsealed = connection.exec_driver_sql(
        "SELECT f.n, f.id FROM foreign_entry f WHERE f.chain != x'' AND NOT EXISTS (SELECT 1 FROM foreign_run r"
        " WHERE r.device = f.device AND f.n BETWEEN r.first AND r.first + r.count - 1)"
    )
    for n, identifier in unsealed:
        yield Break(n=n, entry=identifier, why="unsealed")


def _is_sealed(connection: sa.Connection, header: RunHeader, check: Verify) -> bool:
    text = seal_text(header.device, header.last, header.head)
    return any(check(public, text, header.seal) for public in sealers_of(connection, header.device))


def _bad_rows(connection: sa.Connection) -> Iterator[Break]:
    """Yield entries whose columns tell something else than their bytes, and kept ones that nobody carries."""
    carried = _carried(connection)
    streaming = connection.execution_options(yield_per=BATCH)
    for row in streaming.exec_driver_sql("SELECT n, id, fam, ent, visit, raw, chain FROM foreign_entry"):
        n, identifier, fam, ent, visit, raw, chain = row
        try:
            item = decode(raw)
        except msgspec.MsgspecError:
            yield Break(n=n, entry=identifier, why="changed")
            continue
        if (item.n, item.id, item.fam, item.ent, item.visit) != (n, identifier, fam, ent, visit):
            yield Break(n=n, entry=identifier, why="column")
        elif not chain and raw not in carried:
            yield Break(n=n, entry=identifier, why="changed")


def _carried(connection: sa.Connection) -> set[bytes]:
    rows = connection.exec_driver_sql("SELECT raw FROM foreign_entry WHERE fam = 'kept_entry' AND verdict = ''")
    return {from_plain(KeptEntry, decode(row[0]).body).line.encode() for row in rows}


def _bad_stream(connection: sa.Connection, own: Own, stream: str, seq: int, head: bytes) -> Iterator[Break]:
    """Yield the first place at which a stream does not come to the hash that was read."""
    value, wanted = STREAM_START, 1
    for place, device, n, raw in heapq.merge(*_lines(connection, own, stream)):
        if place != wanted:
            yield Break(n=wanted, entry="", why="missing")
            return
        value = next_stream(value, place, device, n, raw)
        wanted += 1
    if wanted != seq + 1 or value != head:
        yield Break(n=min(wanted, seq), entry="", why="stream_differs")


def _lines(connection: sa.Connection, own: Own, stream: str) -> list[Iterator[tuple[Any, ...]]]:
    """Return place, device, number and line of what is held of a stream, in up to three sorted parts."""
    streaming = connection.execution_options(yield_per=BATCH)
    foreign = streaming.exec_driver_sql(
        "SELECT seq, device, n, raw FROM foreign_entry WHERE stream = ? AND seq > 0 AND chain != x'' ORDER BY seq",
        (stream,),
    )
    parts: list[Iterator[tuple[Any, ...]]] = [iter(map(tuple, foreign))]
    if stream == own.home:
        live = streaming.exec_driver_sql(
            "SELECT confirmed_seq, ?, n, raw FROM entry WHERE confirmed_seq > 0 ORDER BY confirmed_seq", (own.living,)
        )
        past = streaming.exec_driver_sql(
            "SELECT confirmed_seq, device, n, raw FROM past_entry WHERE confirmed_seq > 0 ORDER BY confirmed_seq"
        )
        parts += [iter(map(tuple, live)), iter(map(tuple, past))]
    return parts
