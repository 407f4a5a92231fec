"""Publishing lists: sheets in, a checked version out, as a prebuilt file in parts and one dated, sealed entry.

The rules are those of a station's own import (core.services.list_import). A version that drops more rows than the
settings allow waits until a second person approves it. Source: sync.md 3.8, 3.9; invariant 10.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from core.domain.lists import ImportReport, ListKind, ListVersion, Origin
from core.domain.publications import HQ_VERSIONS_FROM, Publication
from core.hq import tables as t
from core.hq.blob_store import ObjectBlobs
from core.hq.list_files import WorkFolder
from core.hq.store import HqStore
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal, Trouble
from core.kernel.ids import new_id
from core.kernel.progress import Progress, Unwatched
from core.kernel.records import Record, changed, from_plain, to_plain
from core.services.list_import import ImportRun, NothingNew
from core.services.sheet_ports import SheetFiles
from core.sync.entries import decode
from core.sync.hq_pen import Draft, HqPen
from core.sync.streams import reference_stream

FAMILY = "list_version"
APPROVAL = "publication"
_PAGE = 500


class Guardrail(Record):
    """How much a version may drop without a second person."""

    removed_rows_max: int
    removed_share_max: float

    def asks_for_two(self, *, removed: int, before: int) -> bool:
        """Tell whether dropping `removed` of `before` rows needs a second person."""
        return removed > 0 and (removed > self.removed_rows_max or removed > before * self.removed_share_max)


class Published(Record):
    """What publishing a file came to."""

    report: ImportReport
    state: str
    """published, waiting, nothing_new or dry_run."""
    publication: Publication | None = None
    removed: int = 0
    approval: str = ""
    """Id under which a second person approves."""


class Waiting(Record):
    """A version that waits for a second person."""

    id: str
    publication: Publication
    removed: int
    asked_by: str
    asked_at: datetime


class Publishing:
    """The use cases of whoever publishes."""

    def __init__(
        self,
        store: HqStore,
        blobs: ObjectBlobs,
        *,
        sheets: SheetFiles,
        pen: Callable[[str], HqPen],
        guardrail: Guardrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._sheets = sheets
        self._pen = pen
        self._guardrail = guardrail
        self._clock = clock

    def publish(
        self,
        kind: ListKind,
        path: Path,
        *,
        by: str,
        effective_on: date | None = None,
        replace: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Published:
        """Bring the rows of a file into a new version of a list, over the newest one, and publish it.

        Args:
            by: The person who publishes.
            effective_on: Local day from which the version is in force; today if not given.
            replace: The file is the whole list: rows that it does not hold are gone.

        Raises:
            As core.services.lists.Lists.import_file; Trouble "hq.blobs_unreachable", "lists.publication_damaged";
            Refusal "hq.version_passed": somebody else published meanwhile.
        """
        newest = self.newest(kind)
        with tempfile.TemporaryDirectory(prefix="mingjian-publish-") as name:
            folder = Path(name)
            draft = self._draft(kind, path, newest, by, effective_on)
            work = WorkFolder(folder, self._blobs, newest, before_first=changed(draft, version=HQ_VERSIONS_FROM - 1))
            try:
                run = ImportRun(
                    kind,
                    self._sheets.tables(path, kind),
                    old_rows=work.rows(),
                    keeps_unchanged=replace,
                    origin=Origin.PUBLISHED,
                    progress=progress or Unwatched(),
                )
                if dry_run:
                    for _ in run.rows():
                        pass
                    return Published(report=run.report(path.name, dry_run=True, version=None), state="dry_run")
                return self._build(run, work, draft, newest, replace, by, path)
            finally:
                work.close()

    def approve(self, identifier: str, *, by: str) -> Publication:
        """Publish a version that waits.

        Raises:
            Refusal: "hq.approval_unknown"; "hq.approval_own": whoever asked does not approve; "hq.version_passed".
        """
        waiting = self._waiting(identifier)
        if waiting.asked_by == by:
            raise Refusal("hq.approval_own")
        published = changed(waiting.publication, note=f"{waiting.asked_by} + {by}")
        self._write(published, by=waiting.asked_by)
        self._decide(identifier, by=by, decision="approved", reason="")
        return published

    def reject(self, identifier: str, *, by: str, reason: str) -> None:
        """Drop a version that waits.  Raises Refusal "hq.approval_unknown"."""
        self._waiting(identifier)
        self._decide(identifier, by=by, decision="rejected", reason=reason)

    def waiting(self) -> tuple[Waiting, ...]:
        """Return the versions that wait for a second person, oldest first."""
        query = (
            sa.select(t.approval)
            .where(t.approval.c.kind == APPROVAL, t.approval.c.decision == "")
            .order_by(t.approval.c.asked_at, t.approval.c.id)
        )
        with self._store.engines.reader.begin() as connection:
            return tuple(_waiting_of(row) for row in connection.execute(query))

    def versions(self, kind: ListKind) -> tuple[Publication, ...]:
        """Return what was published of a kind, oldest first."""
        found: dict[str, Publication] = {}
        after = 0
        stream = reference_stream(kind.value)
        while lines := self._store.read.page(stream, after, limit=_PAGE)[1]:
            after += len(lines)
            for line in lines:
                entry = decode(line)
                if entry.fam == FAMILY and entry.op == "put":
                    found[entry.ent] = from_plain(Publication, entry.body)
        return tuple(sorted(found.values(), key=lambda one: one.version))

    def newest(self, kind: ListKind) -> Publication | None:
        """Return the newest version of a kind."""
        versions = self.versions(kind)
        return versions[-1] if versions else None

    def _build(
        self,
        run: ImportRun,
        work: WorkFolder,
        draft: ListVersion,
        newest: Publication | None,
        replace: bool,
        by: str,
        path: Path,
    ) -> Published:
        before = newest.row_count if newest is not None else 0
        try:
            stored = work.reference.replace(
                draft,
                run.rows_or_nothing_new(before),
                progress=Unwatched(),
                upsert=not replace and newest is not None,
            )
        except NothingNew:
            return Published(report=run.report(path.name, dry_run=False, version=None), state="nothing_new")
        dropped = work.dropped(stored) if replace else ()
        publication = work.hand_out(stored, dropped)
        report = run.report(path.name, dry_run=False, version=publication.version)
        removed = len(dropped)
        if self._guardrail.asks_for_two(removed=removed, before=before):
            asked = self._ask(publication, removed, by)
            return Published(report=report, state="waiting", publication=publication, removed=removed, approval=asked)
        self._write(publication, by=by)
        return Published(report=report, state="published", publication=publication, removed=removed)

    def _draft(
        self, kind: ListKind, path: Path, newest: Publication | None, by: str, effective_on: date | None
    ) -> ListVersion:
        now = self._clock.now()
        number = newest.version + 1 if newest is not None else HQ_VERSIONS_FROM
        return ListVersion(
            id=f"{kind}-{number}",
            kind=kind,
            version=number,
            effective_on=effective_on or local_date(now),
            imported_at=now,
            imported_by=by,
            file_name=path.name,
            file_sha256=_sha256_of(path),
            row_count=0,
            rows_sha256="",
        )

    def _write(self, publication: Publication, *, by: str) -> None:
        """Write the entry, if the version is still the next one."""
        stream = reference_stream(publication.kind.value)
        head = self._store.read.stream_head(stream)
        seen = head.seq if head is not None else 0
        newest = self.newest(publication.kind)
        expected = newest.version + 1 if newest is not None else HQ_VERSIONS_FROM
        if publication.version != expected:
            raise Refusal("hq.version_passed", kind=publication.kind.value, version=publication.version)
        entry = Draft(family=FAMILY, body=to_plain(publication), blobs=publication.parts)

        def write(work: Any) -> None:
            # Whoever published between our look and the lock moved the stream on.
            if work.lock_stream().seq != seen:
                raise Refusal("hq.version_passed", kind=publication.kind.value, version=publication.version)
            self._pen(by).write(work, (entry,))

        self._store.run(stream, write)
        for name in publication.parts:
            size = self._blobs.size(name)
            assert size is not None, "the parts are stored before they are named"
            self._store.note_blob(name, size, self._clock.now())

    def _ask(self, publication: Publication, removed: int, by: str) -> str:
        identifier = new_id()
        values = {
            "id": identifier,
            "kind": APPROVAL,
            "about": publication.id,
            "params": msgspec.json.encode({"publication": publication, "removed": removed}).decode(),
            "asked_by": by,
            "asked_at": self._clock.now(),
        }
        self._store.run(
            reference_stream(publication.kind.value),
            lambda work: work.connection.execute(sa.insert(t.approval), values),
        )
        return identifier

    def _waiting(self, identifier: str) -> Waiting:
        found = [one for one in self.waiting() if one.id == identifier or one.publication.id == identifier]
        if len(found) != 1:
            raise Refusal("hq.approval_unknown", id=identifier)
        return found[0]

    def _decide(self, identifier: str, *, by: str, decision: str, reason: str) -> None:
        waiting = self._waiting(identifier)
        fresh = {"decided_by": by, "decided_at": self._clock.now(), "decision": decision, "reason": reason}
        self._store.run(
            reference_stream(waiting.publication.kind.value),
            lambda work: work.connection.execute(
                sa.update(t.approval).where(t.approval.c.id == waiting.id).values(**fresh)
            ),
        )


class _Asked(Record):
    publication: Publication
    removed: int


def _waiting_of(row: Any) -> Waiting:
    asked = msgspec.json.decode(row.params, type=_Asked)
    return Waiting(
        id=row.id,
        publication=asked.publication,
        removed=asked.removed,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
    )


def _sha256_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Trouble("sheets.unreadable", file=path.name, why=error.strerror or str(error)) from error
