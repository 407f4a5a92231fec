"""Icons: the shipped SVGs, drawn in the colour of a tone."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from core.kernel.resources import resources_dir
from ui import theme
from ui.theme import Tone


@cache
def _source(name: str) -> str:
    return (resources_dir() / "icons" / f"{name}.svg").read_text("utf-8")


def pixmap(name: str, tone: Tone = Tone.INK, size: int = 20) -> QPixmap:
    """Return the icon as a picture of `size` token pixels a side. A missing name is a defect."""
    return _drawn(name, theme.current().palette.of(tone), theme.px(size))


@cache
def _drawn(name: str, colour: str, side: int) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    # Twice the side keeps the lines sharp on screens of double density.
    picture = QPixmap(QSize(side * 2, side * 2))
    picture.fill("transparent")
    painter = QPainter(picture)
    renderer.render(painter)
    painter.end()
    picture.setDevicePixelRatio(2)
    return picture


def icon(name: str, tone: Tone = Tone.INK, *, checked: Tone = Tone.ACCENT) -> QIcon:
    """Return the icon for a button; when the button is checked it takes the `checked` tone."""
    made = QIcon(pixmap(name, tone))
    made.addPixmap(pixmap(name, checked), QIcon.Mode.Normal, QIcon.State.On)
    made.addPixmap(pixmap(name, Tone.MUTED), QIcon.Mode.Disabled)
    return made


def on_accent(name: str) -> QIcon:
    """Return the icon for a filled button."""
    colours = theme.current().palette
    made = QIcon(_drawn(name, colours.on_accent, theme.px(20)))
    made.addPixmap(pixmap(name, Tone.MUTED), QIcon.Mode.Disabled)
    return made
