"""Import in three steps on one page: the file as it is understood, the columns, the complaints; then it is taken in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDate, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateEdit, QFileDialog, QVBoxLayout, QWidget

from core.domain.lists import ImportReport, ListKind, SheetMapping
from core.kernel.changes import Done
from core.kernel.clock import local_date
from core.kernel.errors import Fault
from core.kernel.records import changed
from ui.desk import Desk
from ui.i18n import t, term, words_or_code
from ui.jobs import Lane, Watch
from ui.lists.mapping import MappingCard
from ui.models.table import Column
from ui.theme import Tone, px
from ui.widgets.basic import Card, box, button, clear, label, mark, row, scrolled
from ui.widgets.form import choice, field
from ui.widgets.lines import FaultLine, ProgressLine
from ui.widgets.table import FilteredTable

FILES = "Excel, CSV (*.xlsx *.xls *.csv *.txt);;* (*)"


def complaint_words(complaint: Any) -> str:
    """Return what is wrong with a cell, in words."""
    words = words_or_code("lists.row", complaint.code)
    try:
        return words.format(**complaint.params)
    except (KeyError, IndexError):
        return words


def complaint_columns() -> list[Column]:
    """Return the columns of the complaints."""
    return [
        Column("sheet", t("ui.import.sheet"), lambda one: one.sheet, 160),
        Column("row", t("ui.import.row"), lambda one: str(one.row), 70, is_number=True),
        Column("column", t("ui.import.column"), lambda one: one.column, 70),
        Column("value", t("ui.import.value"), lambda one: one.value, 200),
        Column("what", t("ui.import.what"), complaint_words, 480),
    ]


class ImportPanel(QWidget):
    """`left` is emitted when the person goes back or the import is done."""

    left = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._path: Path | None = None
        self._mappings: tuple[SheetMapping, ...] = ()
        self.fault_line = FaultLine()
        self.progress = ProgressLine()
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(0, 0, px(8), px(16))
        self.body.setSpacing(px(12))
        self.body.addWidget(
            box(row(button(t("ui.lists.back"), self.left.emit, role="link", icon="chevron-left"), None))
        )
        self.body.addWidget(self.fault_line)
        self.body.addWidget(self._file_card())
        self.columns_card = Card(label(t("ui.import.columns"), "section"))
        self.sheets = QVBoxLayout()
        self.columns_card.body.addLayout(self.sheets)
        self.try_button = button(t("ui.import.try"), self._on_try_clicked)
        self.columns_card.add(box(row(self.try_button, label(t("ui.import.try_hint"), "muted"), None)))
        self.body.addWidget(self.columns_card)
        self.body.addWidget(self.progress)
        self.body.addWidget(self._result_card())
        self.body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(content))
        self.setAcceptDrops(True)

    def _file_card(self) -> Card:
        self.kind: QComboBox = choice([(term("list_kind", kind), kind) for kind in ListKind])
        self.file = label(t("ui.import.no_file"), "hint")
        self.file_button = button(t("ui.action.choose"), self._on_file_clicked, icon="upload")
        self.effective = QDateEdit()
        self.effective.setCalendarPopup(True)
        self.effective.setDisplayFormat("yyyy-MM-dd")
        self.replace = QCheckBox(t("ui.import.replace"))
        card = Card(label(t("ui.import.file"), "section"))
        card.add(
            box(
                row(
                    field(t("ui.lists.kind"), self.kind),
                    field(t("ui.lists.effective"), self.effective),
                    None,
                    spacing=12,
                )
            )
        )
        card.add(self.replace)
        card.add(box(row(self.file_button, self.file, None)))
        return card

    def _result_card(self) -> Card:
        self.verdict = QVBoxLayout()
        self.complaints = FilteredTable(complaint_columns(), name="complaints")
        self.complaints.view.setMinimumHeight(px(240))
        self.import_button = button(t("ui.import.do"), self._on_import_clicked, role="main")
        self.result = Card(label(t("ui.import.complaints"), "section"))
        self.result.body.addLayout(self.verdict)
        self.result.add(self.complaints)
        self.result.add(box(row(self.import_button, None)))
        return self.result

    def begin(self, kind: ListKind | None) -> None:
        """Begin with the kind that was chosen in the list of lists."""
        if kind is not None:
            self.kind.setCurrentIndex(self.kind.findData(kind))
        today = local_date(self.desk.session.clock.now())
        self.effective.setDate(QDate(today.year, today.month, today.day))
        self._path, self._mappings = None, ()
        self.file.setText(t("ui.import.no_file"))
        self.fault_line.hide()
        self.columns_card.hide()
        self.result.hide()
        self.file_button.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        url = event.mimeData().urls()[0]
        if url.isLocalFile():
            self.take_file(Path(url.toLocalFile()))

    def take_file(self, path: Path) -> None:
        """Look at a file: which sheets, which columns."""
        self._path = path
        self.file.setText(path.name)
        self.fault_line.hide()
        self.result.hide()
        call = partial(self.desk.session.lists.recognise, path)
        self.desk.jobs.run(call, self._on_recognised, self._on_failed, lane=Lane.ERRAND)

    def _on_recognised(self, mappings: tuple[SheetMapping, ...]) -> None:
        self._mappings = mappings
        kinds = [one.kind for one in mappings if one.kind is not None]
        if kinds and self.kind.currentData() not in kinds:
            self.kind.setCurrentIndex(self.kind.findData(kinds[0]))
        clear(self.sheets)
        for place, mapping in enumerate(mappings):
            card = MappingCard(mapping)
            card.setObjectName(str(place))
            card.corrected.connect(self._on_mapping_corrected)
            self.sheets.addWidget(card)
        self.columns_card.show()
        self._run(dry_run=True)

    @Slot(object)
    def _on_mapping_corrected(self, mapping: SheetMapping) -> None:
        place = int(self.sender().objectName())
        before = self._mappings
        self._mappings = (*before[:place], mapping, *before[place + 1 :])
        self.import_button.setEnabled(False)

    def _run(self, *, dry_run: bool) -> None:
        if self._path is None:
            return
        kind = ListKind(self.kind.currentData())
        corrections = tuple(changed(one, kind=kind) for one in self._mappings if one.kind is not None)
        chosen: Any = self.effective.date().toPython()
        call = partial(
            self._import, kind, self._path, corrections, chosen, dry_run=dry_run, replace=self.replace.isChecked()
        )
        watch = self.desk.jobs.watch(call, self._on_reported, self._on_failed, self._on_cancelled)
        self.progress.follow(watch, t("ui.import.reading") if dry_run else t("ui.import.importing"))
        self.import_button.setEnabled(False)

    def _import(
        self,
        kind: ListKind,
        path: Path,
        corrections: tuple[SheetMapping, ...],
        effective: Any,
        watch: Watch,
        *,
        dry_run: bool,
        replace: bool,
    ) -> Done[ImportReport]:
        return self.desk.session.lists.import_file(
            kind,
            path,
            dry_run=dry_run,
            mapping=corrections,
            effective_on=effective,
            replace=replace,
            progress=watch,
        )

    def _on_reported(self, done: Done[ImportReport]) -> None:
        self.progress.end()
        report = done.value
        rejected = max(report.rejected_rows, len(report.rejected))
        clear(self.verdict)
        counts = t("ui.import.counts", new=report.accepted, same=report.unchanged, bad=rejected)
        self.verdict.addWidget(mark(Tone.WARN if rejected else Tone.PASS, counts))
        self.complaints.fill((*report.rejected, *report.further, *report.warnings))
        self.complaints.setVisible(bool(report.rejected or report.warnings))
        self.result.show()
        if report.dry_run:
            self.import_button.setText(t("ui.import.do_counts", good=report.accepted, bad=rejected))
            self.import_button.setEnabled(report.accepted > 0)
            if not report.accepted:
                self.verdict.addWidget(label(t("ui.import.nothing_new"), "hint", wrap=True))
            return
        self.desk.bus.changed.emit(done.changed)
        self.desk.messages.tell(t("ui.import.done", good=report.accepted, bad=rejected, version=report.version or 0))
        self.left.emit()

    def _on_failed(self, fault: Fault) -> None:
        self.progress.end()
        self.fault_line.tell(fault)

    def _on_cancelled(self) -> None:
        self.progress.end()
        self.desk.messages.tell(t("ui.import.cancelled"))

    @Slot()
    def _on_file_clicked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, t("ui.action.choose"), "", FILES)
        if path:
            self.take_file(Path(path))

    @Slot()
    def _on_try_clicked(self) -> None:
        self._run(dry_run=True)

    @Slot()
    def _on_import_clicked(self) -> None:
        self._run(dry_run=False)
