"""Backups of headquarters, and beginning again from one.

The embedded form goes into one file: the database as it was at one moment, and the media. Only when the file is safely
written do the `durable` positions move, behind which stations may let go of closed visits. A restore mints a new epoch
and jumps over numbers that may have been leased since. PostgreSQL is backed up by its own tools, between `positions`
and `move_durable`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa

from core.hq import numbers
from core.hq import tables as t
from core.hq.blobs import BlobStore
from core.hq.engine import open_engines, spoken
from core.hq.store import HqStore
from core.kernel.clock import Clock
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record, canonical_bytes
from core.storage.engine import copy_file

FORMAT = 1
DATABASE, MANIFEST = "hq.db", "manifest.json"
_CHUNK = 1 << 20

Positions = tuple[tuple[str, str, int], ...]
"""(stream, device, number) up to which entries are safe."""
Watch = Callable[[int, int], None]
"""(media done, media in all)."""


class Manifest(Record):
    """What a backup file holds."""

    format: int
    made_at: datetime
    epoch: str
    database_sha256: str
    with_media: bool
    media: int
    extra: tuple[str, ...] = ()


class BackupReport(Record):
    """What was written."""

    path: str
    bytes_written: int
    media: int
    media_missing: tuple[str, ...]
    """Media that the database counts as here and the store does not give."""
    chains: int
    """Chains whose durable position may move."""


class Restored(Record):
    """What was restored. `epoch` is the new one."""

    epoch: str
    made_at: datetime
    entries: int
    skipped_series: int


def positions(store: HqStore) -> Positions:
    """Return where every chain ends now; whatever is backed up after this call holds at least these."""
    with store.read.reading() as connection:
        return _positions(connection)


def move_durable(store: HqStore, safe: Positions) -> int:
    """Note that entries up to these positions are inside a backup; return how many chains moved. Never moves back."""
    head = t.device_head
    moved = 0
    with spoken(store.engines.where), store.engines.writer.begin() as connection:
        for stream, device, n in safe:
            statement = (
                sa.update(head)
                .where(head.c.stream_id == stream, head.c.device_id == device, head.c.durable < n, head.c.n >= n)
                .values(durable=n)
            )
            moved += connection.execute(statement).rowcount
    return moved


def make_backup(
    store: HqStore,
    blobs: BlobStore,
    path: Path,
    *,
    watch: Watch,
    with_media: bool = True,
    extra: dict[str, bytes] | None = None,
) -> BackupReport:
    """Write the embedded headquarters into one file, whole or not at all.

    Args:
        watch: Told after each blob; may raise Cancelled, then there is no file and nothing moved.
        with_media: Without, the media must be safe elsewhere: the durable positions move all the same.
        extra: Further members by name, such as the service's keys.

    Raises:
        Refusal: "hq.not_embedded"; PostgreSQL has tools of its own.
        Trouble: "hq.backup_failed", params path.
    """
    if store.engines.is_postgresql:
        raise Refusal("hq.not_embedded", where=store.engines.where)
    fresh, copy = path.with_name(path.name + ".new"), path.with_name(path.name + ".db")
    try:
        with _removed(fresh, copy), spoken(store.engines.where):
            copy_file(store.engines.writer, copy)
            safe, named = _contents(copy)
            media, missing = _write(
                store, blobs, fresh, copy, named if with_media else (), watch, extra or {}, with_media
            )
            fresh.replace(path)
            _sync_folder(path.parent)
    except OSError as error:
        raise Trouble("hq.backup_failed", path=str(path)) from error
    if not missing:
        move_durable(store, safe)
    return BackupReport(
        path=str(path),
        bytes_written=path.stat().st_size,
        media=media,
        media_missing=missing,
        chains=len(safe),
    )


def _contents(copy: Path) -> tuple[Positions, tuple[str, ...]]:
    engines = open_engines(copy)
    try:
        with engines.writer.begin() as connection:
            names = connection.execute(sa.select(t.blob.c.sha256).order_by(t.blob.c.sha256)).scalars().all()
            return _positions(connection), tuple(names)
    finally:
        engines.close()


def _positions(connection: sa.Connection) -> Positions:
    head = t.device_head
    rows = connection.execute(sa.select(head.c.stream_id, head.c.device_id, head.c.n).where(head.c.n > 0))
    return tuple((row.stream_id, row.device_id, row.n) for row in rows)


def _write(
    store: HqStore,
    blobs: BlobStore,
    fresh: Path,
    copy: Path,
    named: tuple[str, ...],
    watch: Watch,
    extra: dict[str, bytes],
    with_media: bool,
) -> tuple[int, tuple[str, ...]]:
    missing: list[str] = []
    with fresh.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            archive.write(copy, DATABASE)
            for name, content in extra.items():
                archive.writestr(f"extra/{name}", content)
            for done, name in enumerate(named, 1):
                size = blobs.size(name)
                if size is None:
                    missing.append(name)
                else:
                    archive.writestr(f"blobs/{name}", blobs.read(name, 0, None))
                watch(done, len(named))
            manifest = Manifest(
                format=FORMAT,
                made_at=store.clock.now(),
                epoch=store.epoch(),
                database_sha256=_sha256_of(copy),
                with_media=with_media,
                media=len(named) - len(missing),
                extra=tuple(extra),
            )
            archive.writestr(MANIFEST, canonical_bytes(manifest))
        file.flush()
        os.fsync(file.fileno())
    return len(named) - len(missing), tuple(missing)


def restore_backup(
    path: Path,
    folder: Path,
    *,
    clock: Clock,
    put_blob: Callable[[str, bytes], None],
    put_extra: Callable[[str, bytes], None],
    margin: int = numbers.MARGIN,
    earlier: int | None = None,
) -> Restored:
    """Make the embedded headquarters of a backup file in a folder that has none, with a new epoch.

    How often a backup was restored is noted beside it: what was leased after the first time must be passed over, too,
    when it is restored a second time.

    Args:
        put_blob: Stores one blob under its name; its bytes were checked.
        put_extra: Takes the further members.
        margin: By how much every series of numbers jumps ahead, once for every restore of this backup.
        earlier: How often it was restored before; None: as noted beside it.

    Raises:
        Refusal: "hq.exists", params where; "hq.backup_damaged", params path, why; "hq.newer_version";
            "hq.restore_not_noted", params path: nothing can be written beside the backup and `earlier` was not given.
        Trouble: "hq.backup_failed", params path.
    """
    target = folder / DATABASE
    if target.exists():
        raise Refusal("hq.exists", where=str(target))
    fresh = folder / f"{DATABASE}.new"
    before = _noted_restore(path) if earlier is None else earlier
    try:
        with _removed(fresh), zipfile.ZipFile(path) as archive:
            manifest = _manifest_of(archive, path)
            folder.mkdir(parents=True, exist_ok=True)
            with archive.open(DATABASE) as source, fresh.open("wb") as file:
                shutil.copyfileobj(source, file, _CHUNK)
                file.flush()
                os.fsync(file.fileno())
            if _sha256_of(fresh) != manifest.database_sha256:
                raise Refusal("hq.backup_damaged", path=str(path), why="database")
            _restore_members(archive, path, manifest, put_blob, put_extra)
            fresh.replace(target)
    except (zipfile.BadZipFile, KeyError, EOFError, msgspec.MsgspecError) as error:
        raise Refusal("hq.backup_damaged", path=str(path), why="archive") from error
    except OSError as error:
        raise Trouble("hq.backup_failed", path=str(path)) from error
    return _begin_again(target, manifest, clock, margin * (before + 1))


def _noted_restore(path: Path) -> int:
    """Note one more restore beside the backup and return how many there were before."""
    if not path.exists():
        raise Trouble("hq.backup_failed", path=str(path))
    notes = path.with_name(path.name + ".restores")
    try:
        before = len(notes.read_bytes().splitlines()) if notes.exists() else 0
        with notes.open("ab") as file:
            file.write(b"restored\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Refusal("hq.restore_not_noted", path=str(notes)) from error
    return before


def _manifest_of(archive: zipfile.ZipFile, path: Path) -> Manifest:
    manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    if manifest.format > FORMAT:
        raise Refusal("hq.newer_version", found=str(manifest.format), known=str(FORMAT))
    return manifest


def _restore_members(
    archive: zipfile.ZipFile,
    path: Path,
    manifest: Manifest,
    put_blob: Callable[[str, bytes], None],
    put_extra: Callable[[str, bytes], None],
) -> None:
    media = [name for name in archive.namelist() if name.startswith("blobs/")]
    if len(media) != manifest.media:
        raise Refusal("hq.backup_damaged", path=str(path), why="media")
    for member in media:
        name, content = member.removeprefix("blobs/"), archive.read(member)
        if hashlib.sha256(content).hexdigest() != name:
            raise Refusal("hq.backup_damaged", path=str(path), why=name)
        put_blob(name, content)
    for name in manifest.extra:
        put_extra(name, archive.read(f"extra/{name}"))


def _begin_again(target: Path, manifest: Manifest, clock: Clock, margin: int) -> Restored:
    store = HqStore(target, clock=clock)
    try:
        epoch = store.begin_new_lineage(margin=margin)
        with store.read.reading() as connection:
            entries = connection.execute(sa.select(sa.func.sum(t.stream_head.c.seq))).scalar() or 0
            series = len(numbers.skipped(connection))
    finally:
        store.close()
    return Restored(epoch=epoch, made_at=manifest.made_at, entries=int(entries), skipped_series=series)


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _removed(*paths: Path) -> Generator[None]:
    """Remove the working files whatever happens."""
    try:
        yield
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # Windows cannot open a folder; there the rename itself is journalled by the file system.
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
