"""What stands beside the log, compared with what the log gives: ends of chains, kept entries, media, own records."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from core.domain.shared_state import DeviceStatus
from core.hq import tables as t
from core.hq.leaves import Node
from core.hq.receipts import fork_receipt
from core.hq.replay import KeptRow, Replayed
from core.hq.work import EPOCH, fork_name
from core.kernel.errors import Refusal
from core.sync.runs import Run, Verify, check_run, decode_run
from core.sync.streams import is_hq

Keys = Callable[[str], Sequence[bytes]]


def public_keys(connection: sa.Connection, stream: str) -> dict[str, bytes]:
    """Return the key of every device whose home is the stream."""
    query = sa.select(t.device.c.device_id, t.device.c.public).where(t.device.c.home_stream == stream)
    return {row.device_id: row.public for row in connection.execute(query)}


def why_unsealed(run: Run, keys: Sequence[bytes], check: Verify) -> str:
    """Return why a run does not hold under any of the keys; empty when it does."""
    why = "no_key"
    for key in keys:
        try:
            check_run(run, key, check)
        except Refusal as refusal:
            why = str(refusal.params.get("why", refusal.code.removeprefix("sync.")))
            continue
        return ""
    return why


def strays(connection: sa.Connection, streams: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield table and stream of rows that belong to no stream."""
    for table in t.metadata.sorted_tables:
        if table.info.get("hot") and table is not t.stream_head:
            column = table.c.stream_id
            query = sa.select(column).distinct().where(column.not_in(streams)).order_by(column)
            yield from ((table.name, row.stream_id) for row in connection.execute(query))


def differences(
    connection: sa.Connection,
    stream: str,
    replayed: Replayed,
    *,
    chains: Mapping[str, tuple[int, bytes]],
    clocks: Mapping[str, str],
    epoch: str,
    hq_keys: Sequence[bytes],
) -> Iterator[tuple[str, str]]:
    """Yield table and reason of what differs from the log."""
    setting = connection.execute(sa.select(t.setting.c.value).where(t.setting.c.key == EPOCH)).scalar()
    if setting != epoch.encode():
        yield "stream_head", "epoch"
    yield from _chain_ends(connection, stream, chains, clocks, hq_keys)
    yield from derived(connection, stream, replayed)
    yield from _series(connection, stream, replayed)


def derived(connection: sa.Connection, stream: str, replayed: Replayed) -> Iterator[tuple[str, str]]:
    """Yield table and key of what is stored otherwise than the log gives it."""
    yield from _kept(connection, stream, replayed.kept)
    yield from _named(connection, stream, replayed.named)
    yield from _blobs(connection, stream, replayed.blobs)
    yield from _records(connection, stream, replayed)


def _of(table: sa.Table, stream: str) -> Any:
    return sa.select(table).where(table.c.stream_id == stream)


def _chain_ends(
    connection: sa.Connection,
    stream: str,
    chains: Mapping[str, tuple[int, bytes]],
    clocks: Mapping[str, str],
    hq_keys: Sequence[bytes],
) -> Iterator[tuple[str, str]]:
    directory = {row.device_id: row for row in connection.execute(sa.select(t.device))}
    held = {row.device_id: row for row in connection.execute(_of(t.device_head, stream))}
    for device, row in held.items():
        n, chain = chains.get(device, (0, bytes(32)))
        if (row.n, row.chain) != (n, chain):
            yield "device_head", f"{device}: end"
        if not 0 <= row.durable <= row.n or row.hlc != clocks.get(device, ""):
            yield "device_head", f"{device}: column"
        if is_hq(device):
            is_told = row.public in hq_keys and row.status == DeviceStatus.ACTIVE
        else:
            known = directory.get(device)
            is_told = known is not None and (known.public, known.status) == (row.public, row.status)
        if not is_told:
            yield "device_head", f"{device}: directory"
    yield from (("device_head", f"{device}: missing") for device in chains if device not in held)


def _kept(connection: sa.Connection, stream: str, expected: Mapping[str, KeptRow]) -> Iterator[tuple[str, str]]:
    found = {
        row.change_id: KeptRow(
            carrier=row.carrier,
            device=row.device_id,
            family=row.fam,
            entity=row.ent,
            line_hash=hashlib.sha256(row.raw).digest(),
        )
        for row in connection.execute(_of(t.kept_entry, stream))
    }
    yield from _differing("kept_entry", found, expected)


def _named(connection: sa.Connection, stream: str, expected: set[Node]) -> Iterator[tuple[str, str]]:
    rows = connection.execute(_of(t.named_parent, stream))
    found = {Node(family=row.fam, entity=row.ent, entry=row.change_id): True for row in rows}
    yield from _differing("named_parent", found, dict.fromkeys(expected, True))


def _blobs(
    connection: sa.Connection, stream: str, expected: Mapping[tuple[str, str], str]
) -> Iterator[tuple[str, str]]:
    rows = connection.execute(_of(t.blob_ref, stream))
    found = {(row.sha256, row.change_id): row.device_id for row in rows}
    yield from _differing("blob_ref", found, expected)


def _records(connection: sa.Connection, stream: str, replayed: Replayed) -> Iterator[tuple[str, str]]:
    rows = connection.execute(_of(t.hq_record, stream))
    found = {(row.fam, row.ent): (row.entry, _plain(row.body)) for row in rows}
    yield from _differing("hq_record", found, replayed.records)


def _plain(body: str) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _series(connection: sa.Connection, stream: str, replayed: Replayed) -> Iterator[tuple[str, str]]:
    """Yield series that would lease a number again."""
    ends = {(row.body, row.kind, row.year): row.next for row in connection.execute(_of(t.number_series, stream))}
    for (family, entity), (_, body) in replayed.records.items():
        last = int(str(body.get("last") or 0))
        key = (body.get("body"), body.get("document_kind"), body.get("year"))
        if family == "outcome" and last and ends.get(key, 0) <= last:
            yield "number_series", entity


def _differing(table: str, found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for key in found.keys() | expected.keys():
        if found.get(key) != expected.get(key):
            yield table, str(key)


def bad_forks(connection: sa.Connection, stream: str, keys: Keys, check: Verify) -> Iterator[tuple[int, str]]:
    """Yield first number and reason of kept runs that do not hold."""
    for row in connection.execute(_of(t.chain_fork, stream)):
        try:
            run = decode_run(row.run)
        except Refusal as refusal:
            yield row.first, str(refusal.params.get("why", refusal.code))
            continue
        header = run.header
        columns = (row.device_id, row.first, row.entries, row.run_hash)
        if columns != (header.device, header.first, header.count, fork_name(header)):
            yield row.first, "column"
        elif row.receipt != fork_receipt(row.run_hash, row.received_at):
            yield row.first, "receipt"
        elif why := why_unsealed(run, keys(header.device), check):
            yield row.first, why
