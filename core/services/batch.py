"""Many papers at once (批量打印): next week's notices, their files, the print log, and the clerk's queue.

A batch has no state of its own: a visit whose notice is issued has it, so running it again goes on where it was
stopped and never issues twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.domain.accounts import Account
from core.domain.documents import CodeImage, Document, DocumentFacts, DocumentKind, DocumentState
from core.domain.enterprises import Enterprise
from core.domain.officers import Officer
from core.domain.print_log import PrintedPaper, PrintRun
from core.domain.visits import Visit, VisitKind, VisitState
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Cancelled, Refusal
from core.kernel.ids import new_id
from core.kernel.progress import Progress, Unwatched
from core.kernel.records import Record, changed
from core.services.documents import Documents
from core.services.ports import OpenWork, Reference

_TOPICS = frozenset({Topic.DOCUMENTS, Topic.NUMBERS})
_PLANNED = frozenset({VisitState.DRAFT, VisitState.APPROVED, VisitState.NOTIFIED})
_INTERNAL = frozenset({DocumentKind.APPROVAL_FORM, DocumentKind.CASE_FILING_FORM, DocumentKind.COVER_SHEET})
NOTICE = DocumentKind.INSPECTION_NOTICE

FinishMany = Callable[[Sequence[tuple[DocumentFacts, CodeImage]]], Iterator[bytes]]
"""Draws and signs many papers, on all cores where it pays; gives the files in the order of the papers."""
Merge = Callable[[Sequence[bytes], str, datetime], bytes]
"""Files, title and instant to one file."""


class Sort(StrEnum):
    """In which order the papers lie: by street and address, or by the officer who takes them along."""

    ROUTE = "route"
    OFFICER = "officer"


class Outcome(StrEnum):
    """What became of one visit in a batch."""

    ISSUED = "issued"
    REUSED = "reused"
    SKIPPED = "skipped"


class BatchPaper(Record):
    """One visit of a batch. `fault` and `params` say why it was skipped, in the words of the catalogue."""

    visit: str
    enterprise_name: str
    planned_from: datetime
    outcome: Outcome
    document: str = ""
    number: str = ""
    fault: str = ""
    params: dict[str, str] = {}


class BatchReport(Record):
    """What a batch did. After a cancel it holds what was issued; the rest is still to be done."""

    week_of: date
    total: int
    papers: tuple[BatchPaper, ...]
    is_cancelled: bool = False

    def documents(self) -> tuple[str, ...]:
        """Return the ids of the papers in their order."""
        return tuple(one.document for one in self.papers if one.document)


class Waiting(StrEnum):
    """What the clerk does next with a paper."""

    TO_PRINT = "to_print"
    TO_SIGN = "to_sign"
    """Printed, and its signatures or seal are not back yet: it is not final."""
    TO_SERVE = "to_serve"


class QueueLine(Record):
    """One paper in the clerk's queue."""

    document: str
    visit: str
    kind: DocumentKind
    title: str
    number: str
    enterprise_name: str
    state: DocumentState
    waiting: Waiting
    planned_from: datetime
    made_at: datetime


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
        *,
        finish_many: FinishMany,
        merge: Merge,
    ) -> None:
        self._open_work = open_work
        self._reference = reference
        self._clock = clock
        self._account = account
        self._documents = documents
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
        watch = progress or Unwatched()
        monday = monday_of(week_of)
        visits = self.planned(monday, sort)
        papers: list[BatchPaper] = []
        is_cancelled = False
        try:
            for place, visit in enumerate(visits):
                watch.step(place, 2 * len(visits), visit.enterprise_name)
                papers.append(self._notice(visit))
            self._finish(papers, watch, 2 * len(visits))
        except Cancelled:
            is_cancelled = True
        report = BatchReport(week_of=monday, total=len(visits), papers=tuple(papers), is_cancelled=is_cancelled)
        return Done(report, _TOPICS)

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

        Raises Refusal "store.not_found", "documents.spoiled"; Cancelled.
        """
        watch, wanted = progress or Unwatched(), tuple(documents)
        with self._open_work() as work:
            found = [work.table(Document).get(one) for one in wanted]
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
        """Return the papers of this account's body that wait to be printed, signed or served, sorted by that."""
        states = (DocumentState.DRAFT, DocumentState.FINAL, DocumentState.PRINTED)
        with self._open_work() as work:
            papers = [one for state in states for one in work.table(Document).where(state=state)]
            visits = {one.visit: work.table(Visit).get(one.visit) for one in papers}
        lines = [
            _queue_line(paper, visits[paper.visit], waiting)
            for paper in papers
            if visits[paper.visit].subject == self._account.subject and (waiting := waiting_of(paper)) is not None
        ]
        return tuple(
            sorted(lines, key=lambda line: (list(Waiting).index(line.waiting), line.planned_from, line.made_at))
        )

    def notice_of(self, visit: Visit) -> BatchPaper | None:
        """Return the notice that a visit has already, or None."""
        issued = [
            one
            for one in self._documents.of_visit(visit.id)
            if one.kind is NOTICE and one.state is not DocumentState.SPOILED
        ]
        return changed(_bare(visit), document=issued[-1].id, number=issued[-1].number) if issued else None

    def officer_names(self, visit: Visit) -> str:
        """Return the names of a visit's officers, as the list in force gives them."""
        found = (self._reference.find(Officer, one) for one in visit.officers)
        return "、".join(one.name for one in found if one is not None)

    def _notice(self, visit: Visit) -> BatchPaper:
        issued = self.notice_of(visit)
        if issued is not None:
            return issued
        paper = _bare(visit)
        if visit.state is VisitState.DRAFT:
            return changed(paper, outcome=Outcome.SKIPPED, fault="batch.not_approved")
        self._documents.files_later = True
        try:
            document = self._documents.issue(NOTICE, visit.id).value
        except Refusal as refusal:
            params = {name: str(value) for name, value in refusal.params.items()}
            return changed(paper, outcome=Outcome.SKIPPED, fault=refusal.code, params=params)
        finally:
            self._documents.files_later = False
        return changed(paper, outcome=Outcome.ISSUED, document=document.id, number=document.number)

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


def waiting_of(document: Document) -> Waiting | None:
    """Return what is next for a paper; None: nothing."""
    if document.state in {DocumentState.SERVED, DocumentState.SPOILED} or document.kind is DocumentKind.FINE_RECEIPT:
        return None
    if not document.printed_at:
        return Waiting.TO_PRINT
    if document.state is DocumentState.DRAFT:
        return Waiting.TO_SIGN
    return None if document.kind in _INTERNAL else Waiting.TO_SERVE


def _queue_line(paper: Document, visit: Visit, waiting: Waiting) -> QueueLine:
    return QueueLine(
        document=paper.id,
        visit=visit.id,
        kind=paper.kind,
        title=paper.title,
        number=paper.number,
        enterprise_name=visit.enterprise_name,
        state=paper.state,
        waiting=waiting,
        planned_from=visit.planned_from,
        made_at=paper.made_at,
    )


def _name(place: int, document: Document) -> str:
    said = f"{place:03d} {document.number or document.title} {document.party}"
    kept = "".join("_" if char in '<>:"/\\|?*' or ord(char) < 32 else char for char in said)
    # Windows counts a path in characters and cuts it at 260; dots and blanks at the end vanish there.
    return kept[:120].rstrip(" .") + ".pdf"
