"""The manifest of an exported case file: what it holds, with digests, signed by the station."""

from __future__ import annotations

from datetime import date, datetime

from core.kernel.records import Record


class CaseMember(Record):
    """One piece of an exported file. `sha256` is of the original; pages 0: it has none in the PDF."""

    place: int
    role: str
    """cover, paper, catalogue, evidence, or number: a paper that only has a number here (D26)."""
    title: str
    number: str = ""
    made_on: date | None = None
    sha256: str = ""
    page_first: int = 0
    page_last: int = 0
    file: str = ""
    """Where the original lies beside the manifest, if it was carried along."""


class CaseManifest(Record):
    """What an exported file holds; signed by the station."""

    schema: int = 1
    visit: str
    visit_number: str
    title: str
    made_at: datetime
    made_by: str
    station: str
    chain_head: str
    pdf_file: str
    pdf_sha256: str
    pages: int
    members: tuple[CaseMember, ...]
    failed_points: tuple[str, ...] = ()
    """Codes of the check that were not met when it was exported."""
    is_demo: bool = False


class SignedManifest(Record):
    """The manifest with the station's signature over its canonical bytes (Ed25519, hex)."""

    manifest: CaseManifest
    key_id: str
    signature: str
