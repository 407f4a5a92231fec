"""文书: every paper of the station with its state, and the check of a paper from a file, a drag or a typed code."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QSplitter, QVBoxLayout, QWidget

from core.domain.documents import Document
from core.kernel.changes import Topic
from core.kernel.errors import Trouble
from ui.desk import Desk, Session, reading
from ui.documents.paper_panel import PaperPanel
from ui.documents.verdict import CheckAnswer
from ui.i18n import moment, t, term
from ui.jobs import Lane
from ui.models.table import Column
from ui.theme import Tone, px
from ui.widgets.basic import Card, EmptyState, box, button, label, row
from ui.widgets.page import Page
from ui.widgets.table import FilteredTable

STATE_TONES = {"draft": Tone.WARN, "spoiled": Tone.MUTED}


def document_columns() -> list[Column]:
    """Return the columns of the register of papers."""
    return [
        Column("number", t("ui.papers.number"), lambda one: one.number or "—", 220, is_code=True),
        Column("title", t("ui.papers.title"), lambda one: one.title, 170),
        Column(
            "state",
            t("ui.visits.state"),
            lambda one: term("document_state", one.state),
            100,
            tone=lambda one: STATE_TONES.get(one.state.value),
        ),
        Column("party", t("ui.papers.party"), lambda one: one.party, 220),
        Column("made", t("ui.papers.made"), lambda one: moment(one.made_at), 150, is_code=True),
        Column("code", t("ui.papers.short_code"), lambda one: one.short_code, 130, is_code=True),
    ]


def read_documents(session: Session) -> tuple[Document, ...]:
    """Return every paper of the station, the newest first."""
    with session.read_work() as work:
        found = work.table(Document).where()
    return tuple(sorted(found, key=lambda one: one.made_at, reverse=True))


class DocumentsPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "documents"
    icon: ClassVar[str] = "file-text"
    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.DOCUMENTS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.frame.addWidget(self._check_card())
        self.table = FilteredTable(document_columns(), memory=desk.memory, name="documents")
        self.table.chosen.connect(self._on_chosen)
        self.table.opened.connect(self._on_opened)
        self.panel = PaperPanel(desk)
        self.panel.changed.connect(self.read)
        self.panel.failed.connect(self.on_failed)
        self.visit_button = button(t("ui.papers.to_visit"), self._on_visit_clicked, role="link", icon="arrow-right")
        self.visit_button.hide()
        right = QWidget()
        inner = QVBoxLayout(right)
        inner.setContentsMargins(px(12), 0, 0, 0)
        inner.addWidget(self.visit_button)
        inner.addWidget(self.panel, 1)
        self.right = right
        self.right.hide()
        self.empty = EmptyState(t("ui.papers.empty"), icon="file-text")
        split = QSplitter()
        split.addWidget(self.table)
        split.addWidget(right)
        split.setSizes([px(620), px(460)])
        split.setChildrenCollapsible(False)
        self.frame.addWidget(self.empty)
        self.frame.addWidget(split, 1)
        self.setAcceptDrops(True)

    def _check_card(self) -> Card:
        self.code: QLineEdit = QLineEdit()
        self.code.setPlaceholderText(t("ui.papers.check_hint"))
        self.code.setAccessibleName(t("ui.papers.check_hint"))
        self.code.returnPressed.connect(self._on_code_typed)
        self.check_button = button(t("ui.papers.check"), self._on_code_typed, icon="shield-check")
        self.file_button = button(t("ui.papers.check_file"), self._on_file_clicked, icon="upload")
        self.verdict = CheckAnswer()
        card = Card()
        inner = row(label(t("ui.papers.check_title"), "strong"), self.code, self.check_button, self.file_button)
        inner.setStretch(1, 1)
        card.add(box(inner))
        card.add(self.verdict)
        return card

    def read(self) -> None:
        call = partial(read_documents, self.desk.session)
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="documents")

    def open(self, argument: Any) -> None:
        """Stand on the paper with that id."""
        self.table.choose(str(argument))

    def take_scan(self, raw: str, source: str) -> bool:
        """A code on a paper is checked here; an enterprise's code goes the usual way."""
        if not raw.startswith("MJ1:"):
            return False
        self._check_text(raw)
        return True

    def _on_read(self, documents: tuple[Document, ...]) -> None:
        self.table.fill(documents)
        self.empty.setVisible(not documents)
        self.table.setVisible(bool(documents))

    @Slot(object)
    def _on_chosen(self, document: Document | None) -> None:
        self.right.setVisible(document is not None)
        self.visit_button.setVisible(document is not None and bool(document.visit))
        if document is not None:
            self.panel.show_document(document)

    @Slot(object)
    def _on_opened(self, document: Document) -> None:
        self.desk.messages.go("visits", document.visit)

    @Slot()
    def _on_visit_clicked(self) -> None:
        document = self.table.current()
        if document is not None:
            self.desk.messages.go("visits", document.visit)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        url = event.mimeData().urls()[0]
        if url.isLocalFile():
            self.check_file(Path(url.toLocalFile()))

    @Slot()
    def _on_file_clicked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, t("ui.papers.check_file"), "", "PDF (*.pdf);;* (*)")
        if path:
            self.check_file(Path(path))

    def check_file(self, path: Path) -> None:
        """Check a PDF, or the code in a picture of a paper."""
        self.desk.jobs.run(partial(self._check_path, path), self._on_checked, self.on_failed, lane=Lane.ERRAND)

    def _check_path(self, path: Path) -> Any:
        checks = reading(self.desk.session).document_checks
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Trouble("ui.file.unreadable", file=path.name) from error
        if content[:5] == b"%PDF-":
            return checks.check_file(content)
        texts = self.desk.session.decode_file(path)
        signed = next((one for one in texts if one.startswith("MJ1:")), texts[0] if texts else "")
        return checks.check_text(signed)

    @Slot()
    def _on_code_typed(self) -> None:
        if self.code.text().strip():
            self._check_text(self.code.text().strip())

    def _check_text(self, words: str) -> None:
        call = partial(self._check_words, words)
        self.desk.jobs.run(call, self._on_checked, self.on_failed, lane=Lane.ERRAND)

    def _check_words(self, words: str) -> Any:
        return reading(self.desk.session).document_checks.check_text(words)

    def _on_checked(self, answer: Any) -> None:
        self.fault_line.hide()
        self.verdict.show_check(answer)
