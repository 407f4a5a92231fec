"""Published lists in and out of the station: import, what is there, export, templates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from core.domain.enterprises import Enterprise
from core.domain.list_rows import RECORDS, show_row
from core.domain.lists import ImportReport, ListKind, ListVersion, Origin, SheetMapping
from core.domain.publications import in_use, is_published
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress, Unwatched
from core.kernel.records import Record, changed
from core.services.list_import import ImportRun, NothingNew
from core.services.ports import OpenWork, Reference
from core.services.sheet_ports import SheetFiles

_TOPICS: dict[ListKind, Topic] = {
    ListKind.SUBJECTS: Topic.CATALOG,
    ListKind.ITEMS: Topic.CATALOG,
    ListKind.CAPS: Topic.CATALOG,
    ListKind.LENIENCY: Topic.CATALOG,
    ListKind.CALENDAR: Topic.DEADLINES,
    ListKind.PLANS: Topic.PLANS,
    ListKind.ENTERPRISES: Topic.ENTERPRISES,
    ListKind.OFFICERS: Topic.OFFICERS,
}


class ListStatus(Record):
    """What the station holds of one kind of list; version 0: nothing yet. `age_days`: since it was last confirmed."""

    kind: ListKind
    version: int = 0
    rows: int = 0
    effective_on: date | None = None
    age_days: int | None = None
    is_demo: bool = False
    file_name: str = ""


class ListReference(Reference, Protocol):
    """Reference lists whose largest kind can be walked without holding it."""

    def each_enterprise(self, *, version: int | None = None) -> Iterable[Enterprise]:
        """Give every enterprise in list order, streaming."""
        ...


class Lists:
    """The use cases around published lists."""

    def __init__(self, *, open_work: OpenWork, reference: ListReference, sheets: SheetFiles, clock: Clock) -> None:
        self._open_work = open_work
        self._reference = reference
        self._sheets = sheets
        self._clock = clock

    def import_file(
        self,
        kind: ListKind,
        path: Path,
        *,
        dry_run: bool = False,
        mapping: Sequence[SheetMapping] = (),
        effective_on: date | None = None,
        replace: bool = False,
        origin: Origin = Origin.OWN,
        progress: Progress | None = None,
    ) -> Done[ImportReport]:
        """Bring the rows of a file into a new version of a list, over the rows of the newest one.

        A file that changes nothing makes no version. Good rows are kept when others are bad.

        Args:
            dry_run: Read and judge every row, change nothing.
            mapping: Corrections to how columns are read.
            effective_on: Local day from which the version is in force; today if not given.
            replace: The file is the whole list: rows that it does not hold are gone from the new version.
            origin: Origin of rows that do not say theirs in a column.

        Raises:
            Trouble: "sheets.unreadable", "sheets.damaged", "sheets.encoding", and the store's.
            Refusal: "sheets.password", "sheets.not_a_table", "sheets.empty", "sheets.too_big", "lists.no_header",
                "lists.mapping_unknown", "lists.published_by_hq" (this kind comes from headquarters now), params kind.
            Cancelled: nothing was changed.
        """
        if not dry_run and any(is_published(one) for one in self._reference.versions(kind)):
            raise Refusal("lists.published_by_hq", kind=kind.value)
        newest = self._newest(kind)
        run = ImportRun(
            kind,
            self._sheets.tables(path, kind, mapping=mapping),
            old_rows=self._rows(kind, newest.version) if newest is not None else (),
            keeps_unchanged=replace,
            origin=origin,
            progress=progress or Unwatched(),
        )
        if dry_run:
            for _ in run.rows():
                pass
            return Done(run.report(path.name, dry_run=True, version=None))
        version = self._write(run, self._draft(kind, path, newest, effective_on, origin, replace), newest, replace)
        report = run.report(path.name, dry_run=False, version=version)
        topics = frozenset({Topic.LISTS, _TOPICS[kind]}) if version is not None else frozenset[Topic]()
        return Done(report, topics)

    def _write(self, run: ImportRun, draft: ListVersion, newest: ListVersion | None, replace: bool) -> int | None:
        """Write the version if the file changes anything; return its number."""
        rows_before = newest.row_count if newest is not None else 0
        try:
            # The run itself tells how far the file is read; the store would count only what changed.
            rows = run.rows_or_nothing_new(rows_before)
            stored = self._reference.replace(draft, rows, progress=Unwatched(), upsert=not replace)
        except NothingNew:
            return None
        with self._open_work() as work:
            work.table(ListVersion).put(stored)
        return stored.version

    def _draft(
        self,
        kind: ListKind,
        path: Path,
        newest: ListVersion | None,
        effective_on: date | None,
        origin: Origin,
        replace: bool,
    ) -> ListVersion:
        with self._open_work() as work:
            actor = work.actor
        now = self._clock.now()
        number = newest.version + 1 if newest is not None else 1
        return ListVersion(
            id=f"{kind}-{number}",
            kind=kind,
            version=number,
            effective_on=effective_on or local_date(now),
            imported_at=now,
            imported_by=actor,
            file_name=path.name,
            file_sha256=_sha256_of(path),
            row_count=0,
            rows_sha256="",
            # One demo row makes the whole list a demo list: its pages and papers say so.
            is_demo=origin is Origin.DEMO or (newest is not None and newest.is_demo and not replace),
        )

    def recognise(self, path: Path) -> tuple[SheetMapping, ...]:
        """Return what each sheet of a file seems to hold and how its columns would be read; raises like import."""
        return self._sheets.recognise(path)

    def status(self) -> tuple[ListStatus, ...]:
        """Return one line a kind of list, all eight in their order."""
        today = local_date(self._clock.now())
        return tuple(self._status_of(kind, today) for kind in ListKind)

    def _status_of(self, kind: ListKind, today: date) -> ListStatus:
        version = self._reference.in_force(kind, on=today) or self._newest(kind)
        if version is None:
            return ListStatus(kind=kind)
        return ListStatus(
            kind=kind,
            version=version.version,
            rows=version.row_count,
            effective_on=version.effective_on,
            age_days=(today - local_date(version.confirmed_at or version.imported_at)).days,
            is_demo=version.is_demo,
            file_name=version.file_name,
        )

    def export(self, kind: ListKind, path: Path, *, progress: Progress | None = None) -> Done[int]:
        """Write the newest version of a list as .xlsx or .csv and return the number of rows; imports back equal.

        Raises:
            Trouble: "sheets.not_written".
            Refusal: "sheets.suffix", "sheets.too_many_rows".
        """
        watched = progress or Unwatched()
        newest = self._newest(kind)
        count = 0

        def texts() -> Iterator[dict[str, str]]:
            nonlocal count
            if newest is None:
                return
            for record in self._rows(kind, newest.version):
                yield show_row(record)
                count += 1
                if count % 1000 == 0:
                    watched.step(count, newest.row_count, path.name)

        self._sheets.write(path, kind, texts())
        return Done(count)

    def _rows(self, kind: ListKind, version: int) -> Iterable[Record]:
        """Give the rows of a version; the one list that may have millions streams."""
        if kind is ListKind.ENTERPRISES:
            return self._reference.each_enterprise(version=version)
        return self._reference.where(RECORDS[kind], version=version)

    def confirm(self, kind: ListKind) -> Done[ListVersion]:
        """Note that the newest version still holds as of now, so that the gates do not call it old.

        Raises:
            Refusal: "lists.nothing_to_confirm", params kind.
        """
        newest = self._newest(kind)
        if newest is None:
            raise Refusal("lists.nothing_to_confirm", kind=kind.value)
        confirmed = changed(newest, confirmed_at=self._clock.now())
        with self._open_work() as work:
            work.table(ListVersion).put(confirmed)
        return Done(confirmed, frozenset({Topic.LISTS, _TOPICS[kind]}))

    def template(self, kind: ListKind, path: Path) -> Done[None]:
        """Write an empty sheet of a kind with its headings and an explanation.  Raises like export."""
        self._sheets.write_template(path, kind)
        return Done(None)

    def _newest(self, kind: ListKind) -> ListVersion | None:
        versions = in_use(self._reference.versions(kind))
        return versions[-1] if versions else None


def _sha256_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Trouble("sheets.unreadable", file=path.name, why=error.strerror or str(error)) from error
