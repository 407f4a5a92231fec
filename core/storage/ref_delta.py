"""What changed between two versions of a large list: made by looking at the changed rows only, applied in the file.

One durable transaction puts the changed rows beside the others, with what finds them (ref_later.py), changes the
digest, and keeps each row as it stood before, so that older versions read on as they were (ref_history.py). Cut
short, the file is at its base. Source: sync.md 3.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from core.domain.enterprises import Enterprise
from core.domain.list_files import LIST_FILE_SCHEMA, ListFile
from core.domain.lists import ListKind
from core.domain.row_digest import RowDigest
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record, canonical_bytes
from core.storage.engine import patcher_engine, reader_engine, spoken_troubles
from core.storage.ref_history import held_versions
from core.storage.ref_later import LaterRows, newest_of
from core.storage.ref_pieces import row_pieces
from core.storage.ref_snapshot import Measured, PutPart, damaged, hand_over, whole

T = TypeVar("T")

BATCH = 500
LINE_BYTES_MAX = 2**20
LARGE_ROWS = 100_000
CHANGED_PART = 20
"""A change of up to a twentieth of a large list is sent as changes; beyond that a whole file is quicker to take in."""

_enterprises = msgspec.json.Decoder(Enterprise)


class _Head(Record):
    """First line of a delta."""

    kind: ListKind
    version: int
    base: int
    base_sha256: str


class TooManyChanges(Exception):
    """There are more changes than make_delta was told to write."""


def is_worth(row_count: int, changes: int) -> bool:
    """Tell whether a list of that size with that many changed or removed rows is better sent as changes."""
    return row_count >= LARGE_ROWS and changes * CHANGED_PART <= row_count


def delta_if_worth(
    base: Path,
    key: bytes,
    kind: ListKind,
    version: int,
    rows: Iterable[Record],
    *,
    row_count: int,
    removed: Iterable[str],
    progress: Progress,
) -> tuple[ListFile, tuple[bytes, ...]] | None:
    """Return what make_delta makes, with its parts; None where a whole file is better. It stops as soon as it is."""
    if not is_worth(row_count, 0):
        return None
    parts: list[bytes] = []
    try:
        file = make_delta(
            base,
            key,
            kind,
            version,
            rows,
            removed=removed,
            put_part=parts.append,
            progress=progress,
            changes_max=row_count // CHANGED_PART,
        )
    except TooManyChanges:
        return None
    return file, tuple(parts)


def make_delta(
    base: Path,
    key: bytes,
    kind: ListKind,
    version: int,
    rows: Iterable[Record],
    *,
    removed: Iterable[str] = (),
    put_part: PutPart,
    progress: Progress,
    changes_max: int | None = None,
) -> ListFile:
    """Hand over the parts of what makes the newest version of the file `base` into `version`; returns what to publish.

    Rows that are equal to what the base has, and removed ids that it has not, are left out. No id comes twice.

    Raises:
        TooManyChanges: there are more than `changes_max`.
    """
    engine = reader_engine(base, key)
    try:
        with spoken_troubles(base), engine.begin() as connection:
            held = held_versions(connection)
            assert held, "a base is a file that notes its versions"
            newest, (count, digest) = max(held.items())
            sums = RowDigest(count, digest)
            head = _Head(kind=kind, version=version, base=newest, base_sha256=digest)
            lines = _changes(connection, rows, removed, sums, progress)
            plain = Measured(_joined(canonical_bytes(head), _at_most(changes_max, lines)))
            parts, packed_size = hand_over(plain, put_part)
    finally:
        engine.dispose()
    return ListFile(
        kind=kind,
        version=version,
        base=newest,
        row_count=sums.count,
        rows_sha256=sums.hex(),
        size=plain.size,
        sha256=plain.hash.hexdigest(),
        parts=parts,
        packed_size=packed_size,
    )


def apply_delta(path: Path, key: bytes, file: ListFile, parts: Iterable[bytes], *, progress: Progress) -> None:
    """Bring a file whose newest version is the delta's base to the delta's version; done before, it changes nothing.

    Raises:
        Refusal: "lists.publication_newer"; a newer program wrote it.
        Trouble: "lists.publication_base"; the file does not hold the base, so a whole file is needed.
            "lists.publication_damaged"; "storage.busy" while somebody reads for long; others of core.storage.engine.
        Cancelled: the watcher stopped it; the file is at its base.
    """
    if file.schema > LIST_FILE_SCHEMA:
        raise Refusal("lists.publication_newer", kind=file.kind.value, version=file.version)
    if not path.exists():
        raise _no_base(file)
    engine = patcher_engine(path, key)
    try:
        with spoken_troubles(path), engine.begin() as connection:
            held = held_versions(connection)
            if file.version in held:
                return
            if not held or max(held) != file.base:
                raise _no_base(file)
            sums = RowDigest(*held[file.base])
            lines = _lines(file, whole(file, parts, progress))
            head = _decoded(file, next(lines, b""), _Head)
            if head != _Head(kind=file.kind, version=file.version, base=file.base, base_sha256=held[file.base][1]):
                raise damaged(file, "base")
            patch = _Patch(connection, file, sums)
            while batch := list(islice(lines, BATCH)):
                patch.take(batch)
            if (sums.count, sums.hex()) != (file.row_count, file.rows_sha256):
                raise damaged(file, "rows")
            connection.exec_driver_sql(
                "INSERT INTO held(version, row_count, digest) VALUES (?, ?, ?)", (file.version, sums.count, sums.hex())
            )
    finally:
        engine.dispose()


def _no_base(file: ListFile) -> Trouble:
    return Trouble("lists.publication_base", kind=file.kind.value, version=file.version, base=file.base)


def _joined(head: bytes, lines: Iterable[bytes]) -> Iterator[bytes]:
    yield head + b"\n"
    source = iter(lines)
    while batch := list(islice(source, BATCH)):
        yield b"\n".join(batch) + b"\n"


def _at_most(changes_max: int | None, lines: Iterable[bytes]) -> Iterator[bytes]:
    for count, line in enumerate(lines, 1):
        if changes_max is not None and count > changes_max:
            raise TooManyChanges
        yield line


def _changes(
    connection: sa.Connection, rows: Iterable[Record], removed: Iterable[str], sums: RowDigest, progress: Progress
) -> Iterator[bytes]:
    """Yield a line for each row that differs from the base, then one for each id that it loses."""
    source, done = iter(rows), 0
    while batch := list(islice(source, BATCH)):
        bodies = {str(row.id): canonical_bytes(row) for row in batch}  # pyright: ignore[reportAttributeAccessIssue]  # every list row has an id
        old = {identifier: body for _, identifier, body in newest_of(connection, bodies)}
        fresh = [body for identifier, body in bodies.items() if old.get(identifier) != body]
        sums.take(body for identifier, body in old.items() if bodies[identifier] != body)
        sums.add(fresh)
        yield from fresh
        done += len(batch)
        progress.step(done)
    gone = iter(removed)
    while some := list(islice(gone, BATCH)):
        known = newest_of(connection, some)
        sums.take(body for _, _, body in known)
        yield from (canonical_bytes(identifier) for _, identifier, _ in known)


def _lines(file: ListFile, chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LINE_BYTES_MAX:
            raise damaged(file, "line")
        yield from lines
    if rest:
        raise damaged(file, "line")


def _decoded(file: ListFile, line: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise damaged(file, "line") from error


class _Id(msgspec.Struct):
    id: str


class _Patch:
    """Changes the rows of one file batch by batch."""

    def __init__(self, connection: sa.Connection, file: ListFile, sums: RowDigest) -> None:
        self._connection = connection
        self._file = file
        self._sums = sums
        self._is_searched = file.kind is ListKind.ENTERPRISES
        self._later = LaterRows(connection, is_searched=self._is_searched)
        # Every place that ever came later has a note in past.
        self._next = 1 + max(self._number(f"SELECT coalesce(max(pos), 0) FROM {table}") for table in ("row", "past"))

    def take(self, lines: list[bytes]) -> None:
        """Put the changed rows of the batch in their places and take the removed ones away."""
        fresh = {_decoded(self._file, line, _Id).id: line for line in lines if line[:1] == b"{"}
        gone = [_decoded(self._file, line, str) for line in lines if line[:1] != b"{"]
        if len(fresh) + len(set(gone)) != len(lines) or not fresh.keys().isdisjoint(gone):
            raise damaged(self._file, "twice")
        old = {identifier: (pos, body) for pos, identifier, body in newest_of(self._connection, [*fresh, *gone])}
        if any(identifier not in old for identifier in gone):
            raise damaged(self._file, "removed")
        new = [identifier for identifier in fresh if identifier not in old]
        places = {identifier: pos for identifier, (pos, _) in old.items()}
        places |= {identifier: self._next + at for at, identifier in enumerate(new)}
        self._next += len(new)
        self._keep(old, [(identifier, places[identifier]) for identifier in new])
        self._write(fresh, gone, places, old)
        self._sums.take(body for _, body in old.values())
        self._sums.add(fresh.values())

    def _keep(self, old: dict[str, tuple[int, bytes]], new: list[tuple[str, int]]) -> None:
        """Note how the rows stood before; new ones stood nowhere."""
        until = self._file.version
        rows: list[tuple[int, int, str, bytes | None]] = [
            *((pos, until, identifier, body) for identifier, (pos, body) in old.items()),
            *((pos, until, identifier, None) for identifier, pos in new),
        ]
        if rows:
            self._connection.exec_driver_sql("INSERT INTO past(pos, until, id, body) VALUES (?, ?, ?, ?)", rows)

    def _write(
        self, fresh: dict[str, bytes], gone: list[str], places: dict[str, int], old: dict[str, tuple[int, bytes]]
    ) -> None:
        had_pieces = self._later.with_pieces(places.values())
        moved = self._moved(fresh, places, old) if self._is_searched else {}
        has_pieces = had_pieces | moved.keys()
        self._later.put(
            [
                *((places[one], one, body, places[one] in has_pieces) for one, body in fresh.items()),
                *((places[one], one, None, self._is_searched) for one in gone),
            ]
        )
        if self._is_searched:
            stale = had_pieces.intersection((*moved, *(places[one] for one in gone)))
            self._later.find_by(sorted(moved.items()), instead_of=sorted(stale))

    def _moved(
        self, fresh: dict[str, bytes], places: dict[str, int], old: dict[str, tuple[int, bytes]]
    ) -> dict[int, str]:
        """Return what finds the rows, by place, where something that is searched was changed: to make it costs most."""
        moved: dict[int, str] = {}
        for identifier, body in fresh.items():
            row = _row(self._file, body)
            before = _row(self._file, old[identifier][1]) if identifier in old else None
            if before is None or _searched(row) != _searched(before):
                moved[places[identifier]] = row_pieces(row)
        return moved

    def _number(self, sql: str) -> int:
        return int(self._connection.exec_driver_sql(sql).scalar_one())


def _row(file: ListFile, body: bytes) -> Enterprise:
    try:
        return _enterprises.decode(body)
    except msgspec.DecodeError as error:
        raise damaged(file, "row") from error


def _searched(row: Enterprise) -> tuple[str, ...]:
    return (row.name, row.street, row.address, row.initials)
