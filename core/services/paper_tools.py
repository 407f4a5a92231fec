"""The tools that papers need: drawing, codes and signatures lie in rooms that the services do not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.documents import CodeImage


@dataclass(frozen=True)
class PaperTools:
    """The tools papers need; core.station brings them.

    draw: facts and code to the PDF's bytes (core.papers.render); with `can_draw_photos` also photos by SHA-256 as a
    third argument where the facts name some. make_code: payload to a signed code (core.codes). sign_pdf: signs the
    file as of an instant (core.papers.seals). certificate_sha256: of that signature, in hex.
    """

    draw: Callable[..., bytes]
    make_code: Callable[[dict[str, Any]], str]
    image_of: Callable[[str], CodeImage]
    sign_pdf: Callable[[bytes, datetime], bytes]
    certificate_sha256: str
    can_draw_photos: bool = False
    """Without it records are drawn without their pages of photos."""
