"""Which photos of a visit stand on its records, and how their rows read."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.documents import DocumentKind, printed_time
from core.domain.evidence import Evidence, EvidenceKind
from core.kernel.clock import local
from core.services.document_values import VisitPapers
from core.services.ports import Blobs, OpenWork

_SORTS = frozenset({"image/jpeg", "image/png", "image/bmp", "image/webp"})
WITH_PHOTOS = frozenset(
    {
        DocumentKind.SCENE_RECORD,
        DocumentKind.SURVEY_RECORD,
        DocumentKind.SAMPLING_RECORD,
        DocumentKind.RECHECK_RECORD,
    }
)
"""Only records of what was seen on site show the photos by themselves."""


def may_be_shown(piece: Evidence) -> bool:
    """Tell whether a piece of evidence is a photo of a sort that papers show, if its file opens."""
    return piece.kind is EvidenceKind.PHOTO and not piece.is_void and piece.media_type in _SORTS


class DrawnPhotos:
    """Opens each photo once a session: a file that is no picture is listed on the paper but not shown."""

    def __init__(self, blobs: Blobs, is_picture: Callable[[bytes], bool]) -> None:
        self._blobs = blobs
        self._opens = is_picture
        self._is_picture: dict[str, bool] = {}

    def look(self, open_work: OpenWork, visit_id: str, kind: DocumentKind) -> None:
        """Open the photos that a paper shows beforehand, so that the transaction that takes a number need not."""
        if kind not in WITH_PHOTOS:
            return
        with open_work() as work:
            pieces = work.table(Evidence).where(visit=visit_id)
        for one in pieces:
            self._can_show(one)

    def rows(self, kind: DocumentKind, papers: VisitPapers) -> tuple[tuple[str, ...], ...]:
        """Return a row a photo: SHA-256, maker, time, object of proof. Source: 行诉证据规定 arts 12, 15."""
        if kind not in WITH_PHOTOS:
            return ()
        names = {one.id: one.name for one in papers.officers}
        return tuple(
            (one.blob, names.get(one.made_by, one.made_by), printed_time(local(one.made_at)), one.proves)
            for one in papers.evidence
            if self._can_show(one)
        )

    def _can_show(self, piece: Evidence) -> bool:
        if not may_be_shown(piece):
            return False
        if piece.blob not in self._is_picture:
            self._is_picture[piece.blob] = self._opens(self._blobs.get(piece.blob))
        return self._is_picture[piece.blob]
