"""DocumentFacts to the bytes of a PDF/A-2b file. The same facts give the same bytes on any machine, years later too.

Start here: `render`. What is signed and checked afterwards is in seals.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from core.domain.documents import CodeImage, DocumentFacts
from core.kernel.records import to_plain
from core.papers import geometry as g
from core.papers.archive import archived
from core.papers.compose import Composer
from core.papers.fonts import Face, FontSet, check_glyphs
from core.papers.pages import draw_frame, reserved_height
from core.papers.parts import paginate
from core.papers.pen import Pen
from core.papers.photos import pictures_of

_CODE_FORM = "mjcode"
_QUIET_MODULES = 4


def render(
    facts: DocumentFacts,
    *,
    code: CodeImage | None = None,
    fonts: FontSet | None = None,
    photos: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the paper as PDF/A-2b with its facts inside.

    Args:
        photos: Bytes of the photos that the facts name, by SHA-256 (`photo_hashes`).

    Raises:
        Refusal: "papers.glyph_missing", params characters; "papers.photo_unreadable", params sha256.
        Trouble: "papers.font_unreadable", "papers.archive_failed", "papers.photo_missing".
    """
    fonts = fonts or FontSet()
    check_text(facts, fonts)
    pictures = pictures_of(facts, photos or {})
    pages = paginate(Composer(facts, fonts).parts(), g.TYPE_HEIGHT - reserved_height(facts))
    out = BytesIO()
    make_canvas: Any = Canvas
    canvas: Any = make_canvas(
        out,
        pagesize=(g.PAGE_WIDTH, g.PAGE_HEIGHT),
        invariant=1,
        pageCompression=1,
        initialFontName=fonts.font(Face.BODY).name,
        lang="zh-CN",
    )
    canvas.setTitle(f"{facts.title} {facts.number}".strip())
    canvas.setAuthor(facts.body)
    canvas.setCreator("明检")
    if code is not None:
        _define_code(canvas, code)
    pen = Pen(canvas, fonts, pictures)
    for number, pieces in enumerate(pages, 1):
        draw_frame(pen, facts, number, len(pages), code_form=_CODE_FORM if code else "")
        for offset, piece in pieces:
            piece.draw(pen, g.TOP - offset)
        canvas.showPage()
    canvas.save()
    return archived(out.getvalue(), facts, code.text if code else "", is_checked=fonts != FontSet())


def check_text(facts: DocumentFacts, fonts: FontSet | None = None) -> None:
    """Refuse facts with a character that no font draws.  Raises Refusal "papers.glyph_missing", params characters."""
    check_glyphs("".join(_strings(to_plain(facts))), fonts or FontSet())


def _define_code(canvas: Any, code: CodeImage) -> None:
    """Draw the code once as a form; every page places it at the right of the lower margin."""
    modules = len(code.matrix)
    side = g.CODE_SIDE / (modules + 2 * _QUIET_MODULES)
    left = g.RIGHT - g.CODE_SIDE + _QUIET_MODULES * side
    top = 4 * g.MM + g.CODE_SIDE - _QUIET_MODULES * side
    canvas.beginForm(_CODE_FORM)
    canvas.setFillGray(0)
    path = canvas.beginPath()
    for row, cells in enumerate(code.matrix):
        for start, length in _runs(cells):
            path.rect(left + start * side, top - (row + 1) * side, length * side, side)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.endForm()


def _runs(cells: tuple[bool, ...]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start = None
    for place, is_black in enumerate((*cells, False)):
        if is_black and start is None:
            start = place
        elif not is_black and start is not None:
            runs.append((start, place - start))
            start = None
    return runs


def _strings(plain: Any) -> list[str]:
    if isinstance(plain, str):
        return [plain]
    if isinstance(plain, dict):
        return [text for value in plain.values() for text in _strings(value)]
    if isinstance(plain, list):
        return [text for value in plain for text in _strings(value)]
    return []
