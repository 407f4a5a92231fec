"""查验: whether a paper is genuine, from its file, a photo of it, its code or its typed short code."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit

from core.kernel.errors import Trouble
from ui.desk import Desk, reading
from ui.documents.part import Part
from ui.documents.verdict import CheckAnswer
from ui.i18n import t
from ui.jobs import Lane
from ui.widgets.basic import Card, box, button, label, row


class CheckPart(Part):
    """A line to type or scan into, a file to choose or drop, and the verdict below."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.code: QLineEdit = QLineEdit()
        self.code.setPlaceholderText(t("ui.papers.check_hint"))
        self.code.setAccessibleName(t("ui.papers.check_hint"))
        self.code.returnPressed.connect(self._on_code_typed)
        self.check_button = button(t("ui.papers.check"), self._on_code_typed, role="main", icon="shield-check")
        self.file_button = button(t("ui.papers.check_file"), self._on_file_clicked, icon="upload")
        self.verdict = CheckAnswer()
        inner = row(self.code, self.check_button, self.file_button)
        inner.setStretch(0, 1)
        card = Card()
        card.add(label(t("ui.papers.check_title"), "section"))
        card.add(box(inner))
        for key in ("ui.papers.check_by_file", "ui.papers.check_by_photo", "ui.papers.check_by_code"):
            card.add(label(t(key), "muted", wrap=True))
        self.column.addWidget(card)
        self.column.addWidget(self.verdict)
        self.column.addStretch(1)

    def check_file(self, path: Path) -> None:
        """Check a PDF, or the code in a picture of a paper."""
        self.desk.jobs.run(partial(self._check_path, path), self._on_checked, self.on_failed, lane=Lane.ERRAND)

    def check_text(self, words: str) -> None:
        """Check the text of a code or a short code."""
        call = partial(self._check_words, words)
        self.desk.jobs.run(call, self._on_checked, self.on_failed, lane=Lane.ERRAND)

    def _check_path(self, path: Path) -> Any:
        checks = reading(self.desk.session).document_checks
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Trouble("ui.file.unreadable", file=path.name) from error
        if content[:5] == b"%PDF-":
            return checks.check_file(content)
        return checks.check_picture(self.desk.session.decode_file(path))

    def _check_words(self, words: str) -> Any:
        return reading(self.desk.session).document_checks.check_text(words)

    def _on_checked(self, answer: Any) -> None:
        self.failed.emit(None)
        self.verdict.show_check(answer)

    @Slot()
    def _on_file_clicked(self) -> None:
        kinds = f"PDF, {t('ui.papers.pictures')} (*.pdf *.png *.jpg *.jpeg *.bmp *.webp *.tif *.tiff);;* (*)"
        path, _ = QFileDialog.getOpenFileName(self, t("ui.papers.check_file"), "", kinds)
        if path:
            self.check_file(Path(path))

    @Slot()
    def _on_code_typed(self) -> None:
        if self.code.text().strip():
            self.check_text(self.code.text().strip())
