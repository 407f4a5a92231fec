"""Reference lists: encrypted files, one a kind and version (core.services.ports.Reference).

A list's versions are journal records; a file without its record was never finished and is written over. A version
that changed few rows of a large list lies in the file of the version before it, with the rows as they stood.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import sqlalchemy as sa

from core.domain.enterprises import Enterprise, EnterpriseHit
from core.domain.list_files import ListFile
from core.domain.lists import ListKind, ListVersion
from core.domain.publications import in_use
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record, changed
from core.storage.engine import reader_engine, spoken_troubles
from core.storage.ref_delta import apply_delta
from core.storage.ref_history import held_versions, row_at, rows_at
from core.storage.ref_schema import KIND_OF, ROW_OF
from core.storage.ref_search import search
from core.storage.ref_snapshot import NewPages, take_in
from core.storage.ref_writer import write_file

R = TypeVar("R", bound=Record)
ReadVersions = Callable[..., Sequence[ListVersion]]
"""Return the versions of the kinds given, each kind's oldest first."""


class _File:
    """One version in a reference file. Rows of small lists are kept once read; enterprises are read row by row."""

    def __init__(self, path: Path, engine: sa.Engine, kind: ListKind, version: int) -> None:
        self.path = path
        self.engine = engine
        self.decoder = msgspec.json.Decoder(ROW_OF[kind])
        with spoken_troubles(path), engine.begin() as connection:
            held = held_versions(connection)
        if held and version not in held:
            raise Trouble("lists.file_missing", path=str(path))
        # A file from before versions were noted is never changed in place: its rows are those of its version.
        self._version = version if held else None
        self._rows: tuple[Record, ...] | None = None
        self._by_id: dict[str, Record | None] = {}

    def rows(self) -> tuple[Record, ...]:
        """Return all rows in list order."""
        if self._rows is None:
            self._rows = tuple(self.each())
            self._by_id = {str(getattr(row, "id", "")): row for row in self._rows}
        return self._rows

    def each(self) -> Iterator[Record]:
        """Yield all rows in list order without holding them all."""
        with spoken_troubles(self.path), self.engine.begin() as connection:
            for body in rows_at(connection, self._version, batch=2_000):
                yield self.decoder.decode(body)

    def one(self, identifier: str) -> Record | None:
        """Return one row of a small list; the whole is not read for it."""
        if self._rows is None and identifier not in self._by_id:
            self._by_id[identifier] = self.read_one(identifier)
        return self._by_id.get(identifier)

    def read_one(self, identifier: str) -> Record | None:
        """Return one row straight from the file."""
        with spoken_troubles(self.path), self.engine.begin() as connection:
            body = row_at(connection, identifier, self._version)
        return self.decoder.decode(body) if body else None


def _begun(versions: Sequence[ListVersion], on: date) -> ListVersion | None:
    begun = [version for version in in_use(versions) if version.effective_on <= on]
    return max(begun, key=lambda version: (version.effective_on, version.version), default=None)


class FileReference:
    """The reference lists of one station home."""

    def __init__(self, folder: Path, key: bytes, *, read_versions: ReadVersions) -> None:
        self._folder = folder
        self._key = key
        self._read_versions = read_versions
        self._files: dict[tuple[ListKind, int], _File] = {}
        self._engines: dict[Path, sa.Engine] = {}
        self._lock = threading.Lock()

    def versions(self, kind: ListKind) -> Sequence[ListVersion]:
        return self._read_versions(kind)

    def in_force(self, kind: ListKind, *, on: date) -> ListVersion | None:
        return _begun(self.versions(kind), on)

    def day(self, on: date) -> Mapping[ListKind, ListVersion]:
        known = self._read_versions(*ListKind)
        found = {kind: _begun([one for one in known if one.kind is kind], on) for kind in ListKind}
        return {kind: one for kind, one in found.items() if one is not None}

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
        yield from cast("Iterator[Enterprise]", file.each())

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
        over = self._holder(version.kind, newest) if upsert and known else None
        path = self.path(version.kind, number)
        self._forget(path)
        count, digest = write_file(path, self._key, version.kind, rows, over=over, progress=progress, version=number)
        return changed(version, id=f"{version.kind}-{number}", version=number, row_count=count, rows_sha256=digest)

    def take_in(self, file: ListFile, parts: Iterable[bytes], *, new_pages: NewPages, progress: Progress) -> None:
        """Take in what headquarters published: a whole file, or what changed since a version that is here.

        Nothing changes if it fails or is cancelled; done before, it changes nothing. The version is used once its
        record is written.  Raises as core.storage.ref_snapshot.take_in and core.storage.ref_delta.apply_delta.
        """
        if file.base:
            apply_delta(self._holder(file.kind, file.base), self._key, file, parts, progress=progress)
            return
        path = self.path(file.kind, file.version)
        take_in(path, self._key, file, parts, new_pages=new_pages, progress=progress)
        self._forget(path)

    def holds(self, kind: ListKind, version: int) -> bool:
        """Tell whether the rows of a version are here, in its own file or in an older one that was changed in place."""
        path = self._holder(kind, version)
        if not path.exists():
            return False
        with spoken_troubles(path), self._engine(path).begin() as connection:
            held = held_versions(connection)
        return version in held if held else path == self.path(kind, version)

    @contextmanager
    def held_still(self) -> Generator[None]:
        """Keep every file as it is while the context lasts, so that files can be copied as they lie."""
        with ExitStack() as stack:
            for path in sorted(self._folder.glob("ref-*.db")):
                with spoken_troubles(path):
                    connection = stack.enter_context(self._engine(path).begin())
                    connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one()
            yield

    def path(self, kind: ListKind, version: int) -> Path:
        """Return where the file of a version lies, if it has its own."""
        return self._folder / f"ref-{kind}-{version}.db"

    def close(self) -> None:
        """Close every file."""
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()
            self._files.clear()

    def _holder(self, kind: ListKind, version: int) -> Path:
        """Return the file that a version lies in if it is here: its own, or the youngest that is older."""
        own = self.path(kind, version)
        if own.exists():
            return own
        numbers = [int(path.stem.rsplit("-", 1)[1]) for path in self._folder.glob(f"ref-{kind}-*.db")]
        older = [number for number in numbers if number < version]
        return self.path(kind, max(older)) if older else own

    def _forget(self, path: Path) -> None:
        """Close a file that is about to be, or was, written anew."""
        with self._lock:
            self._files = {which: file for which, file in self._files.items() if file.path != path}
            engine = self._engines.pop(path, None)
        if engine is not None:
            engine.dispose()

    def _engine(self, path: Path) -> sa.Engine:
        if not path.exists():
            raise Trouble("lists.file_missing", path=str(path))
        with self._lock:
            if path not in self._engines:
                self._engines[path] = reader_engine(path, self._key)
            return self._engines[path]

    def _file(self, kind: ListKind, version: int | None) -> _File | None:
        if version is None:
            version = max((one.version for one in self.versions(kind)), default=0)
            if version == 0:
                return None
        file = self._files.get((kind, version))
        if file is None:
            path = self._holder(kind, version)
            file = self._files[kind, version] = _File(path, self._engine(path), kind, version)
        return file
