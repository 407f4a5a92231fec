"""The loss report for a missing laptop: what of its work is here, what it named and did not deliver, what is open.

What it never named cannot be known here; the report says when it was last heard of. Source: issue 5, part 7; F16.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.domain.shared_state import TaskState
from core.hq import tables as t
from core.hq.device_rows import DeviceRow
from core.hq.projections import Projections, Shown
from core.hq.store import HqStore
from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.sync.entries import decode


class LeasedBlock(Record):
    """A block of numbers that was leased to the device. Behind `last_used` nothing is known: burn the rest."""

    block: str
    body: str
    kind: str
    year: int
    first: int
    last: int
    last_used: int


class LossReport(Record):
    """What is known of one station's work."""

    device: str
    station: str
    officer: str
    status: str
    seen_at: datetime | None
    last_received_at: datetime | None
    entries: int
    """Entries of its chain that are here."""
    kept: int
    """Entries that came outside its chain."""
    durable: int
    families: dict[str, int]
    """Entries that are here, by family."""
    visits: tuple[str, ...]
    """Visits that its entries are about."""
    blobs_named: int
    blobs_awaited: tuple[str, ...]
    parents_missing: tuple[str, ...]
    """Entries that others in its body built on and that never came: very likely its own."""
    blocks: tuple[LeasedBlock, ...]
    tasks_held: tuple[str, ...]


def loss_report(store: HqStore, device: str) -> LossReport:
    """Return the report on one device.

    Raises:
        Refusal: "sync.device_unknown", params device.
    """
    row = store.directory.find(device)
    if row is None:
        raise Refusal("sync.device_unknown", device=device)
    stream = row.home_stream
    projections = Projections(store)
    projections.follow(stream)
    n, _, durable = store.chain_end(stream, device) or (0, b"", 0)
    blobs = store.read.blob_count(stream, (device,))
    with store.read.reading() as connection:
        families, visits = _written(connection, row)
        received = t.push_run.c
        last_received = connection.execute(
            sa.select(received.received_at)
            .where(received.stream_id == stream, received.device_id == device)
            .order_by(received.first.desc())
            .limit(1)
        ).scalar()
        missing = _missing_parents(connection, stream)
    return LossReport(
        device=device,
        station=row.station,
        officer=row.officer,
        status=row.status.value,
        seen_at=row.seen_at,
        last_received_at=last_received,
        entries=n,
        kept=store.read.kept_count(stream, device),
        durable=durable,
        families=families,
        visits=visits,
        blobs_named=blobs.named,
        blobs_awaited=blobs.awaited,
        parents_missing=missing,
        blocks=_blocks(projections, stream, device),
        tasks_held=tuple(
            one.entity
            for one in projections.of_family(stream, "task")
            if (one.body or {}).get("holder") == device and (one.body or {}).get("state") == TaskState.TAKEN
        ),
    )


def _written(connection: sa.Connection, row: DeviceRow) -> tuple[dict[str, int], tuple[str, ...]]:
    log = t.change_log
    query = sa.select(log.c.fam, log.c.raw).where(
        log.c.stream_id == row.home_stream, log.c.device_id == row.device, log.c.effect
    )
    families: dict[str, int] = {}
    visits: set[str] = set()
    for found in connection.execute(query.execution_options(yield_per=1_000)):
        families[found.fam] = families.get(found.fam, 0) + 1
        visits.add(decode(found.raw).visit)
    return families, tuple(sorted(visits - {""}))


def _missing_parents(connection: sa.Connection, stream: str) -> tuple[str, ...]:
    named, log, kept = t.named_parent, t.change_log, t.kept_entry
    in_log = sa.exists().where(log.c.stream_id == stream, sa.text("effect"), log.c.change_id == named.c.change_id)
    in_kept = sa.exists().where(kept.c.stream_id == stream, kept.c.change_id == named.c.change_id)
    query = (
        sa.select(named.c.change_id)
        .distinct()
        .where(named.c.stream_id == stream, ~in_log, ~in_kept)
        .order_by(named.c.change_id)
    )
    return tuple(connection.execute(query).scalars())


def _blocks(projections: Projections, stream: str, device: str) -> tuple[LeasedBlock, ...]:
    used: dict[str, int] = {}
    for use in projections.of_family(stream, "number_use"):
        body = use.body or {}
        block = str(body.get("block"))
        used[block] = max(used.get(block, 0), int(body.get("seq", 0)))
    return tuple(_block(one.body or {}, used) for one in _leases(projections.of_family(stream, "outcome"), device))


def _leases(outcomes: Sequence[Shown], device: str) -> list[Shown]:
    bodies = [(one, one.body or {}) for one in outcomes]
    return [one for one, body in bodies if body.get("device") == device and body.get("last")]


def _block(body: dict[str, Any], used: dict[str, int]) -> LeasedBlock:
    return LeasedBlock(
        block=str(body["block"]),
        body=str(body["body"]),
        kind=str(body["document_kind"]),
        year=int(body["year"]),
        first=int(body["first"]),
        last=int(body["last"]),
        last_used=used.get(str(body["block"]), 0),
    )
