"""Where the words of every kind stand: tests/data/papers/<kind>.txt. Run as a module to write them anew, then look."""

from __future__ import annotations

import io
from pathlib import Path

import pdfplumber

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


def path_of(kind: DocumentKind) -> Path:
    return FOLDER / f"{kind.value}.txt"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        path_of(kind).write_text(places(pdf_of(kind)), "utf-8")


if __name__ == "__main__":
    main()
