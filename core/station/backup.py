"""Backup of a whole home into one file, and restore into a new home.

The file is a ZIP of what is encrypted already (plus station.json), stored without compression, with a manifest of
SHA-256 hashes. Restoring never writes into a home that has a station.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record, canonical_bytes
from core.storage.home import Home
from core.storage.main_store import MainStore

MANIFEST = "manifest.json"
CHUNK = 1 << 20


class Member(Record):
    """One file of a backup."""

    name: str
    size_bytes: int
    sha256: str


class Manifest(Record):
    """What a backup holds and up to which entry of which device."""

    format: int
    station: str
    device: str
    entries: int
    head: str
    made_at: datetime
    members: tuple[Member, ...]


def make_backup(home: Home, store: MainStore, target: Path, *, at: datetime, progress: Progress) -> Manifest:
    """Write a backup while the station is in use; the file appears under its name only when it is whole.

    Raises:
        Refusal: "backup.exists"; nothing is written over.
        Trouble: "storage.disk_full" and others; no half file stays.
    """
    if target.exists():
        raise Refusal("backup.exists", path=str(target))
    fresh = target.with_name(target.name + ".new")
    try:
        with tempfile.TemporaryDirectory(dir=home.exports) as scratch, zipfile.ZipFile(fresh, "w") as archive:
            # First the database, then the files: a record may only name blobs that are older than it.
            copy = Path(scratch) / "main.db"
            store.copy_to(copy)
            head = store.head()
            files = [(copy, "main.db"), (home.folder / "station.json", "station.json")]
            files += [(path, path.name) for path in sorted(home.folder.glob("ref-*.db"))]
            files += [(path, f"blobs/{path.parent.name}/{path.name}") for path in sorted(home.blobs.glob("??/*"))]
            members: list[Member] = []
            for number, (path, name) in enumerate(files):
                progress.step(number, len(files), name)
                members.append(_add(archive, path, name))
            manifest = Manifest(
                format=1,
                station=home.read().station,
                device=(store.value("device") or b"").decode(),
                entries=head.n,
                head=head.chain.hex(),
                made_at=at,
                members=tuple(members),
            )
            archive.writestr(MANIFEST, canonical_bytes(manifest))
        fresh.replace(target)
    except OSError as error:
        raise Trouble("backup.not_written", path=str(target), why=error.strerror or str(error)) from error
    finally:
        # A place that could not be written cannot be cleaned either; the reason is on its way already.
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return manifest


def unpack_backup(source: Path, folder: Path, *, progress: Progress) -> Manifest:
    """Check a backup and lay it into an empty folder.

    The caller opens a new chain before anything else is written (Session.begin_after_restore).

    Raises:
        Refusal: "station.folder_not_empty".
        Trouble: "backup.damaged", params name; nothing is left in the folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refusal("station.folder_not_empty", path=str(folder))
    fresh = folder.with_name(folder.name + ".restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
            for number, member in enumerate(manifest.members):
                progress.step(number, len(manifest.members), member.name)
                _take(archive, member, fresh)
        for name in ("blobs", "logs", "exports"):
            (fresh / name).mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)
    except (zipfile.BadZipFile, KeyError, msgspec.DecodeError, EOFError) as error:
        raise Trouble("backup.damaged", name=source.name) from error
    except OSError as error:
        raise Trouble("backup.not_restored", path=str(folder), why=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return manifest


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> Member:
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        size, digest = _copy(source, target)
    return Member(name=name, size_bytes=size, sha256=digest)


def _take(archive: zipfile.ZipFile, member: Member, folder: Path) -> None:
    parts = Path(member.name).parts
    if Path(member.name).is_absolute() or ".." in parts:
        raise Trouble("backup.damaged", name=member.name)
    path = folder / member.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member.name) as source, path.open("wb") as target:
        size, digest = _copy(source, target, limit=member.size_bytes)
    if (size, digest) != (member.size_bytes, member.sha256):
        raise Trouble("backup.damaged", name=member.name)


def _copy(source: IO[bytes], target: IO[bytes], *, limit: int | None = None) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if limit is not None and size > limit:
            break
        digest.update(chunk)
        target.write(chunk)
    return size, digest.hexdigest()
