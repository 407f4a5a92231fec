"""Every kind as it was looked at: the places of its words, its ink, and its text by an independent reader."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest

from core.domain.documents import DocumentKind
from tests.papers.builders import KINDS, facts, pdf_of
from tests.papers.goldens import FOLDER, path_of, places

_HAN = ("\u3400", "\U0003ffff")
_PDFTOTEXT = shutil.which("pdftotext")


@pytest.mark.parametrize("kind", KINDS)
def test_the_words_stand_where_they_were_looked_at(kind: DocumentKind) -> None:
    assert places(pdf_of(kind)) == path_of(kind).read_text("utf-8")


def test_there_is_a_looked_at_file_for_every_kind_and_no_other() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {kind.value for kind in KINDS}


def test_every_kind_but_the_receipt_is_drawn() -> None:
    assert set(DocumentKind) - set(KINDS) == {DocumentKind.FINE_RECEIPT}


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_has_ink_and_none_is_a_smear(kind: DocumentKind) -> None:
    document = pypdfium2.PdfDocument(pdf_of(kind))
    try:
        for page in document:
            grey = page.render(scale=1, grayscale=True).to_pil()
            dark = sum(grey.histogram()[:128]) / (grey.width * grey.height)
            assert 0.002 < dark < 0.15, f"page of {kind}: {dark:.4f}"
            page.close()
    finally:
        document.close()


@pytest.mark.skipif(_PDFTOTEXT is None, reason="poppler's pdftotext is not installed")
@pytest.mark.parametrize("kind", KINDS)
def test_pdftotext_reads_every_character_of_the_facts(kind: DocumentKind, tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf_of(kind))
    run = subprocess.run([_PDFTOTEXT or "", str(file), "-"], capture_output=True, check=True, timeout=60)
    read = "".join(run.stdout.decode("utf-8").split())
    of = facts(kind)
    assert of.title in read
    assert of.number in read
    said = "".join(
        [block.text for block in of.blocks]
        + [field.label + field.value for block in of.blocks for row in block.grid for field in row]
        + [cell for block in of.blocks for row in (block.headings, *block.rows) for cell in row]
    )
    missing = _han(said) - _han(read)
    assert not missing, f"{missing} of {kind}"


def _han(text: str) -> Counter[str]:
    first, last = _HAN
    return Counter(char for char in text if first <= char <= last and not "\ue000" <= char <= "\uffff")
