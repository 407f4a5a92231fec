"""Reference lists: one read-only encrypted file a kind and version (core.services.ports.Reference).

A list's versions are journal records; a file without its record was never finished and is written over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from core.domain.enterprises import Enterprise, EnterpriseHit
from core.domain.lists import ListKind, ListVersion
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record, changed
from core.storage.engine import reader_engine, spoken_troubles
from core.storage.ref_schema import KIND_OF, ROW_OF
from core.storage.ref_search import search
from core.storage.ref_writer import write_file

R = TypeVar("R", bound=Record)
ReadVersions = Callable[[ListKind], Sequence[ListVersion]]


class _File:
    """One opened reference file. Small lists are decoded once and kept; enterprises are read row by row."""

    def __init__(self, path: Path, key: bytes, kind: ListKind) -> None:
        if not path.exists():
            raise Trouble("lists.file_missing", path=str(path))
        self.path = path
        self.engine = reader_engine(path, key)
        self.decoder = msgspec.json.Decoder(ROW_OF[kind])
        self._rows: tuple[Record, ...] | None = None
        self._by_id: dict[str, Record] = {}

    def rows(self) -> tuple[Record, ...]:
        """Return all rows in list order."""
        if self._rows is None:
            with spoken_troubles(self.path), self.engine.begin() as connection:
                found = connection.exec_driver_sql("SELECT body FROM row ORDER BY pos").all()
            self._rows = tuple(self.decoder.decode(row[0]) for row in found)
            self._by_id = {str(getattr(row, "id", "")): row for row in self._rows}
        return self._rows

    def one(self, identifier: str) -> Record | None:
        """Return one row of a small list."""
        self.rows()
        return self._by_id.get(identifier)

    def read_one(self, identifier: str) -> Record | None:
        """Return one row straight from the file."""
        with spoken_troubles(self.path), self.engine.begin() as connection:
            row = connection.exec_driver_sql("SELECT body FROM row WHERE id = ?", (identifier,)).first()
        return self.decoder.decode(row[0]) if row else None


class FileReference:
    """The reference lists of one station home."""

    def __init__(self, folder: Path, key: bytes, *, read_versions: ReadVersions) -> None:
        self._folder = folder
        self._key = key
        self._read_versions = read_versions
        self._files: dict[tuple[ListKind, int], _File] = {}
        self._lock = threading.Lock()

    def versions(self, kind: ListKind) -> Sequence[ListVersion]:
        return self._read_versions(kind)

    def in_force(self, kind: ListKind, *, on: date) -> ListVersion | None:
        begun = [version for version in self.versions(kind) if version.effective_on <= on]
        return max(begun, key=lambda version: (version.effective_on, version.version), default=None)

    def get(self, row: type[R], identifier: str, *, version: int | None = None) -> R:
        found = self.find(row, identifier, version=version)
        if found is None:
            raise Refusal("lists.row_missing", kind=KIND_OF[row].value, id=identifier)
        return found

    def find(self, row: type[R], identifier: str, *, version: int | None = None) -> R | None:
        file = self._file(KIND_OF[row], version)
        if file is None:
            return None
        found = file.read_one(identifier) if row is Enterprise else file.one(identifier)
        return cast("R | None", found)

    def where(self, row: type[R], *, version: int | None = None, **equals: Any) -> Sequence[R]:
        file = self._file(KIND_OF[row], version)
        if file is None:
            return ()
        assert row is not Enterprise or not equals, "enterprises are searched, not filtered"
        rows = cast("tuple[R, ...]", file.rows())
        return tuple(one for one in rows if all(getattr(one, field) == value for field, value in equals.items()))

    def each_enterprise(self, *, version: int | None = None) -> Iterable[Enterprise]:
        """Yield every enterprise in list order without holding them all."""
        file = self._file(ListKind.ENTERPRISES, version)
        if file is None:
            return
        with spoken_troubles(file.path), file.engine.begin() as connection:
            streaming = connection.execution_options(yield_per=2_000)
            for row in streaming.exec_driver_sql("SELECT body FROM row ORDER BY pos"):
                yield cast("Enterprise", file.decoder.decode(row[0]))

    def search_enterprises(self, text: str, *, limit: int = 20) -> Sequence[EnterpriseHit]:
        file = self._file(ListKind.ENTERPRISES, None)
        if file is None:
            return ()
        with spoken_troubles(file.path), file.engine.begin() as connection:
            return search(connection, text, limit=limit)

    def replace(self, version: ListVersion, rows: Iterable[Record], *, progress: Progress, upsert: bool) -> ListVersion:
        known = self.versions(version.kind)
        newest = max((one.version for one in known), default=0)
        number = newest + 1
        over = self.path(version.kind, newest) if upsert and known else None
        with self._lock:
            self._files.pop((version.kind, number), None)
        count, digest = write_file(
            self.path(version.kind, number), self._key, version.kind, rows, over=over, progress=progress, version=number
        )
        return changed(version, id=f"{version.kind}-{number}", version=number, row_count=count, rows_sha256=digest)

    def path(self, kind: ListKind, version: int) -> Path:
        """Return where the file of a version lies."""
        return self._folder / f"ref-{kind}-{version}.db"

    def close(self) -> None:
        """Close every file."""
        with self._lock:
            for file in self._files.values():
                file.engine.dispose()
            self._files.clear()

    def _file(self, kind: ListKind, version: int | None) -> _File | None:
        if version is None:
            version = max((one.version for one in self.versions(kind)), default=0)
            if version == 0:
                return None
        with self._lock:
            file = self._files.get((kind, version))
            if file is None:
                file = self._files[kind, version] = _File(self.path(kind, version), self._key, kind)
            return file
