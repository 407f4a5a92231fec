"""The small parts of every page: labels, buttons, cards, marks, empty states, key hints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui import icons
from ui.i18n import t
from ui.theme import Tone, px

SIGNS = {Tone.PASS: "✓", Tone.WARN: "!", Tone.BLOCK: "✕", Tone.UNKNOWN: "?"}


def label(words: str = "", role: str = "", *, tone: Tone | None = None, wrap: bool = False) -> QLabel:
    """Return a label; role is title, section, strong, muted or hint. Its text can be taken with the mouse."""
    made = QLabel(words)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if tone is not None:
        made.setProperty("tone", tone.value)
    if wrap:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def set_tone(widget: QWidget, tone: Tone | None) -> None:
    """Change the tone of a widget and paint it so."""
    wanted = tone.value if tone is not None else ""
    if (widget.property("tone") or "") == wanted:
        return
    widget.setProperty("tone", wanted)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def button(
    words: str,
    on_click: Callable[..., Any] | None = None,
    *,
    role: str = "",
    icon: str = "",
    key: str = "",
    name: str = "",
) -> QPushButton:
    """Return a button; role is main, danger, link or answer. `key` is a shortcut shown in the tooltip."""
    # A blank keeps icon and word apart; the style has no other way to say so.
    made = QPushButton(f" {words}" if icon and words else words)
    made.setAccessibleName(name or words)
    made.setAutoDefault(False)
    if role:
        made.setProperty("role", role)
    if icon:
        tone = {"main": Tone.INK, "danger": Tone.BLOCK, "link": Tone.ACCENT}.get(role, Tone.INK)
        made.setIconSize(QSize(px(16), px(16)))
        made.setIcon(icons.on_accent(icon) if role == "main" else icons.icon(icon, tone))
    if key:
        made.setShortcut(QKeySequence(key))
        made.setToolTip(f"{name or words} ({QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)})")
    elif not words:
        made.setToolTip(name)
    if on_click is not None:
        made.clicked.connect(on_click)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if role == "link":
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return made


def row(
    *parts: QWidget | int | None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Return a row of widgets; an int is a fixed gap, None takes what is left."""
    layout = QHBoxLayout()
    _fill(layout, parts, spacing, margins)
    return layout


def column(
    *parts: QWidget | int | None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Return a column of widgets; an int is a fixed gap, None takes what is left."""
    layout = QVBoxLayout()
    _fill(layout, parts, spacing, margins)
    return layout


def _fill(
    layout: QBoxLayout, parts: tuple[QWidget | int | None, ...], spacing: int, margins: tuple[int, int, int, int]
) -> None:
    layout.setSpacing(px(spacing))
    layout.setContentsMargins(*(px(margin) if margin else 0 for margin in margins))
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(px(part))
        else:
            layout.addWidget(part)


def box(layout: QLayout) -> QWidget:
    """Return a bare widget around a layout."""
    made = QWidget()
    made.setLayout(layout)
    return made


def rule() -> QFrame:
    """Return a hairline."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


class Card(QFrame):
    """A framed piece of a page; `body` is its column."""

    def __init__(self, *parts: QWidget, tone: Tone | None = None) -> None:
        super().__init__()
        self.setProperty("role", "card")
        if tone is not None:
            self.setProperty("tone", tone.value)
        self.body = column(*parts, margins=(16, 12, 16, 12))
        self.setLayout(self.body)

    def add(self, part: QWidget) -> None:
        self.body.addWidget(part)


def mark(tone: Tone, words: str) -> QLabel:
    """Return a verdict: its sign and its word, in its colour."""
    made = label(f"{SIGNS.get(tone, '·')} {words}", "strong", tone=tone)
    made.setAccessibleName(words)
    return made


class EmptyState(QFrame):
    """What a page says when there is nothing: why, and what to do first."""

    def __init__(self, words: str, *actions: QPushButton, icon: str = "info") -> None:
        super().__init__()
        picture = QLabel()
        picture.setPixmap(icons.pixmap(icon, Tone.MUTED, 32))
        self.words = label(words, "hint", wrap=True)
        layout = column(picture, self.words, margins=(24, 32, 24, 32), spacing=12)
        if actions:
            layout.addLayout(row(*actions, None))
        layout.addStretch(1)
        self.setLayout(layout)


def scrolled(content: QWidget) -> QScrollArea:
    """Return a scroll area around a page's content; it never scrolls sideways unless the zoom asks for it."""
    content.setProperty("role", "scrolled")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(content)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and let it be deleted."""
    while (item := layout.takeAt(0)) is not None:
        inner = item.layout()
        if inner is not None:
            clear(inner)
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()


class KeyHint(QFrame):
    """A line of keys, shown until it is dismissed once."""

    def __init__(self, words: str, on_dismiss: Callable[[], None]) -> None:
        super().__init__()
        self._on_dismiss = on_dismiss
        picture = QLabel()
        picture.setPixmap(icons.pixmap("keyboard", Tone.MUTED, 18))
        self.close_button = button(t("ui.hint.dismiss"), self._on_dismiss_clicked, role="link")
        self.setLayout(row(picture, label(words, "muted"), None, self.close_button, margins=(4, 0, 4, 0)))

    def _on_dismiss_clicked(self) -> None:
        self.hide()
        self._on_dismiss()
