"""Papers of others at a visit: the number of the finance department's receipt (D26), and letters that we answer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog

from core.domain.documents import DocumentKind
from core.kernel.changes import Done
from core.kernel.errors import Fault, Refusal, Trouble
from core.services.document_filling import RECEIVED_TITLES
from ui.desk import Desk
from ui.i18n import t
from ui.theme import px
from ui.widgets.basic import Card, box, button, column, label, row
from ui.widgets.form import field, line

REGISTERED = frozenset({DocumentKind.FINE_RECEIPT, *RECEIVED_TITLES})
"""Kinds of which something is received and registered."""
NUMBER_WIDTH = 240


class ReceivedForm(Card):
    """`changed`: the papers must be read again. `failed` carries a Fault."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._kind, self._visit = DocumentKind.FINE_RECEIPT, ""
        self.file: Path | None = None
        self.title = label("", "strong", wrap=True)
        self.number = line()
        self.amount = line()
        self.from_whom = line()
        self.file_name = label(t("ui.import.no_file"), "muted", wrap=True)
        self.file_button = button(t("ui.action.choose"), self._on_file_clicked, icon="paperclip")
        self.save_button = button(t("ui.received.register"), self._on_save_clicked, role="main")
        self.amount_field = field(t("ui.papers.amount"), self.amount)
        self.sender_field = field(t("ui.received.sender"), self.from_whom)
        self.file_row = box(row(self.file_button, self.file_name, None))
        self.add(self.title)
        self.number_name = label("", "muted")
        self.number.setMinimumWidth(px(NUMBER_WIDTH))
        number = box(column(self.number_name, self.number, spacing=4))
        self.add(box(row(number, self.amount_field, self.sender_field, None)))
        self.add(self.file_row)
        self.add(box(row(self.save_button, None)))

    def show_kind(self, kind: DocumentKind, visit_id: str) -> None:
        """Ask for the receipt or the letter of a kind, or hide where nothing is received."""
        self.setVisible(kind in REGISTERED)
        if (kind, visit_id) == (self._kind, self._visit):
            return
        self._kind, self._visit = kind, visit_id
        is_receipt = kind is DocumentKind.FINE_RECEIPT
        self.title.setText(t("ui.received.receipt") if is_receipt else t("ui.received.letter"))
        self.number_name.setText(t("ui.received.receipt_number") if is_receipt else t("ui.received.letter_number"))
        self.number.setAccessibleName(self.number_name.text())
        self.amount_field.setVisible(is_receipt)
        self.sender_field.setVisible(not is_receipt)
        self.file_row.setVisible(not is_receipt)
        for one in (self.number, self.amount, self.from_whom):
            one.clear()
        self.take_file(None)

    def take_file(self, path: Path | None) -> None:
        """Take the scanned letter."""
        self.file = path
        self.file_name.setText(path.name if path is not None else t("ui.import.no_file"))

    @Slot()
    def _on_file_clicked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, t("ui.received.letter"))
        if path:
            self.take_file(Path(path))

    @Slot()
    def _on_save_clicked(self) -> None:
        self.desk.jobs.run(partial(self._register, self.number.text().strip()), self._on_done, self._on_failed)

    def _register(self, number: str) -> Done[Any]:
        papers = self.desk.session.received_papers
        if self._kind is DocumentKind.FINE_RECEIPT:
            typed = self.amount.text().strip()
            if not typed.isdecimal():
                raise Refusal("ui.papers.bad_amount", typed=typed)
            done: Done[Any] = papers.register_receipt(self._visit, number, amount_cents=int(typed) * 100)
            return done
        try:
            content = self.file.read_bytes() if self.file is not None else b""
        except OSError as error:
            raise Trouble("ui.file.unreadable", file=self.file_name.text()) from error
        filed: Done[Any] = papers.file_letter(
            self._kind,
            self._visit,
            content,
            number=number,
            sender=self.from_whom.text().strip(),
            received_at=self.desk.session.clock.now(),
            file_name=self.file.name if self.file is not None else "",
        )
        return filed

    def _on_done(self, done: Done[Any]) -> None:
        self.desk.messages.tell(t("ui.received.done", number=self.number.text().strip()))
        self.number.clear()
        self.desk.bus.changed.emit(done.changed)
        self.changed.emit()

    def _on_failed(self, fault: Fault) -> None:
        self.failed.emit(fault)
