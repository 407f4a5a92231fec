"""Working out anew what follows from the log, and comparing it with what is stored. Invariant 21."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from core.hq import sql, verify_beside
from core.hq import tables as t
from core.hq.projections import Projections
from core.hq.replay import Replayed
from core.hq.store import HqStore
from core.hq.work import SqlWork
from core.kernel.records import Record
from core.sync.entries import decode
from core.sync.ports import StreamHead

Watch = Callable[[str], None]


class RebuildReport(Record):
    """What differed from the log before, as "stream: table/key"; empty when all was equal."""

    streams: int
    differing: tuple[str, ...]


def compare(store: HqStore) -> RebuildReport:
    """Compare everything that follows from the log with what is stored; changes nothing but the worker's progress."""
    projections = Projections(store)
    projections.catch_up()
    differing: list[str] = []
    streams = store.read.streams()
    for stream in streams:
        differing += [f"{stream}: projection/{key}" for key in projections.differing(stream)]
        with store.read.reading() as connection:
            replayed = replay(connection, stream)
            beside = verify_beside.derived(connection, stream, replayed)
            differing += [f"{stream}: {what}/{key}" for what, key in beside]
            differing += [f"{stream}: stream_head/{name}" for name in _wrong_totals(connection, stream, replayed)]
    return RebuildReport(streams=len(streams), differing=tuple(differing))


def rebuild(store: HqStore, *, watch: Watch) -> RebuildReport:
    """Write everything that follows from the log anew, stream by stream; return what had differed.

    Pushes wait while their stream is written; each stream is one transaction.
    """
    before = compare(store)
    projections = Projections(store)
    for stream in store.read.streams():
        store.run(stream, _write_derived)
        projections.rebuild(stream)
        watch(stream)
    return before


def replay(connection: sa.Connection, stream: str) -> Replayed:
    """Return what the log of a stream gives."""
    log = t.change_log
    query = sa.select(log.c.device_id, log.c.raw).where(log.c.stream_id == stream).order_by(log.c.seq)
    replayed = Replayed()
    for row in connection.execute(query.execution_options(yield_per=1_000)):
        replayed.take(row.device_id, decode(row.raw), row.raw)
    return replayed


def _wrong_totals(connection: sa.Connection, stream: str, replayed: Replayed) -> list[str]:
    end = connection.execute(sa.select(t.stream_head).where(t.stream_head.c.stream_id == stream)).one()
    totals = replayed.totals()
    pairs = {
        "leaves": end.leaves == totals.leaves,
        "families": msgspec.json.decode(end.families) == totals.families,
        "awaited": end.awaited == totals.awaited,
    }
    return [name for name, is_equal in pairs.items() if not is_equal]


def _write_derived(work: SqlWork) -> StreamHead:
    end = work.lock_stream()
    connection, stream = work.connection, work.stream
    replayed = replay(connection, stream)
    for table in (t.named_parent, t.blob_ref, t.hq_record):
        connection.execute(sa.delete(table).where(table.c.stream_id == stream))
    sql.bulk(connection, t.named_parent, [(stream, node.entry, node.family, node.entity) for node in replayed.named])
    sql.bulk(
        connection,
        t.blob_ref,
        [(stream, sha256, entry, device) for (sha256, entry), device in replayed.blobs.items()],
    )
    records = [
        (stream, family, entity, entry, msgspec.json.encode(body).decode())
        for (family, entity), (entry, body) in replayed.records.items()
    ]
    sql.bulk(connection, t.hq_record, records)
    totals = replayed.totals()
    connection.execute(
        sa.update(t.stream_head)
        .where(t.stream_head.c.stream_id == stream)
        .values(
            leaves=totals.leaves,
            families=msgspec.json.encode(totals.families, order="sorted").decode(),
            awaited=totals.awaited,
        )
    )
    return end
