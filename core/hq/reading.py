"""Reading streams at headquarters, without locks (core.sync.ports.ReadHq)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa

from core.hq import tables as t
from core.hq.engine import Engines, spoken
from core.kernel.records import changed
from core.sync.entries import next_chain
from core.sync.ports import StreamHead
from core.sync.runs import RunHeader
from core.sync.streams import STREAM_START
from core.sync.wire import AWAITED_MAX, BlobCount, StreamDigest

PAGE_BYTES = 16 << 20
"""Bytes of lines behind which a page ends, once it holds a run: a run of the largest size still fits in."""

_RUNS = (
    sa.select(t.push_run)
    .where(
        t.push_run.c.stream_id == sa.bindparam("stream"),
        t.push_run.c.first_seq > sa.bindparam("after"),
    )
    .order_by(t.push_run.c.first_seq)
    .limit(sa.bindparam("limit"))
)
_RUN_BEFORE = (
    sa.select(t.push_run)
    .where(t.push_run.c.stream_id == sa.bindparam("stream"), t.push_run.c.first_seq <= sa.bindparam("after"))
    .order_by(t.push_run.c.first_seq.desc())
    .limit(1)
)
_LINES = (
    sa.select(t.change_log.c.raw)
    .where(
        t.change_log.c.stream_id == sa.bindparam("stream"),
        t.change_log.c.seq.between(sa.bindparam("first"), sa.bindparam("last")),
    )
    .order_by(t.change_log.c.seq)
)
_HEAD_AT = sa.select(t.change_log.c.head).where(
    t.change_log.c.stream_id == sa.bindparam("stream"), t.change_log.c.seq == sa.bindparam("seq")
)
_STREAM = sa.select(t.stream_head).where(t.stream_head.c.stream_id == sa.bindparam("stream"))


class HqReading:
    """Pages, heads and digests of streams."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    @contextmanager
    def reading(self) -> Generator[sa.Connection]:
        """Open a transaction that only reads; everything in it sees one state."""
        with spoken(self._engines.where), self._engines.reader.begin() as connection:
            yield connection

    def streams(self) -> tuple[str, ...]:
        """Return the name of every stream."""
        with self.reading() as connection:
            query = sa.select(t.stream_head.c.stream_id).order_by(t.stream_head.c.stream_id)
            return tuple(connection.execute(query).scalars())

    def stream_head(self, stream: str) -> StreamHead | None:
        with self.reading() as connection:
            row = connection.execute(_STREAM, {"stream": stream}).first()
        return StreamHead(seq=row.seq, head=row.head, epoch=row.epoch) if row else None

    def head_at(self, stream: str, seq: int) -> bytes | None:
        if seq == 0:
            return STREAM_START
        with self.reading() as connection:
            return connection.execute(_HEAD_AT, {"stream": stream, "seq": seq}).scalar()

    def page(self, stream: str, after: int, *, limit: int) -> tuple[tuple[RunHeader, ...], tuple[bytes, ...]]:
        with self.reading() as connection:
            rest = _rest_of_run(connection, stream, after)
            rows = connection.execute(_RUNS, {"stream": stream, "after": after, "limit": limit}).all()
            chosen = _until(rows, limit, started=rest is not None)
            headers = tuple(header_of(row) for row in chosen)
            last = chosen[-1].first_seq + chosen[-1].entries - 1 if chosen else after + (rest.count if rest else 0)
            lines = _lines(connection, stream, after + 1, last)
        return ((rest, *headers) if rest else headers), lines

    def digest(self, stream: str) -> StreamDigest:
        with self.reading() as connection:
            row = connection.execute(_STREAM, {"stream": stream}).first()
        if row is None:
            return StreamDigest(stream=stream)
        return StreamDigest(
            stream=stream,
            epoch=row.epoch,
            seq=row.seq,
            head=row.head,
            families=msgspec.json.decode(row.families),
            leaves=row.leaves,
        )

    def blob_count(self, stream: str, devices: Sequence[str]) -> BlobCount:
        """Return the media that entries of the devices name, and how much of it is here."""
        ref, blob = t.blob_ref, t.blob
        named = (
            sa.select(ref.c.sha256).where(ref.c.stream_id == stream, ref.c.device_id.in_(devices)).distinct().subquery()
        )
        both = named.outerjoin(blob, blob.c.sha256 == named.c.sha256)
        counts = sa.select(
            sa.func.count(), sa.func.count(blob.c.sha256), sa.func.coalesce(sa.func.sum(blob.c.size), 0)
        ).select_from(both)
        missing = (
            sa.select(named.c.sha256)
            .select_from(both)
            .where(blob.c.sha256.is_(None))
            .order_by(named.c.sha256)
            .limit(AWAITED_MAX)
        )
        with self.reading() as connection:
            total, here, size = connection.execute(counts).one()
            awaited = tuple(connection.execute(missing).scalars())
        return BlobCount(named=total, here=here, here_bytes=int(size), awaited=awaited)

    def names_blob(self, sha256: str, streams: Sequence[str]) -> bool:
        """Tell whether an entry of one of the streams names the blob."""
        ref = t.blob_ref
        query = sa.select(sa.literal(1)).where(ref.c.stream_id.in_(streams), ref.c.sha256 == sha256).limit(1)
        with self.reading() as connection:
            return connection.execute(query).first() is not None

    def kept_count(self, stream: str, device: str) -> int:
        """Return how many entries of a device were kept outside its chain."""
        kept = t.kept_entry
        query = sa.select(sa.func.count()).where(kept.c.stream_id == stream, kept.c.device_id == device)
        with self.reading() as connection:
            return int(connection.execute(query).scalar_one())


def header_of(row: sa.Row[Any]) -> RunHeader:
    """Return the header of a stored run."""
    return RunHeader(
        device=row.device_id,
        stream=row.stream_id,
        first=row.first,
        count=row.entries,
        prev=row.prev,
        head=row.head,
        seal=row.seal,
        suite=row.suite,
    )


def _until(rows: Sequence[sa.Row[Any]], limit: int, *, started: bool) -> list[sa.Row[Any]]:
    """Return the runs that go into one page: one at least, more until either limit is reached."""
    chosen: list[sa.Row[Any]] = []
    lines = size = 0
    for row in rows:
        if (chosen or started) and (lines >= limit or size + row.bytes > PAGE_BYTES):
            break
        chosen.append(row)
        lines += row.entries
        size += row.bytes
    return chosen


def _rest_of_run(connection: sa.Connection, stream: str, after: int) -> RunHeader | None:
    """Return the rest of a run that a cursor stands within; an honest one never does."""
    row = connection.execute(_RUN_BEFORE, {"stream": stream, "after": after}).first()
    if row is None:
        return None
    header = header_of(row)
    known = after - row.first_seq + 1
    if known >= header.count:
        return None
    chain = header.prev
    for line in _lines(connection, stream, row.first_seq, after):
        chain = next_chain(chain, line)
    return changed(header, first=header.first + known, count=header.count - known, prev=chain)


def _lines(connection: sa.Connection, stream: str, first: int, last: int) -> tuple[bytes, ...]:
    rows = connection.execute(_LINES, {"stream": stream, "first": first, "last": last})
    return tuple(rows.scalars())
