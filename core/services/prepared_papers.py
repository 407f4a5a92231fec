"""Handing a paper to the clerk (交内勤制作): prepare, withdraw, send back, make final, and decide between two of one.

The station that makes it final takes the number from its own block, in the transaction that writes the link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial

from core.domain.document_forms import Value
from core.domain.documents import Document, DocumentKind
from core.domain.prepared_papers import (
    PreparedPaper,
    PreparedState,
    does_not_fit,
    entered_values,
    finished,
    living,
    prepared_doubt,
    sent_back,
    taken_back,
)
from core.domain.shared_state import Conflict, ConflictKind, ConflictState, conflict_id
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local_date
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import changed
from core.services.document_making import Given, Said
from core.services.documents import Documents
from core.services.ports import OpenWork, Work
from core.services.prepared_doubts import made_of, undecided_in

_TOPICS = frozenset({Topic.DOCUMENTS})
_DECIDED = frozenset({Topic.DOCUMENTS, Topic.NUMBERS, Topic.DEADLINES, Topic.SYNC})
_FAMILIES = frozenset({"prepared_paper", "document"})


class PreparedPapers:
    """What officers and clerks do with prepared papers.

    Args:
        documents: The papers of this station, in whose name a final one is made.
    """

    def __init__(self, open_work: OpenWork, clock: Clock, documents: Documents, *, station: str) -> None:
        self._open_work = open_work
        self._clock = clock
        self._documents = documents
        self._station = station

    def prepare(
        self,
        kind: DocumentKind,
        visit_id: str,
        *,
        entered: Mapping[str, Value] | None = None,
        amount_cents: int | None = None,
        due_on: date | None = None,
        late: str = "",
        note: str = "",
    ) -> Done[PreparedPaper]:
        """Hand a complete paper to the clerk. It has no number yet; nothing of it is printed as final.

        Args:
            entered, amount_cents, due_on, late: As Documents.issue.
            note: A word to the clerk.

        Raises:
            Refusal: as Documents.issue, but for numbers; "prepared.waits_already", params title.
        """
        given = Given(
            kind=kind,
            visit=visit_id,
            entered=dict(entered or {}),
            amount_cents=amount_cents,
            due_on=due_on,
            late=late,
        )
        said = self._documents.said(given, on=local_date(self._clock.now()))
        with self._open_work() as work:
            table = work.table(PreparedPaper)
            waiting = (one for one in table.where(visit=visit_id) if one.state is PreparedState.WAITING)
            if any((one.kind, one.said_sha256) == (kind, said.sha256) for one in waiting):
                raise Refusal("prepared.waits_already", title=said.title)
            paper = self._record(given, said, note.strip(), by=work.actor)
            table.put(paper)
        return Done(paper, _TOPICS)

    def withdraw(self, prepared_id: str, reason: str = "") -> Done[PreparedPaper]:
        """Take a paper back before it is final.  Raises Refusal "store.not_found", "prepared.not_waiting"."""
        with self._open_work() as work:
            table = work.table(PreparedPaper)
            paper = taken_back(table.get(prepared_id), reason, at=self._clock.now(), by=work.actor)
            table.put(paper)
        return Done(paper, _TOPICS)

    def send_back(self, prepared_id: str, reason: str) -> Done[PreparedPaper]:
        """Send a paper back to those who prepared it.

        Raises:
            Refusal: "store.not_found", "prepared.not_waiting", "prepared.reason_missing".
        """
        with self._open_work() as work:
            table = work.table(PreparedPaper)
            paper = sent_back(table.get(prepared_id), reason, at=self._clock.now(), by=work.actor)
            table.put(paper)
        return Done(paper, _TOPICS)

    def make(self, prepared_id: str) -> Done[Document]:
        """Make a prepared paper final: number, document and link are one transaction.

        Raises:
            Refusal: "store.not_found", "prepared.not_waiting"; "prepared.says_otherwise", params title: the visit, a
                list or the wording changed since, so that the paper would not be the one that was handed over; and as
                Documents.issue. No number is spent.
            Trouble: as Documents.issue.
        """
        with self._open_work() as work:
            paper = work.table(PreparedPaper).get(prepared_id)
        given = given_of(paper)
        return self._documents.issue(
            given.kind,
            given.visit,
            entered=given.entered,
            amount_cents=given.amount_cents,
            due_on=given.due_on,
            late=given.late,
            before=partial(self._may_be_made, prepared_id),
            also=partial(self._link, prepared_id),
        )

    def preview(self, prepared_id: str) -> bytes:
        """Return the paper as a draft, as it would be made today.  Raises as Documents.preview."""
        with self._open_work() as work:
            given = given_of(work.table(PreparedPaper).get(prepared_id))
        return self._documents.preview(given.kind, given.visit, entered=given.entered, amount_cents=given.amount_cents)

    def keep(self, prepared_id: str, document_id: str, reason: str) -> Done[PreparedPaper]:
        """Decide which of the papers made of one prepared paper stays; the others are spoiled, with their numbers.

        One transaction: a refusal leaves all of them as they were.

        Args:
            document_id: The paper that stays; empty: none does, because it was taken or sent back.

        Raises:
            Refusal: "prepared.fits", params title; "prepared.reason_missing"; "prepared.not_made_of_it", params title;
                "documents.already_served": a served paper cannot be the one that goes.
        """
        with self._open_work() as work:
            paper = work.table(PreparedPaper).get(prepared_id)
            alive = living(made_of(work, paper))
            if not does_not_fit(paper, alive):
                raise Refusal("prepared.fits", title=paper.title)
            if not reason.strip():
                raise Refusal("prepared.reason_missing", title=paper.title)
            if document_id and document_id not in {one.id for one in alive}:
                raise Refusal("prepared.not_made_of_it", title=paper.title)
            for other in alive:
                if other.id != document_id:
                    self._documents.spoil_in(work, other.id, reason)
            if document_id and paper.state is not PreparedState.FINAL:
                paper = changed(paper, state=PreparedState.FINAL)
                work.table(PreparedPaper).put(paper)
            _settle(work, paper, how=reason.strip(), at=self._clock)
        return Done(paper, _DECIDED)

    def of_visit(self, visit_id: str) -> tuple[PreparedPaper, ...]:
        """Return what was handed over in a visit, in the order in which it was."""
        with self._open_work() as work:
            return tuple(work.table(PreparedPaper).where(visit=visit_id))

    def undecided(self) -> tuple[tuple[PreparedPaper, tuple[Document, ...]], ...]:
        """Return the prepared papers of which a person must decide, each with its live papers."""
        with self._open_work() as work:
            return undecided_in(work)

    def look(self, touched: Iterable[tuple[str, str]]) -> Done[tuple[Conflict, ...]]:
        """Look at what came in: write the doubts that are new, and void the numbers of papers that others spoiled.

        Args:
            touched: (family, id) of what sync changed.
        """
        wanted = [one for one in touched if one[0] in _FAMILIES]
        fresh: list[Conflict] = []
        if not wanted:
            return Done(())
        with self._open_work() as work:
            for paper in _touched(work, wanted):
                made = made_of(work, paper)
                doubt = prepared_doubt(paper, made, at=self._clock.now())
                if does_not_fit(paper, made) and _is_new(work, doubt):
                    work.table(Conflict).put(doubt)
                    fresh.append(doubt)
            self._documents.void_spoiled(work, [identifier for family, identifier in wanted if family == "document"])
        return Done(tuple(fresh), _DECIDED if fresh else frozenset())

    def _record(self, given: Given, said: Said, note: str, *, by: str) -> PreparedPaper:
        now = self._clock.now()
        return PreparedPaper(
            id=new_id(),
            visit=given.visit,
            kind=given.kind,
            body=said.body,
            title=said.title,
            party=said.party,
            entered=entered_values(given.entered),
            amount_cents=given.amount_cents,
            due_on=given.due_on,
            late=given.late,
            note=note,
            said_sha256=said.sha256,
            prepared_on=local_date(now),
            prepared_at=now,
            prepared_by=by,
            station=self._station,
            is_demo=said.is_demo,
        )

    def _may_be_made(self, prepared_id: str, work: Work) -> None:
        paper = work.table(PreparedPaper).get(prepared_id)
        finished(paper, "", made_of(work, paper), at=self._clock.now(), by=work.actor)
        said = self._documents.said_in(work, given_of(paper), on=paper.prepared_on)
        if said.sha256 != paper.said_sha256:
            raise Refusal("prepared.says_otherwise", title=paper.title)

    def _link(self, prepared_id: str, work: Work, document: Document) -> None:
        paper = work.table(PreparedPaper).get(prepared_id)
        made = made_of(work, paper)
        work.table(PreparedPaper).put(finished(paper, document.id, made, at=self._clock.now(), by=work.actor))


def given_of(paper: PreparedPaper) -> Given:
    """Return what the officer gave, as papers are made from it."""
    return Given(
        kind=paper.kind,
        visit=paper.visit,
        entered={one.field: one.value() for one in paper.entered},
        amount_cents=paper.amount_cents,
        due_on=paper.due_on,
        late=paper.late,
    )


def _touched(work: Work, touched: Iterable[tuple[str, str]]) -> Iterable[PreparedPaper]:
    table = work.table(PreparedPaper)
    found: dict[str, PreparedPaper] = {}
    for family, identifier in touched:
        if family == "prepared_paper":
            known = table.find(identifier)
            found |= {known.id: known} if known is not None else {}
            continue
        document = work.table(Document).find(identifier)
        siblings = table.where(visit=document.visit) if document is not None else ()
        found |= {one.id: one for one in siblings if identifier in one.documents}
    return found.values()


def _is_new(work: Work, doubt: Conflict) -> bool:
    """Tell whether nobody has been asked yet, or was asked about other papers."""
    known = work.table(Conflict).find(doubt.id)
    return known is None or (known.state is ConflictState.SETTLED and known.others != doubt.others)


def _settle(work: Work, paper: PreparedPaper, *, how: str, at: Clock) -> None:
    table = work.table(Conflict)
    doubt = table.find(conflict_id(ConflictKind.PREPARED_PAPER, paper.id))
    if doubt is None or doubt.state is ConflictState.SETTLED:
        return
    table.put(changed(doubt, state=ConflictState.SETTLED, settled_at=at.now(), settled_by=work.actor, settled_how=how))
