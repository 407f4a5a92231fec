"""Search-anything (Ctrl+K): pages, what can be begun anywhere, enterprises and visits in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.domain.visits import Visit
from core.kernel.clock import local_date
from core.kernel.errors import Fault
from ui.desk import Desk, Session, reading
from ui.i18n import day, t
from ui.jobs import Lane
from ui.theme import px
from ui.widgets.basic import label
from ui.widgets.lines import FaultLine

HITS = 12
VISIT_HITS = 8
ACTIONS: tuple[tuple[str, str | None, str], ...] = (
    ("sync_now", None, "ui.sync.now"),
    ("stick", "export", "ui.sync.export"),
    ("stick", "import", "ui.sync.import"),
    ("peer", None, "ui.sync.peer"),
    ("relay", None, "ui.sync.relay"),
    ("enrol", None, "ui.sync.enrol"),
)
"""What can be begun from any page: the wish as the window knows it, its argument, and its words."""
TARGET = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True)
class Found:
    """What a search gave."""

    enterprises: tuple[Any, ...]
    visits: tuple[Visit, ...]


def find_anything(session: Session, words: str) -> Found:
    """Return the enterprises and the visits that the words name, the best first."""
    return Found(
        enterprises=tuple(session.enterprises.search(words, limit=HITS)),
        visits=reading(session).visits.list(words, limit=VISIT_HITS),
    )


class PaletteDialog(QDialog):
    """`chosen` carries the name of a page or action and the thing it is about, or None."""

    chosen = Signal(str, object)

    def __init__(self, desk: Desk, pages: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setProperty("role", "palette")
        self.setAccessibleName(t("ui.bar.search_name"))
        self._desk, self._pages = desk, pages
        self.words = QLineEdit()
        self.words.setPlaceholderText(t("ui.palette.placeholder"))
        self.words.setAccessibleName(t("ui.bar.search_name"))
        self.words.textChanged.connect(self._on_typed)
        self.words.returnPressed.connect(self._on_enter)
        self.words.installEventFilter(self)
        self.hits = QListWidget()
        self.hits.setAccessibleName(t("ui.bar.search_name"))
        self.hits.itemActivated.connect(self._on_activated)
        self.hits.itemClicked.connect(self._on_activated)
        self.fault_line = FaultLine()
        self.none = label(t("ui.palette.none"), "hint", wrap=True)
        self.none.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(12), px(12), px(12), px(12))
        layout.addWidget(self.words)
        layout.addWidget(self.fault_line)
        layout.addWidget(self.none)
        layout.addWidget(self.hits)
        self.resize(px(640), px(440))
        if parent is not None:
            left = parent.mapToGlobal(parent.rect().topLeft())
            self.move(left.x() + max(0, (parent.width() - self.width()) // 2), left.y() + px(64))
        self._show_pages("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.words and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                self.hits.setCurrentRow(max(0, min(self.hits.count() - 1, self.hits.currentRow() + step)))
                return True
        return False

    def _show_pages(self, words: str) -> None:
        self.hits.clear()
        for name in self._pages:
            title = t(f"ui.page.{name}")
            if words.casefold() in title.casefold() or words.casefold() in name:
                self._add(f"{title}   {t('ui.palette.page')}", name, None)
        for name, argument, key in ACTIONS:
            if words.casefold() in t(key).casefold():
                self._add(f"{t(key)}   {t('ui.palette.action')}", name, argument)
        self._stand_on_first()

    def _add(self, words: str, page: str, argument: Any) -> None:
        item = QListWidgetItem(words)
        item.setData(TARGET, (page, argument))
        self.hits.addItem(item)

    def _stand_on_first(self) -> None:
        if self.hits.count():
            self.hits.setCurrentRow(0)
        self.none.setVisible(self.hits.count() == 0)

    @Slot(str)
    def _on_typed(self, words: str) -> None:
        self._show_pages(words.strip())
        if words.strip():
            call = partial(find_anything, self._desk.session, words.strip())
            self._desk.jobs.run(call, self._on_found, self._on_failed, lane=Lane.READ, key="palette")

    def _on_found(self, found: Found) -> None:
        for hit in found.enterprises:
            words = f"{hit.name}   {hit.uscc}   {hit.street}".rstrip()
            self._add(f"{words}   {t('ui.palette.enterprise')}", "enterprises", hit.id)
        for visit in found.visits:
            words = f"{visit.enterprise_name}   {day(local_date(visit.planned_from))}   {visit.number}".rstrip()
            self._add(f"{words}   {t('ui.palette.visit')}", "visits", visit.id)
        self._stand_on_first()

    def _on_failed(self, fault: Fault) -> None:
        self.fault_line.tell(fault)

    @Slot()
    def _on_enter(self) -> None:
        if self.hits.currentRow() >= 0:
            self._on_activated(self.hits.currentItem())

    @Slot(QListWidgetItem)
    def _on_activated(self, item: QListWidgetItem) -> None:
        page, argument = item.data(TARGET)
        self.accept()
        self.chosen.emit(page, argument)
