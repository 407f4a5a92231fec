"""A station home: the folder, and the one readable file in it, station.json.

station.json holds no secret and no case data: the station's id, the wrapped keys of the accounts, and the count of
wrong passwords. Everything else in the folder is encrypted.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record, canonical_bytes, changed
from core.storage.blobs import write_durably

FORMAT = 1


class Failures(Record):
    """Wrong passwords in a row of one account."""

    count: int
    last_at: datetime


class StationFile(Record):
    """The content of station.json. `slots` are key slots in plain form, by account."""

    format: int
    station: str
    created_at: datetime
    is_demo: bool
    slots: dict[str, Any]
    order: tuple[str, ...] = ()
    """Names of the accounts in the order they were made; the file's keys are sorted."""
    failures: dict[str, Failures] = {}


class Home:
    """The folder of one station."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.main_db = folder / "main.db"
        self.blobs = folder / "blobs"
        self.logs = folder / "logs"
        self.exports = folder / "exports"
        self._file = folder / "station.json"

    def exists(self) -> bool:
        """Tell whether a station lives here."""
        return self._file.exists()

    def create(self, content: StationFile) -> None:
        """Make the folders and write station.json.

        Raises:
            Refusal: "station.exists"; there is a station already, it is left alone.
            Trouble: "storage.read_only", "storage.unreachable", "storage.disk_full".
        """
        if self.exists():
            raise Refusal("station.exists", path=str(self.folder))
        try:
            for folder in (self.folder, self.blobs, self.logs, self.exports):
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            raise Trouble("storage.read_only", path=str(self.folder)) from error
        self.write(content)

    def read(self) -> StationFile:
        """Return station.json.

        Raises:
            Refusal: "station.missing", "storage.newer_version".
            Trouble: "station.file_damaged".
        """
        try:
            raw = self._file.read_bytes()
        except FileNotFoundError as error:
            raise Refusal("station.missing", path=str(self.folder)) from error
        except OSError as error:
            raise Trouble("storage.unreachable", path=str(self._file)) from error
        try:
            content = msgspec.json.decode(raw, type=StationFile)
        except msgspec.DecodeError as error:
            raise Trouble("station.file_damaged", path=str(self._file)) from error
        if content.format > FORMAT:
            raise Refusal("storage.newer_version", found=str(content.format), known=str(FORMAT))
        return content

    def write(self, content: StationFile) -> None:
        """Replace station.json whole."""
        write_durably(self._file, canonical_bytes(content))

    def note_failure(self, account: str, at: datetime) -> None:
        """Count one more wrong password; written before the answer is given, so that a kill does not undo it."""
        content = self.read()
        before = content.failures.get(account)
        failures = Failures(count=(before.count if before else 0) + 1, last_at=at)
        self.write(changed(content, failures=content.failures | {account: failures}))

    def forget_failures(self, account: str) -> None:
        """Set the count back after a right password."""
        content = self.read()
        if account in content.failures:
            kept = {name: failures for name, failures in content.failures.items() if name != account}
            self.write(changed(content, failures=kept))
