"""How far each stream was read, with what is compared at the end of a session. Lives beside the entries it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from core.storage.held import Own
from core.sync.digest import NOTHING, added
from core.sync.streams import STREAM_START, Cursor, Page, Reset
from core.sync.wire import StreamDigest


def cursors(connection: sa.Connection) -> tuple[Cursor, ...]:
    """Return the cursor of every stream that this station reads, its home first."""
    rows = connection.exec_driver_sql("SELECT stream, epoch, seq, head FROM stream_cursor ORDER BY place")
    return tuple(Cursor(stream=row[0], epoch=row[1], seq=row[2], head=row[3]) for row in rows)


def cursor_of(connection: sa.Connection, stream: str) -> Cursor | None:
    """Return the cursor of one stream, or None for one that is not read."""
    return next((one for one in cursors(connection) if one.stream == stream), None)


def digest(connection: sa.Connection, stream: str) -> StreamDigest:
    """Return what is held of a stream at its cursor."""
    row = connection.exec_driver_sql(
        "SELECT epoch, seq, head, families, leaves FROM stream_cursor WHERE stream = ?", (stream,)
    ).first()
    if row is None:
        return StreamDigest(stream=stream)
    families = msgspec.json.decode(row[3], type=dict[str, int])
    return StreamDigest(stream=stream, epoch=row[0], seq=row[1], head=row[2], families=families, leaves=row[4])


def move(connection: sa.Connection, page: Page, *, families: Counter[str], leaves: int) -> None:
    """Set the cursor behind a page, with what the page added."""
    before = digest(connection, page.stream)
    counts = Counter(before.families) + families
    connection.exec_driver_sql(
        "UPDATE stream_cursor SET epoch = ?, seq = ?, head = ?, leaves = ?, families = ? WHERE stream = ?",
        (
            page.epoch,
            page.last,
            page.head,
            added(before.leaves, leaves),
            msgspec.json.encode(dict(sorted(counts.items()))),
            page.stream,
        ),
    )


def read_streams(connection: sa.Connection, streams: Sequence[str]) -> None:
    """Read these streams from now on; one that is read already keeps its cursor, one that is left out loses it."""
    known = {one.stream for one in cursors(connection)}
    for place, stream in enumerate(streams):
        if stream in known:
            connection.exec_driver_sql("UPDATE stream_cursor SET place = ? WHERE stream = ?", (place, stream))
        else:
            connection.exec_driver_sql(
                "INSERT INTO stream_cursor(stream, place, epoch, seq, head, leaves, families)"
                " VALUES (?, ?, '', 0, ?, ?, ?)",
                (stream, place, STREAM_START, NOTHING, b"{}"),
            )
    for stream in known - set(streams):
        connection.exec_driver_sql("DELETE FROM stream_cursor WHERE stream = ?", (stream,))


def restart(connection: sa.Connection, own: Own, reset: Reset) -> None:
    """Begin a stream anew in another epoch; every entry stays, only its place is forgotten."""
    connection.exec_driver_sql(
        "UPDATE stream_cursor SET epoch = ?, seq = 0, head = ?, leaves = ?, families = ? WHERE stream = ?",
        (reset.epoch, STREAM_START, NOTHING, b"{}", reset.stream),
    )
    connection.exec_driver_sql("UPDATE foreign_entry SET seq = NULL WHERE stream = ?", (reset.stream,))
    if reset.stream == own.home:
        # What it held in the lineage before, and inside which backup, says nothing of this one.
        connection.exec_driver_sql("DELETE FROM me WHERE key LIKE 'durable:%'")
        for table in ("entry", "past_entry"):
            connection.exec_driver_sql(f"UPDATE {table} SET confirmed_seq = NULL WHERE confirmed_seq IS NOT NULL")
