"""Evidence: files attached to a visit, with hash, time, maker and object of proof.

Source: 行诉证据规定 arts 10-15 (domain.md 1.5 step 10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import TypedDict, Unpack

from core.domain.accounts import Account
from core.domain.evidence import Evidence, EvidenceKind
from core.domain.visits import Visit, VisitState
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import changed
from core.services.ports import Blobs, OpenWork

TOPICS = frozenset({Topic.EVIDENCE, Topic.VISITS})

# Product limits, not law: a photo of a phone has 3 to 12 MB; a visit must still fit on a USB stick (sync.md).
SIZE_BYTES_MAX: dict[EvidenceKind, int] = {
    EvidenceKind.PHOTO: 30_000_000,
    EvidenceKind.SCAN_BACK: 60_000_000,
    EvidenceKind.DOCUMENT: 60_000_000,
    EvidenceKind.AUDIO: 200_000_000,
    EvidenceKind.VIDEO: 1_000_000_000,
}

_MAGIC: tuple[tuple[bytes, int, str, EvidenceKind], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg", EvidenceKind.PHOTO),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", EvidenceKind.PHOTO),
    (b"GIF8", 0, "image/gif", EvidenceKind.PHOTO),
    (b"BM", 0, "image/bmp", EvidenceKind.PHOTO),
    (b"WEBP", 8, "image/webp", EvidenceKind.PHOTO),
    (b"ftypheic", 4, "image/heic", EvidenceKind.PHOTO),
    (b"%PDF-", 0, "application/pdf", EvidenceKind.DOCUMENT),
    (b"PK\x03\x04", 0, "application/zip", EvidenceKind.DOCUMENT),
    (b"ID3", 0, "audio/mpeg", EvidenceKind.AUDIO),
    (b"WAVE", 8, "audio/wav", EvidenceKind.AUDIO),
    (b"OggS", 0, "audio/ogg", EvidenceKind.AUDIO),
    (b"ftyp", 4, "video/mp4", EvidenceKind.VIDEO),
    (b"AVI ", 8, "video/x-msvideo", EvidenceKind.VIDEO),
    (b"\x1aE\xdf\xa3", 0, "video/webm", EvidenceKind.VIDEO),
)

PhotoNote = Callable[[bytes], str]
"""bytes of a photo -> what the file itself says about when and with what it was taken; empty: nothing."""


def kind_of(content: bytes) -> tuple[str, EvidenceKind]:
    """Return media type and kind by the first bytes; a file name proves nothing."""
    for magic, offset, media_type, kind in _MAGIC:
        if content[offset : offset + len(magic)] == magic:
            return media_type, kind
    return "application/octet-stream", EvidenceKind.DOCUMENT


def check_size(size_bytes: int, kind: EvidenceKind) -> None:
    """Stop a file that is too large, before it is read.  Raises Refusal "evidence.too_large", "evidence.empty"."""
    if size_bytes <= 0:
        raise Refusal("evidence.empty")
    limit = SIZE_BYTES_MAX[kind]
    if size_bytes > limit:
        raise Refusal("evidence.too_large", size_mb=size_bytes // 1_000_000, limit_mb=limit // 1_000_000)


class EvidenceDetails(TypedDict, total=False):
    """What is said about a piece. `is_imported` is False only if this program's own camera took it."""

    proves: str
    answer: str
    finding: str
    fact: str
    method: str
    original_carrier: str
    is_imported: bool


def _refuse_twice(piece: Evidence, others: Iterable[Evidence]) -> None:
    said = (piece.blob, piece.answer, piece.finding, piece.fact)
    for other in others:
        if not other.is_void and (other.blob, other.answer, other.finding, other.fact) == said:
            raise Refusal("evidence.already_attached", file=other.file_name or other.id)


class EvidenceFiles:
    """Attach, describe and void evidence. Nothing attached is ever deleted."""

    def __init__(
        self, open_work: OpenWork, blobs: Blobs, clock: Clock, account: Account, photo_note: PhotoNote | None = None
    ) -> None:
        self._open_work = open_work
        self._blobs = blobs
        self._clock = clock
        self._account = account
        self._photo_note = photo_note

    def attach(
        self,
        visit_id: str,
        content: bytes,
        *,
        file_name: str = "",
        kind: EvidenceKind | None = None,
        made_at: datetime | None = None,
        **more: Unpack[EvidenceDetails],
    ) -> Done[Evidence]:
        """Keep a file: its bytes first, then the record, so that no record ever points at nothing.

        Args:
            kind: By default what the bytes are; SCAN_BACK must be said.
            made_at: UTC instant at which it was made; by default now.

        Raises:
            Refusal: "store.not_found", "evidence.visit_archived", "evidence.empty", "evidence.too_large",
                "evidence.already_attached".
        """
        media_type, seen = kind_of(content)
        chosen = kind or seen
        check_size(len(content), chosen)
        self._refuse_closed_file(visit_id)
        now = self._clock.now()
        piece = Evidence(
            id=new_id(),
            visit=visit_id,
            kind=chosen,
            blob=self._blobs.put(content),
            size_bytes=len(content),
            media_type=media_type,
            file_name=PurePath(file_name.replace("\\", "/")).name,
            made_at=made_at or now,
            attached_at=now,
            made_by=self._account.officer,
            file_note=self._note(content, chosen),
            **more,
        )
        with self._open_work() as work:
            _refuse_twice(piece, work.table(Evidence).where(visit=visit_id))
            work.table(Evidence).put(piece)
        return Done(piece, TOPICS)

    def _refuse_closed_file(self, visit_id: str) -> None:
        with self._open_work() as work:
            if work.table(Visit).get(visit_id).state is VisitState.ARCHIVED:
                raise Refusal("evidence.visit_archived", visit=visit_id)

    def _note(self, content: bytes, kind: EvidenceKind) -> str:
        return self._photo_note(content) if self._photo_note is not None and kind is EvidenceKind.PHOTO else ""

    def describe(
        self, evidence_id: str, *, proves: str, method: str = "", original_carrier: str = ""
    ) -> Done[Evidence]:
        """Say what a piece proves, how it was made and where the original is."""
        with self._open_work() as work:
            piece = work.table(Evidence).get(evidence_id)
            after = changed(piece, proves=proves, method=method, original_carrier=original_carrier)
            work.table(Evidence).put(after)
        return Done(after, TOPICS)

    def void(self, evidence_id: str, *, reason: str) -> Done[Evidence]:
        """Take a piece out of the case with a reason; its bytes and its record stay.

        Raises Refusal "store.not_found", "evidence.reason_missing", "evidence.already_void".
        """
        if not reason.strip():
            raise Refusal("evidence.reason_missing")
        with self._open_work() as work:
            piece = work.table(Evidence).get(evidence_id)
            if piece.is_void:
                raise Refusal("evidence.already_void", file=piece.file_name or piece.id)
            after = changed(piece, is_void=True, void_reason=reason.strip())
            work.table(Evidence).put(after)
        return Done(after, TOPICS)

    def of_visit(self, visit_id: str) -> Sequence[Evidence]:
        """Return every piece of a visit, voided ones too."""
        with self._open_work() as work:
            return tuple(work.table(Evidence).where(visit=visit_id))

    def content(self, evidence_id: str) -> bytes:
        """Return the bytes of a piece.  Raises Trouble "blobs.missing", "blobs.damaged"."""
        with self._open_work() as work:
            piece = work.table(Evidence).get(evidence_id)
        return self._blobs.get(piece.blob)
