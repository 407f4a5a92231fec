"""Case files (案卷): the check before filing, the export as one PDF/A with a signed manifest, and its verification."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from core.domain.case_files import CaseContents, Filed, ReviewLine, failed, live, review
from core.domain.case_manifest import CaseManifest, CaseMember, SignedManifest
from core.domain.document_forms import Value
from core.domain.documents import (
    NEVER_DRAWN,
    Document,
    DocumentFacts,
    DocumentKind,
    DocumentState,
)
from core.domain.evidence import EvidenceKind
from core.domain.numbers import NumberUse
from core.domain.service_receipts import ServiceReceipt
from core.domain.visits import Remark, Visit
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal, Trouble
from core.kernel.progress import Progress, Unwatched
from core.kernel.records import Record, canonical_bytes, changed, from_plain, parse_json
from core.services.case_catalogue import (
    CATALOGUE_TITLE,
    DRAWN_PHOTOS,
    catalogue_facts,
    evidence_member,
    index_rows,
    moved,
)
from core.services.deadline_book import RunningDeadlines
from core.services.document_values import load_papers
from core.services.documents import Documents
from core.services.numbers import Numbers
from core.services.ports import Blobs, OpenWork, Reference, Work

_TOPICS = frozenset({Topic.DOCUMENTS})
_COVER = DocumentKind.COVER_SHEET
PDF_NAME, MANIFEST_NAME = "case.pdf", "manifest.json"
_ROUNDS_MAX = 4


@dataclass(frozen=True)
class CaseTools:
    """The tools that core.station brings.

    draw: facts and photos by SHA-256 to a PDF. merge: files, title, instant and overlay to one PDF/A-2b. numbers: how
    many pages to the overlay with their numbers. sign: with the station's key, whose id is `key_id`.
    """

    draw: Callable[[DocumentFacts, Mapping[str, bytes]], bytes]
    merge: Callable[[Sequence[bytes], str, datetime, bytes], bytes]
    page_count: Callable[[bytes], int]
    numbers: Callable[[int], bytes]
    sign: Callable[[bytes], bytes]
    key_id: Callable[[], bytes]
    trusted: Callable[[], Mapping[bytes, bytes]]
    verify: Callable[[bytes, bytes, bytes], bool]


class CaseExport(Record):
    """An exported file: the PDF, the signed manifest as bytes, and the originals by the names that it gives them."""

    pdf: bytes
    manifest: CaseManifest
    manifest_bytes: bytes
    originals: dict[str, bytes] = {}


class CaseVerdict(Record):
    """What a check of an exported file found. verdict: genuine, incomplete (originals missing), altered, unknown."""

    verdict: str
    reasons: tuple[str, ...] = ()
    """Codes with words under `case.reason.`, each with what it concerns behind a blank."""
    manifest: CaseManifest | None = None


class CaseFiles:
    """What a person does with case files."""

    def __init__(
        self,
        open_work: OpenWork,
        reference: Reference,
        blobs: Blobs,
        clock: Clock,
        *,
        documents: Documents,
        numbers: Numbers,
        deadlines: RunningDeadlines,
        tools: CaseTools,
        archive: Callable[[str], Done[Visit]],
        station: str,
    ) -> None:
        """Take the ports. `archive` files the visit (core.services.visits)."""
        self._open_work = open_work
        self._reference = reference
        self._blobs = blobs
        self._clock = clock
        self._documents = documents
        self._numbers = numbers
        self._deadlines = deadlines
        self._tools = tools
        self._archive = archive
        self._station = station

    def check(self, visit_id: str) -> tuple[ReviewLine, ...]:
        """Return every point of the review with its mark.  Raises Refusal "store.not_found"."""
        return review(self.contents(visit_id))

    def archive(self, visit_id: str, *, in_spite_of: str = "") -> Done[Visit]:
        """File the visit once its check is met, or with a reason that stays in the visit.

        Raises:
            Refusal: "case.incomplete", params points (codes); and those of Visits.archive.
        """
        missing = failed(self.check(visit_id))
        if missing and not in_spite_of.strip():
            raise Refusal("case.incomplete", points="、".join(line.code for line in missing))
        done = self._archive(visit_id)
        if not missing:
            return done
        note = f"{'、'.join(line.code for line in missing)}: {in_spite_of.strip()}"
        with self._open_work() as work:
            visit = work.table(Visit).get(visit_id)
            remark = Remark(code="filed_incomplete", note=note, at=self._clock.now())
            visit = changed(visit, remarks=(*visit.remarks, remark))
            work.table(Visit).put(visit)
        return Done(visit, done.changed)

    def contents(self, visit_id: str) -> CaseContents:
        """Load what a review reads."""
        deadlines = self._deadlines.of_visit(visit_id)
        reports = self._numbers.reports()
        with self._open_work() as work:
            papers = load_papers(work, self._reference, visit_id)
            kept = live(papers.documents)
            uses = [work.table(NumberUse).find(one.number_use) for one in kept if one.number_use]
            receipts = tuple(work.table(ServiceReceipt).where(visit=visit_id))
        blocks = {use.block for use in uses if use is not None}
        addresses = [
            *(one.blob for one in papers.evidence),
            *(one.pdf_blob for one in kept if one.pdf_blob),
            *(media for one in receipts for media in one.act.media),
        ]
        return CaseContents(
            visit=papers.visit,
            subject=papers.subject,
            items=papers.items,
            officers=papers.officers,
            papers=tuple(Filed(document=one, facts=self._documents.facts(one)) for one in kept),
            evidence=papers.evidence,
            findings=papers.findings,
            determined=papers.determined,
            receipts=receipts,
            deadlines=deadlines,
            gaps=tuple(gap for one in reports if one.block.id in blocks for gap in one.gaps),
            blobs_missing=tuple(one for one in dict.fromkeys(addresses) if not self._is_there(one)),
        )

    def export(self, visit_id: str, *, progress: Progress | None = None) -> Done[CaseExport]:
        """Put the file together: cover with index, papers, catalogue of evidence, numbered through, and its manifest.

        A new cover (D29) is issued with the present index; the earlier one is spoiled. Nothing else changes.

        Raises:
            Refusal: "case.empty"; Cancelled.
            Trouble: "papers.merge_failed", "blobs.missing", "blobs.damaged".
        """
        watch = progress or Unwatched()
        contents = self.contents(visit_id)
        if not contents.papers:
            raise Refusal("case.empty", visit=contents.visit.number or contents.visit.id)
        members, files = self._bodies(contents, watch)
        cover, members = self._cover(contents, members)
        pdf_cover = self._documents.pdf(cover.id)
        files = [pdf_cover, *files]
        pages = sum(self._tools.page_count(one) for one in files)
        now = self._clock.now()
        title = f"{cover.title} {contents.visit.number}".strip()
        watch.step(len(files), len(files) + 1, title)
        pdf = self._tools.merge(files, title, now, self._tools.numbers(pages))
        with self._open_work() as work:
            head, actor = work.chain_head(), work.actor
        manifest = CaseManifest(
            visit=visit_id,
            visit_number=contents.visit.number,
            title=title,
            made_at=now,
            made_by=actor,
            station=self._station,
            chain_head=head,
            pdf_file=PDF_NAME,
            pdf_sha256=_digest(pdf),
            pages=pages,
            members=tuple(members),
            failed_points=tuple(line.code for line in failed(review(contents))),
            is_demo=contents.visit.is_demo,
        )
        originals = {one.file: self._original(one, pdf_cover, files, members) for one in members if one.file}
        return Done(
            CaseExport(pdf=pdf, manifest=manifest, manifest_bytes=self._signed(manifest), originals=originals), _TOPICS
        )

    def verify(
        self, manifest: bytes, pdf: bytes | None, others: Mapping[str, bytes], *, with_originals: bool = True
    ) -> CaseVerdict:
        """Check an exported file against its manifest; needs nothing of this station but the keys it trusts.

        Args:
            others: The files beside the manifest, by the names it gives them.
            with_originals: Whether a missing original makes the file incomplete; the PDF is always wanted.
        """
        try:
            signed = from_plain(SignedManifest, parse_json(manifest))
            key = self._tools.trusted().get(bytes.fromhex(signed.key_id))
            signature = bytes.fromhex(signed.signature)
        except (msgspec.ValidationError, msgspec.DecodeError, ValueError):
            return CaseVerdict(verdict="altered", reasons=("manifest_unreadable",))
        if key is None:
            return CaseVerdict(verdict="unknown", reasons=(f"key_unknown {signed.key_id}",), manifest=signed.manifest)
        if not self._tools.verify(key, canonical_bytes(signed.manifest), signature):
            return CaseVerdict(verdict="altered", reasons=("manifest_altered",), manifest=signed.manifest)
        altered, missing = _compared(signed.manifest, pdf, others, with_originals=with_originals)
        verdict = "altered" if altered else "incomplete" if missing else "genuine"
        return CaseVerdict(verdict=verdict, reasons=(*altered, *missing), manifest=signed.manifest)

    def _signed(self, manifest: CaseManifest) -> bytes:
        signature = self._tools.sign(canonical_bytes(manifest)).hex()
        return canonical_bytes(
            SignedManifest(manifest=manifest, key_id=self._tools.key_id().hex(), signature=signature)
        )

    def _bodies(self, contents: CaseContents, watch: Progress) -> tuple[list[CaseMember], list[bytes]]:
        """Return the members behind the cover, their pages counted from 1, and the files that have pages."""
        members: list[CaseMember] = []
        files: list[bytes] = []
        page = 1
        total = len(contents.papers) + 2
        for place, filed in enumerate(contents.papers, 1):
            document = filed.document
            watch.step(place, total, document.title)
            if document.kind in NEVER_DRAWN:
                members.append(CaseMember(place=place, role="number", title=document.title, number=document.number))
                continue
            content = self._documents.pdf(document.id)
            files.append(content)
            count = self._tools.page_count(content)
            members.append(
                CaseMember(
                    place=place,
                    role="paper",
                    title=document.title,
                    number=document.number,
                    made_on=local_date(document.made_at),
                    sha256=_digest(content),
                    page_first=page,
                    page_last=page + count - 1,
                    file=f"originals/{place:03d}-{document.kind.value}.pdf",
                )
            )
            page += count
        if contents.evidence:
            catalogue = self._catalogue(contents)
            files.append(catalogue)
            count = self._tools.page_count(catalogue)
            place = len(members) + 1
            members.append(
                CaseMember(
                    place=place,
                    role="catalogue",
                    title=CATALOGUE_TITLE,
                    sha256=_digest(catalogue),
                    page_first=page,
                    page_last=page + count - 1,
                    file=f"originals/{place:03d}-evidence-catalogue.pdf",
                )
            )
            members += [evidence_member(place + n, piece) for n, piece in enumerate(contents.evidence, 1)]
        return members, files

    def _catalogue(self, contents: CaseContents) -> bytes:
        photos = {
            piece.blob: self._blobs.get(piece.blob)
            for piece in contents.evidence
            if piece.kind is EvidenceKind.PHOTO and piece.media_type in DRAWN_PHOTOS
        }
        for _ in range(len(photos) + 1):
            try:
                return self._tools.draw(catalogue_facts(contents, frozenset(photos), now=self._clock.now()), photos)
            except Refusal as refusal:
                # A picture that no library opens is listed without being shown; its original goes along.
                if refusal.code != "papers.photo_unreadable" or refusal.params.get("sha256") not in photos:
                    raise
                del photos[str(refusal.params["sha256"])]
        raise AssertionError("every unreadable picture was taken out")

    def _cover(self, contents: CaseContents, members: list[CaseMember]) -> tuple[Document, list[CaseMember]]:
        """Issue the cover whose index names the pages, which begin behind the cover itself."""
        visit_id, count = contents.visit.id, 1
        for _ in range(_ROUNDS_MAX):
            values: dict[str, Value] = {"index": index_rows(members, behind=count)}
            drawn = self._tools.page_count(self._documents.preview(_COVER, visit_id, entered=values))
            if drawn == count:
                break
            count = drawn
        values = {"index": index_rows(members, behind=count)}
        cover = self._documents.issue(_COVER, visit_id, entered=values).value
        with self._open_work() as work:
            earlier = [one.id for one in _covers(work, visit_id) if one.id != cover.id]
        for one in earlier:
            self._documents.spoil(one, "重新立卷")
        content = self._documents.pdf(cover.id)
        assert self._tools.page_count(content) == count, "the index names the pages that the file has"
        first = CaseMember(
            place=0,
            role="cover",
            title=cover.title,
            sha256=_digest(content),
            page_first=1,
            page_last=count,
            file="originals/000-cover_sheet.pdf",
        )
        return cover, [first, *(moved(one, count) for one in members)]

    def _original(
        self, member: CaseMember, cover: bytes, files: Sequence[bytes], members: Sequence[CaseMember]
    ) -> bytes:
        if member.role == "evidence":
            return self._blobs.get(member.sha256)
        with_pages = [one for one in members if one.page_first]
        return cover if member.role == "cover" else files[with_pages.index(member)]

    def _is_there(self, sha256: str) -> bool:
        try:
            self._blobs.get(sha256)
        except Trouble:
            return False
        return True


def _covers(work: Work, visit_id: str) -> list[Document]:
    found = work.table(Document).where(visit=visit_id)
    return [one for one in found if one.kind is _COVER and one.state is not DocumentState.SPOILED]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _compared(
    manifest: CaseManifest, pdf: bytes | None, others: Mapping[str, bytes], *, with_originals: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is altered and what is missing, as codes with the file behind a blank."""
    altered: list[str] = []
    missing: list[str] = []
    wanted = [
        (manifest.pdf_file, manifest.pdf_sha256),
        *((one.file, one.sha256) for one in manifest.members if one.file),
    ]
    brought = dict(others) | ({manifest.pdf_file: pdf} if pdf is not None else {})
    for name, sha256 in wanted:
        content = brought.get(name)
        if content is None and (with_originals or name == manifest.pdf_file):
            missing.append(f"file_missing {name}")
        elif content is not None and _digest(content) != sha256:
            altered.append(f"file_altered {name}")
    return tuple(altered), tuple(missing)
