"""One walk through a file: rows in, records out, complaints and counts kept. Holds no row longer than it judges it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from core.domain.list_rows import CellNote, RawRow, read_row
from core.domain.lists import COMPLAINTS_MAX, Complaint, ImportReport, ListKind, Origin, SheetMapping
from core.kernel.progress import Progress
from core.kernel.records import Record, canonical_bytes
from core.services.digests import SeenDigests
from core.services.sheet_ports import SheetTable

STEP_ROWS = 500


class NothingNew(Exception):
    """The file changes nothing. Raised out of the stream so that the half-made version is dropped."""


class ImportRun:
    """The state of one import."""

    def __init__(
        self,
        kind: ListKind,
        tables: Iterable[SheetTable],
        *,
        old_rows: Iterable[Record],
        keeps_unchanged: bool,
        origin: Origin,
        progress: Progress,
    ) -> None:
        self.progress = progress
        self._kind = kind
        self._tables = tables
        self._old_rows = old_rows
        self._keeps_unchanged = keeps_unchanged
        self._origin = origin
        self._seen = SeenDigests()
        self._old = SeenDigests()
        self._rejected: list[Complaint] = []
        self._further: list[Complaint] = []
        self._warnings: list[Complaint] = []
        self._sheets: list[SheetMapping] = []
        self._accepted = self._unchanged = self._kept = self._rejected_rows = self._warning_count = 0

    def rows(self) -> Iterator[Record]:
        """Give the records to write: the new and changed ones, and the unchanged ones if they have to be kept."""
        for record in self._old_rows:
            self._old.see(_id_of(record), canonical_bytes(record))
        walked = 0
        for table in self._tables:
            self._sheets.append(table.mapping)
            letters = {column.field: column.letter for column in table.mapping.columns if column.field}
            for row in table.rows:
                walked += 1
                if walked % STEP_ROWS == 0:
                    self.progress.step(walked, table.rows_about, table.mapping.sheet)
                record = self._judged(table.mapping.sheet, letters, row)
                if record is not None:
                    yield record
        self.progress.step(walked, walked, "")

    def rows_or_nothing_new(self, rows_before: int) -> Iterator[Record]:
        """Give the same records as `rows`.

        Raises:
            NothingNew: after the last record, when the list would be what it was.
        """
        yield from self.rows()
        drops_rows = self._keeps_unchanged and 0 < self._kept < rows_before
        if not self._accepted and not drops_rows:
            raise NothingNew

    def _judged(self, sheet: str, letters: Mapping[str, str], row: RawRow) -> Record | None:
        if row.unread:
            self._warn(sheet, letters, row, (CellNote("", row.unread, "ROW_NOT_READ"),))
            return None
        read = read_row(self._kind, row, origin=self._origin)
        if read.record is None:
            self._reject(sheet, letters, row, read.faults)
            return None
        identifier, content = _id_of(read.record), canonical_bytes(read.record)
        is_same = self._seen.see(identifier, content)
        if is_same is False:
            self._reject(sheet, letters, row, (CellNote("id", "", "DUPLICATE_KEY"),))
            return None
        self._warn(sheet, letters, row, read.warnings)
        if is_same:
            self._unchanged += 1
            self._warn(sheet, letters, row, (CellNote("id", "", "DUPLICATE_ROW"),))
            return None
        if self._old.holds(identifier, content):
            self._unchanged += 1
            self._kept += 1
            return read.record if self._keeps_unchanged else None
        self._accepted += 1
        return read.record

    def _reject(self, sheet: str, letters: Mapping[str, str], row: RawRow, faults: tuple[CellNote, ...]) -> None:
        self._rejected_rows += 1
        first, *others = (_complaint(sheet, letters, row, note) for note in faults)
        _keep(self._rejected, [first])
        _keep(self._further, others)

    def _warn(self, sheet: str, letters: Mapping[str, str], row: RawRow, notes: tuple[CellNote, ...]) -> None:
        self._warning_count += len(notes)
        _keep(self._warnings, [_complaint(sheet, letters, row, note) for note in notes])

    def report(self, file: str, *, dry_run: bool, version: int | None) -> ImportReport:
        """Return what happened up to now."""
        return ImportReport(
            kind=self._kind,
            file=file,
            dry_run=dry_run,
            accepted=self._accepted,
            unchanged=self._unchanged,
            rejected=tuple(self._rejected),
            warnings=tuple(self._warnings),
            version=version,
            further=tuple(self._further),
            rejected_rows=self._rejected_rows,
            warning_count=self._warning_count,
            sheets=tuple(self._sheets),
        )


def _id_of(record: Record) -> str:
    return str(record.id)  # pyright: ignore[reportAttributeAccessIssue]  # every list record has an id


def _complaint(sheet: str, letters: Mapping[str, str], row: RawRow, note: CellNote) -> Complaint:
    return Complaint(
        sheet=sheet,
        row=row.number,
        column=letters.get(note.field, ""),
        value=note.value,
        code=note.code,
        params=dict(note.params),
        field=note.field,
    )


def _keep(kept: list[Complaint], more: list[Complaint]) -> None:
    kept.extend(more[: max(0, COMPLAINTS_MAX - len(kept))])
