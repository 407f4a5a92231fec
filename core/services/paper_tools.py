"""The tools that papers need: drawing, codes and signatures lie in rooms that the services do not see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.documents import CodeImage, Document, DocumentFacts, DocumentState
from core.kernel.errors import Refusal

Draw = Callable[[DocumentFacts, CodeImage | None, Mapping[str, bytes]], bytes]
"""Facts, code and the photos that the facts name, by SHA-256, to the bytes of the PDF."""


def _no_clashes(_visit: str) -> int:
    return 0


@dataclass(frozen=True)
class PaperTools:
    """The tools papers need; core.station brings them.

    draw: core.papers.render. check: refuses facts with a character that no font draws, before a number is spent.
    is_picture: whether a photo can be drawn. make_code: payload to a signed code (core.codes). sign_pdf: signs the
    file as of an instant (core.papers.seals). certificate_sha256: of that signature, in hex.
    """

    draw: Draw
    check: Callable[[DocumentFacts], None]
    is_picture: Callable[[bytes], bool]
    make_code: Callable[[dict[str, Any]], str]
    image_of: Callable[[str], CodeImage]
    sign_pdf: Callable[[bytes, datetime], bytes]
    certificate_sha256: str
    clashes_in: Callable[[str], int] = _no_clashes
    """Counts the records of a visit of which several values stand until a person decides (core.sync.merge)."""


def refuse_open_clashes(tools: PaperTools, visit: str) -> None:
    """Refuse a paper whose facts would be one of several values: "documents.open_clashes", params count."""
    count = tools.clashes_in(visit)
    if count:
        raise Refusal("documents.open_clashes", count=count)


def refuse_final_over_clashes(tools: PaperTools, document: Document) -> None:
    """Refuse to make a paper final while its visit has clashes; raises as refuse_open_clashes."""
    if document.state is DocumentState.FINAL:
        refuse_open_clashes(tools, document.visit)
