"""One paper: its state, the page, its service, and what can be done with it: print, save, spoil."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from core.domain.documents import NEVER_DRAWN, Document, DocumentState, missing_signatures
from core.kernel.changes import Done
from core.kernel.errors import Fault
from core.services.service import RECEIVER
from ui.desk import Desk
from ui.documents.paper_deadlines import PaperDeadlines
from ui.documents.service_panel import ServicePanel
from ui.i18n import moment, t, term
from ui.jobs import Lane
from ui.printing.paper import PaperView
from ui.printing.printer import PrintDesk, save_paper
from ui.theme import Tone, px
from ui.widgets.basic import button as make_button
from ui.widgets.basic import label, set_tone
from ui.widgets.flow import Flow
from ui.widgets.form import ask_reason


class PaperPanel(QWidget):
    """`changed`: the papers must be read again; `failed` carries a Fault."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk, printing: PrintDesk | None = None) -> None:
        super().__init__()
        self.desk = desk
        self.printing = printing or PrintDesk()
        self.document: Document | None = None
        self.title = label("", "section", wrap=True)
        self.state = label("", "muted", wrap=True)
        self.prompt = QVBoxLayout()
        self.buttons = QWidget()
        flow = Flow(self.buttons)
        self.print_button = make_button(t("ui.papers.print"), self._on_print_clicked, role="main", icon="printer")
        self.save_button = make_button(t("ui.papers.save_pdf"), self._on_save_clicked, icon="save")
        self.spoil_button = make_button(t("ui.papers.spoil"), self._on_spoil_clicked, role="danger")
        for one in (self.print_button, self.save_button, self.spoil_button):
            flow.addWidget(one)
        self.service = ServicePanel(desk)
        self.service.changed.connect(self.changed)
        self.service.failed.connect(self.failed)
        self.service.busy.connect(self._on_service_busy)
        self.deadlines = PaperDeadlines(desk)
        self.deadlines.failed.connect(self.failed)
        self.paper = PaperView()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(8))
        layout.addWidget(self.title)
        layout.addWidget(self.state)
        layout.addLayout(self.prompt)
        layout.addWidget(self.buttons)
        layout.addWidget(self.deadlines)
        layout.addWidget(self.service)
        layout.addWidget(self.paper, 1)
        self.clear()

    def clear(self) -> None:
        """Show no paper."""
        self.document = None
        for one in (self.title, self.state, self.buttons, self.deadlines, self.service, self.paper, self):
            one.hide()

    def show_draft(self, content: bytes) -> None:
        """Show a preview: no number, nothing stored."""
        self.clear()
        self.paper.show_pdf(content)
        self.paper.show()
        self.show()

    def show_document(self, document: Document) -> None:
        """Show a paper that was issued."""
        is_other = self.document is None or (self.document.id, self.document.pdf_blob) != (
            document.id,
            document.pdf_blob,
        )
        self.document = document
        self.title.setText(f"{document.title}  {document.number}")
        parts = [term("document_state", document.state), document.short_code, moment(document.made_at)]
        open_blocks = missing_signatures(document.signatures)
        if document.state is DocumentState.SERVED:
            # A paper that was left or posted is proven by its service, not by the receiver's name on it.
            open_blocks = tuple(one for one in open_blocks if one.role != RECEIVER)
        missing = "、".join(one.label for one in open_blocks)
        if missing:
            parts.append(t("ui.papers.unsigned", blocks=missing))
        if document.printed_at:
            parts.append(t("ui.papers.printed", count=len(document.printed_at)))
        self.state.setText("   ".join(parts))
        set_tone(self.state, Tone.WARN if missing else None)
        is_live = document.state is not DocumentState.SPOILED
        self.print_button.setEnabled(is_live)
        self.spoil_button.setVisible(is_live and document.state is not DocumentState.SERVED)
        for one in (self.title, self.state, self.buttons, self):
            one.show()
        self.deadlines.show_document(document)
        self.service.show_document(document)
        is_drawn = document.kind not in NEVER_DRAWN
        for one in (self.print_button, self.save_button):
            one.setVisible(is_drawn)
        self.paper.setVisible(is_drawn and self.service.area.isHidden())
        if is_other and is_drawn:
            call = partial(self.desk.session.documents.pdf, document.id)
            self.desk.jobs.run(call, self._on_pdf, self._on_failed, lane=Lane.WRITE)

    def _on_pdf(self, content: bytes) -> None:
        self.paper.show_pdf(content)

    @Slot()
    def _on_print_clicked(self) -> None:
        assert self.document is not None
        call = partial(self.desk.session.documents.to_print, self.document.id)
        self.desk.jobs.run(call, self._print, self._on_failed)

    def _print(self, content: bytes) -> None:
        try:
            pages = self.printing.print_paper(content, self)
        except Fault as fault:
            self.failed.emit(fault)
            return
        if pages is not None and self.document is not None:
            self.desk.messages.tell(t("ui.papers.sent", pages=pages))
            call = partial(self.desk.session.documents.printed, self.document.id)
            self.desk.jobs.run(call, self._on_done, self._on_failed)

    @Slot()
    def _on_save_clicked(self) -> None:
        assert self.document is not None
        name = f"{self.document.title}{self.document.number}.pdf".replace("/", "-")
        path, _ = QFileDialog.getSaveFileName(self, t("ui.papers.save_pdf"), name, "PDF (*.pdf)")
        if path:
            self.save_to(Path(path))

    def save_to(self, path: Path) -> None:
        """Write the paper's own bytes to a file."""
        call = partial(save_paper, self.paper.content(), path)
        self.desk.jobs.run(call, self._on_saved, self._on_failed, lane=Lane.ERRAND)

    def _on_saved(self, path: Path) -> None:
        self.desk.messages.tell(t("ui.papers.saved", file=path.name))

    @Slot(bool)
    def _on_service_busy(self, is_busy: bool) -> None:
        # The form of the service takes the room of the page; both do not fit.
        self.paper.setVisible(not is_busy)

    @Slot()
    def _on_spoil_clicked(self) -> None:
        ask_reason(
            self.prompt, t("ui.papers.spoil_ask"), [], t("ui.papers.spoil"), self._on_spoil_given, needs_words=True
        )

    def _on_spoil_given(self, _code: str, reason: str) -> None:
        assert self.document is not None
        call = partial(self.desk.session.documents.spoil, self.document.id, reason)
        self.desk.jobs.run(call, self._on_done, self._on_failed)

    def _on_done(self, done: Done[Any]) -> None:
        self.desk.bus.changed.emit(done.changed)
        self.changed.emit()

    def _on_failed(self, fault: Fault) -> None:
        self.failed.emit(fault)
