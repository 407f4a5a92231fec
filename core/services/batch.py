"""Many papers at once (批量打印): next week's notices, what was handed to the clerk, their files and the print log.

A batch has no state of its own: a visit whose notice is issued has it, so running it again goes on where it was
stopped and never issues twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from core.domain.accounts import Account
from core.domain.documents import CodeImage, Document, DocumentFacts, DocumentKind, DocumentState
from core.domain.enterprises import Enterprise
from core.domain.officers import Officer
from core.domain.prepared_papers import PreparedPaper, PreparedState
from core.domain.print_log import PrintedPaper, PrintRun
from core.domain.visits import Visit, VisitKind, VisitState
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Cancelled, Refusal
from core.kernel.ids import new_id
from core.kernel.progress import Progress, Unwatched
from core.kernel.records import Record, changed
from core.services.clerk_queue import QueueLine, queue_of
from core.services.documents import Documents
from core.services.ports import OpenWork, Reference
from core.services.prepared_doubts import refuse_doubtful
from core.services.prepared_papers import PreparedPapers

_TOPICS = frozenset({Topic.DOCUMENTS, Topic.NUMBERS})
_PLANNED = frozenset({VisitState.DRAFT, VisitState.APPROVED, VisitState.NOTIFIED})
NOTICE = DocumentKind.INSPECTION_NOTICE

FinishMany = Callable[[Sequence[tuple[DocumentFacts, CodeImage]]], Iterator[bytes]]
"""Draws and signs many papers, on all cores where it pays; gives the files in the order of the papers."""
_Told = Callable[["BatchPaper", Any], "BatchPaper"]
Merge = Callable[[Sequence[bytes], str, datetime], bytes]
"""Files, title and instant to one file."""


class Sort(StrEnum):
    """In which order the papers lie: by street and address, or by the officer who takes them along."""

    ROUTE = "route"
    OFFICER = "officer"


class Outcome(StrEnum):
    """What became of one visit in a batch."""

    ISSUED = "issued"
    HANDED_OVER = "handed_over"
    """It waits for the clerk, without a number."""
    REUSED = "reused"
    SKIPPED = "skipped"


class BatchPaper(Record):
    """One visit of a batch. `fault` and `params` say why it was skipped, in the words of the catalogue."""

    visit: str
    enterprise_name: str
    planned_from: datetime
    outcome: Outcome
    document: str = ""
    prepared: str = ""
    """Id of the prepared paper, where one was handed over."""
    number: str = ""
    fault: str = ""
    params: dict[str, str] = {}


class BatchReport(Record):
    """What a batch did. After a cancel it holds what was issued; the rest is still to be done."""

    week_of: date | None = None
    """Local Monday of the week whose notices they are; None: other papers."""
    total: int
    papers: tuple[BatchPaper, ...]
    is_cancelled: bool = False

    def documents(self) -> tuple[str, ...]:
        """Return the ids of the papers in their order."""
        return tuple(one.document for one in self.papers if one.document)


class PaperFile(Record):
    """One file ready for the printer."""

    name: str
    document: str
    content: bytes
    is_copy: bool = False


class BatchDocuments(Documents):
    """Documents whose files are made later, many at once."""

    files_later = False

    def draw(self, document_id: str) -> Done[Document]:
        """As Documents.draw; inside a batch it leaves the file for `finish`."""
        if not self.files_later:
            return super().draw(document_id)
        with self._open_work() as work:
            return Done(work.table(Document).get(document_id))

    def image(self, document: Document) -> CodeImage:
        """Return the code that the paper carries."""
        return self._tools.image_of(document.code_text)

    def finish(self, document: Document, pdf: bytes) -> Document:
        """Keep the file of a paper that was drawn and signed elsewhere; a file that is there already stays."""
        sha256 = self._blobs.put(pdf)
        with self._open_work() as work:
            stored = work.table(Document).get(document.id)
            # It may have been signed, spoiled or drawn meanwhile.
            if not stored.pdf_blob and stored.facts_blob == document.facts_blob:
                stored = changed(stored, pdf_blob=sha256)
                work.table(Document).put(stored)
        return stored


class Batch:
    """What a clerk does with many papers."""

    def __init__(
        self,
        open_work: OpenWork,
        reference: Reference,
        clock: Clock,
        account: Account,
        documents: BatchDocuments,
        prepared: PreparedPapers,
        *,
        finish_many: FinishMany,
        merge: Merge,
    ) -> None:
        self._open_work = open_work
        self._reference = reference
        self._clock = clock
        self._account = account
        self._documents = documents
        self._prepared = prepared
        self._finish_many = finish_many
        self._merge = merge

    def notices(self, week_of: date, sort: Sort = Sort.ROUTE, *, progress: Progress | None = None) -> Done[BatchReport]:
        """Issue the inspection notices of a week's planned visits, or take the ones that are issued.

        A visit that is not approved, or whose notice lacks something, is skipped and told; the others go on. A cancel
        keeps what was issued: it is in the report, and the next run goes on behind it.

        Args:
            week_of: Any local day of the week, Monday to Sunday.

        Raises:
            Trouble: disk or fonts; what was issued before stays.
        """
        monday = monday_of(week_of)
        visits = self.planned(monday, sort)
        work = [(visit.enterprise_name, partial(self._notice, visit)) for visit in visits]
        return Done(changed(self._run(work, progress, with_files=True), week_of=monday), _TOPICS)

    def hand_over(
        self, week_of: date, sort: Sort = Sort.ROUTE, *, progress: Progress | None = None
    ) -> Done[BatchReport]:
        """Hand the notices of a week to the clerk instead of issuing them here; skips and a cancel as `notices`."""
        monday = monday_of(week_of)
        visits = self.planned(monday, sort)
        work = [(visit.enterprise_name, partial(self._handed_over, visit)) for visit in visits]
        return Done(changed(self._run(work, progress, with_files=False), week_of=monday), _TOPICS)

    def make(self, prepared: Sequence[str], *, progress: Progress | None = None) -> Done[BatchReport]:
        """Make prepared papers final, each with a number of this station; what cannot be made is skipped and told.

        Raises:
            Refusal: "store.not_found".
            Trouble: disk or fonts; what was made before stays.
        """
        with self._open_work() as work:
            papers = [work.table(PreparedPaper).get(one) for one in prepared]
            visits = {one.visit: work.table(Visit).get(one.visit) for one in papers}
        steps = [(one.party, partial(self._made, one.id, visits[one.visit])) for one in papers]
        return Done(self._run(steps, progress, with_files=True), _TOPICS)

    def _run(
        self, steps: Sequence[tuple[str, Callable[[], BatchPaper]]], progress: Progress | None, *, with_files: bool
    ) -> BatchReport:
        watch = progress or Unwatched()
        total = 2 * len(steps) if with_files else len(steps)
        papers: list[BatchPaper] = []
        is_cancelled = False
        try:
            for place, (note, step) in enumerate(steps):
                watch.step(place, total, note)
                papers.append(step())
            if with_files:
                self._finish(papers, watch, total)
        except Cancelled:
            is_cancelled = True
        return BatchReport(total=len(steps), papers=tuple(papers), is_cancelled=is_cancelled)

    def planned(self, week_of: date, sort: Sort = Sort.ROUTE) -> tuple[Visit, ...]:
        """Return the visits of this account's body that are planned for a week and not begun, in order."""
        monday = monday_of(week_of)
        with self._open_work() as work:
            found = [visit for state in sorted(_PLANNED) for visit in work.table(Visit).where(state=state)]
        wanted = [
            visit
            for visit in found
            if visit.subject == self._account.subject
            and visit.kind is not VisitKind.NON_INSPECTION
            and monday <= local_date(visit.planned_from) < monday + timedelta(days=7)
        ]
        key = self._by_route if sort is Sort.ROUTE else self._by_officer
        return tuple(sorted(wanted, key=key))

    def files(self, documents: Iterable[str], *, progress: Progress | None = None) -> tuple[PaperFile, ...]:
        """Return the files of papers, named by place, number and party. What was printed before is a marked copy.

        Raises Refusal "store.not_found", "documents.spoiled", "prepared.decide_first"; Cancelled.
        """
        watch, wanted = progress or Unwatched(), tuple(documents)
        with self._open_work() as work:
            found = [work.table(Document).get(one) for one in wanted]
            for one in found:
                refuse_doubtful(work, one)
        made: list[PaperFile] = []
        for place, document in enumerate(found, 1):
            watch.step(place - 1, len(found), document.title)
            is_copy = bool(document.printed_at)
            if document.state is DocumentState.SPOILED:
                raise Refusal("documents.spoiled", title=document.title, reason=document.spoiled_reason)
            content = self._documents.copy(document.id) if is_copy else self._documents.pdf(document.id)
            made.append(PaperFile(name=_name(place, document), document=document.id, content=content, is_copy=is_copy))
        return tuple(made)

    def one_file(self, files: Sequence[PaperFile], *, title: str = "批量打印") -> bytes:
        """Return the files as one, for one run of the printer.

        Raises Refusal "batch.nothing"; Trouble "papers.merge_failed".
        """
        if not files:
            raise Refusal("batch.nothing")
        return self._merge([one.content for one in files], title, self._clock.now())

    def printed(self, files: Sequence[PaperFile], *, copies: int = 1, week_of: date | None = None) -> Done[PrintRun]:
        """Write the print log once the files are out: who, when, which and how many of each.

        Raises Refusal "batch.nothing", "batch.copies_out_of_range".
        """
        if not files:
            raise Refusal("batch.nothing")
        if not 1 <= copies <= COPIES_MAX:
            raise Refusal("batch.copies_out_of_range", copies=copies, copies_max=COPIES_MAX)
        now = self._clock.now()
        with self._open_work() as work:
            table = work.table(Document)
            papers: list[PrintedPaper] = []
            is_demo = False
            for file in files:
                document = table.get(file.document)
                is_demo = is_demo or document.is_demo
                after = changed(document, printed_at=(*document.printed_at, now))
                if after.state is DocumentState.FINAL:
                    after = changed(after, state=DocumentState.PRINTED)
                table.put(after)
                papers.append(
                    PrintedPaper(
                        document=document.id,
                        number=document.number,
                        title=document.title,
                        copies=copies,
                        is_copy=file.is_copy,
                    )
                )
            run = PrintRun(id=new_id(), at=now, by=work.actor, papers=tuple(papers), week_of=week_of, is_demo=is_demo)
            work.table(PrintRun).put(run)
        return Done(run, _TOPICS)

    def print_log(self) -> tuple[PrintRun, ...]:
        """Return every print run, the latest first."""
        with self._open_work() as work:
            return tuple(reversed(work.table(PrintRun).where()))

    def queue(self) -> tuple[QueueLine, ...]:
        """Return the papers of this account's body that wait for the clerk, sorted by what is next."""
        with self._open_work() as work:
            return queue_of(work, self._account.subject)

    def notice_of(self, visit: Visit) -> BatchPaper | None:
        """Return the notice that a visit has already, issued or handed to the clerk, or None."""
        issued = [
            one
            for one in self._documents.of_visit(visit.id)
            if one.kind is NOTICE and one.state is not DocumentState.SPOILED
        ]
        if issued:
            return changed(_bare(visit), document=issued[-1].id, number=issued[-1].number)
        waiting = [
            one
            for one in self._prepared.of_visit(visit.id)
            if one.kind is NOTICE and one.state is PreparedState.WAITING
        ]
        return changed(_bare(visit), outcome=Outcome.HANDED_OVER, prepared=waiting[-1].id) if waiting else None

    def officer_names(self, visit: Visit) -> str:
        """Return the names of a visit's officers, as the list in force gives them."""
        found = (self._reference.find(Officer, one) for one in visit.officers)
        return "、".join(one.name for one in found if one is not None)

    def _notice(self, visit: Visit) -> BatchPaper:
        known = self.notice_of(visit)
        if known is not None:
            return self._made(known.prepared, visit) if known.prepared else known
        return self._if_approved(visit, self._issued, partial(self._documents.issue, NOTICE, visit.id))

    def _handed_over(self, visit: Visit) -> BatchPaper:
        known = self.notice_of(visit)
        if known is not None:
            return known
        return self._if_approved(visit, self._prepared_for, partial(self._prepared.prepare, NOTICE, visit.id))

    def _made(self, prepared: str, visit: Visit) -> BatchPaper:
        return self._told(visit, self._issued, partial(self._prepared.make, prepared))

    def _if_approved(self, visit: Visit, told: _Told, call: Callable[[], Done[Any]]) -> BatchPaper:
        if visit.state is VisitState.DRAFT:
            return changed(_bare(visit), outcome=Outcome.SKIPPED, fault="batch.not_approved")
        return self._told(visit, told, call)

    def _told(self, visit: Visit, told: _Told, call: Callable[[], Done[Any]]) -> BatchPaper:
        self._documents.files_later = True
        try:
            return told(_bare(visit), call().value)
        except Refusal as refusal:
            params = {name: str(value) for name, value in refusal.params.items()}
            return changed(_bare(visit), outcome=Outcome.SKIPPED, fault=refusal.code, params=params)
        finally:
            self._documents.files_later = False

    @staticmethod
    def _issued(paper: BatchPaper, document: Document) -> BatchPaper:
        return changed(paper, outcome=Outcome.ISSUED, document=document.id, number=document.number)

    @staticmethod
    def _prepared_for(paper: BatchPaper, prepared: PreparedPaper) -> BatchPaper:
        return changed(paper, outcome=Outcome.HANDED_OVER, prepared=prepared.id)

    def _finish(self, papers: Sequence[BatchPaper], watch: Progress, total: int) -> None:
        """Draw and sign what has no file yet."""
        with self._open_work() as work:
            found = [work.table(Document).get(one.document) for one in papers if one.document]
        waiting = [one for one in found if not one.pdf_blob]
        jobs = [(self._documents.facts(one), self._documents.image(one)) for one in waiting]
        base = total - len(waiting)
        for place, (document, pdf) in enumerate(zip(waiting, self._finish_many(jobs), strict=True), 1):
            self._documents.finish(document, pdf)
            watch.step(base + place, total, document.title)

    def _by_route(self, visit: Visit) -> tuple[str, str, datetime, str]:
        enterprise = self._reference.find(Enterprise, visit.enterprise)
        street = enterprise.street if enterprise is not None else ""
        return (street, visit.place or visit.address, visit.planned_from, visit.id)

    def _by_officer(self, visit: Visit) -> tuple[str, str, datetime, str]:
        first = visit.officers[0] if visit.officers else ""
        officer = self._reference.find(Officer, first) if first else None
        return (officer.name if officer is not None else "", first, visit.planned_from, visit.id)


def _bare(visit: Visit) -> BatchPaper:
    return BatchPaper(
        visit=visit.id,
        enterprise_name=visit.enterprise_name,
        planned_from=visit.planned_from,
        outcome=Outcome.REUSED,
    )


COPIES_MAX = 50
"""Product limit: more of one paper is a typing mistake."""


def monday_of(day: date) -> date:
    """Return the Monday of a local day's week."""
    return day - timedelta(days=day.weekday())


def _name(place: int, document: Document) -> str:
    said = f"{place:03d} {document.number or document.title} {document.party}"
    kept = "".join("_" if char in '<>:"/\\|?*' or ord(char) < 32 else char for char in said)
    # Windows counts a path in characters and cuts it at 260; dots and blanks at the end vanish there.
    return kept[:120].rstrip(" .") + ".pdf"
