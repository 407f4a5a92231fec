"""The left rail: a subject a line, icon and word, with a count where something waits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QPushButton, QVBoxLayout

from ui import icons
from ui.i18n import t
from ui.theme import Tone, px
from ui.widgets.basic import button, label


class Rail(QFrame):
    """`wanted` carries the name of the page that was asked for."""

    wanted = Signal(str)

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setProperty("role", "rail")
        self.setAccessibleName(t("ui.app.name"))
        self._counts: dict[str, int] = {}
        self._is_folded = False
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(8), px(12), px(8), px(12))
        layout.setSpacing(px(4))
        self._sign = QLabel()
        self._sign.setPixmap(icons.pixmap("shield-check", Tone.ACCENT, 24))
        self.name = label(t("ui.app.name"), "section")
        self.name.setContentsMargins(px(12), px(4), 0, px(4))
        layout.addWidget(self.name)
        layout.addWidget(self._sign)
        layout.addSpacing(px(8))
        self._sign.hide()
        for name, icon in entries:
            made = button(t(f"ui.page.{name}"), self._on_clicked, role="rail")
            made.setIcon(icons.icon(icon, Tone.MUTED))
            made.setIconSize(QSize(px(20), px(20)))
            made.setCheckable(True)
            made.setObjectName(name)
            self._group.addButton(made)
            self._buttons[name] = made
            layout.addWidget(made)
        layout.addStretch(1)

    def choose(self, name: str) -> None:
        """Show which page is in front."""
        self._buttons[name].setChecked(True)

    def set_count(self, name: str, count: int) -> None:
        """Show how many things wait on a page; 0 shows nothing."""
        self._counts[name] = count
        self._write(name)

    def count(self, name: str) -> int:
        """Return how many things are shown as waiting on a page."""
        return self._counts.get(name, 0)

    def fold(self, folded: bool) -> None:
        """Show icons only, with the words as tooltips; or both."""
        self._is_folded = folded
        self.name.setVisible(not folded)
        self._sign.setVisible(folded)
        for name in self._buttons:
            self._write(name)

    def _write(self, name: str) -> None:
        words, count = t(f"ui.page.{name}"), self._counts.get(name, 0)
        full = f"{words}  {count}" if count else words
        self._buttons[name].setText("" if self._is_folded else full)
        self._buttons[name].setToolTip(full if self._is_folded else "")
        self._buttons[name].setAccessibleName(full)

    @Slot()
    def _on_clicked(self) -> None:
        self.wanted.emit(self.sender().objectName())
