"""The whole log in one file that anybody can read without this program: gzip over lines of JSON.

First a header, then each stream with the keys of its devices, its runs with their lines, the runs kept beside it, and
all checkpoints. packaging/verify_log.py checks such a file and shares no code with this. Lines stand in it as text,
byte for byte as they were signed.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from core.hq import tables as t
from core.hq.receipts import instant_text
from core.hq.store import HqStore
from core.kernel.errors import Trouble
from core.sync.runs import decode_run

FORMAT = "mingjian-log-1"
Watch = Callable[[int], None]


def export_log(store: HqStore, path: Path, *, watch: Watch) -> int:
    """Write the log into a file, whole or not at all; return how many entries it holds.

    Raises:
        Trouble: "hq.export_failed", params path; "hq.database_unreachable".
    """
    fresh = path.with_name(path.name + ".new")
    entries = 0
    try:
        with store.read.reading() as connection, gzip.open(fresh, "wb", compresslevel=6) as file:
            for line in _lines(store, connection):
                file.write(msgspec.json.encode(line) + b"\n")
                if "line" in line:
                    entries += 1
                    watch(entries)
        fresh.replace(path)
    except OSError as error:
        raise Trouble("hq.export_failed", path=str(path)) from error
    finally:
        fresh.unlink(missing_ok=True)
    return entries


def _lines(store: HqStore, connection: sa.Connection) -> Iterator[dict[str, Any]]:
    keys = [key.hex() for key in store.hq_keys()]
    yield {"format": FORMAT, "epoch": store.epoch(), "hq_keys": keys}
    for row in connection.execute(sa.select(t.stream_head).order_by(t.stream_head.c.stream_id)).all():
        yield {"stream": row.stream_id, "seq": row.seq, "head": row.head.hex(), "receipt": row.receipt.hex()}
        yield from _stream(connection, row.stream_id)
    for row in connection.execute(sa.select(t.checkpoint).order_by(t.checkpoint.c.name)).all():
        leaf = t.checkpoint_leaf
        query = sa.select(leaf.c.stream_id, leaf.c.seq).where(leaf.c.name == row.name).order_by(leaf.c.stream_id)
        standings = [(one.stream_id, one.seq) for one in connection.execute(query)]
        yield {"checkpoint": row.name, "note": row.note, "standings": standings}


def _stream(connection: sa.Connection, stream: str) -> Iterator[dict[str, Any]]:
    chain = t.device_head
    for row in connection.execute(sa.select(chain).where(chain.c.stream_id == stream).order_by(chain.c.device_id)):
        yield {"device": row.device_id, "public": row.public.hex(), "n": row.n, "chain": row.chain.hex()}
    runs = t.push_run
    for row in connection.execute(sa.select(runs).where(runs.c.stream_id == stream).order_by(runs.c.first_seq)).all():
        yield {
            "run": row.device_id,
            "first": row.first,
            "entries": row.entries,
            "suite": row.suite,
            "prev": row.prev.hex(),
            "head": row.head.hex(),
            "seal": row.seal.hex(),
            "first_seq": row.first_seq,
            "bytes": row.bytes,
            "received_at": instant_text(row.received_at),
            "device_status": row.device_status,
        }
        log = t.change_log
        query = sa.select(log.c.raw).where(
            log.c.stream_id == stream, log.c.seq.between(row.first_seq, row.first_seq + row.entries - 1)
        )
        for line in connection.execute(query.order_by(log.c.seq)).scalars():
            yield {"line": line.decode()}
    yield from _forks(connection, stream)


def _forks(connection: sa.Connection, stream: str) -> Iterator[dict[str, Any]]:
    fork = t.chain_fork
    for row in connection.execute(sa.select(fork).where(fork.c.stream_id == stream).order_by(fork.c.first)).all():
        run = decode_run(row.run)
        header = run.header
        yield {
            "fork": header.device,
            "first": header.first,
            "prev": header.prev.hex(),
            "head": header.head.hex(),
            "seal": header.seal.hex(),
            "lines": [line.decode() for line in run.lines],
        }
