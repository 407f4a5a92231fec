"""The faces of our papers: loading, widths, missing characters, and a right ToUnicode table.

Open fonts stand in for 仿宋 and 小标宋, which may not be passed on; a body points to its own files (domain.md 2.1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics, ttfonts

from core.kernel.errors import Refusal, Trouble
from core.kernel.records import Record
from core.kernel.resources import resources_dir

_BMP_LAST = 0xFFFF


class Face(StrEnum):
    """What a face is used for."""

    BODY = "body"
    TITLE = "title"
    HEADING = "heading"
    HEADING_BOLD = "heading_bold"


_SHIPPED = {
    Face.BODY: "NotoSerifSC_400Regular.ttf",
    Face.TITLE: "NotoSerifSC_700Bold.ttf",
    Face.HEADING: "NotoSansSC_400Regular.ttf",
    Face.HEADING_BOLD: "NotoSansSC_700Bold.ttf",
}


class FontSet(Record):
    """Paths of a body's own TrueType files by use; an empty path is the shipped face."""

    body: str = ""
    title: str = ""
    heading: str = ""
    heading_bold: str = ""

    def font(self, face: Face) -> LoadedFont:
        """Return the loaded font of a face.  Raises Trouble "papers.font_unreadable"."""
        return load_font(getattr(self, face.value) or _shipped_path(face))


@cache
def _shipped_path(face: Face) -> str:
    return str(resources_dir() / "fonts" / _SHIPPED[face])


class LoadedFont:
    """One font registered with reportlab, under a name that depends on its file's content alone."""

    def __init__(self, path: str) -> None:
        try:
            digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:8]
            self.name = f"MJ{digest}"
            font = ttfonts.TTFont(self.name, path)
        except (OSError, ttfonts.TTFError) as error:
            raise Trouble("papers.font_unreadable", path=Path(path).name) from error
        pdfmetrics.registerFont(font)
        face: Any = font.face
        self._widths: dict[int, float] = face.charWidths
        self._default: float = face.defaultWidth
        self._glyphs: dict[int, int] = face.charToGlyph

    def width(self, text: str, size: float, spacing: float = 0.0) -> float:
        """Return the width in points; `spacing` is added behind every character."""
        widths, default = self._widths, self._default
        return sum(widths.get(ord(char), default) for char in text) * size / 1000 + spacing * len(text)

    def missing(self, text: str) -> str:
        """Return the characters of the text that the font cannot draw, each once."""
        return "".join(dict.fromkeys(char for char in text if ord(char) not in self._glyphs))


@cache
def load_font(path: str) -> LoadedFont:
    """Load and register a font once a process.  Raises Trouble "papers.font_unreadable"."""
    return LoadedFont(path)


def check_glyphs(text: str, fonts: FontSet) -> None:
    """Refuse text with a character that one of the faces lacks: a hole in a name must not pass unseen.

    Raises:
        Refusal: "papers.glyph_missing", params characters.
    """
    # A name stands in a heading or a title too, and a body's own title face may be a poorer one.
    used = text.replace("\n", "")
    missing = "".join(dict.fromkeys("".join(fonts.font(face).missing(used) for face in Face)))
    if missing:
        shown = "、".join(f"{char}（U+{ord(char):04X}）" for char in missing)
        raise Refusal("papers.glyph_missing", characters=shown)


def _mended(original: Callable[[Any, Any], str]) -> Callable[[Any, Any], str]:
    """Wrap reportlab's ToUnicode writer: characters beyond U+FFFF must be written as UTF-16 surrogates.

    Without it 𬭎 in a name extracts as another character or vanishes (platform.md section 6).
    """

    def write(fontname: Any, subset: Any) -> str:
        table = original(fontname, subset)
        for code in (one for one in subset if one > _BMP_LAST):
            pair = chr(code).encode("utf-16-be").hex().upper()
            table = table.replace(f"<{code:04X}>", f"<{pair}>")
        return table

    return write


ttfonts.makeToUnicodeCMap = _mended(ttfonts.makeToUnicodeCMap)
