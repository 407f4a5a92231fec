"""Step 7, 签名: every open signature block; drawn here, signed on paper and scanned back, or refused with a reason."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from core.domain.documents import NOT_SIGNED, Document, DocumentState, Signature, SignMethod
from core.domain.evidence import EvidenceKind
from core.kernel.errors import Trouble
from core.kernel.records import changed
from ui.desk import Desk
from ui.i18n import t, term
from ui.theme import Tone
from ui.visits.reading import Case
from ui.visits.sign_pad import SignPad
from ui.visits.step import Step
from ui.widgets.basic import Card, EmptyState, box, button, clear, label, mark, row
from ui.widgets.form import choice, field, line

METHODS = (SignMethod.DRAWN, SignMethod.INK, SignMethod.SEAL, SignMethod.REFUSED, SignMethod.UNABLE, SignMethod.ABSENT)


class BlockCard(Card):
    """One signature block. `signed` carries document id, role and the filled Signature; `scan_back` asks for a file."""

    signed = Signal(str, str, object)
    scan_back = Signal(str, str, object)

    def __init__(self, document: Document, block: Signature) -> None:
        super().__init__()
        self._document, self._block = document, block
        self.add(label(f"{document.title}  {document.number} · {block.label or block.role}", "strong", wrap=True))
        self.name = line(block.name)
        self.method = choice([(term("sign_method", one), one) for one in METHODS])
        self.method.currentIndexChanged.connect(self._on_method_chosen)
        self.reason = line()
        self.witness = line()
        self.pad = SignPad()
        self.reason_field = field(t("ui.sign.reason"), self.reason)
        self.witness_field = field(t("ui.sign.witness"), self.witness)
        self.add(
            box(
                row(
                    field(t("ui.show.name"), self.name),
                    field(t("ui.sign.method"), self.method),
                    self.reason_field,
                    self.witness_field,
                    spacing=12,
                )
            )
        )
        self.add(self.pad)
        self.clear_button = button(t("ui.sign.clear"), self.pad.clear)
        self.save_button = button(t("ui.sign.save"), self._on_save_clicked, role="main", icon="signature")
        self.scan_button = button(t("ui.sign.scan_back"), self._on_scan_clicked, icon="upload")
        self.add(box(row(self.save_button, self.scan_button, self.clear_button, None)))
        self._on_method_chosen()

    @Slot()
    def _on_method_chosen(self) -> None:
        # Qt keeps the value as a plain text.
        method = SignMethod(self.method.currentData())
        drawn = method is SignMethod.DRAWN
        refused = method in NOT_SIGNED
        self.pad.setVisible(drawn)
        self.clear_button.setVisible(drawn)
        self.reason_field.setVisible(refused)
        self.witness_field.setVisible(refused)
        self.save_button.setVisible(drawn or refused)
        self.scan_button.setVisible(not drawn)

    def signature(self) -> Signature:
        """Return the block as it was filled."""
        method = SignMethod(self.method.currentData())
        return changed(
            self._block,
            name=self.name.text().strip(),
            method=method,
            reason=self.reason.text().strip(),
            witness=self.witness.text().strip(),
            strokes=self.pad.strokes() if method is SignMethod.DRAWN else (),
        )

    @Slot()
    def _on_save_clicked(self) -> None:
        self.signed.emit(self._document.id, self._block.role, self.signature())

    @Slot()
    def _on_scan_clicked(self) -> None:
        self.scan_back.emit(self._document.id, self._block.role, self.signature())


class SigningStep(Step):
    """All blocks of all papers of the visit."""

    name = "signing"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.cards: list[BlockCard] = []
        self._shown: Any = None
        self.list = QVBoxLayout()
        self.list.setSpacing(12)
        self.body.addLayout(self.list)
        self.body.addStretch(1)

    def show_case(self, case: Case) -> None:
        super().show_case(case)
        # A half-drawn signature must not vanish because another part of the case was read again.
        if self._shown == case.documents:
            return
        self._shown = case.documents
        clear(self.list)
        self.cards = []
        live = [one for one in case.documents if one.state is not DocumentState.SPOILED]
        if not live:
            go = button(t("ui.sign.to_papers"), self._on_papers_clicked, role="main")
            self.list.addWidget(EmptyState(t("ui.sign.empty"), go, icon="signature"))
            return
        for document in live:
            for block in document.signatures:
                if block.is_complete():
                    words = f"{document.title} · {block.label or block.role}: {term('sign_method', block.method)}"
                    self.list.addWidget(mark(Tone.PASS, f"{words} {block.name}".strip()))
                else:
                    self._add_card(document, block)
        if not self.cards:
            self.list.addWidget(label(t("ui.sign.all_done"), "hint"))

    def _add_card(self, document: Document, block: Signature) -> None:
        card = BlockCard(document, block)
        card.signed.connect(self._on_signed)
        card.scan_back.connect(self._on_scan_back)
        self.cards.append(card)
        self.list.addWidget(card)

    @Slot(str, str, object)
    def _on_signed(self, document_id: str, role: str, signature: Signature) -> None:
        self.do(partial(self._sign, document_id, role, signature))

    def _sign(self, document_id: str, role: str, signature: Signature) -> Any:
        signed = changed(signature, signed_at=self.desk.session.clock.now())
        return self.desk.session.documents.sign(document_id, role, signed)

    @Slot(str, str, object)
    def _on_scan_back(self, document_id: str, role: str, signature: Signature) -> None:
        path, _ = QFileDialog.getOpenFileName(self, t("ui.sign.scan_back"))
        if path:
            self.do(partial(self._sign_with_sheet, document_id, role, signature, Path(path)))

    def _sign_with_sheet(self, document_id: str, role: str, signature: Signature, path: Path) -> Any:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Trouble("ui.file.unreadable", file=path.name) from error
        piece = self.desk.session.evidence.attach(
            self.visit_id, content, file_name=path.name, kind=EvidenceKind.SCAN_BACK, proves=signature.label
        ).value
        return self._sign(document_id, role, changed(signature, media=(*signature.media, piece.blob)))

    @Slot()
    def _on_papers_clicked(self) -> None:
        self.goes.emit("papers")
