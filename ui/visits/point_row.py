"""One question of the checklist as a row: words, law, answers, note, photos. The row is what the keyboard stands on."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QFrame, QLineEdit, QPushButton, QWidget

from core.domain.answers import wants_photo
from core.domain.checklists import Answer, AnswerKind, Cell, Verdict
from ui.i18n import t
from ui.theme import Tone, px
from ui.widgets.basic import SIGNS, box, button, column, label, row, set_tone
from ui.widgets.form import choice, line

VERDICTS = (Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.NOT_CHECKED)
VERDICT_TONES = {Verdict.PASS: Tone.PASS, Verdict.FAIL: Tone.BLOCK}
# What is typed is saved without a key for it: within a second of the last letter.
SAVE_AFTER_MS = 1000


class PointRow(QFrame):
    """`answered` carries value and note, `stepped` ±1, `photo` and `attach` ask for a picture or a file."""

    answered = Signal(str, str)
    stepped = Signal(int)
    photo = Signal()
    attach = Signal()

    def __init__(self, place: int, item: str, cell: Cell) -> None:
        super().__init__()
        self.item, self.cell, self.place = item, cell, place
        self._answer: Answer | None = None
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self._save_typed)
        point = cell.point
        self.number = label(str(place), "hint")
        self.number.setMinimumWidth(px(24))
        self.words = label(point.text, "strong", wrap=True)
        self.state = label("", "muted")
        self.basis = label(point.basis, "muted", wrap=True)
        self.typed: QLineEdit | QComboBox | None = None
        self.buttons: dict[Verdict, QPushButton] = {}
        answers = self._answers(point)
        self.note = line(placeholder=t("ui.check.note"))
        self.note.setAccessibleName(t("ui.check.note"))
        self.note.textEdited.connect(self._on_typed)
        self.note.editingFinished.connect(self._save_typed)
        self.note.hide()
        self.note_button = self._small(t("ui.check.note_key"), self.take_note)
        self.photo_button = self._small(t("ui.check.photo_key"), self.photo.emit)
        self.attach_button = self._small(t("ui.check.attach_key"), self.attach.emit)
        first = row(self.number, self.words, self.state, spacing=8)
        first.setStretch(1, 1)
        second = row(answers, None, self.note_button, self.photo_button, self.attach_button, spacing=4)
        self.setLayout(column(box(first), self.basis, box(second), self.note, spacing=4, margins=(12, 8, 12, 8)))
        self.basis.setVisible(bool(point.basis))

    def _small(self, words: str, slot: Any) -> QPushButton:
        made = button(words, slot, role="link")
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return made

    def _answers(self, point: Any) -> QWidget:
        kinds = VERDICTS
        parts: list[QWidget | int | None] = []
        if point.kind is AnswerKind.CHOICE:
            self.typed = choice([("", ""), *((one, one) for one in point.choices)])
            self.typed.activated.connect(self._save_typed)
        elif point.kind is not AnswerKind.VERDICT:
            self.typed = line(placeholder=typed_hint(point))
            self.typed.setMinimumWidth(px(180))
            self.typed.textEdited.connect(self._on_typed)
            self.typed.editingFinished.connect(self._save_typed)
        if self.typed is not None:
            kinds = VERDICTS[2:]
            self.typed.setAccessibleName(point.text)
            parts += [self.typed, label(point.unit)] if point.unit else [self.typed]
        group = QButtonGroup(self)
        for verdict in kinds:
            place = VERDICTS.index(verdict) + 1
            made = button(f"{t(f'ui.check.{verdict.value}')} {place}", self._on_verdict_clicked, role="answer")
            made.setCheckable(True)
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            made.setObjectName(verdict.value)
            if verdict in VERDICT_TONES:
                made.setProperty("tone", VERDICT_TONES[verdict].value)
            group.addButton(made)
            self.buttons[verdict] = made
            parts.append(made)
        self._group = group
        return box(row(*parts, spacing=4))

    def show_answer(self, answer: Answer | None, photos: int, *, is_open: bool) -> None:
        """Show what is saved; a field in which somebody types is left alone."""
        self._answer = answer
        self._group.setExclusive(False)
        for verdict, made in self.buttons.items():
            made.setChecked(answer is not None and answer.verdict is verdict and not self._is_typed(answer))
            made.setEnabled(is_open)
        self._group.setExclusive(True)
        if isinstance(self.typed, QLineEdit) and not self.typed.hasFocus():
            self.typed.setText(answer.value if answer is not None else "")
        elif isinstance(self.typed, QComboBox):
            self.typed.setCurrentIndex(max(0, self.typed.findData(answer.value if answer is not None else "")))
        for control in (self.typed, self.note, self.note_button, self.photo_button, self.attach_button):
            if control is not None:
                control.setEnabled(is_open)
        if not self.note.hasFocus():
            self.note.setText(answer.note if answer is not None else "")
        self.note.setVisible(bool(self.note.text()) or self.note.hasFocus())
        self._show_state(answer, photos)

    def _is_typed(self, answer: Answer) -> bool:
        return self.typed is not None and bool(answer.value)

    def _show_state(self, answer: Answer | None, photos: int) -> None:
        words: list[str] = []
        tone: Tone | None = None
        if answer is not None and self._is_typed(answer) and answer.verdict is not None:
            tone = VERDICT_TONES.get(answer.verdict)
            words.append(f"{SIGNS[tone] if tone else ''} {t(f'ui.check.{answer.verdict.value}')}")
        if photos:
            words.append(t("ui.check.photos", count=photos))
        elif wants_photo(self.cell.point, answer):
            tone = Tone.WARN
            words.append(f"! {t('ui.check.photo_missing')}")
        self.state.setText("  ".join(words))
        set_tone(self.state, tone)
        said = t(f"ui.check.{answer.verdict.value}") if answer is not None and answer.verdict else t("ui.check.open")
        self.setAccessibleName(f"{self.place} {self.cell.point.text} {said} {self.state.text()}")

    def is_answered(self) -> bool:
        """Tell whether something is saved for this question."""
        return self._answer is not None and (self._answer.verdict is not None or bool(self._answer.value))

    def answer_with(self, verdict: Verdict) -> None:
        """Give a verdict, as key or button does."""
        if verdict in self.buttons and self.buttons[verdict].isEnabled():
            self._timer.stop()
            self.answered.emit(verdict.value, self.note.text().strip())

    def take_note(self) -> None:
        """Open the note and put the keyboard into it."""
        if self.note.isEnabled():
            self.note.show()
            self.note.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_4 and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            verdict = VERDICTS[key - Qt.Key.Key_1]
            if verdict in self.buttons:
                self.answer_with(verdict)
                self.stepped.emit(1)
            elif self.typed is not None:
                self.typed.setFocus()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_N:
            self.take_note()
        elif key == Qt.Key.Key_P:
            self.photo.emit()
        elif key == Qt.Key.Key_A:
            self.attach.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.typed is not None:
            self.typed.setFocus()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._mark(chosen=True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._mark(chosen=False)

    def _mark(self, *, chosen: bool) -> None:
        self.setProperty("chosen", "true" if chosen else "false")
        self.style().unpolish(self)
        self.style().polish(self)

    @Slot()
    def _on_verdict_clicked(self) -> None:
        self.answer_with(Verdict(self.sender().objectName()))
        self.setFocus()

    @Slot()
    def _on_typed(self) -> None:
        self._timer.start()

    @Slot()
    def _save_typed(self) -> None:
        self._timer.stop()
        before = self._answer
        value, note = self._value(), self.note.text().strip()
        if value != (self._value_of(before)) or note != (before.note if before is not None else ""):
            self.answered.emit(value, note)

    def _value(self) -> str:
        if isinstance(self.typed, QLineEdit) and self.typed.text().strip():
            return self.typed.text().strip()
        if isinstance(self.typed, QComboBox) and self.typed.currentData():
            return str(self.typed.currentData())
        answer = self._answer
        keeps_verdict = answer is not None and answer.verdict is not None and not self._is_typed(answer)
        return answer.verdict.value if keeps_verdict and answer is not None and answer.verdict is not None else ""

    def _value_of(self, answer: Answer | None) -> str:
        if answer is None:
            return ""
        if self._is_typed(answer):
            return answer.value
        return answer.verdict.value if answer.verdict is not None else ""


def typed_hint(point: Any) -> str:
    """Return what may be typed into a field: the limits of a number, the form of a date."""
    if point.kind is AnswerKind.DATE:
        return "2026-03-17"
    if point.kind is AnswerKind.NUMBER and (point.limit_min or point.limit_max):
        return f"{point.limit_min or '…'} – {point.limit_max or '…'}"
    return ""
