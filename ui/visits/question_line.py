"""One question of the rules: its words, who answers, the right kind of field, and a piece of evidence to attach."""

from __future__ import annotations

from datetime import date
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from core.domain.determinations.proofs import wants_piece
from core.domain.determinations.results import Missing
from core.domain.determinations.rules import Variable
from core.domain.determinations.units import SHOWN_IN, UNIT_NAMES, amount_text, converted
from ui.i18n import lang, t, words_or_code
from ui.theme import Tone, px
from ui.widgets.basic import button, label, row
from ui.widgets.form import choice, line

FIELD_WIDTH = 160


def unit_of(variable: Variable) -> str:
    """Return the unit in which a person types and reads a number: square metres, not square centimetres."""
    return SHOWN_IN.get(variable.unit, variable.unit)


def value_words(variable: Variable, value: bool | int | str) -> str:
    """Return a fact's value as a person reads it."""
    if isinstance(value, bool):
        return t("ui.find.yes") if value else t("ui.find.no")
    if isinstance(value, int):
        return amount_text(value, variable.unit, lang())
    found = next((one.label for one in variable.choices if one.value == value), None)
    if found is None:
        return value
    return found.zh if lang() == "zh" else found.en


def typed_value(variable: Variable, words: str) -> int | str | None:
    """Return what was typed in the variable's own unit and type, or None where it does not fit."""
    if variable.type == "int":
        if not variable.unit:
            return int(words) if words.isdecimal() else None
        amount = converted(words, unit_of(variable), variable.unit)
        return amount if amount is not None and amount >= 0 else None
    if variable.type == "date":
        try:
            return date.fromisoformat(words).isoformat()
        except ValueError:
            return None
    return words


class QuestionLine(QWidget):
    """`told` carries variable and value; `attach` the variable for which a piece of evidence is to be chosen."""

    told = Signal(str, object)
    attach = Signal(str)

    def __init__(self, missing: Missing, variable: Variable, pieces: int) -> None:
        super().__init__()
        self.variable = variable
        self.typed: QLineEdit | None = None
        self.options: QComboBox | None = None
        self._wrong: QLabel | None = None
        words = missing.question if lang() == "zh" else missing.question_en
        inner = row(label(f"? {words}", wrap=True), spacing=8)
        inner.setStretch(0, 1)
        for part in self._controls():
            inner.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(2))
        layout.addLayout(inner)
        layout.addLayout(self._foot(missing, pieces))

    def _controls(self) -> list[QWidget]:
        name = self.variable.var
        if self.variable.type == "bool":
            made = [
                button(t("ui.find.yes"), self._on_yes_clicked, role="answer"),
                button(t("ui.find.no"), self._on_no_clicked, role="answer"),
            ]
            for one in made:
                one.setObjectName(name)
            return [*made]
        save = button(t("ui.action.save"), self._on_saved)
        save.setObjectName(name)
        shown = self.variable.label.zh if lang() == "zh" else self.variable.label.en
        if self.variable.choices:
            options = [(one.label.zh if lang() == "zh" else one.label.en, one.value) for one in self.variable.choices]
            self.options = choice(options)
            self.options.setAccessibleName(shown)
            return [self.options, save]
        self.typed = line(placeholder="2026-03-17" if self.variable.type == "date" else "")
        self.typed.setFixedWidth(px(FIELD_WIDTH))
        self.typed.setAccessibleName(shown)
        self.typed.returnPressed.connect(self._on_saved)
        unit = UNIT_NAMES.get(unit_of(self.variable))
        tail = [label(unit[0] if lang() == "zh" else unit[1], "muted")] if unit is not None else []
        return [self.typed, *tail, save]

    def _foot(self, missing: Missing, pieces: int) -> Any:
        who = words_or_code("determination.who", missing.who)
        foot = row(label(t("ui.det.asked_of", who=who), "muted"), spacing=8)
        if wants_piece(self.variable):
            kind = words_or_code("rules.evidence", self.variable.evidence_kind)
            foot.addWidget(label(t("ui.det.piece_wanted", kind=kind), "muted"))
            attach = button(t("ui.det.attach"), self._on_attach_clicked, role="link", icon="paperclip")
            attach.setObjectName(f"attach-{self.variable.var}")
            foot.addWidget(attach)
            if pieces:
                foot.addWidget(label(t("ui.det.pieces", count=pieces), "muted"))
        self._wrong = label("", tone=Tone.BLOCK)
        self._wrong.hide()
        foot.addWidget(self._wrong)
        foot.addStretch(1)
        return foot

    @Slot()
    def _on_yes_clicked(self) -> None:
        self.told.emit(self.variable.var, True)

    @Slot()
    def _on_no_clicked(self) -> None:
        self.told.emit(self.variable.var, False)

    @Slot()
    def _on_attach_clicked(self) -> None:
        self.attach.emit(self.variable.var)

    @Slot()
    def _on_saved(self) -> None:
        if self.options is not None:
            self.told.emit(self.variable.var, self.options.currentData())
            return
        assert self.typed is not None
        assert self._wrong is not None
        words = self.typed.text().strip()
        if not words:
            return
        value = typed_value(self.variable, words)
        if value is not None:
            self.told.emit(self.variable.var, value)
            return
        self._wrong.setText(t("ui.det.date_wrong") if self.variable.type == "date" else t("ui.det.number_wrong"))
        self._wrong.show()


class FactLine(QWidget):
    """A fact that was answered: its value, its pieces of evidence, and the way back. The signals carry the variable."""

    taken_back = Signal(str)
    attach = Signal(str)

    def __init__(self, variable: Variable, value: bool | int | str, pieces: int, *, lacks_piece: bool) -> None:
        super().__init__()
        self.var = variable.var
        name = variable.label.zh if lang() == "zh" else variable.label.en
        inner = row(label(t("ui.det.fact_is", name=name, value=value_words(variable, value)), wrap=True), spacing=8)
        inner.setStretch(0, 1)
        if pieces:
            inner.addWidget(label(t("ui.det.pieces", count=pieces), "muted"))
        if lacks_piece:
            kind = words_or_code("rules.evidence", variable.evidence_kind)
            inner.addWidget(label(f"! {t('ui.det.piece_lacking', kind=kind)}", tone=Tone.WARN))
        if wants_piece(variable):
            attach = button(t("ui.det.attach"), self._on_attach_clicked, role="link", icon="paperclip")
            attach.setObjectName(f"attach-{variable.var}")
            inner.addWidget(attach)
        back = button(t("ui.det.take_back"), self._on_back_clicked, role="link", icon="undo-2")
        back.setObjectName(f"back-{variable.var}")
        inner.addWidget(back)
        self.setLayout(inner)

    @Slot()
    def _on_attach_clicked(self) -> None:
        self.attach.emit(self.var)

    @Slot()
    def _on_back_clicked(self) -> None:
        self.taken_back.emit(self.var)
