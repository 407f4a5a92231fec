"""批量通知: the notices of a week in one go, sorted by route or officer; stopped, it goes on where it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDate, Slot
from PySide6.QtWidgets import QCheckBox, QDateEdit, QFileDialog

from core.domain.visits import Visit
from core.kernel.changes import Done
from core.kernel.clock import local_date
from core.kernel.errors import Fault, Refusal
from core.kernel.words import catalogue
from core.services.batch import BatchPaper, BatchReport, Outcome, PaperFile, Sort, monday_of
from ui.desk import Desk, reading
from ui.documents.part import RunningPart
from ui.faults import words_of
from ui.i18n import day, moment, t
from ui.jobs import Lane, Watch
from ui.models.table import Column
from ui.printing.printer import PrintDesk, save_paper
from ui.theme import Tone
from ui.widgets.basic import EmptyState, box, button, label, row
from ui.widgets.form import choice, field
from ui.widgets.table import FilteredTable

COPIES = range(1, 11)
TONES = {Outcome.ISSUED: Tone.PASS, Outcome.HANDED_OVER: None, Outcome.REUSED: None, Outcome.SKIPPED: Tone.WARN}


@dataclass(frozen=True)
class BatchLine:
    """One planned visit, and what the batch made of it so far."""

    id: str
    visit: Visit
    officers: str
    paper: BatchPaper | None


def batch_columns() -> list[Column]:
    """Return the columns of a week."""
    return [
        Column("planned", t("ui.queue.planned"), lambda one: moment(one.visit.planned_from), 150, is_code=True),
        Column("enterprise", t("ui.papers.party"), lambda one: one.visit.enterprise_name, 240),
        Column("place", t("ui.batch.place"), lambda one: one.visit.place or one.visit.address, 230),
        Column("officers", t("ui.batch.officers"), lambda one: one.officers, 130),
        Column("outcome", t("ui.batch.outcome"), outcome_words, 300, tone=_tone),
    ]


def _tone(line: BatchLine) -> Tone | None:
    return TONES[line.paper.outcome] if line.paper is not None else Tone.MUTED


def outcome_words(line: BatchLine) -> str:
    """Return the number of the notice, or why there is none."""
    return paper_words(line.paper) if line.paper is not None else t("ui.batch.not_yet")


def paper_words(paper: BatchPaper) -> str:
    """Return the number of a paper, or why there is none."""
    said = f"{t(f'batch.outcome.{paper.outcome.value}')}  {paper.number}".strip()
    if not paper.fault:
        return said
    is_text = isinstance(catalogue()[paper.fault]["zh"], str)
    why = t(paper.fault) if is_text else words_of(Refusal(paper.fault, **paper.params)).what
    return f"{said}: {why}"


class BatchPart(RunningPart):
    """Week and order, the visits of it, and what comes out."""

    def __init__(self, desk: Desk, printing: PrintDesk | None = None) -> None:
        super().__init__(desk)
        self.printing = printing or PrintDesk()
        self._papers: dict[str, BatchPaper] = {}
        self.week = QDateEdit()
        self.week.setCalendarPopup(True)
        self.week.setDisplayFormat("yyyy-MM-dd")
        self.sort = choice([(t(f"ui.batch.sort_{one.value}"), one) for one in Sort])
        self.sort.setMinimumContentsLength(24)
        self.span = label("", "muted")
        next_week = local_date(desk.session.clock.now()) + timedelta(days=7)
        self.week.setDate(QDate(next_week.year, next_week.month, next_week.day))
        self.week.dateChanged.connect(self._on_week_chosen)
        self.sort.currentIndexChanged.connect(self.read)
        # Two originals: one for the enterprise, one for the file (domain.md 2.2, D02).
        self.copies = choice([(str(count), count) for count in COPIES], 2)
        self.copies.setMinimumContentsLength(4)
        self.is_one_file = QCheckBox(t("ui.batch.one_file"))
        self.is_one_file.setChecked(True)
        self.make_button = button(t("ui.batch.make"), self._on_make_clicked, role="main", icon="stamp")
        self.hand_button = button(t("ui.prepared.hand_over"), self._on_hand_clicked, icon="upload")
        self.print_button = button(t("ui.papers.print"), self._on_print_clicked, icon="printer")
        self.save_button = button(t("ui.papers.save_pdf"), self._on_save_clicked, icon="save")
        self.table = FilteredTable(batch_columns(), memory=desk.memory, name="batch")
        self.empty = EmptyState(t("ui.batch.empty"), icon="calendar-days")
        self.empty.hide()
        first = row(field(t("ui.batch.week"), self.week), field(t("ui.batch.sort"), self.sort), None, spacing=12)
        first.insertWidget(2, field(t("ui.batch.copies"), self.copies))
        self.column.addWidget(box(first))
        self.column.addWidget(self.span)
        buttons = row(self.make_button, self.hand_button, self.print_button, self.save_button, self.is_one_file, None)
        self.column.addWidget(box(buttons))
        self.column.addWidget(self.progress)
        self.column.addWidget(self.summary)
        self.column.addWidget(self.empty)
        self.column.addWidget(self.table, 1)

    def monday(self) -> date:
        """Return the Monday of the chosen week."""
        chosen: Any = self.week.date().toPython()
        return monday_of(chosen)

    @Slot()
    def _on_week_chosen(self) -> None:
        self._papers = {}
        self.summary.hide()
        self.read()

    def read(self) -> None:
        call = partial(_planned, reading(self.desk.session), self.monday(), Sort(self.sort.currentData()))
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="batch")

    def _on_read(self, planned: tuple[tuple[Visit, str, BatchPaper | None], ...]) -> None:
        self._papers = {visit.id: paper for visit, _, paper in planned if paper is not None} | {
            key: paper for key, paper in self._papers.items() if paper.fault
        }
        monday = self.monday()
        self.span.setText(
            t("ui.batch.span", first=day(monday), last=day(monday + timedelta(days=6)), count=len(planned))
        )
        self.table.fill(
            [BatchLine(visit.id, visit, officers, self._papers.get(visit.id)) for visit, officers, _ in planned]
        )
        self.empty.setVisible(not planned)
        self.table.setVisible(bool(planned))
        self.allow()

    def allow(self) -> None:
        for one in (self.make_button, self.hand_button):
            one.setEnabled(not self.is_running and self.table.model.rowCount() > 0)
        for one in (self.print_button, self.save_button):
            one.setEnabled(not self.is_running and bool(self.documents()))

    def documents(self) -> tuple[str, ...]:
        """Return the ids of the notices that are made, in the order of the table."""
        lines: tuple[BatchLine, ...] = self.table.model.records()
        return tuple(one.paper.document for one in lines if one.paper is not None and one.paper.document)

    @Slot()
    def _on_make_clicked(self) -> None:
        call = partial(self._make, self.monday(), Sort(self.sort.currentData()))
        self.follow(call, self._on_made, t("ui.batch.making"))

    def _make(self, week: date, sort: Sort, watch: Watch) -> Any:
        return self.desk.session.batch.notices(week, sort, progress=watch)

    @Slot()
    def _on_hand_clicked(self) -> None:
        call = partial(self._hand_over, self.monday(), Sort(self.sort.currentData()))
        self.follow(call, self._on_handed_over, t("ui.prepared.handing_over"))

    def _hand_over(self, week: date, sort: Sort, watch: Watch) -> Any:
        return self.desk.session.batch.hand_over(week, sort, progress=watch)

    def _on_handed_over(self, done: Done[BatchReport]) -> None:
        handed = sum(1 for one in done.value.papers if one.outcome is Outcome.HANDED_OVER)
        self._on_report(done, "ui.prepared.handed_many", count=handed)

    def _on_made(self, done: Done[BatchReport]) -> None:
        self._on_report(done, "cli.batch.done", done=len(done.value.documents()))

    def _on_report(self, answer: Done[BatchReport], words: str, **counts: int) -> None:
        report = answer.value
        self._papers |= {one.visit: one for one in report.papers}
        skipped = sum(1 for one in report.papers if one.outcome is Outcome.SKIPPED)
        said = t(words, total=report.total, skipped=skipped, **counts)
        self.tell(f"{said} {t('cli.batch.stopped')}" if report.is_cancelled else said)
        self.done(answer)
        self.read()

    @Slot()
    def _on_print_clicked(self) -> None:
        call = partial(self._files, self.documents(), int(self.copies.currentData()))
        self.follow(call, self._on_files_to_print, t("ui.batch.collecting"))

    def _files(self, documents: tuple[str, ...], copies: int, watch: Watch) -> tuple[tuple[PaperFile, ...], bytes]:
        files: tuple[PaperFile, ...] = self.desk.session.batch.files(documents, progress=watch)
        each = [file for file in files for _ in range(copies)]
        return files, self.desk.session.batch.one_file(each, title=t("ui.documents.batch"))

    def _on_files_to_print(self, answer: tuple[tuple[PaperFile, ...], bytes]) -> None:
        files, content = answer
        try:
            pages = self.printing.print_paper(content, self)
        except Fault as fault:
            self.on_failed(fault)
            return
        if pages is not None:
            self.desk.messages.tell(t("ui.papers.sent", pages=pages))
            self._log(files)

    def _log(self, files: tuple[PaperFile, ...]) -> None:
        call = partial(
            self.desk.session.batch.printed, files, copies=int(self.copies.currentData()), week_of=self.monday()
        )
        self.desk.jobs.run(call, self._on_logged, self.on_failed)

    def _on_logged(self, done: Any) -> None:
        self.done(done)
        self.read()

    @Slot()
    def _on_save_clicked(self) -> None:
        if self.is_one_file.isChecked():
            name = f"notices-{self.monday().isoformat()}.pdf"
            path, _ = QFileDialog.getSaveFileName(self, t("ui.papers.save_pdf"), name, "PDF (*.pdf)")
        else:
            path = QFileDialog.getExistingDirectory(self, t("ui.papers.save_pdf"))
        if path:
            self.save_to(Path(path))

    def save_to(self, path: Path) -> None:
        """Write the notices as one file, or one by one into a folder, and log them as printed."""
        call = partial(self._save, self.documents(), path, self.is_one_file.isChecked())
        self.follow(call, self._on_saved, t("ui.batch.collecting"))

    def _save(self, documents: tuple[str, ...], path: Path, is_one: bool, watch: Watch) -> tuple[PaperFile, ...]:
        files: tuple[PaperFile, ...] = self.desk.session.batch.files(documents, progress=watch)
        if is_one:
            save_paper(self.desk.session.batch.one_file(files, title=t("ui.documents.batch")), path)
            return files
        for file in files:
            save_paper(file.content, path / file.name)
        return files

    def _on_saved(self, files: tuple[PaperFile, ...]) -> None:
        self.desk.messages.tell(t("ui.batch.saved", count=len(files)))
        self._log(files)


def _planned(session: Any, monday: date, sort: Sort) -> tuple[tuple[Visit, str, BatchPaper | None], ...]:
    """Return the visits of the week in order, each with its officers' names and the notice it has already."""
    return tuple(
        (visit, session.batch.officer_names(visit), session.batch.notice_of(visit))
        for visit in session.batch.planned(monday, sort)
    )
