"""Forms: labelled fields in a column, choices with words, and a reason that is asked before a step is skipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from ui.i18n import t
from ui.theme import px
from ui.widgets.basic import button, column, label, row

FIELD_WIDTH_MAX = 560


def field(words: str, control: QWidget, *, hint: str = "", wide: bool = False) -> QWidget:
    """Return a control under its name; the name is also what a screen reader says."""
    control.setAccessibleName(words)
    if not wide and control.maximumWidth() > px(FIELD_WIDTH_MAX) and not isinstance(control, QPlainTextEdit):
        control.setMaximumWidth(px(FIELD_WIDTH_MAX))
    made = QWidget()
    parts: list[QWidget | int | None] = [label(words, "muted"), control]
    if hint:
        parts.append(label(hint, "muted", wrap=True))
    made.setLayout(column(*parts, spacing=4))
    return made


def line(words: str = "", placeholder: str = "") -> QLineEdit:
    """Return a one-line field."""
    made = QLineEdit(words)
    made.setPlaceholderText(placeholder)
    return made


def text_area(words: str = "", *, rows: int = 3) -> QPlainTextEdit:
    """Return a field of several lines; Tab leaves it."""
    made = QPlainTextEdit(words)
    made.setTabChangesFocus(True)
    made.setFixedHeight(px(24 * rows + 16))
    made.setMaximumWidth(px(FIELD_WIDTH_MAX + 160))
    return made


def choice(options: Sequence[tuple[str, Any]], chosen: Any = None) -> QComboBox:
    """Return a drop-down of (words, value)."""
    made = QComboBox()
    for words, value in options:
        made.addItem(words, value)
    if chosen is not None:
        place = made.findData(chosen)
        if place >= 0:
            made.setCurrentIndex(place)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(16)
    return made


class ReasonLine(QFrame):
    """Asks for a reason in the page, not in a dialog. `given` carries the code and the words."""

    given = Signal(str, str)

    def __init__(
        self, title: str, reasons: Sequence[tuple[str, str]], confirm: str, *, needs_words: bool = False
    ) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._needs_words = needs_words
        self.reason = choice(reasons)
        self.reason.setVisible(bool(reasons))
        self.reason.setAccessibleName(title)
        self.words = line(placeholder=t("ui.reason.words"))
        self.words.setAccessibleName(t("ui.reason.words"))
        self.words.setMinimumWidth(px(240))
        self.confirm_button = button(confirm, self._on_confirmed, role="main")
        self.cancel_button = button(t("ui.action.cancel"), self.hide)
        self.words.textChanged.connect(self._on_typed)
        inner: QHBoxLayout = row(self.reason, self.words, self.confirm_button, self.cancel_button)
        inner.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(12), px(8), px(12), px(8))
        layout.addWidget(label(title, "strong", wrap=True))
        layout.addLayout(inner)
        self._on_typed()

    @Slot()
    def _on_typed(self) -> None:
        self.confirm_button.setEnabled(not self._needs_words or bool(self.words.text().strip()))

    @Slot()
    def _on_confirmed(self) -> None:
        self.hide()
        self.given.emit(str(self.reason.currentData() or ""), self.words.text().strip())


def ask_reason(
    place: QVBoxLayout,
    title: str,
    reasons: Sequence[tuple[str, str]],
    confirm: str,
    on_given: Callable[[str, str], None],
    *,
    needs_words: bool = False,
) -> ReasonLine:
    """Put a reason line at the top of a layout and the keyboard into it."""
    made = ReasonLine(title, reasons, confirm, needs_words=needs_words)
    made.given.connect(on_given)
    place.insertWidget(0, made)
    (made.words if needs_words or not reasons else made.reason).setFocus()
    return made
