"""A box in which a person signs with pen, finger or mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from ui.i18n import t
from ui.theme import Tone, current, px

THOUSAND = 1000
HEIGHT = 160
PEN_WIDTH = 2.5


class SignPad(QWidget):
    """Keeps strokes as polylines x0,y0,x1,y1 … in thousandths of the box, y downwards."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(px(HEIGHT))
        self.setMinimumWidth(px(HEIGHT * 3))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(t("ui.sign.pad"))
        self._strokes: list[list[int]] = []

    def strokes(self) -> tuple[tuple[int, ...], ...]:
        """Return what was drawn; a single point is no stroke."""
        return tuple(tuple(stroke) for stroke in self._strokes if len(stroke) >= 4)

    def clear(self) -> None:
        """Begin anew."""
        self._strokes = []
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._strokes.append([])
        self._add(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._strokes:
            self._add(event.position())

    def _add(self, at: QPointF) -> None:
        x = min(THOUSAND, max(0, round(at.x() / self.width() * THOUSAND)))
        y = min(THOUSAND, max(0, round(at.y() / self.height() * THOUSAND)))
        if self._strokes[-1][-2:] != [x, y]:
            self._strokes[-1] += [x, y]
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current()
        painter.fillRect(self.rect(), theme.palette.surface)
        painter.setPen(theme.colour(Tone.MUTED))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        base = round(self.height() * 0.8)
        painter.drawLine(px(12), base, self.width() - px(12), base)
        painter.setPen(QPen(theme.colour(Tone.INK), theme.px(PEN_WIDTH)))
        for stroke in self._strokes:
            points = [
                QPointF(x * self.width() / THOUSAND, y * self.height() / THOUSAND)
                for x, y in zip(stroke[::2], stroke[1::2], strict=True)
            ]
            painter.drawPolyline(QPolygonF(points))
