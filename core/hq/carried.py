"""Files that somebody carries for a station without a line, while they come in part by part.

A cut file goes on where it stood. A carrier has one file on its way at a time: beginning another one drops the parts of
the one before; what nobody goes on with is an orphan like any other. Source: sync.md 3.10, 3.13; F17.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol

from core.hq.store import HqStore
from core.kernel.errors import Refusal
from core.remote.door import CARRIED_BYTES_MAX
from core.sync.wire import PART_BYTES, PartsAnswer


class Parts(Protocol):
    """What is needed of the store of media (core.hq.blob_store); may raise Trouble "hq.blobs_unreachable"."""

    def parts(self, sha256: str) -> tuple[int, ...]: ...

    def put_part(self, sha256: str, number: int, content: bytes) -> None: ...

    def gather(self, name: str, size: int, path: Path) -> str:
        """Write the parts one behind the other into a file and return its SHA-256.

        Raises:
            Refusal: "hq.parts_missing" (params sha256).
            Trouble: "hq.disk_failed" (params where).
        """
        ...

    def drop_parts(self, sha256: str) -> None: ...


class CarriedFiles:
    """The files on their way to one headquarters."""

    def __init__(self, store: HqStore, parts: Parts) -> None:
        self._store = store
        self._parts = parts

    def begin(self, carrier: str, sha256: str) -> PartsAnswer:
        """Return the parts of a file that are here; the file that this carrier began before gives way."""
        before = self._current(carrier)
        if before != sha256:
            if before:
                self._parts.drop_parts(_name(carrier, before))
            self._store.set_setting(_key(carrier), sha256.encode())
        return PartsAnswer(sha256=sha256, parts=self._parts.parts(_name(carrier, sha256)))

    def put(self, carrier: str, sha256: str, number: int, content: bytes) -> None:
        """Keep one part, counted from 0.

        Raises:
            Refusal: "sync.blob_unnamed": this file was not begun, or gave way; "sync.body_too_large", params bytes_max.
        """
        if self._current(carrier) != sha256:
            raise Refusal("sync.blob_unnamed", sha256=sha256)
        if not 0 <= number < CARRIED_BYTES_MAX // PART_BYTES:
            raise Refusal("sync.body_too_large", bytes_max=CARRIED_BYTES_MAX)
        self._parts.put_part(_name(carrier, sha256), number, content)

    def gather(self, carrier: str, sha256: str, size: int, path: Path) -> None:
        """Write the whole file. Its parts stay: where the answer is lost, the carrier asks once more.

        Raises:
            Refusal: "hq.parts_missing", "hq.blob_differs" (params sha256; the parts are dropped),
                "sync.body_too_large".
            Trouble: "hq.disk_failed", "hq.blobs_unreachable".
        """
        if not 0 <= size <= CARRIED_BYTES_MAX:
            raise Refusal("sync.body_too_large", bytes_max=CARRIED_BYTES_MAX)
        name = _name(carrier, sha256)
        if self._parts.gather(name, size, path) != sha256:
            self._parts.drop_parts(name)
            raise Refusal("hq.blob_differs", sha256=sha256)

    def _current(self, carrier: str) -> str:
        return (self._store.setting(_key(carrier)) or b"").decode()


def _key(carrier: str) -> str:
    return f"carried:{carrier}"


def _name(carrier: str, sha256: str) -> str:
    """Return the name under which the parts lie: no blob has it, and no other carrier reaches it."""
    return hashlib.sha256(f"carried|{carrier}|{sha256}".encode()).hexdigest()
