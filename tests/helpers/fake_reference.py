"""Reference lists in memory for tests of the lists services: all kinds, all or nothing, and a count of live rows."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from core.domain.enterprises import Enterprise, EnterpriseHit
from core.domain.list_rows import RECORDS
from core.domain.lists import ListKind, ListVersion
from core.kernel.errors import Refusal
from core.kernel.progress import Progress
from core.kernel.records import Record, canonical_bytes, changed

R = TypeVar("R", bound=Record)


class MemoryReference:
    """Every version of every list, in dicts."""

    def __init__(self) -> None:
        self._kept: dict[ListKind, list[tuple[ListVersion, dict[str, Any]]]] = {}

    def versions(self, kind: ListKind) -> Sequence[ListVersion]:
        return [version for version, _ in self._kept.get(kind, [])]

    def in_force(self, kind: ListKind, *, on: date) -> ListVersion | None:
        begun = [version for version in self.versions(kind) if version.effective_on <= on]
        return max(begun, key=lambda one: (one.effective_on, one.version), default=None)

    def day(self, on: date) -> Mapping[ListKind, ListVersion]:
        found = {kind: self.in_force(kind, on=on) for kind in ListKind}
        return {kind: one for kind, one in found.items() if one is not None}

    def _rows(self, row: type[Record], version: int | None) -> dict[str, Any]:
        kind = next(kind for kind, record in RECORDS.items() if record is row)
        fitting = [rows for one, rows in self._kept.get(kind, []) if version in (None, one.version)]
        return fitting[-1] if fitting else {}

    def find(self, row: type[R], identifier: str, *, version: int | None = None) -> R | None:
        return self._rows(row, version).get(identifier)

    def get(self, row: type[R], identifier: str, *, version: int | None = None) -> R:
        found = self.find(row, identifier, version=version)
        if found is None:
            raise Refusal("lists.row_missing", id=identifier)
        return found

    def where(self, row: type[R], *, version: int | None = None, **equals: Any) -> Sequence[R]:
        rows = self._rows(row, version).values()
        return [one for one in rows if all(getattr(one, field) == value for field, value in equals.items())]

    def each_enterprise(self, *, version: int | None = None) -> Iterator[Enterprise]:
        yield from self.where(Enterprise, version=version)

    def search_enterprises(self, text: str, *, limit: int = 20) -> Sequence[EnterpriseHit]:
        hits = [
            EnterpriseHit(
                id=one.id,
                name=one.name,
                uscc=one.uscc,
                street=one.street,
                address=one.address,
                grade=one.grade,
                score=0,
            )
            for one in self.where(Enterprise)
            if text in one.name or text == one.uscc
        ]
        return hits[:limit]

    def replace(self, version: ListVersion, rows: Iterable[Record], *, progress: Progress, upsert: bool) -> ListVersion:
        kept = dict(self._rows(RECORDS[version.kind], None)) if upsert else {}
        for row in rows:
            kept[row.id] = row  # pyright: ignore[reportAttributeAccessIssue]  # every list row has an id
            progress.step(len(kept))
        digest = hashlib.sha256(b"".join(canonical_bytes(row) for row in kept.values())).hexdigest()
        stored = changed(version, row_count=len(kept), rows_sha256=digest)
        self._kept.setdefault(version.kind, []).append((stored, kept))
        return stored


class CountingReference(MemoryReference):
    """Keeps no rows; every thousandth one it counts how many more objects of the given classes are alive."""

    def __init__(self, *watched: type) -> None:
        super().__init__()
        self._watched = watched
        self.came = 0
        self.alive_max = 0
        # Other tests of the process may keep such objects; only those of this import count.
        self._before = self._alive()

    def _alive(self) -> int:
        gc.collect()
        return sum(isinstance(one, self._watched) for one in gc.get_objects())

    def replace(self, version: ListVersion, rows: Iterable[Record], *, progress: Progress, upsert: bool) -> ListVersion:
        for _ in rows:
            self.came += 1
            if self.came % 1000 == 0:
                self.alive_max = max(self.alive_max, self._alive() - self._before)
        return changed(version, row_count=self.came)
