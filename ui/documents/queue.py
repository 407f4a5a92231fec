"""待办: the papers that wait for the clerk, by what is next: print, sign, serve."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox

from core.kernel.errors import Fault
from core.services.batch import PaperFile
from core.services.clerk_queue import QueueLine, Waiting
from ui.desk import Desk, reading
from ui.documents.part import Part
from ui.i18n import moment, t, term
from ui.jobs import Lane
from ui.models.table import Column
from ui.printing.printer import PrintDesk
from ui.widgets.basic import EmptyState, button
from ui.widgets.form import choice
from ui.widgets.table import FilteredTable


def queue_columns() -> list[Column]:
    """Return the columns of the queue."""
    return [
        Column("waiting", t("ui.queue.next"), lambda one: t(f"batch.waiting.{one.waiting.value}"), 120),
        Column("number", t("ui.papers.number"), lambda one: one.number or "—", 220, is_code=True),
        Column("title", t("ui.papers.title"), lambda one: one.title, 170),
        Column("enterprise", t("ui.papers.party"), lambda one: one.enterprise_name, 240),
        Column("planned", t("ui.queue.planned"), lambda one: moment(one.planned_from), 150, is_code=True),
        Column("state", t("ui.visits.state"), lambda one: term("document_state", one.state), 110),
    ]


class QueuePart(Part):
    """`opened` carries the id of a paper to look at."""

    opened = Signal(str)

    def __init__(self, desk: Desk, printing: PrintDesk | None = None) -> None:
        super().__init__(desk)
        self.printing = printing or PrintDesk()
        self._lines: tuple[QueueLine, ...] = ()
        self.wanted: QComboBox = choice(
            [(t("ui.queue.every"), ""), *((t(f"batch.waiting.{one.value}"), one.value) for one in Waiting)]
        )
        self.wanted.setAccessibleName(t("ui.queue.next"))
        self.wanted.currentIndexChanged.connect(self._fill)
        self.table = FilteredTable(queue_columns(), memory=desk.memory, name="queue")
        self.table.opened.connect(self._on_opened)
        self.print_button = button(t("ui.queue.print"), self._on_print_clicked, role="main", icon="printer")
        self.open_button = button(t("ui.queue.open"), self._on_open_clicked, icon="arrow-right")
        for one in (self.wanted, self.print_button, self.open_button):
            self.table.bar.addWidget(one)
        self.empty = EmptyState(t("ui.queue.empty"), icon="list-checks")
        self.empty.hide()
        self.column.addWidget(self.empty)
        self.column.addWidget(self.table, 1)

    def read(self) -> None:
        call = reading(self.desk.session).batch.queue
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="queue")

    def _on_read(self, lines: tuple[QueueLine, ...]) -> None:
        self._lines = lines
        self.empty.setVisible(not lines)
        self.table.setVisible(bool(lines))
        self._fill()

    @Slot()
    def _fill(self) -> None:
        wanted = str(self.wanted.currentData() or "")
        self.table.fill([one for one in self._lines if not wanted or one.waiting.value == wanted])
        to_print = self.to_print()
        self.print_button.setText(f" {t('ui.queue.print_count', count=len(to_print))}")
        self.print_button.setEnabled(bool(to_print))

    def to_print(self) -> tuple[str, ...]:
        """Return the ids of the shown papers that wait to be printed, in their order."""
        return tuple(one.document for one in self.table.model.records() if one.waiting is Waiting.TO_PRINT)

    @Slot()
    def _on_print_clicked(self) -> None:
        call = partial(_files, self.desk.session, self.to_print())
        self.desk.jobs.run(call, self._on_files, self.on_failed)

    def _on_files(self, answer: tuple[tuple[PaperFile, ...], bytes]) -> None:
        files, content = answer
        try:
            pages = self.printing.print_paper(content, self)
        except Fault as fault:
            self.on_failed(fault)
            return
        if pages is None:
            return
        self.desk.messages.tell(t("ui.papers.sent", pages=pages))
        self.desk.jobs.run(partial(self.desk.session.batch.printed, files), self._on_printed, self.on_failed)

    def _on_printed(self, done: Any) -> None:
        self.done(done)
        self.read()

    @Slot(object)
    def _on_opened(self, line: QueueLine) -> None:
        self.opened.emit(line.document)

    @Slot()
    def _on_open_clicked(self) -> None:
        line = self.table.current()
        if line is not None:
            self.opened.emit(line.document)


def _files(session: Any, documents: tuple[str, ...]) -> tuple[tuple[PaperFile, ...], bytes]:
    files = session.batch.files(documents)
    return files, session.batch.one_file(files)
