"""Fakes of the ports: a store and reference lists in memory, blobs in a dict, and a signature that is a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar

from core.domain.catalog import Cap, Item, Subject
from core.domain.enterprises import Enterprise, EnterpriseHit
from core.domain.lists import ListKind, ListVersion
from core.domain.officers import Officer
from core.domain.plans import Plan
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress
from core.kernel.records import Record, changed

R = TypeVar("R", bound=Record)

KIND_OF_ROW: dict[type[Record], ListKind] = {
    Subject: ListKind.SUBJECTS,
    Item: ListKind.ITEMS,
    Plan: ListKind.PLANS,
    Enterprise: ListKind.ENTERPRISES,
    Officer: ListKind.OFFICERS,
    Cap: ListKind.CAPS,
}


class FakeTable:
    """The live rows of one family, in the order in which they were first put."""

    def __init__(self, rows: dict[str, Any]) -> None:
        self._rows = rows

    def get(self, identifier: str) -> Any:
        found = self.find(identifier)
        if found is None:
            raise Refusal("store.not_found", id=identifier)
        return found

    def find(self, identifier: str) -> Any:
        return self._rows.get(identifier)

    def where(self, **equals: Any) -> Sequence[Any]:
        return [row for row in self._rows.values() if all(_fits(getattr(row, k), v) for k, v in equals.items())]

    def newest(self, field: str, *, limit: int, text: str = "") -> Sequence[Any]:
        return sorted(self._rows.values(), key=lambda row: getattr(row, field), reverse=True)[:limit]

    def put(self, record: Any) -> None:
        self._rows[record.id] = record


def _fits(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, tuple | frozenset | set) else value == wanted


class FakeWork:
    """One transaction over the rows of a FakeStore."""

    def __init__(self, rows: dict[type[Record], dict[str, Any]], actor: str) -> None:
        self._rows = rows
        self.actor = actor

    def table(self, kind: type[R]) -> Any:
        return FakeTable(self._rows.setdefault(kind, {}))

    def chain_head(self) -> str:
        return hashlib.sha256(repr(self._rows).encode()).hexdigest()


class FakeStore:
    """A store in memory whose works are all or nothing: `with store() as work:`."""

    def __init__(self, actor: str = "officer-1") -> None:
        self.rows: dict[type[Record], dict[str, Any]] = {}
        self.actor = actor
        self.commits = 0

    @contextmanager
    def open(self) -> Generator[FakeWork]:
        draft = {kind: dict(rows) for kind, rows in self.rows.items()}
        yield FakeWork(draft, self.actor)
        self.rows = draft
        self.commits += 1

    def __call__(self) -> Any:
        return self.open()

    def all(self, kind: type[R]) -> list[R]:
        return list(self.rows.get(kind, {}).values())

    def seed(self, *records: Record) -> None:
        for record in records:
            self.rows.setdefault(type(record), {})[record.id] = record  # type: ignore[attr-defined]  # every family has an id


class FakeReference:
    """Published lists in memory: every `publish` makes a new version of a kind."""

    def __init__(self) -> None:
        self._versions: dict[ListKind, list[tuple[ListVersion, list[Any]]]] = {}

    def publish(self, version: ListVersion, rows: Iterable[Record]) -> None:
        self._versions.setdefault(version.kind, []).append((version, list(rows)))

    def versions(self, kind: ListKind) -> Sequence[ListVersion]:
        return [version for version, _ in self._versions.get(kind, [])]

    def in_force(self, kind: ListKind, *, on: date) -> ListVersion | None:
        return next((version for version in reversed(self.versions(kind)) if version.effective_on <= on), None)

    def day(self, on: date) -> Mapping[ListKind, ListVersion]:
        found = {kind: self.in_force(kind, on=on) for kind in ListKind}
        return {kind: one for kind, one in found.items() if one is not None}

    def _rows(self, row: type[R], version: int | None) -> list[Any]:
        known = self._versions.get(KIND_OF_ROW[row], [])
        fitting = [rows for found, rows in known if version in (None, found.version)]
        return fitting[-1] if fitting else []

    def find(self, row: type[R], identifier: str, *, version: int | None = None) -> Any:
        return next((found for found in self._rows(row, version) if found.id == identifier), None)

    def get(self, row: type[R], identifier: str, *, version: int | None = None) -> Any:
        found = self.find(row, identifier, version=version)
        if found is None:
            raise Refusal("lists.row_missing", id=identifier)
        return found

    def where(self, row: type[R], *, version: int | None = None, **equals: Any) -> Sequence[Any]:
        return [found for found in self._rows(row, version) if all(getattr(found, k) == v for k, v in equals.items())]

    def search_enterprises(self, text: str, *, limit: int = 20) -> Sequence[EnterpriseHit]:
        return [
            EnterpriseHit(
                id=row.id,
                name=row.name,
                uscc=row.uscc,
                street=row.street,
                address=row.address,
                grade=row.grade,
                score=0,
            )
            for row in self._rows(Enterprise, None)
            if text in row.name or text == row.uscc
        ][:limit]

    def replace(self, version: ListVersion, rows: Iterable[Record], *, progress: Progress, upsert: bool) -> ListVersion:
        kept = {row.id: row for row in self._rows(_row_of(version.kind), None)} if upsert else {}
        for row in rows:
            kept[row.id] = row  # type: ignore[attr-defined]  # every list row has an id
            progress.step(len(kept))
        stored = changed(version, version=len(self.versions(version.kind)) + 1, row_count=len(kept))
        self.publish(stored, kept.values())
        return stored


def _row_of(kind: ListKind) -> type[Record]:
    return next(row for row, its_kind in KIND_OF_ROW.items() if its_kind is kind)


class FakeBlobs:
    """Content-addressed bytes in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.kept[digest] = content
        return digest

    def get(self, sha256: str) -> bytes:
        if sha256 not in self.kept:
            raise Trouble("blobs.missing", sha256=sha256)
        return self.kept[sha256]


def fake_sign(public: bytes, message: bytes) -> bytes:
    """Return a "signature" that anybody could make: enough to test who checks what."""
    return hashlib.sha256(public + message).digest()


def fake_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether `fake_sign` made the signature."""
    return fake_sign(public, message) == signature
