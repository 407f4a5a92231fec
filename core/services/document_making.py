"""What a paper would say: the values of its fields, the checks before a number is taken, and its facts.

Nothing here is stored; documents.py issues, prepared_papers.py hands over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from core.domain.document_forms import (
    Form,
    FormField,
    PaperContext,
    Value,
    check_fields,
    check_fine,
    facts_of,
    missing_fields,
)
from core.domain.documents import CodeImage, DocumentFacts, DocumentKind, Signature, photo_hashes
from core.domain.visits import Visit
from core.kernel.clock import Clock, local_date
from core.kernel.records import Record, canonical_bytes, changed
from core.services.deadlines import Deadlines
from core.services.document_codes import code_payload
from core.services.document_filling import Filled, filled_in, remedy_of
from core.services.document_values import VisitPapers, late_reason, load_papers, open_blocks
from core.services.document_wording import Forms
from core.services.drawn_photos import DrawnPhotos
from core.services.numbers import Numbers
from core.services.paper_tools import PaperTools, refuse_open_clashes
from core.services.ports import Blobs, OpenWork, Reference, Work

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Given(Record):
    """What a person gives for one paper, beside what the visit knows."""

    kind: DocumentKind
    visit: str
    entered: dict[str, Value] = {}
    amount_cents: int | None = None
    due_on: date | None = None
    late: str = ""


class Said(Record):
    """What a paper would say, and the SHA-256 of that in hex."""

    title: str
    body: str
    party: str
    sha256: str
    is_demo: bool


class PaperMaking:
    """Fills, checks and draws papers; stores none."""

    def __init__(
        self,
        open_work: OpenWork,
        reference: Reference,
        blobs: Blobs,
        clock: Clock,
        *,
        forms: Forms,
        numbers: Numbers,
        tools: PaperTools,
        station: str,
        points: Callable[[Visit], dict[str, str]] | None = None,
    ) -> None:
        """Take the ports. `points` gives the texts of a visit's check points by id."""
        self._open_work = open_work
        self._reference = reference
        self._deadlines = Deadlines(reference)
        self._blobs = blobs
        self._clock = clock
        self._forms = forms
        self._numbers = numbers
        self._tools = tools
        self._station = station
        self._points = points
        self._photos = DrawnPhotos(blobs, tools.is_picture)

    def kinds(self) -> tuple[DocumentKind, ...]:
        """Return the kinds that can be drawn."""
        return self._forms.kinds()

    def form(self, kind: DocumentKind, body: str = "") -> Form:
        """Return the form of a kind.  Raises Refusal "documents.kind_not_drawn"."""
        return self._forms.form(kind, body)

    def values(self, kind: DocumentKind, visit_id: str) -> dict[str, Value]:
        """Return what the visit already knows for the fields of the kind."""
        with self._open_work() as work:
            papers = self._load(work, visit_id)
        form = self._forms.form(kind, papers.visit.subject)
        known = {field.id for field in form.fields}
        return {name: value for name, value in self._filled(form, papers, {}).values.items() if name in known}

    def missing(
        self, kind: DocumentKind, visit_id: str, entered: Mapping[str, Value] | None = None
    ) -> tuple[FormField, ...]:
        """Return the mandatory fields that still have no value."""
        with self._open_work() as work:
            papers = self._load(work, visit_id)
        form = self._forms.form(kind, papers.visit.subject)
        return missing_fields(form, self._filled(form, papers, dict(entered or {})).values)

    def preview(
        self,
        kind: DocumentKind,
        visit_id: str,
        *,
        entered: Mapping[str, Value] | None = None,
        signatures: tuple[Signature, ...] = (),
        amount_cents: int | None = None,
    ) -> bytes:
        """Return the paper as a draft: no number, no code, nothing stored. Missing fields print as a stroke."""
        with self._open_work() as work:
            papers = self._load(work, visit_id)
            head = work.chain_head()
        form = self._forms.form(kind, papers.visit.subject)
        context = self._context("-", papers, head, late="", amount_cents=amount_cents, due_on=None)
        facts = self._facts(form, papers, context, dict(entered or {}), "", signatures)
        return self._drawn(changed(facts, is_draft=True), None)

    def said(self, given: Given, *, on: date) -> Said:
        """Return what the paper would say if it were issued on a local day, after the checks before a number is taken.

        Raises as Documents.issue, but for numbers.
        """
        self._photos.look(self._open_work, given.visit, given.kind)
        with self._open_work() as work:
            return self.said_in(work, given, on=on)

    def said_in(self, work: Work, given: Given, *, on: date) -> Said:
        """As `said`, inside the caller's transaction; the photos were looked at before."""
        papers = self._load(work, given.visit)
        form = self._forms.form(given.kind, papers.visit.subject)
        self._check(form, papers, given.entered, given.amount_cents)
        context = self._context(
            "", papers, "", late=given.late, amount_cents=given.amount_cents, due_on=given.due_on, today=on
        )
        # Which station makes it, and when, is no part of what it says; its dates are counted from the day given.
        context = changed(context, issued_at=_NEVER, station="")
        facts = self._facts(form, papers, context, given.entered, "", ())
        self._tools.check(facts)
        return Said(
            title=facts.title,
            body=facts.body,
            party=facts.party or papers.visit.enterprise_name,
            sha256=hashlib.sha256(canonical_bytes(facts)).hexdigest(),
            is_demo=facts.is_demo,
        )

    def _load(self, work: Work, visit_id: str) -> VisitPapers:
        papers = load_papers(work, self._reference, visit_id)
        return changed(papers, points=self._points(papers.visit)) if self._points else papers

    def _check(self, form: Form, papers: VisitPapers, entered: dict[str, Value], amount_cents: int | None) -> None:
        refuse_open_clashes(self._tools, papers.visit.id)
        check_fields(form, self._filled(form, papers, entered).values)
        check_fine(form.kind, amount_cents)

    def _context(
        self,
        identifier: str,
        papers: VisitPapers,
        chain_head: str,
        *,
        late: str,
        amount_cents: int | None,
        due_on: date | None,
        today: date | None = None,
    ) -> PaperContext:
        now = self._clock.now()
        visit = papers.visit
        return PaperContext(
            id=identifier,
            visit=visit.id,
            body=visit.subject,
            issued_at=now,
            issued_on=today or local_date(now),
            chain_head=chain_head,
            station=self._station,
            list_versions=visit.list_versions,
            is_demo=visit.is_demo,
            late_reason=late or late_reason(visit),
            amount_cents=amount_cents,
            due_on=due_on,
        )

    def _facts(
        self,
        form: Form,
        papers: VisitPapers,
        context: PaperContext,
        entered: dict[str, Value],
        number: str,
        signatures: tuple[Signature, ...],
    ) -> DocumentFacts:
        given = self._filled(form, papers, entered, today=context.issued_on)
        context = changed(context, unverified=given.unverified)
        remedy = remedy_of(form, papers.subject, self._deadlines, today=context.issued_on)
        blocks = (*signatures, *open_blocks(form, papers, signatures))
        return facts_of(form, given.values, context, number=number, signatures=blocks, remedy=remedy)

    def _filled(
        self, form: Form, papers: VisitPapers, entered: dict[str, Value], *, today: date | None = None
    ) -> Filled:
        photos: dict[str, Value] = {"photos": self._photos.rows(form.kind, papers)}
        day = today or local_date(self._clock.now())
        return filled_in(form, papers, photos | entered, self._deadlines, today=day)

    def _drawn(self, facts: DocumentFacts, image: CodeImage | None) -> bytes:
        photos = {sha256: self._blobs.get(sha256) for sha256 in photo_hashes(facts)}
        return self._tools.draw(facts, image, photos)

    def _code_text(self, facts: DocumentFacts) -> str:
        return self._tools.make_code(code_payload(facts, certificate_sha256=self._tools.certificate_sha256))
