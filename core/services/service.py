"""Service of papers (送达): what was done is kept, and a paper counts as served only once there is proof.

The day of proof is the day from which clocks run (deadline_book.py). Source: domain/service_receipts.py.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache

from core.domain.document_forms import Value
from core.domain.documents import (
    Document,
    DocumentFacts,
    DocumentKind,
    DocumentState,
    missing_signatures,
    printed_date,
    printed_time,
)
from core.domain.service_receipts import (
    ARTICLES,
    WORDS,
    ServiceAct,
    ServiceMethod,
    ServiceReceipt,
    ServiceState,
    check_act,
    check_times,
    deemed_day,
    deemed_served,
    proven,
    state_of,
)
from core.domain.visits import Visit
from core.kernel.changes import Done, Topic
from core.kernel.clock import Clock, local, local_date
from core.kernel.errors import Refusal
from core.kernel.ids import new_id
from core.kernel.records import Record, changed
from core.kernel.resources import resources_dir
from core.services.documents import Documents
from core.services.ports import OpenWork, Work
from core.services.prepared_doubts import refuse_doubtful

_TOPICS = frozenset({Topic.DOCUMENTS, Topic.DEADLINES})
_LIVE = frozenset({ServiceState.UNDER_WAY, ServiceState.REFUSED})
_AGREED = "同意"
RECEIVER = "receiver"
"""Role of the block that the receiver signs on the paper itself."""


class AnnouncementRule(Record):
    """How long an announcement runs before the paper counts as served (resources/rules/service.toml)."""

    days: int
    citation: str
    confidence: str


class ConfirmedAddress(Record):
    """Where the party said it can be served, by its signed confirmation (D22)."""

    document: str
    recipient: str
    address: str
    electronic_address: str
    is_electronic: bool
    """Whether it agreed to electronic service."""


class PaperService:
    """What a person does to serve a paper."""

    def __init__(self, open_work: OpenWork, clock: Clock, documents: Documents) -> None:
        self._open_work = open_work
        self._clock = clock
        self._documents = documents

    def serve(self, document_id: str, act: ServiceAct, *, note: str = "") -> Done[ServiceReceipt]:
        """Keep an act of service; with its proof the paper is served.

        Post, entrusted and electronic service may be kept without their instant: they are under way, and `prove`
        ends them. An announcement is under way until `deem_served`.

        Raises:
            Refusal: "documents.spoiled", "documents.not_signed", "service.already_served", "prepared.decide_first", and
                those of check_act and check_times, each with its article.
        """
        with self._open_work() as work:
            document = self._servable(work, document_id)
            consent = self._consent(work, document) if act.method is ServiceMethod.ELECTRONIC else ""
            self._check(work, document, act, has_consent=bool(consent))
            receipt = self._receipt(work, document, act, consent=consent, note=note)
            if state_of(act) is ServiceState.PROVEN:
                receipt = proven(receipt, act)
                self._note_served(work, document, receipt)
            work.table(ServiceReceipt).put(receipt)
        return Done(receipt, _TOPICS)

    def refused(
        self, document_id: str, *, reason: str, servers: tuple[str, ...], note: str = ""
    ) -> Done[ServiceReceipt]:
        """Keep that the paper was not taken. Nothing is served by it; `serve` with LEFT comes next.

        Raises Refusal "service.lacking" (no reason), "documents.spoiled", "documents.not_signed",
        "service.already_served".
        """
        if not reason.strip():
            article = ARTICLES[ServiceMethod.LEFT]
            raise Refusal("service.lacking", method=ServiceMethod.DIRECT.value, lacking="reason", article=article)
        act = ServiceAct(method=ServiceMethod.DIRECT, reason=reason.strip(), servers=servers, at=self._clock.now())
        with self._open_work() as work:
            document = self._servable(work, document_id)
            receipt = self._receipt(work, document, act, consent="", note=note)
            receipt = changed(receipt, state=ServiceState.REFUSED, citation=ARTICLES[ServiceMethod.LEFT])
            work.table(ServiceReceipt).put(receipt)
        return Done(receipt, _TOPICS)

    def prove(self, receipt_id: str, act: ServiceAct) -> Done[ServiceReceipt]:
        """Add the proof to a service under way: the return slip, the entrusted body's receipt, the arrival.

        Raises:
            Refusal: "service.not_under_way", "service.other_method", "service.lacking", and those of serve.
        """
        with self._open_work() as work:
            receipt = work.table(ServiceReceipt).get(receipt_id)
            if receipt.state is not ServiceState.UNDER_WAY:
                raise Refusal("service.not_under_way", state=receipt.state.value)
            if act.method is not receipt.method:
                raise Refusal("service.other_method", method=receipt.method.value)
            if state_of(act) is not ServiceState.PROVEN:
                article = ARTICLES[act.method]
                raise Refusal("service.lacking", method=act.method.value, lacking="at", article=article)
            document = self._servable(work, receipt.document)
            self._check(work, document, act, has_consent=bool(receipt.consent))
            receipt = proven(receipt, act)
            self._note_served(work, document, receipt)
            work.table(ServiceReceipt).put(receipt)
        return Done(receipt, _TOPICS)

    def returned(self, receipt_id: str, *, reason: str) -> Done[ServiceReceipt]:
        """Keep that a letter came back or a way failed: the paper is still not served.

        Raises Refusal "service.not_under_way", "service.lacking".
        """
        with self._open_work() as work:
            receipt = work.table(ServiceReceipt).get(receipt_id)
            if receipt.state is not ServiceState.UNDER_WAY:
                raise Refusal("service.not_under_way", state=receipt.state.value)
            if not reason.strip():
                method = receipt.method
                raise Refusal("service.lacking", method=method.value, lacking="reason", article=ARTICLES[method])
            receipt = changed(receipt, state=ServiceState.RETURNED, note=reason.strip())
            work.table(ServiceReceipt).put(receipt)
        return Done(receipt, _TOPICS)

    def deem_served(self, receipt_id: str) -> Done[ServiceReceipt]:
        """Note that an announcement's days are over.

        Raises Refusal "service.announcement_running", "service.not_announced", "service.not_under_way".
        """
        with self._open_work() as work:
            receipt = work.table(ServiceReceipt).get(receipt_id)
            if receipt.state is not ServiceState.UNDER_WAY:
                raise Refusal("service.not_under_way", state=receipt.state.value)
            receipt = deemed_served(receipt, today=local_date(self._clock.now()))
            self._note_served(work, self._servable(work, receipt.document), receipt)
            work.table(ServiceReceipt).put(receipt)
        return Done(receipt, _TOPICS)

    def address_of(self, document_id: str) -> ConfirmedAddress | None:
        """Return what the party's newest signed D22 says; None: it signed none.  Raises Refusal "store.not_found"."""
        with self._open_work() as work:
            newest = self._confirmation(work, work.table(Document).get(document_id))
        return None if newest is None else confirmed(newest.id, self._documents.facts(newest))

    def get(self, receipt_id: str) -> ServiceReceipt:
        """Return one service.  Raises Refusal "store.not_found"."""
        with self._open_work() as work:
            return work.table(ServiceReceipt).get(receipt_id)

    def of_document(self, document_id: str) -> tuple[ServiceReceipt, ...]:
        """Return every attempt at serving a paper, in order."""
        with self._open_work() as work:
            return tuple(work.table(ServiceReceipt).where(document=document_id))

    def of_visit(self, visit_id: str) -> tuple[ServiceReceipt, ...]:
        """Return every attempt at serving the papers of a visit, in order."""
        with self._open_work() as work:
            return tuple(work.table(ServiceReceipt).where(visit=visit_id))

    def under_way(self) -> tuple[ServiceReceipt, ...]:
        """Return what still wants a proof or another way."""
        with self._open_work() as work:
            found = work.table(ServiceReceipt).where()
            served = {one.document for one in found if one.state is ServiceState.PROVEN}
        return tuple(one for one in found if one.state in _LIVE and one.document not in served)

    def paper(self, receipt_id: str) -> Done[ServiceReceipt]:
        """Issue the receipt as a paper (D21), once."""
        with self._open_work() as work:
            receipt = work.table(ServiceReceipt).get(receipt_id)
            document = work.table(Document).get(receipt.document)
        if receipt.paper:
            return Done(receipt)
        values = receipt_values(receipt, document)
        paper = self._documents.issue(DocumentKind.SERVICE_RECEIPT, receipt.visit, entered=values).value
        with self._open_work() as work:
            receipt = changed(work.table(ServiceReceipt).get(receipt_id), paper=paper.id)
            work.table(ServiceReceipt).put(receipt)
        return Done(receipt, _TOPICS)

    def _servable(self, work: Work, document_id: str) -> Document:
        document = work.table(Document).get(document_id)
        if document.state is DocumentState.SPOILED:
            raise Refusal("documents.spoiled", title=document.title, reason=document.spoiled_reason)
        if document.state is DocumentState.SERVED:
            raise Refusal("service.already_served", title=document.title)
        refuse_doubtful(work, document)
        # What the receiver signs on the paper itself is the proof of service and comes with it.
        missing = [one for one in missing_signatures(document.signatures) if one.role != RECEIVER]
        if missing:
            blocks = "、".join(block.label for block in missing)
            raise Refusal("documents.not_signed", title=document.title, blocks=blocks)
        if self._documents.facts(document).is_draft:
            raise Refusal("service.still_draft", title=document.title)
        return document

    def _check(self, work: Work, document: Document, act: ServiceAct, *, has_consent: bool) -> None:
        visit = work.table(Visit).get(document.visit)
        check_act(act, is_organisation=bool(visit.uscc), has_consent=has_consent)
        check_times(act, issued_at=document.made_at, now=self._clock.now())

    def _consent(self, work: Work, document: Document) -> str:
        """Return the newest signed D22 of the same party if it agrees; empty: there is none."""
        newest = self._confirmation(work, document)
        # A later confirmation may take the consent back, so only the newest one counts.
        return newest.id if newest is not None and agrees(self._documents.facts(newest)) else ""

    def _confirmation(self, work: Work, document: Document) -> Document | None:
        party = work.table(Visit).get(document.visit).enterprise
        visits = work.table(Visit).where(enterprise=party)
        papers = [one for visit in visits for one in work.table(Document).where(visit=visit.id)]
        signed = [
            one
            for one in papers
            if one.kind is DocumentKind.SERVICE_ADDRESS
            and one.state not in {DocumentState.DRAFT, DocumentState.SPOILED}
        ]
        return max(signed, key=lambda one: one.made_at, default=None)

    def _receipt(self, work: Work, document: Document, act: ServiceAct, *, consent: str, note: str) -> ServiceReceipt:
        is_announced = act.method is ServiceMethod.ANNOUNCEMENT
        rule = announcement_rule()
        return ServiceReceipt(
            id=new_id(),
            visit=document.visit,
            document=document.id,
            method=act.method,
            state=ServiceState.UNDER_WAY,
            act=act,
            consent=consent,
            deemed_on=deemed_day(local_date(act.at), rule.days) if is_announced and act.at else None,
            citation=rule.citation if is_announced else ARTICLES[act.method],
            is_verified=rule.confidence == "V" if is_announced else True,
            made_at=self._clock.now(),
            made_by=work.actor,
            note=note,
        )

    @staticmethod
    def _note_served(work: Work, document: Document, receipt: ServiceReceipt) -> None:
        served = changed(
            document,
            state=DocumentState.SERVED,
            served_at=receipt.served_at,
            service_method=WORDS[receipt.method],
        )
        work.table(Document).put(served)


@cache
def announcement_rule() -> AnnouncementRule:
    """Return the configured days of an announcement; not verified, so shown as 未核实."""
    plain = tomllib.loads((resources_dir() / "rules" / "service.toml").read_text("utf-8"))
    return AnnouncementRule(**plain["announcement"])


def agrees(facts: DocumentFacts) -> bool:
    """Tell whether a D22 agrees to electronic service (行政处罚法 art. 61(2))."""
    return _cell(facts, "electronic_consent").startswith(_AGREED)


def confirmed(document_id: str, facts: DocumentFacts) -> ConfirmedAddress:
    """Return the addresses that a D22 confirms."""
    return ConfirmedAddress(
        document=document_id,
        recipient=_cell(facts, "service_recipient"),
        address=_cell(facts, "service_address"),
        electronic_address=_cell(facts, "electronic_address"),
        is_electronic=agrees(facts),
    )


def _cell(facts: DocumentFacts, name: str) -> str:
    cells = (cell for block in facts.blocks for row in block.grid for cell in row)
    return next((cell.value.strip() for cell in cells if cell.id == name), "")


def receipt_values(receipt: ServiceReceipt, document: Document) -> dict[str, Value]:
    """Return what the D21 of a service says; empty fields are left to be written by hand."""
    act = receipt.act
    rows = ((document.title, document.number or "无", "1"),)
    values: dict[str, Value] = {
        "party_name": document.party,
        "served_documents": rows,
        "service_place": act.place or act.address or act.published_in,
        "service_method": WORDS[receipt.method],
        "left_reason": act.reason if receipt.method is ServiceMethod.LEFT else "",
        "remark": _remark(receipt),
    }
    if receipt.served_on is not None and receipt.method is ServiceMethod.ANNOUNCEMENT:
        values["service_time"] = printed_date(receipt.served_on)
    elif receipt.served_at is not None:
        values["service_time"] = printed_time(local(receipt.served_at))
    return {name: value for name, value in values.items() if value}


def _remark(receipt: ServiceReceipt) -> str:
    act = receipt.act
    parts = [
        f"见证人：{act.witness}（{act.witness_post}）" if act.witness else "",
        f"影像资料{len(act.media)}份" if act.media else "",
        f"邮件号码：{act.tracking_no}" if act.tracking_no else "",
        f"受托机关：{act.entrusted_body}" if act.entrusted_body else "",
        f"公告载于：{act.published_in}" if act.published_in else "",
        act.reason if receipt.method is ServiceMethod.ANNOUNCEMENT else "",
        receipt.note,
    ]
    return "；".join(part for part in parts if part)


def days_until_deemed(receipt: ServiceReceipt, today: date) -> int | None:
    """Return the days that an announcement still runs; None: it is none, or over."""
    if receipt.deemed_on is None or receipt.state is not ServiceState.UNDER_WAY:
        return None
    return (receipt.deemed_on + timedelta(days=1) - today).days
