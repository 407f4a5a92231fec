"""One record with several values, side by side: who wrote which and when; a person chooses by key or click."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QWidget

from ui.i18n import moment, t
from ui.sync.words import field_name, value_words, when
from ui.theme import Tone, px
from ui.widgets.basic import Card, box, button, column, label, mark, row
from ui.widgets.form import line

NOTE_WIDTH = 160
KEYS = {Qt.Key.Key_1: 0, Qt.Key.Key_2: 1, Qt.Key.Key_3: 2, Qt.Key.Key_4: 3}


def by_field(view: Any) -> dict[str, list[Any]]:
    """Return the values of a clash by field, in the order in which they are told."""
    found: dict[str, list[Any]] = {}
    for side in view.sides:
        found.setdefault(side.field, []).append(side)
    return found


class SideFrame(Card):
    """One value with its author and time; a click anywhere on it takes it."""

    taken = Signal()

    def __init__(self, place: int, name: str, value: str, side: Any, now: datetime) -> None:
        super().__init__()
        self.entry: str = side.entry
        who = side.actor_name or side.actor
        self.take_button = button(str(place + 1), self.taken.emit, role="answer")
        self.take_button.setCheckable(True)
        spoken = t("ui.sync.side_name", field=name, value=value, who=who, at=moment(side.at))
        self.take_button.setAccessibleName(spoken)
        self.take_button.toggled.connect(self._on_toggled)
        words = column(
            label(value, "strong", wrap=True), label(f"{who}   {when(side.at, now)}", "muted", wrap=True), spacing=2
        )
        inner = row(self.take_button, box(words), spacing=12)
        inner.setStretch(1, 1)
        inner.setAlignment(self.take_button, Qt.AlignmentFlag.AlignTop)
        self.add(box(inner))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.take_button.click()
        event.accept()

    @Slot(bool)
    def _on_toggled(self, is_chosen: bool) -> None:
        self.setProperty("chosen", "true" if is_chosen else "false")
        self.style().unpolish(self)
        self.style().polish(self)


class FieldRow(QWidget):
    """The values of one field beside each other. `chosen` is emitted when one of them was taken."""

    chosen = Signal()

    def __init__(self, family: str, field: str, values: Sequence[Any], now: datetime) -> None:
        super().__init__()
        self.field = field
        name = field_name(family, field)
        self._group = QButtonGroup(self)
        self.sides: list[SideFrame] = []
        sides = row(spacing=12)
        for place, side in enumerate(values):
            made = SideFrame(place, name, value_words(family, field, side.value), side, now)
            made.taken.connect(self.chosen)
            self._group.addButton(made.take_button)
            self.sides.append(made)
            sides.addWidget(made, 1)
        layout = column(label(name, "muted"), spacing=4)
        layout.addLayout(sides)
        self.setLayout(layout)
        self.setFocusProxy(self.sides[0].take_button)

    def entry(self) -> str:
        """Return the entry whose value was chosen, or nothing."""
        return next((one.entry for one in self.sides if one.take_button.isChecked()), "")

    def choose(self, place: int) -> bool:
        """Take the value at a place; tells whether there is one."""
        if place >= len(self.sides):
            return False
        self.sides[place].take_button.click()
        return True

    def holds(self, widget: QWidget | None) -> bool:
        """Tell whether a widget is one of the buttons of this field."""
        return any(one.take_button is widget for one in self.sides)


class ClashCard(Card):
    """`decided` carries this clash, the chosen entry by field, and the note."""

    decided = Signal(object, object, str)
    opened = Signal(str)

    def __init__(self, view: Any, question: str, now: datetime) -> None:
        super().__init__(tone=Tone.WARN)
        self.view = view
        self.rows = [FieldRow(view.family, field, values, now) for field, values in by_field(view).items()]
        family = t(f"ui.sync.family_{view.family}") if view.family in ("visit", "answer") else view.family
        self.add(box(row(mark(Tone.WARN, t("ui.sync.clash_of", family=family)), label(moment(view.at), "muted"), None)))
        self.add(label(view.title, "muted" if question else "", wrap=True))
        if question:
            self.add(label(question, "strong", wrap=True))
        for one in self.rows:
            one.chosen.connect(self._on_chosen)
            self.add(one)
        self.note = line(placeholder=t("ui.sync.clash_note"))
        self.note.setAccessibleName(t("ui.sync.clash_note"))
        self.note.setMinimumWidth(px(NOTE_WIDTH))
        self.decide_button = button(t("ui.sync.decide"), self._on_decide_clicked, role="main")
        self.decide_button.setEnabled(False)
        self.open_button = button(t("ui.sync.to_visit"), self._on_open_clicked, role="link", icon="arrow-right")
        self.open_button.setVisible(bool(view.visit))
        inner = row(self.note, self.decide_button, self.open_button)
        inner.setStretch(0, 1)
        self.add(box(inner))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = KEYS.get(Qt.Key(event.key()))
        here = next((one for one in self.rows if one.holds(self.focusWidget())), None)
        if place is not None and here is not None and here.choose(place):
            later = next((one for one in self.rows if not one.entry()), None)
            (later or self.note).setFocus()
            return
        super().keyPressEvent(event)

    @Slot()
    def _on_chosen(self) -> None:
        self.decide_button.setEnabled(all(one.entry() for one in self.rows))

    @Slot()
    def _on_decide_clicked(self) -> None:
        self.decide_button.setEnabled(False)
        self.decided.emit(self.view, {one.field: one.entry() for one in self.rows}, self.note.text().strip())

    @Slot()
    def _on_open_clicked(self) -> None:
        self.opened.emit(self.view.visit)
