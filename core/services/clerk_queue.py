"""The clerk's queue (待办): prepared papers to make final, and papers to decide about, print, sign and serve."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.prepared_papers import PreparedPaper, PreparedState
from core.domain.visits import Visit
from core.kernel.records import Record
from core.services.ports import Work
from core.services.prepared_doubts import undecided_in

_INTERNAL = frozenset({DocumentKind.APPROVAL_FORM, DocumentKind.CASE_FILING_FORM, DocumentKind.COVER_SHEET})
_LIVE = (DocumentState.DRAFT, DocumentState.FINAL, DocumentState.PRINTED)


class Waiting(StrEnum):
    """What the clerk does next with a paper, the most pressing first."""

    TO_DECIDE = "to_decide"
    """Two papers were made of one prepared paper, or one although it was taken back: nothing is printed before."""
    TO_MAKE = "to_make"
    """Handed over by an officer: it has no number yet."""
    TO_PRINT = "to_print"
    TO_SIGN = "to_sign"
    """Printed, and its signatures or seal are not back yet: it is not final."""
    TO_SERVE = "to_serve"


class QueueLine(Record):
    """One paper in the clerk's queue. `id` is that of the document, or of the prepared paper to make."""

    id: str
    document: str = ""
    prepared: str = ""
    visit: str
    kind: DocumentKind
    title: str
    number: str = ""
    enterprise_name: str
    state: DocumentState
    waiting: Waiting
    planned_from: datetime
    made_at: datetime
    made_by: str = ""
    """Officer who made it or handed it over."""
    note: str = ""
    """A word from the officer to the clerk."""


def queue_of(work: Work, subject: str) -> tuple[QueueLine, ...]:
    """Return the papers of a body that wait for the clerk, sorted by what is next."""
    visits = _Visits(work, subject)
    doubtful = {one.id: paper.id for paper, alive in undecided_in(work) for one in alive}
    lines = [
        _to_make(paper, visit)
        for paper in work.table(PreparedPaper).where(state=PreparedState.WAITING)
        if (visit := visits.find(paper.visit)) is not None
    ]
    for paper in work.table(Document).where(state=_LIVE):
        waiting = Waiting.TO_DECIDE if paper.id in doubtful else waiting_of(paper)
        visit = visits.find(paper.visit) if waiting is not None else None
        if waiting is not None and visit is not None:
            lines.append(_of_document(paper, visit, waiting, prepared=doubtful.get(paper.id, "")))
    return tuple(sorted(lines, key=_place))


def waiting_of(document: Document) -> Waiting | None:
    """Return what is next for a paper; None: nothing."""
    if document.state in {DocumentState.SERVED, DocumentState.SPOILED} or document.kind is DocumentKind.FINE_RECEIPT:
        return None
    if not document.printed_at:
        return Waiting.TO_PRINT
    if document.state is DocumentState.DRAFT:
        return Waiting.TO_SIGN
    return None if document.kind in _INTERNAL else Waiting.TO_SERVE


class _Visits:
    """The visits of one body, each read once; a paper may have come before its visit did and waits until it is here."""

    def __init__(self, work: Work, subject: str) -> None:
        self._table = work.table(Visit)
        self._subject = subject
        self._known: dict[str, Visit | None] = {}

    def find(self, visit_id: str) -> Visit | None:
        if visit_id not in self._known:
            found = self._table.find(visit_id)
            self._known[visit_id] = found if found is not None and found.subject == self._subject else None
        return self._known[visit_id]


def _place(line: QueueLine) -> tuple[int, datetime, datetime, str]:
    return list(Waiting).index(line.waiting), line.planned_from, line.made_at, line.id


def _to_make(paper: PreparedPaper, visit: Visit) -> QueueLine:
    return QueueLine(
        id=paper.id,
        prepared=paper.id,
        visit=paper.visit,
        kind=paper.kind,
        title=paper.title,
        enterprise_name=visit.enterprise_name,
        state=DocumentState.DRAFT,
        waiting=Waiting.TO_MAKE,
        planned_from=visit.planned_from,
        made_at=paper.prepared_at,
        made_by=paper.prepared_by,
        note=paper.note,
    )


def _of_document(paper: Document, visit: Visit, waiting: Waiting, *, prepared: str) -> QueueLine:
    return QueueLine(
        id=paper.id,
        document=paper.id,
        prepared=prepared,
        visit=paper.visit,
        kind=paper.kind,
        title=paper.title,
        number=paper.number,
        enterprise_name=visit.enterprise_name,
        state=paper.state,
        waiting=waiting,
        planned_from=visit.planned_from,
        made_at=paper.made_at,
        made_by=paper.made_by,
    )
