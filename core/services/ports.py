"""What the services need from the tools: the store, reference lists, blobs. Tests bring fakes of ten lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Protocol, TypeVar

from core.domain.enterprises import EnterpriseHit
from core.domain.lists import ListKind, ListVersion
from core.kernel.progress import Progress
from core.kernel.records import Record

R = TypeVar("R", bound=Record)


class Table(Protocol[R]):
    """The live rows of one family of records."""

    def get(self, identifier: str) -> R:
        """Return the record.  Raises Refusal "store.not_found"."""
        ...

    def find(self, identifier: str) -> R | None:
        """Return the record, or None."""
        ...

    def where(self, **equals: Any) -> Sequence[R]:
        """Return the records whose id or indexed fields equal the given values, in the order they were made.

        A tuple or set means any of its values.
        """
        ...

    def newest(self, field: str, *, limit: int, text: str = "") -> Sequence[R]:
        """Return up to `limit` records, the greatest value of an indexed field first.

        Args:
            text: Leaves out records in which this stands nowhere; others may stay, so the caller looks itself.
        """
        ...

    def put(self, record: R) -> None:
        """Write a new version of the record: entry, row and chain in the transaction of the work."""
        ...


class Work(Protocol):
    """One transaction. What is put is durable when the context ends, or nothing of it is."""

    @property
    def actor(self) -> str:
        """Id of the officer at the keyboard."""
        ...

    def table(self, kind: type[R]) -> Table[R]:
        """Return the table of a family (core.domain.families)."""
        ...

    def chain_head(self) -> str:
        """Return the head of the entry chain in hex, as it stands before this work commits."""
        ...


class OpenWork(Protocol):
    """Opens a transaction: `with open_work() as work:`; leaving by an exception rolls back."""

    def __call__(self) -> AbstractContextManager[Work]: ...


class Reference(Protocol):
    """Published lists. Reading is from read-only files, one a kind and version."""

    def versions(self, kind: ListKind) -> Sequence[ListVersion]:
        """Return every version of the kind, oldest first."""
        ...

    def in_force(self, kind: ListKind, *, on: date) -> ListVersion | None:
        """Return the version in force on that local day: the newest whose effective date is not after it."""
        ...

    def day(self, on: date) -> Mapping[ListKind, ListVersion]:
        """Return the versions in force on that local day; a kind without one is missing."""
        ...

    def get(self, row: type[R], identifier: str, *, version: int | None = None) -> R:
        """Return one row of the newest or the given version.  Raises Refusal "lists.row_missing"."""
        ...

    def find(self, row: type[R], identifier: str, *, version: int | None = None) -> R | None:
        """Return one row, or None."""
        ...

    def where(self, row: type[R], *, version: int | None = None, **equals: Any) -> Sequence[R]:
        """Return the rows whose indexed fields equal the values, in list order."""
        ...

    def search_enterprises(self, text: str, *, limit: int = 20) -> Sequence[EnterpriseHit]:
        """Return enterprises by name part, several words, pinyin initials, code or address; best first."""
        ...

    def replace(self, version: ListVersion, rows: Iterable[Record], *, progress: Progress, upsert: bool) -> ListVersion:
        """Write a new version of a list: the given rows over the newest version's (upsert) or alone.

        Streams; memory stays bounded. Nothing changes if it fails or is cancelled. Returns the version as
        stored, with its number, row count and digest.
        """
        ...


class Blobs(Protocol):
    """Content-addressed encrypted files."""

    def put(self, content: bytes) -> str:
        """Store the bytes durably and return their SHA-256 in hex; storing them again changes nothing."""
        ...

    def get(self, sha256: str) -> bytes:
        """Return the bytes.  Raises Trouble "blobs.missing", "blobs.damaged"."""
        ...
