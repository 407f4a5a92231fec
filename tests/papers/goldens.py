"""What every kind looks like: tests/data/papers/<kind>.txt (where its words stand) and <kind>.png (its pages).

Run as a module to write them anew, then look at them.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
from PIL import Image

from core.domain.documents import DocumentKind
from core.papers import geometry as g
from tests.papers.builders import KINDS, pdf_of

FOLDER = Path(__file__).resolve().parents[1] / "data" / "papers"


def places(pdf: bytes) -> str:
    """Return a line a word: left and upper edge in whole points, size, text. The fine print at the foot, whose digest
    changes with every word of the facts, is left out."""
    lines: list[str] = []
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        for number, page in enumerate(document.pages, 1):
            lines.append(f"page {number} of {len(document.pages)}")
            lines.extend(
                f"{word['x0']:4.0f} {word['top']:4.0f} {word['size']:4.1f} {word['text']}"
                for word in page.extract_words(extra_attrs=["size"], x_tolerance=4)
                if word["size"] > g.TINY_SIZE + 0.1
            )
    return "\n".join(lines) + "\n"


PICTURE_SCALE = 0.8
"""Of 72 dots an inch: small enough to keep, large enough to read the titles."""


def picture_of(pdf: bytes) -> Image.Image:
    """Return the pages side by side as they look, grey."""
    document = pypdfium2.PdfDocument(pdf)
    pages: list[Image.Image] = []
    for page in document:
        sheet: Any = page
        pages.append(sheet.render(scale=PICTURE_SCALE, grayscale=True).to_pil().convert("L"))
        page.close()
    document.close()
    whole = Image.new("L", (sum(one.width for one in pages), max(one.height for one in pages)), 255)
    left = 0
    for one in pages:
        whole.paste(one, (left, 0))
        left += one.width
    return whole


def picture_path_of(kind: DocumentKind) -> Path:
    return FOLDER / f"{kind.value}.png"


def path_of(kind: DocumentKind) -> Path:
    return FOLDER / f"{kind.value}.txt"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        path_of(kind).write_text(places(pdf_of(kind)), "utf-8")
        picture_of(pdf_of(kind)).save(picture_path_of(kind), optimize=True)


if __name__ == "__main__":
    main()
