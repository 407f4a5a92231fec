"""The tools of papers, put together from the rooms that may not know each other: drawing, codes, seals, keys.

The rooms that draw and seal are imported when something is drawn: listing the papers of a visit must not wait for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from core.codes.make import qr_matrix
from core.codes.signed import sign_code, verify_signed
from core.crypto import signing
from core.domain.documents import CodeImage, DocumentFacts
from core.services.document_checking import CheckTools, CodeReading, FileReading, SealReading
from core.services.paper_tools import PaperTools

Identity = Callable[[], tuple[bytes, bytes]]
"""Gives (private key, certificate) for signatures inside files, both DER."""


class _StationCodes:
    """Signs codes with the device's key, without holding it."""

    alg = "Ed25519"

    def __init__(self, sign: Callable[[bytes], bytes]) -> None:
        self._sign = sign

    def sign(self, message: bytes) -> bytes:
        """Return the signature over the message."""
        return self._sign(message)


def paper_tools(
    sign: Callable[[bytes], bytes], public: bytes, identity: Identity, clashes_in: Callable[[str], int]
) -> PaperTools:
    """Return the tools that make papers in the name of one device.

    Args:
        clashes_in: Counts the open clashes of a visit.
    """
    signer = _StationCodes(sign)
    private_der, certificate_der = identity()

    def make_code(payload: dict[str, Any]) -> str:
        return sign_code(payload, signer, signing.key_id_of(public))

    def seal(pdf: bytes, at: datetime) -> bytes:
        from core.papers.seals import sign_pdf

        return sign_pdf(pdf, private_der=private_der, certificate_der=certificate_der, at=at)

    return PaperTools(
        draw=_draw,
        check=_check,
        is_picture=_is_picture,
        make_code=make_code,
        image_of=_image_of,
        sign_pdf=seal,
        certificate_sha256=hashlib.sha256(certificate_der).hexdigest(),
        clashes_in=clashes_in,
    )


def check_tools(
    trusted: Callable[[], Mapping[bytes, bytes]], certificates: Callable[[], Mapping[bytes, bytes]]
) -> CheckTools:
    """Return the tools that check papers of every station whose key is trusted.

    Args:
        certificates: Gives the certificates for signatures inside files, DER, by the id of their device's key.
    """

    def read_code(text: str) -> CodeReading:
        check = verify_signed(text, trusted(), signing.verify)
        told = certificates().get(check.key_id or b"")
        return CodeReading(check.verdict.value, check.payload or {}, hashlib.sha256(told).hexdigest() if told else "")

    return CheckTools(
        inside=_inside,
        read_code=read_code,
        read_seal=_read_seal,
        draw=_draw,
        image_of=_image_of,
    )


def _draw(facts: DocumentFacts, code: CodeImage | None, photos: Mapping[str, bytes]) -> bytes:
    from core.papers.render import render

    return render(facts, code=code, photos=photos)


def _check(facts: DocumentFacts) -> None:
    from core.papers.render import check_text

    check_text(facts)


def _is_picture(content: bytes) -> bool:
    from core.papers.photos import is_picture

    return is_picture(content)


@lru_cache(maxsize=64)
def _image_of(text: str) -> CodeImage:
    return CodeImage(text=text, matrix=qr_matrix(text))


def _inside(pdf: bytes) -> FileReading:
    from core.papers.archive import inside

    found = inside(pdf)
    return FileReading(found.facts, found.sha256, found.code_text)


def _read_seal(pdf: bytes) -> SealReading:
    from core.papers.seals import verify_pdf

    check = verify_pdf(pdf)
    return SealReading(check.has_signature, check.is_intact, check.covers_all, check.certificate_sha256)
