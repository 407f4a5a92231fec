"""A region of the screen, drawn with the mouse: for codes that another program shows."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from ui.theme import Tone, current

SHADE = QColor(0, 0, 0, 110)
SIDE_MIN = 8


class RegionPicker(QWidget):
    """Shows the screen as it was; `picked` carries the chosen part, `given_up` that Escape was pressed."""

    picked = Signal(QImage)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._screen = QPixmap()
        self._from = QPoint()
        self._to = QPoint()

    def start(self) -> bool:
        """Take the picture of the main screen and wait for the mouse; tell whether the system lets us look."""
        screen = QGuiApplication.primaryScreen()
        self._screen = screen.grabWindow(0)
        if self._screen.isNull():
            return False
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._screen)
        painter.fillRect(self.rect(), SHADE)
        chosen = QRect(self._from, self._to).normalized()
        if chosen.width() > 1:
            scale = self._screen.width() / max(1, self.width())
            painter.drawPixmap(chosen, self._screen, _scaled(chosen, scale))
            painter.setPen(current().colour(Tone.ACCENT))
            painter.drawRect(chosen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = self._to = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._to = event.position().toPoint()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        chosen = QRect(self._from, event.position().toPoint()).normalized()
        self.hide()
        if min(chosen.width(), chosen.height()) < SIDE_MIN:
            self.given_up.emit()
            return
        scale = self._screen.width() / max(1, self.width())
        self.picked.emit(self._screen.copy(_scaled(chosen, scale)).toImage())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self.given_up.emit()


def _scaled(chosen: QRect, scale: float) -> QRect:
    return QRect(
        round(chosen.x() * scale),
        round(chosen.y() * scale),
        round(chosen.width() * scale),
        round(chosen.height() * scale),
    )
