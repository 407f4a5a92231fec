"""Photos of a paper: turned upright, made small, freed of everything the file says beside its pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.lib.utils import ImageReader

from core.domain.documents import DocumentFacts, photo_hashes
from core.kernel.errors import Refusal, Trouble
from core.papers.geometry import PHOTO_PIXELS

_PIXELS_MAX = 120_000_000
"""The largest phone cameras have 108 million; more is a file made to fill the memory."""
_QUALITY = 82


@dataclass(frozen=True)
class Picture:
    """A picture ready to be drawn; sides in pixels."""

    reader: Any
    width: int
    height: int


def pictures_of(facts: DocumentFacts, photos: Mapping[str, bytes]) -> dict[str, Picture]:
    """Return the pictures of a paper by SHA-256.

    Raises:
        Trouble: "papers.photo_missing", params sha256: bytes were not brought, or they are others.
        Refusal: "papers.photo_unreadable", params sha256.
    """
    found: dict[str, Picture] = {}
    for sha256 in photo_hashes(facts):
        content = photos.get(sha256)
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            raise Trouble("papers.photo_missing", sha256=sha256)
        found[sha256] = _picture(sha256, content)
    return found


def is_picture(content: bytes) -> bool:
    """Tell whether a photo can be drawn."""
    try:
        _picture("", content)
    except Refusal:
        return False
    return True


def _picture(sha256: str, content: bytes) -> Picture:
    try:
        with Image.open(BytesIO(content)) as opened:
            if opened.width * opened.height > _PIXELS_MAX:
                raise Refusal("papers.photo_unreadable", sha256=sha256)
            opened.draft("RGB", (PHOTO_PIXELS, PHOTO_PIXELS))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refusal("papers.photo_unreadable", sha256=sha256) from error
    # PDF/A knows no transparent picture over nothing: what is clear becomes the white of the paper.
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    flat.thumbnail((PHOTO_PIXELS, PHOTO_PIXELS), Image.Resampling.LANCZOS)
    # Written anew: place and owner in the EXIF of a phone's photo are nobody's business on a served paper.
    small = BytesIO()
    flat.save(small, "JPEG", quality=_QUALITY)
    small.seek(0)
    return Picture(reader=ImageReader(small), width=flat.width, height=flat.height)
