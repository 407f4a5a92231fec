"""A changed byte in any final paper is found; an independent reader of signatures agrees."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from core.crypto.certificates import new_certificate
from core.domain.documents import DocumentKind
from core.papers.render import render
from core.papers.seals import SealCheck, sign_pdf, verify_pdf
from tests.papers.builders import AT, CODE, KINDS, facts, pdf_of

KEY, CERTIFICATE = new_certificate("示例站", datetime(2026, 1, 1, tzinfo=UTC))
_PDFSIG = shutil.which("pdfsig")
POSITIONS = 12
"""Changed bytes tried a kind: ten anywhere, and the first and the last byte of the file."""


@cache
def signed(kind: DocumentKind) -> bytes:
    return sign_pdf(pdf_of(kind), private_der=KEY, certificate_der=CERTIFICATE, at=AT)


def is_good(check: SealCheck) -> bool:
    return check.has_signature and check.is_intact and check.covers_all


def signature_room(pdf: bytes) -> tuple[int, int]:
    """Return where the signature stands: behind the `<` of /Contents, before its `>`."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return start, pdf.index(b">", start)


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_byte_anywhere_in_the_file_of_any_kind_is_found(kind: DocumentKind) -> None:
    pdf = signed(kind)
    assert is_good(verify_pdf(pdf))
    chosen = random.Random(kind.value)
    places = [0, len(pdf) - 1, *(chosen.randrange(len(pdf)) for _ in range(POSITIONS - 2))]
    for place in places:
        torn = bytearray(pdf)
        torn[place] ^= 1 << chosen.randrange(8)
        assert not is_good(verify_pdf(bytes(torn))), f"byte {place} of {len(pdf)}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_byte_in_the_padding_of_the_signature_is_found(kind: DocumentKind) -> None:
    pdf = signed(kind)
    start, end = signature_room(pdf)
    padding = end - len(pdf[start:end]) + len(pdf[start:end].rstrip(b"0"))
    assert end - padding > 100, "there is room that the signature does not fill"
    for place in (padding + 2, (padding + end) // 2, end - 1):
        torn = bytearray(pdf)
        torn[place] = ord("1")
        assert not is_good(verify_pdf(bytes(torn))), f"byte {place} of the padding {padding} to {end}"


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_appended_behind_the_signature_is_found(kind: DocumentKind) -> None:
    pdf = signed(kind)
    assert not is_good(verify_pdf(pdf + b"\n"))
    assert not is_good(verify_pdf(updated(pdf)))


def updated(pdf: bytes) -> bytes:
    """Return the file with a well-formed incremental update that covers its first page with another content."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    pages: Any = writer.root["/Pages"]
    first = pages["/Kids"][0]
    stream = generic.StreamObject(stream_data=b"0 0 595 842 re f")
    first["/Contents"] = writer.add_object(stream)
    writer.update_container(first)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_file_that_another_tool_wrote_anew_has_no_good_signature() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(signed(DocumentKind.PENALTY_DECISION))) as opened:
        opened.save(out)
    assert not is_good(verify_pdf(out.getvalue()))


def test_every_byte_of_one_short_stretch_and_of_the_trailer_counts() -> None:
    pdf = signed(DocumentKind.COVER_SHEET)
    for place in (*range(2000, 2040), *range(len(pdf) - 40, len(pdf))):
        torn = bytearray(pdf)
        torn[place] ^= 4
        assert not is_good(verify_pdf(bytes(torn))), f"byte {place}"


def pdfsig(pdf: bytes, folder: Path) -> str:
    """Return what poppler says of the signature. It knows no certificate of ours, so it is asked about bytes only."""
    file = folder / "paper.pdf"
    file.write_bytes(pdf)
    ran = subprocess.run(
        [_PDFSIG or "", "-nocert", str(file)], capture_output=True, text=True, timeout=60, check=False, cwd=folder
    )
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_an_independent_tool_finds_the_signature_of_every_kind_valid(kind: DocumentKind, tmp_path: Path) -> None:
    said = pdfsig(signed(kind), tmp_path)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "Not total document signed" not in said
    assert "ETSI.CAdES.detached" in said


def test_the_independent_tool_finds_a_changed_byte_and_an_update(tmp_path: Path) -> None:
    pdf = signed(DocumentKind.SUMMARY_PENALTY)
    torn = bytearray(pdf)
    torn[len(torn) // 3] ^= 1
    assert "Signature is Valid." not in pdfsig(bytes(torn), tmp_path)
    assert "Not total document signed" in pdfsig(updated(pdf), tmp_path)


def test_a_record_with_a_refusal_and_photos_is_signed_like_any_other() -> None:
    pdf = sign_pdf(
        render(facts(DocumentKind.SCENE_RECORD, late_reason="网络中断"), code=CODE),
        private_der=KEY,
        certificate_der=CERTIFICATE,
        at=AT,
    )
    assert is_good(verify_pdf(pdf))
