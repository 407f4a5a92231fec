"""The blob store: photos, scans and papers by their SHA-256, each encrypted in a file of its own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from core.kernel.errors import Trouble

Seal = Callable[[bytes, bytes], bytes]


class FileBlobs:
    """Blobs in a folder (core.services.ports.Blobs). `seal` and `unseal` take the bytes and what they are bound to;
    sealing adds `overhead` bytes."""

    def __init__(self, folder: Path, *, seal: Seal, unseal: Seal, overhead: int = 0) -> None:
        self._folder = folder
        self._overhead = overhead
        self._seal = seal
        self._unseal = unseal

    def put(self, content: bytes) -> str:
        """Store the bytes durably and return their SHA-256 in hex.

        Raises:
            Trouble: "storage.disk_full", "storage.read_only", "storage.disk_failed".
        """
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        if not path.exists():
            write_durably(path, self._seal(content, name.encode()))
        return name

    def get(self, sha256: str) -> bytes:
        """Return the bytes.  Raises Trouble "blobs.missing", "blobs.damaged"."""
        try:
            sealed = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise Trouble("blobs.missing", sha256=sha256) from error
        except OSError as error:
            raise Trouble("storage.disk_failed", path=str(self._path(sha256))) from error
        try:
            content = self._unseal(sealed, sha256.encode())
        except Trouble as error:
            raise Trouble("blobs.damaged", sha256=sha256) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Trouble("blobs.damaged", sha256=sha256)
        return content

    def size(self, sha256: str) -> int:
        """Return the bytes of a blob's content; 0 where it is not here."""
        try:
            return max(0, self._path(sha256).stat().st_size - self._overhead)
        except OSError:
            return 0

    def drop(self, sha256: str) -> None:
        """Take a blob away that no entry of ours names, such as a part of a published list that was laid down."""
        try:
            self._path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise Trouble(_code_of(error), path=str(self._path(sha256))) from error

    def names(self) -> Iterator[str]:
        """Yield every name in the store, in order."""
        for path in sorted(self._folder.glob("??/*")):
            if path.suffix == "":
                yield path.name

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that it is either whole or absent after a crash: temporary name, fsync, rename, fsync."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise Trouble(_code_of(error), path=str(path)) from error


def _sync_folder(folder: Path) -> None:
    # Windows cannot open a folder; there the rename itself is journalled by the file system.
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _code_of(error: OSError) -> str:
    import errno

    codes = {
        errno.ENOSPC: "storage.disk_full",
        errno.EDQUOT: "storage.disk_full",
        errno.EACCES: "storage.read_only",
        errno.EPERM: "storage.read_only",
        errno.EROFS: "storage.read_only",
        errno.ENOENT: "storage.unreachable",
        errno.ENOTDIR: "storage.unreachable",
    }
    return codes.get(error.errno or 0, "storage.disk_failed")
