"""Papers of a visit: issue, draw, sign, print, serve, spoil.

Number, frozen facts and document are one transaction; the file is drawn afterwards from the stored facts, so a crash
in between costs nothing: `draw_pending` draws the same paper with the same number again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from core.domain.document_forms import Form, Value
from core.domain.documents import (
    NEVER_DRAWN,
    NOT_SIGNED,
    Document,
    DocumentFacts,
    DocumentKind,
    DocumentState,
    Signature,
    filled,
    lacks_witness,
    short_code,
    state_by_signatures,
)
from core.kernel.changes import Done, Topic
from core.kernel.clock import local_date
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import canonical_bytes, changed, from_plain, parse_json
from core.services.document_making import PaperMaking
from core.services.document_values import VisitPapers
from core.services.paper_tools import refuse_final_over_clashes
from core.services.ports import Work
from core.services.prepared_doubts import refuse_doubtful

Before = Callable[[Work], None]
Also = Callable[[Work, Document], None]
"""Given the transaction that issues a paper, and the paper."""

_TOPICS = frozenset({Topic.DOCUMENTS})
_ISSUED = frozenset({Topic.DOCUMENTS, Topic.NUMBERS, Topic.DEADLINES})


class Documents(PaperMaking):
    """What a person does with papers."""

    def issue(
        self,
        kind: DocumentKind,
        visit_id: str,
        *,
        entered: Mapping[str, Value] | None = None,
        signatures: tuple[Signature, ...] = (),
        amount_cents: int | None = None,
        due_on: date | None = None,
        late: str = "",
        before: Before | None = None,
        also: Also | None = None,
    ) -> Done[Document]:
        """Take a number, freeze the facts and store the document; then draw and sign its file.

        Args:
            entered: Field values that the officer typed, over what the visit knows.
            amount_cents: The fine in fen, for penalties only.
            due_on: Last local day of what the paper orders.
            late: Why the paper is written after the fact; empty: the visit's own reason, if it was registered late.
            before, also: What belongs into the same transaction, before and behind it; a refusal takes the number back.

        Raises:
            Refusal: "documents.field_missing", "papers.glyph_missing", "documents.fine_too_high",
                "documents.kind_not_drawn", and those of Numbers.take_in; no number is spent.
            Trouble: when drawing failed; the document stays, `draw` draws it again.
        """
        self._photos.look(self._open_work, visit_id, kind)
        with self._open_work() as work:
            if before is not None:
                before(work)
            papers = self._load(work, visit_id)
            form = self._forms.form(kind, papers.visit.subject)
            self._check(form, papers, dict(entered or {}), amount_cents)
            document_id = new_id()
            context = self._context(
                document_id, papers, work.chain_head(), late=late, amount_cents=amount_cents, due_on=due_on
            )
            use_id, number = self._take_number(work, form, papers, document_id)
            facts = self._facts(form, papers, context, dict(entered or {}), number, signatures)
            # Inside the transaction: a name that no font draws takes the number back with it.
            self._tools.check(facts)
            document = self._document(facts, work.actor, number_use=use_id)
            work.table(Document).put(document)
            if also is not None:
                also(work, document)
        return Done(self.draw(document.id).value, _ISSUED)

    def draw(self, document_id: str) -> Done[Document]:
        """Draw and sign the file of a document that has none yet; with one, change nothing.

        Raises:
            Refusal: "store.not_found", "papers.glyph_missing", "documents.kind_not_drawn".
            Trouble: "blobs.missing", "papers.…".
        """
        with self._open_work() as work:
            document = work.table(Document).get(document_id)
        if document.pdf_blob:
            return Done(document)
        if document.kind in NEVER_DRAWN:
            raise Refusal("documents.kind_not_drawn", kind=f"{document.kind.code} {document.title}")
        facts, drawn_from = self.facts(document), document.facts_blob
        image = self._tools.image_of(document.code_text)
        pdf = self._tools.sign_pdf(self._drawn(facts, image), facts.issued_at)
        sha256 = self._blobs.put(pdf)
        with self._open_work() as work:
            # Read again: it may have been signed or spoiled while it was drawn.
            document = work.table(Document).get(document_id)
            if document.facts_blob == drawn_from:
                document = changed(document, pdf_blob=sha256)
                work.table(Document).put(document)
        return Done(document, _TOPICS)

    def draw_pending(self) -> Done[tuple[Document, ...]]:
        """Draw every document whose file is missing, after a crash between number and file."""
        with self._open_work() as work:
            known = work.table(Document).where()
            pending = [one.id for one in known if not one.pdf_blob and one.kind not in NEVER_DRAWN]
        drawn = tuple(self.draw(identifier).value for identifier in pending)
        return Done(drawn, _TOPICS if drawn else frozenset())

    def facts(self, document: Document) -> DocumentFacts:
        """Return the frozen facts.  Raises Trouble "blobs.missing", "blobs.damaged"."""
        return from_plain(DocumentFacts, parse_json(self._blobs.get(document.facts_blob)))

    def pdf(self, document_id: str) -> bytes:
        """Return the signed file, drawing it first if it is missing."""
        return self._blobs.get(self.draw(document_id).value.pdf_blob)

    def of_visit(self, visit_id: str) -> tuple[Document, ...]:
        """Return the documents of a visit in the order in which they were made."""
        with self._open_work() as work:
            return tuple(work.table(Document).where(visit=visit_id))

    def sign(self, document_id: str, role: str, signature: Signature) -> Done[Document]:
        """Fill one signature block.

        Ink and seal come with the scanned sheet as media and leave the paper as it is. A drawn signature or a
        refusal belongs on the paper: it is frozen and drawn again as a further edition with the same number.

        Raises:
            Refusal: "documents.signature_incomplete", params role; "documents.witness_missing", params title;
                "documents.no_such_block"; "documents.spoiled".
        """
        if not signature.is_complete():
            raise Refusal("documents.signature_incomplete", role=signature.label or role)
        with self._open_work() as work:
            document = self._live(work, document_id)
            if lacks_witness(document.kind, signature):
                raise Refusal("documents.witness_missing", title=document.title)
            blocks = filled(document.signatures, role, signature)
            document = changed(document, signatures=blocks)
            if signature.strokes or signature.method in NOT_SIGNED:
                document = self._next_edition(document, blocks)
            if document.state in {DocumentState.DRAFT, DocumentState.FINAL}:
                document = changed(document, state=state_by_signatures(blocks))
                refuse_final_over_clashes(self._tools, document)
            work.table(Document).put(document)
        return Done(self.draw(document.id).value, _TOPICS)

    def printed(self, document_id: str) -> Done[Document]:
        """Note a print. A finished paper becomes PRINTED; a draft stays one: it is printed to be signed."""
        with self._open_work() as work:
            document = self._live(work, document_id)
            document = changed(document, printed_at=(*document.printed_at, self._clock.now()))
            if document.state is DocumentState.FINAL:
                document = changed(document, state=DocumentState.PRINTED)
            work.table(Document).put(document)
        return Done(document, _TOPICS)

    def to_print(self, document_id: str) -> bytes:
        """Return what may go to the printer: the paper, or a marked copy of one that was printed before.

        Raises Refusal "documents.spoiled", "prepared.decide_first" while two stations made it and nobody decided.
        """
        with self._open_work() as work:
            document = self._live(work, document_id)
            refuse_doubtful(work, document)
        return self.copy(document_id) if document.printed_at else self.pdf(document_id)

    def copy(self, document_id: str) -> bytes:
        """Return a reprint that says on every page that it is a copy, with a code of its own."""
        with self._open_work() as work:
            document = self._live(work, document_id)
        # A copy is of something: a paper that was never drawn is drawn first, and a receipt never is.
        self.draw(document_id)
        prints = len(document.printed_at) + 1
        facts = changed(self.facts(document), copy_mark=f"副本 第{prints}次打印")
        image = self._tools.image_of(self._code_text(facts))
        return self._tools.sign_pdf(self._drawn(facts, image), self._clock.now())

    def spoil(self, document_id: str, reason: str) -> Done[Document]:
        """Make a document void, with its number.  Raises Refusal "numbers.void_reason_missing", "documents.spoiled",
        "documents.already_served"."""
        with self._open_work() as work:
            return Done(self.spoil_in(work, document_id, reason), _ISSUED)

    def spoil_in(self, work: Work, document_id: str, reason: str) -> Document:
        """As `spoil`, inside the caller's transaction."""
        document = self._live(work, document_id)
        if document.state is DocumentState.SERVED:
            raise Refusal("documents.already_served", title=f"{document.title} {document.number}".strip())
        if not reason.strip():
            raise Refusal("numbers.void_reason_missing", number=document.number or document.title)
        self._numbers.void_of(work, document, reason)
        document = changed(document, state=DocumentState.SPOILED, spoiled_reason=reason.strip())
        work.table(Document).put(document)
        return document

    def void_spoiled(self, work: Work, documents: Iterable[str]) -> None:
        """Void the own numbers of papers that another station spoiled, inside the caller's transaction."""
        known = (work.table(Document).find(identifier) for identifier in documents)
        for document in known:
            if document is not None and document.state is DocumentState.SPOILED:
                self._numbers.void_of(work, document, document.spoiled_reason)

    def _take_number(self, work: Work, form: Form, papers: VisitPapers, document: str) -> tuple[str, str]:
        if not form.type_abbr:
            return "", ""
        subject = papers.subject
        use = self._numbers.take_in(
            work,
            body=papers.visit.subject,
            agency_abbr=subject.agency_abbr if subject else "",
            kind=form.kind,
            type_abbr=form.type_abbr,
            year=local_date(self._clock.now()).year,
            document=document,
        )
        return use.id, use.text

    def _document(self, facts: DocumentFacts, actor: str, *, number_use: str) -> Document:
        return Document(
            id=facts.id,
            visit=facts.visit,
            kind=facts.kind,
            number=facts.number,
            number_use=number_use,
            title=facts.title,
            party=facts.party,
            state=state_by_signatures(facts.signatures),
            facts_blob=self._blobs.put(canonical_bytes(facts)),
            code_text=self._code_text(facts),
            short_code=short_code(facts.sha256()),
            signatures=facts.signatures,
            made_at=facts.issued_at,
            made_by=actor,
            is_demo=facts.is_demo,
        )

    def _next_edition(self, document: Document, blocks: tuple[Signature, ...]) -> Document:
        old = self.facts(document)
        facts = changed(old, signatures=blocks, edition=old.edition + 1)
        return changed(
            document,
            facts_blob=self._blobs.put(canonical_bytes(facts)),
            earlier_facts=(*document.earlier_facts, document.facts_blob),
            code_text=self._code_text(facts),
            short_code=short_code(facts.sha256()),
            pdf_blob="",
        )

    @staticmethod
    def _live(work: Work, document_id: str) -> Document:
        document = work.table(Document).get(document_id)
        if document.state is DocumentState.SPOILED:
            raise Refusal("documents.spoiled", title=document.title, reason=document.spoiled_reason)
        return document
