"""What a case file tells of itself: the catalogue of evidence (证据目录) and the rows of the index (卷内目录)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.domain.case_files import CaseContents
from core.domain.case_manifest import CaseMember
from core.domain.documents import Block, BlockKind, DocumentFacts, DocumentKind, Layout, printed_time
from core.domain.evidence import Evidence, EvidenceKind
from core.kernel.clock import local, local_date
from core.kernel.records import changed

CATALOGUE_TITLE = "证据目录"
DRAWN_PHOTOS = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp"})
_KINDS = {
    EvidenceKind.PHOTO: "照片",
    EvidenceKind.VIDEO: "视频",
    EvidenceKind.AUDIO: "录音",
    EvidenceKind.DOCUMENT: "书证",
    EvidenceKind.SCAN_BACK: "扫描回件",
}


def catalogue_facts(contents: CaseContents, shown: frozenset[str], *, now: datetime) -> DocumentFacts:
    """Return the catalogue as a record: every piece with its hash, and the photos `shown` (SHA-256) with captions."""
    names = {one.id: one.name for one in contents.officers}
    visit = contents.visit
    rows = tuple(_row(place, piece, names) for place, piece in enumerate(contents.evidence, 1))
    table = Block(
        kind=BlockKind.TABLE,
        headings=("序号", "名称", "种类", "制作人、时间", "证明对象", "SHA-256"),
        widths=(2, 5, 3, 5, 5, 8),
        rows=rows,
    )
    pictures = tuple(
        (one.blob, names.get(one.made_by, one.made_by), printed_time(local(one.made_at)), one.proves)
        for one in contents.evidence
        if one.blob in shown
    )
    photos = (Block(kind=BlockKind.PHOTOS, text="照片", rows=pictures),) if pictures else ()
    return DocumentFacts(
        id=visit.id,
        kind=DocumentKind.COVER_SHEET,
        number="",
        body=visit.subject,
        title=CATALOGUE_TITLE,
        layout=Layout.RECORD,
        visit=visit.id,
        party=visit.enterprise_name,
        uscc=visit.uscc,
        issued_at=now,
        issued_on=local_date(now),
        blocks=(table, *photos, Block(kind=BlockKind.BLANK_BELOW)),
        is_demo=visit.is_demo,
    )


def index_rows(members: Sequence[CaseMember], *, behind: int) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the index (卷内目录), with the pages behind a cover of so many pages."""
    return tuple(
        (
            str(one.place),
            one.title,
            one.number,
            _day(one),
            _pages(moved(one, behind)),
        )
        for one in members
        if one.role != "evidence"
    )


def _day(member: CaseMember) -> str:
    return member.made_on.isoformat() if member.made_on else ""


def _pages(member: CaseMember) -> str:
    if not member.page_first:
        return "无"
    last = f"-{member.page_last}" if member.page_last != member.page_first else ""
    return f"{member.page_first}{last}页"


def moved(member: CaseMember, by: int) -> CaseMember:
    """Return the member with its pages so many further on."""
    if not member.page_first:
        return member
    return changed(member, page_first=member.page_first + by, page_last=member.page_last + by)


def evidence_member(place: int, piece: Evidence) -> CaseMember:
    """Return the member of one piece of evidence, which has no page of its own."""
    ending = piece.file_name.rpartition(".")[2].lower() if "." in piece.file_name else ""
    safe = ending if ending.isascii() and ending.isalnum() and len(ending) <= 5 else "bin"
    title = piece.file_name or _KINDS[piece.kind]
    return CaseMember(
        place=place, role="evidence", title=title, sha256=piece.blob, file=f"originals/{place:03d}-evidence.{safe}"
    )


def _row(place: int, piece: Evidence, names: Mapping[str, str]) -> tuple[str, ...]:
    made = f"{names.get(piece.made_by, piece.made_by)} {printed_time(local(piece.made_at))}"
    return (str(place), piece.file_name or piece.id, _KINDS[piece.kind], made, piece.proves, piece.blob)
