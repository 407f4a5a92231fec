"""A pen over the reportlab canvas: text on a grid, rules, strokes. Coordinates are points from the lower left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.papers.fonts import Face, FontSet
from core.papers.photos import Picture

_RULE_WIDTH = 0.6
_STROKE_WIDTH = 1.1
# A line may be spread by at most this much a character; wider gaps look torn.
_SPREAD_MAX = 3.0


class Pen:
    """Draws on the current page."""

    def __init__(self, canvas: Any, fonts: FontSet, photos: Mapping[str, Picture] | None = None) -> None:
        self._canvas = canvas
        self._fonts = fonts
        self._photos = photos or {}

    def width(self, text: str, face: Face, size: float, spacing: float = 0.0) -> float:
        """Return the width of a text in points."""
        return self._fonts.font(face).width(text, size, spacing)

    def text(self, x: float, y: float, text: str, face: Face, size: float, spacing: float = 0.0) -> None:
        """Write text with its baseline at y."""
        if not text:
            return
        run = self._canvas.beginText(x, y)
        run.setFont(self._fonts.font(face).name, size)
        run.setCharSpace(spacing)
        run.textOut(text)
        # Character spacing outlives the text object in a PDF; the next text must not inherit it.
        if spacing:
            run.setCharSpace(0)
        self._canvas.drawText(run)

    def centred(self, x: float, y: float, text: str, face: Face, size: float, spacing: float = 0.0) -> None:
        """Write text with its middle at x."""
        self.text(x - self.width(text, face, size, spacing) / 2, y, text, face, size, spacing)

    def right(self, x: float, y: float, text: str, face: Face, size: float) -> None:
        """Write text that ends at x."""
        self.text(x - self.width(text, face, size), y, text, face, size)

    def spread(self, x: float, y: float, text: str, face: Face, size: float, width: float, spacing: float) -> None:
        """Write a full line, spread to the given width if that takes little."""
        gaps = len(text) - 1
        missing = width - self.width(text, face, size, spacing) + spacing
        if gaps > 0 and 0 < missing / gaps <= _SPREAD_MAX:
            spacing += missing / gaps
        self.text(x, y, text, face, size, spacing)

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: float = _RULE_WIDTH) -> None:
        """Draw a straight line."""
        self._canvas.setLineWidth(width)
        self._canvas.line(x0, y0, x1, y1)

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """Draw a rectangle from its lower left corner."""
        self._canvas.setLineWidth(_RULE_WIDTH)
        self._canvas.rect(x, y, width, height, stroke=1, fill=0)

    def strokes(self, lines: Sequence[Sequence[int]], x: float, y: float, width: float, height: float) -> None:
        """Draw a hand's polylines, given in thousandths of the box, y downwards."""
        canvas = self._canvas
        canvas.saveState()
        canvas.setLineWidth(_STROKE_WIDTH)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        for line in lines:
            if len(line) < 4:
                continue
            path = canvas.beginPath()
            points = [
                (x + a * width / 1000, y + height - b * height / 1000)
                for a, b in zip(line[::2], line[1::2], strict=True)
            ]
            path.moveTo(*points[0])
            for point in points[1:]:
                path.lineTo(*point)
            canvas.drawPath(path, stroke=1, fill=0)
        canvas.restoreState()

    def photo(self, sha256: str, x: float, y: float, width: float, height: float) -> None:
        """Draw a picture in the middle of a frame, as large as it fits."""
        picture = self._photos[sha256]
        scale = min(width / picture.width, height / picture.height)
        wide, high = picture.width * scale, picture.height * scale
        left, low = x + (width - wide) / 2, y + (height - high) / 2
        self._canvas.drawImage(picture.reader, left, low, wide, high)

    def stamp(self, name: str) -> None:
        """Place a form that was drawn once, at its own coordinates."""
        self._canvas.doForm(name)
