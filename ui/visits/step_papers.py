"""Step 6, 文书: left the papers this visit may need with their state, right the paper itself or its form."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSplitter, QVBoxLayout, QWidget

from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.prepared_papers import PreparedPaper, PreparedState
from core.kernel.changes import Done
from core.kernel.errors import Refusal
from ui.desk import Desk
from ui.documents.paper_form import PaperForm
from ui.documents.paper_panel import PaperPanel
from ui.documents.prepared_panel import PreparedPanel
from ui.documents.received_form import ReceivedForm
from ui.i18n import t, term
from ui.jobs import Lane
from ui.theme import Tone, current, px
from ui.visits.reading import Case
from ui.visits.step import Step
from ui.widgets.basic import button

# The papers of an ordinary visit, in the order of its course (domain.md 2.2); the other kinds stand below them.
USUAL = (
    DocumentKind.INSPECTION_NOTICE,
    DocumentKind.SCENE_RECORD,
    DocumentKind.ORDER_TO_CORRECT,
    DocumentKind.COMMITMENT_LETTER,
    DocumentKind.SUMMARY_PENALTY,
    DocumentKind.NO_PENALTY_DECISION,
    DocumentKind.RESULT_LETTER,
    DocumentKind.SERVICE_RECEIPT,
    DocumentKind.COVER_SHEET,
)
ENTRY = int(Qt.ItemDataRole.UserRole)
LIST_WIDTH = 250


def state_tone(document: Document) -> Tone:
    """Return the colour of a paper's state."""
    tones = {DocumentState.DRAFT: Tone.WARN, DocumentState.SPOILED: Tone.MUTED}
    return tones.get(document.state, Tone.PASS)


class PapersStep(Step):
    """List, form, paper."""

    name = "papers"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._kinds: tuple[DocumentKind, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName(t("ui.papers.list"))
        self.list.currentItemChanged.connect(self._on_chosen)
        self.form = PaperForm(desk)
        self.form.issue_wanted.connect(self._on_issue_wanted)
        self.form.hand_over_wanted.connect(self._on_hand_over_wanted)
        self.form.failed.connect(self.on_failed)
        self.prepared = PreparedPanel(desk)
        self.prepared.changed.connect(self.changed)
        self.prepared.failed.connect(self.on_failed)
        self.prepared.hide()
        self.received = ReceivedForm(desk)
        self.received.changed.connect(self.changed)
        self.received.failed.connect(self.on_failed)
        self.received.hide()
        self.panel = PaperPanel(desk)
        self.panel.changed.connect(self.changed)
        self.panel.failed.connect(self.on_failed)
        self.preview_button = button(t("ui.papers.preview"), self._on_preview_clicked, icon="eye")
        left = QWidget()
        inner = QVBoxLayout(left)
        inner.setContentsMargins(0, 0, px(8), 0)
        inner.addWidget(self.list, 1)
        middle = QWidget()
        inner = QVBoxLayout(middle)
        inner.setContentsMargins(px(8), 0, 0, 0)
        self.form_box = QWidget()
        form_layout = QVBoxLayout(self.form_box)
        form_layout.setContentsMargins(0, 0, 0, 0)
        form_layout.addWidget(self.form)
        self.preview_button.setToolTip(t("ui.papers.preview_hint"))
        self.form.button_row.addWidget(self.preview_button)
        inner.addWidget(self.received, 0, Qt.AlignmentFlag.AlignTop)
        inner.addWidget(self.form_box, 1)
        inner.addWidget(self.prepared, 2)
        inner.addWidget(self.panel, 2)
        self.split = QSplitter()
        self.split.addWidget(left)
        self.split.addWidget(middle)
        self.split.setSizes([px(LIST_WIDTH), px(700)])
        self.split.setStretchFactor(1, 1)
        self.split.setChildrenCollapsible(False)
        # This step fills the height by itself: a paper does not scroll inside a scrolled page.
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)
        self.area.hide()
        outer.addWidget(self.split, 1)

    def show_case(self, case: Case) -> None:
        super().show_case(case)
        if not self._kinds:
            self._kinds = (*self.desk.session.documents.kinds(), DocumentKind.FINE_RECEIPT)
        chosen = self.list.currentItem().data(ENTRY) if self.list.currentRow() >= 0 else None
        self.list.blockSignals(True)
        self.list.clear()
        for document in case.documents:
            number = document.number or document.short_code
            words = f"{document.title}\n{number}  {term('document_state', document.state)}"
            self._add(words, state_tone(document), document)
        waiting = [one for one in case.prepared if one.state is PreparedState.WAITING]
        for paper in waiting:
            self._add(f"{term('kind', paper.kind)}\n{t('prepared.state.waiting')}", Tone.WARN, paper)
        made = {one.kind for one in case.documents if one.state is not DocumentState.SPOILED}
        made |= {one.kind for one in waiting}
        for kind in (*USUAL, *(one for one in self._kinds if one not in USUAL)):
            if kind in self._kinds and kind not in made:
                is_back = self._returned(kind) is not None
                words = t("prepared.state.returned") if is_back else t("ui.papers.not_made")
                self._add(f"{term('kind', kind)}\n{words}", Tone.WARN if is_back else Tone.MUTED, kind)
        self.list.blockSignals(False)
        self._stand_on(chosen)

    def _add(self, words: str, tone: Tone, entry: Any) -> None:
        item = QListWidgetItem(words)
        item.setForeground(current().colour(tone))
        item.setData(ENTRY, entry)
        self.list.addItem(item)

    def _returned(self, kind: DocumentKind) -> PreparedPaper | None:
        """Return the paper of a kind that the clerk sent back, if nothing was handed over since."""
        assert self.case is not None, "a list is shown for a case only"
        newest = [one for one in self.case.prepared if one.kind is kind][-1:]
        return newest[0] if newest and newest[0].state is PreparedState.RETURNED else None

    def _stand_on(self, chosen: Any) -> None:
        wanted = getattr(chosen, "id", chosen)
        place = 0
        for at in range(self.list.count()):
            entry = self.list.item(at).data(ENTRY)
            if wanted is not None and getattr(entry, "id", entry) == wanted:
                place = at
        self.list.setCurrentRow(place)
        self._on_chosen()

    def choose_kind(self, kind: DocumentKind) -> None:
        """Stand on a kind of paper, made or not."""
        for at in range(self.list.count()):
            entry = self.list.item(at).data(ENTRY)
            if entry == kind or getattr(entry, "kind", None) == kind:
                self.list.setCurrentRow(at)
                return

    @Slot()
    def _on_chosen(self) -> None:
        if self.list.currentRow() < 0 or self.case is None:
            return
        entry = self.list.currentItem().data(ENTRY)
        self.prepared.setVisible(isinstance(entry, PreparedPaper))
        if isinstance(entry, Document | PreparedPaper):
            self.form_box.hide()
            self.received.hide()
            if isinstance(entry, Document):
                self.panel.show_document(entry)
            else:
                self.panel.clear()
                self.prepared.show_prepared(entry)
            return
        kind = DocumentKind(entry)
        self.panel.clear()
        self.received.show_kind(kind, self.visit_id)
        # A receipt is registered by its number; there is no paper of ours to fill in.
        self.form_box.setVisible(kind is not DocumentKind.FINE_RECEIPT)
        if kind is not DocumentKind.FINE_RECEIPT:
            self.form.show_kind(kind, self.case.visit, self._returned(kind))

    def _given(self) -> tuple[DocumentKind, dict[str, Any], int | None, date | None] | None:
        """Return what the form holds; a mistyped amount is told in the page and gives None."""
        try:
            return self.form.given()
        except Refusal as refusal:
            self.failed.emit(refusal)
            return None

    @Slot()
    def _on_preview_clicked(self) -> None:
        given = self._given()
        if given is None:
            return
        kind, entered, amount, _ = given
        call = partial(self.desk.session.documents.preview, kind, self.visit_id, entered=entered, amount_cents=amount)
        self.desk.jobs.run(call, self._on_previewed, self.on_failed, lane=Lane.ERRAND)

    def _on_previewed(self, content: bytes) -> None:
        self.panel.show_draft(content)

    @Slot()
    def _on_issue_wanted(self) -> None:
        given = self._given()
        if given is None:
            return
        kind, entered, amount, due_on = given
        self.form.issue_button.setEnabled(False)
        call = partial(
            self.desk.session.documents.issue,
            kind,
            self.visit_id,
            entered=entered,
            amount_cents=amount,
            due_on=due_on,
        )
        self.desk.jobs.run(call, self._on_issued, self._on_issue_failed)

    @Slot()
    def _on_hand_over_wanted(self) -> None:
        given = self._given()
        if given is None:
            return
        kind, entered, amount, due_on = given
        call = partial(
            self.desk.session.prepared_papers.prepare,
            kind,
            self.visit_id,
            entered=entered,
            amount_cents=amount,
            due_on=due_on,
            note=self.form.note.text(),
        )
        self.desk.jobs.run(call, self._on_handed_over, self.on_failed)

    def _on_handed_over(self, done: Done[PreparedPaper]) -> None:
        self.form.note.clear()
        self.desk.messages.tell(t("ui.prepared.handed_over", title=done.value.title))
        if self.list.currentRow() >= 0:
            self.list.currentItem().setData(ENTRY, done.value)
        self._on_done(done)

    def _on_issue_failed(self, fault: Any) -> None:
        self.form.issue_button.setEnabled(True)
        self.on_failed(fault)

    def _on_issued(self, done: Done[Document]) -> None:
        self.form.issue_button.setEnabled(True)
        self.desk.messages.tell(t("ui.papers.issued", title=done.value.title, number=done.value.number))
        if self.list.currentRow() >= 0:
            self.list.currentItem().setData(ENTRY, done.value)
        self._on_done(done)
