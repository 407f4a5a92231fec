"""Evidence (证据): photos, videos, documents, with maker, time, method and object of proof.

Source: 行诉证据规定 arts 10-15 (domain.md 1.5 step 10).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from core.kernel.records import Record


class EvidenceKind(StrEnum):
    """What it is."""

    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    SCAN_BACK = "scan_back"


class Evidence(Record):
    """One piece. `blob` is the SHA-256 of its bytes in hex; the bytes are in the blob store."""

    id: str
    visit: str
    kind: EvidenceKind
    blob: str
    size_bytes: int
    media_type: str
    file_name: str = ""
    is_imported: bool = True
    """False only if this program's own camera took it."""
    made_at: datetime
    attached_at: datetime | None = None
    """When it came into the case; a made_at long before it is worth a question."""
    made_by: str
    method: str = ""
    proves: str = ""
    original_carrier: str = ""
    answer: str = ""
    finding: str = ""
    fact: str = ""
    """Variable of the rules that it proves for its finding; empty: the finding as a whole."""
    file_note: str = ""
    """What the file says about itself (EXIF), never trusted instead of our own times."""
    is_void: bool = False
    void_reason: str = ""
