"""待办: what waits for the clerk: papers handed over, to decide about, to print, sign and serve."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QSplitter, QVBoxLayout, QWidget

from core.kernel.changes import Done
from core.kernel.errors import Fault
from core.services.batch import BatchReport, Outcome, PaperFile
from core.services.clerk_queue import QueueLine, Waiting
from ui.desk import Desk, reading
from ui.documents.batch import paper_words
from ui.documents.part import RunningPart
from ui.documents.queue_lines import queue_columns
from ui.i18n import t
from ui.jobs import Lane, Watch
from ui.printing.paper import PaperView
from ui.printing.printer import PrintDesk
from ui.theme import px
from ui.widgets.basic import EmptyState, box, button, label, row
from ui.widgets.form import ask_reason, choice
from ui.widgets.table import FilteredTable

SKIPPED_SHOWN = 5


class QueuePart(RunningPart):
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
        self.table.chosen.connect(self._on_chosen)
        self.table.bar.addWidget(self.wanted)
        self.make_button = button("", self._on_make_clicked, role="main", icon="stamp")
        self.back_button = button(t("ui.queue.send_back"), self._on_back_clicked)
        self.keep_button = button(t("ui.queue.keep"), self._on_keep_clicked, role="danger")
        self.print_button = button("", self._on_print_clicked, icon="printer")
        self.open_button = button(t("ui.queue.open"), self._on_open_clicked, icon="arrow-right")
        self.buttons = box(
            row(self.make_button, self.back_button, self.keep_button, self.print_button, self.open_button, None)
        )
        self.prompt = QVBoxLayout()
        self.note = label("", wrap=True)
        self.preview = PaperView()
        self.beside = QWidget()
        inner = QVBoxLayout(self.beside)
        inner.setContentsMargins(px(12), 0, 0, 0)
        inner.addWidget(self.note)
        inner.addWidget(self.preview, 1)
        self.beside.hide()
        self.split = QSplitter()
        self.split.addWidget(self.table)
        self.split.addWidget(self.beside)
        self.split.setSizes([px(620), px(460)])
        self.split.setChildrenCollapsible(False)
        self.empty = EmptyState(t("ui.queue.empty"), icon="list-checks")
        self.empty.hide()
        self.column.addWidget(self.buttons)
        self.column.addLayout(self.prompt)
        self.column.addWidget(self.progress)
        self.column.addWidget(self.summary)
        self.column.addWidget(self.empty)
        self.column.addWidget(self.split, 1)

    def read(self) -> None:
        call = reading(self.desk.session).batch.queue
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="queue")

    def _on_read(self, lines: tuple[QueueLine, ...]) -> None:
        self._lines = lines
        self.empty.setVisible(not lines)
        for one in (self.split, self.buttons):
            one.setVisible(bool(lines))
        self._fill()

    @Slot()
    def _fill(self) -> None:
        wanted = str(self.wanted.currentData() or "")
        self.table.fill([one for one in self._lines if not wanted or one.waiting.value == wanted])
        self.allow()

    def allow(self) -> None:
        to_make, to_print, line = self.to_make(), self.to_print(), self.table.current()
        self.make_button.setText(f" {t('ui.queue.make_count', count=len(to_make))}")
        self.make_button.setEnabled(bool(to_make) and not self.is_running)
        self.print_button.setText(f" {t('ui.queue.print_count', count=len(to_print))}")
        self.print_button.setEnabled(bool(to_print) and not self.is_running)
        waiting = line.waiting if line is not None else None
        self.back_button.setEnabled(waiting is Waiting.TO_MAKE and not self.is_running)
        self.keep_button.setVisible(any(one.waiting is Waiting.TO_DECIDE for one in self._lines))
        self.keep_button.setEnabled(waiting is Waiting.TO_DECIDE and not self.is_running)
        self.open_button.setEnabled(line is not None)

    def to_make(self) -> tuple[str, ...]:
        """Return the ids of the shown prepared papers that wait to be made, in their order."""
        return tuple(one.prepared for one in self.table.model.records() if one.waiting is Waiting.TO_MAKE)

    def to_print(self) -> tuple[str, ...]:
        """Return the ids of the shown papers that wait to be printed, in their order."""
        return tuple(one.document for one in self.table.model.records() if one.waiting is Waiting.TO_PRINT)

    # What officers handed over.

    @Slot(object)
    def _on_chosen(self, line: QueueLine | None) -> None:
        self.allow()
        is_prepared = line is not None and line.waiting is Waiting.TO_MAKE
        self.beside.setVisible(is_prepared)
        if line is not None and is_prepared:
            self.note.setText(f"{t('ui.queue.note')}: {line.note}")
            self.note.setVisible(bool(line.note))
            call = partial(reading(self.desk.session).prepared_papers.preview, line.prepared)
            self.desk.jobs.run(call, self.preview.show_pdf, self.on_failed, lane=Lane.ERRAND, key="prepared")

    @Slot()
    def _on_make_clicked(self) -> None:
        self.follow(partial(self._make, self.to_make()), self._on_made, t("ui.batch.making"))

    def _make(self, prepared: tuple[str, ...], watch: Watch) -> Any:
        return self.desk.session.batch.make(prepared, progress=watch)

    def _on_made(self, done: Done[BatchReport]) -> None:
        papers = done.value.papers
        skipped = [one for one in papers if one.outcome is Outcome.SKIPPED]
        said = [t("ui.queue.made", count=len(papers) - len(skipped), skipped=len(skipped))]
        if done.value.is_cancelled:
            said.append(t("cli.batch.stopped"))
        said += [f"{one.enterprise_name}: {paper_words(one)}" for one in skipped[:SKIPPED_SHOWN]]
        self.tell("\n".join(said))
        self.done(done)
        self.read()

    @Slot()
    def _on_back_clicked(self) -> None:
        line = self.table.current()
        if line is not None:
            given = partial(self._on_back_given, line.prepared)
            ask_reason(self.prompt, t("ui.queue.back_ask"), [], t("ui.queue.send_back"), given, needs_words=True)

    def _on_back_given(self, prepared: str, _code: str, reason: str) -> None:
        call = partial(self.desk.session.prepared_papers.send_back, prepared, reason)
        self.desk.jobs.run(call, self._on_decided, self.on_failed)

    @Slot()
    def _on_keep_clicked(self) -> None:
        line = self.table.current()
        if line is not None:
            given = partial(self._on_keep_given, line.prepared, line.document)
            title = t("ui.queue.keep_ask", number=line.number or line.title)
            ask_reason(self.prompt, title, [], t("ui.queue.keep"), given, needs_words=True)

    def _on_keep_given(self, prepared: str, document: str, _code: str, reason: str) -> None:
        call = partial(self.desk.session.prepared_papers.keep, prepared, document, reason)
        self.desk.jobs.run(call, self._on_decided, self.on_failed)

    def _on_decided(self, done: Any) -> None:
        self.done(done)
        self.read()

    # Papers that have their number.

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
        self.desk.jobs.run(partial(self.desk.session.batch.printed, files), self._on_decided, self.on_failed)

    @Slot(object)
    def _on_opened(self, line: QueueLine) -> None:
        if line.document:
            self.opened.emit(line.document)
        else:
            self.desk.messages.go("visits", line.visit)

    @Slot()
    def _on_open_clicked(self) -> None:
        line = self.table.current()
        if line is not None:
            self._on_opened(line)


def _files(session: Any, documents: tuple[str, ...]) -> tuple[tuple[PaperFile, ...], bytes]:
    files = session.batch.files(documents)
    return files, session.batch.one_file(files)
