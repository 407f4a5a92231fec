"""What sync needs of an unlocked station beside its services; the session is one."""

from __future__ import annotations

from pathlib import Path

from core.station.services import Services
from core.storage.blobs import FileBlobs
from core.storage.main_store import MainStore
from core.storage.reference import FileReference
from core.storage.work import Device


class Unlocked(Services):
    """The services of a person, over the store, files and keys of this station."""

    store: MainStore
    device: Device
    file_blobs: FileBlobs
    list_files: FileReference
    exchange_folder: Path
    """Where sealed files lie that are on their way."""

    @property
    def reading(self) -> Services:
        """The same services over read-only transactions."""
        raise NotImplementedError

    def forget_services(self) -> None:
        """Make every service anew when it is next asked for."""
        raise NotImplementedError

    def begin_after_fork(self) -> None:
        """Open a new chain, because another copy of this disk went on with the old one."""
        raise NotImplementedError

    def erase_slots(self) -> None:
        """Erase every account's slot."""
        raise NotImplementedError
