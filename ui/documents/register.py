"""文书登记: every paper of the station with its state, and the chosen one beside the list."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from core.domain.documents import Document
from ui.desk import Desk, Session
from ui.documents.paper_panel import PaperPanel
from ui.documents.part import Part
from ui.i18n import moment, t, term
from ui.jobs import Lane
from ui.models.table import Column
from ui.theme import Tone, px
from ui.widgets.basic import EmptyState, button
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


class RegisterPart(Part):
    """List and paper."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted = ""
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
        self.column.addWidget(self.empty)
        self.column.addWidget(split, 1)

    def read(self) -> None:
        call = partial(read_documents, self.desk.session)
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="documents")

    def choose(self, document_id: str) -> None:
        """Stand on a paper, now or as soon as the list has it."""
        self._wanted = "" if self.table.choose(document_id) else document_id

    def _on_read(self, documents: tuple[Document, ...]) -> None:
        self.table.fill(documents)
        self.empty.setVisible(not documents)
        self.table.setVisible(bool(documents))
        if self._wanted:
            self.choose(self._wanted)

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
