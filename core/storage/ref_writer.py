"""Writing one version of a list into a new reference file, streaming, in bounded memory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec
import sqlalchemy as sa

from core.domain.enterprises import Enterprise
from core.domain.lists import ListKind
from core.domain.row_digest import RowDigest
from core.kernel.errors import Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record, canonical_bytes
from core.storage.engine import bulk_engine, spoken_troubles
from core.storage.ref_later import ALL_IN_PLACE, newest
from core.storage.ref_pieces import row_pieces
from core.storage.ref_schema import HISTORY_TABLES, ROW_INDEX, ROW_OF, ROW_TABLE, SEARCH_INDEXES, SEARCH_TABLES

BATCH = 5_000


def write_file(
    target: Path,
    key: bytes,
    kind: ListKind,
    rows: Iterable[Record],
    *,
    over: Path | None,
    progress: Progress,
    version: int,
) -> tuple[int, str]:
    """Write the rows of a version into `target` and return their count and digest.

    With `over`, an older file of the kind, its rows stay and rows with the same id are replaced in place.
    The file appears under its name only when it is whole and on the disk.

    Raises:
        Trouble: "storage.disk_full" and the others of core.storage.engine.
        Cancelled: the watcher stopped it; nothing stays.
    """
    fresh = target.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    try:
        with spoken_troubles(fresh):
            if over is not None:
                shutil.copyfile(over, fresh)
            engine = bulk_engine(fresh, key)
            try:
                with engine.begin() as connection:
                    counted = _fill(connection, kind, rows, is_copy=over is not None, progress=progress)
                    _begin_history(connection, version, counted)
            finally:
                engine.dispose()
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.replace(target)
    except OSError as error:
        raise Trouble("storage.disk_failed", path=str(fresh)) from error
    finally:
        fresh.unlink(missing_ok=True)
    return counted


def _fill(
    connection: sa.Connection, kind: ListKind, rows: Iterable[Record], *, is_copy: bool, progress: Progress
) -> tuple[int, str]:
    is_searched = kind is ListKind.ENTERPRISES
    if is_copy:
        _fold(connection, kind, is_searched=is_searched)
    else:
        for statement in (ROW_TABLE, *(SEARCH_TABLES if is_searched else ())):
            connection.exec_driver_sql(statement)
    next_pos = int(connection.exec_driver_sql("SELECT coalesce(max(pos), 0) FROM row").scalar_one()) + 1
    done = 0
    for batch in _batches(rows):
        known = _known(connection, batch) if is_copy else {}
        placed = [(known.get(_id(row)), row) for row in batch]
        numbered: list[tuple[int, Record]] = []
        for pos, row in placed:
            numbered.append((pos or next_pos, row))
            next_pos += pos is None
        _put(connection, numbered, replaced=tuple(known.values()), is_searched=is_searched)
        done += len(batch)
        progress.step(done)
    if not is_copy:
        for statement in (ROW_INDEX, *(SEARCH_INDEXES if is_searched else ())):
            connection.exec_driver_sql(statement)
    if is_searched and not is_copy:
        # One segment instead of a dozen: every question looks into each.
        connection.exec_driver_sql("INSERT INTO pieces(pieces) VALUES ('optimize')")
    return digest_of(connection)


def _fold(connection: sa.Connection, kind: ListKind, *, is_searched: bool) -> None:
    """Put the rows that changed since the file was made where they belong, and the places for them away."""
    if newest(connection) == ALL_IN_PLACE:
        return
    decode = msgspec.json.Decoder(ROW_OF[kind]).decode
    after = 0
    while some := connection.exec_driver_sql(
        "SELECT pos, body FROM later WHERE pos > ? ORDER BY pos LIMIT ?", (after, BATCH)
    ).all():
        after = int(some[-1][0])
        changed = [(int(row[0]), decode(row[1])) for row in some if row[1] is not None]
        _put(connection, changed, replaced=[int(row[0]) for row in some], is_searched=is_searched)
    for name in ("later", *(("later_pieces",) if is_searched else ())):
        connection.exec_driver_sql(f"DROP TABLE {name}")


def _begin_history(connection: sa.Connection, version: int, counted: tuple[int, str]) -> None:
    """Note the version that the file holds; what a copied file knew of older ones stays in that other file."""
    for statement in HISTORY_TABLES:
        connection.exec_driver_sql(statement)
    for table in ("held", "past"):
        connection.exec_driver_sql(f"DELETE FROM {table}")
    connection.exec_driver_sql("INSERT INTO held(version, row_count, digest) VALUES (?, ?, ?)", (version, *counted))


def _batches(rows: Iterable[Record]) -> Iterator[list[Record]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


def _id(row: Record) -> str:
    return str(row.id)  # pyright: ignore[reportAttributeAccessIssue]  # every list row has an id


def _known(connection: sa.Connection, batch: Sequence[Record]) -> dict[str, int]:
    known: dict[str, int] = {}
    for row in batch:
        found = connection.exec_driver_sql("SELECT pos FROM row WHERE id = ?", (_id(row),)).first()
        if found:
            known[_id(row)] = int(found[0])
    return known


def _put(
    connection: sa.Connection, numbered: Sequence[tuple[int, Record]], *, replaced: Sequence[int], is_searched: bool
) -> None:
    if replaced:
        gone = [(pos,) for pos in replaced]
        connection.exec_driver_sql("DELETE FROM row WHERE pos = ?", gone)
        if is_searched:
            connection.exec_driver_sql("DELETE FROM pieces WHERE rowid = ?", gone)
    if not numbered:
        return
    connection.exec_driver_sql(
        "INSERT INTO row(pos, id, body) VALUES (?, ?, ?)",
        [(pos, _id(row), canonical_bytes(row)) for pos, row in numbered],
    )
    if is_searched:
        pieces = [(pos, row_pieces(row)) for pos, row in numbered if isinstance(row, Enterprise)]
        connection.exec_driver_sql("INSERT INTO pieces(rowid, t) VALUES (?, ?)", pieces)


def digest_of(connection: sa.Connection) -> tuple[int, str]:
    """Return the count and the digest of the newest rows of a file, by reading them all."""
    digest = RowDigest()
    rows = connection.execution_options(yield_per=BATCH).exec_driver_sql(f"SELECT body FROM {newest(connection)}")
    for some in rows.partitions(BATCH):
        digest.add(row[0] for row in some)
    return digest.count, digest.hex()
