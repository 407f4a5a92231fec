"""The numbers over all pages of a case file (卷内页码), at the upper outer corner, clear of the papers' own heads."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from core.papers import geometry as g
from core.papers.fonts import Face, FontSet
from core.papers.pen import Pen

_TOP = g.PAGE_HEIGHT - 11 * g.MM


def page_numbers(pages: int, *, fonts: FontSet | None = None) -> bytes:
    """Return a PDF of so many pages that hold nothing but 卷内第 X 页 共 Y 页."""
    assert pages > 0
    fonts = fonts or FontSet()
    out = BytesIO()
    make_canvas: Any = Canvas
    canvas: Any = make_canvas(
        out,
        pagesize=(g.PAGE_WIDTH, g.PAGE_HEIGHT),
        invariant=1,
        pageCompression=1,
        initialFontName=fonts.font(Face.HEADING).name,
    )
    pen = Pen(canvas, fonts)
    for page in range(1, pages + 1):
        pen.right(g.RIGHT, _TOP, f"卷内第 {page} 页 共 {pages} 页", Face.HEADING, g.SMALL_SIZE)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
