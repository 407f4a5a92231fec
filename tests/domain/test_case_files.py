"""Points of the check that need papers of other kinds, on contents built by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core.domain.case_files import CaseContents, Filed, Mark, live, review, texts
from core.domain.deadline_book import DeadlineLine, LineState, Whose
from core.domain.documents import (
    Block,
    BlockKind,
    Document,
    DocumentFacts,
    DocumentKind,
    DocumentState,
    Layout,
    Signature,
)
from core.domain.service_receipts import ServiceAct, ServiceMethod, ServiceReceipt, ServiceState
from core.domain.visits import VisitState
from core.kernel.records import changed
from tests.helpers import builders as b

K = DocumentKind
REMEDY = "自知道本决定之日起60日内向某区人民政府申请行政复议"
FIRST_REMEDY = "自知道本决定之日起60日内先向某区人民政府申请行政复议"


def filed(kind: DocumentKind, *said: str, at: datetime = b.NOW, is_draft: bool = False, **fields: Any) -> Filed:
    facts = DocumentFacts(
        id=kind.value,
        kind=kind,
        number="1号",
        body=b.BODY,
        title=kind.value,
        layout=Layout.LETTER,
        issued_at=at,
        issued_on=at.date(),
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in said),
        is_draft=is_draft,
    )
    document = Document(
        id=kind.value,
        visit="v-1",
        kind=kind,
        number="1号",
        title=kind.value,
        state=fields.pop("state", DocumentState.FINAL),
        facts_blob="aa",
        pdf_blob=fields.pop("pdf_blob", "bb"),
        short_code="A",
        signatures=fields.pop("signatures", ()),
        made_at=at,
        made_by="officer-1",
    )
    return Filed(document=document, facts=facts)


def mark(code: str, *papers: Filed, **fields: Any) -> Mark:
    contents = CaseContents(
        visit=b.visit(state=VisitState.CLOSED),
        subject=b.subject(),
        items=(b.item(),),
        officers=(b.officer(1), b.officer(2)),
        papers=papers,
        evidence=(),
        findings=(),
        determined=(),
        receipts=fields.pop("receipts", ()),
        deadlines=fields.pop("deadlines", ()),
    )
    return {line.code: line.mark for line in review(contents)}[code]


def served(document: str, state: ServiceState = ServiceState.PROVEN) -> ServiceReceipt:
    return ServiceReceipt(
        id="r-1",
        visit="v-1",
        document=document,
        method=ServiceMethod.LEFT,
        state=state,
        act=ServiceAct(method=ServiceMethod.LEFT),
        citation="x",
        made_at=b.NOW,
        made_by="officer-1",
    )


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        (K.SUMMARY_PENALTY, FIRST_REMEDY, Mark.PASS),
        (K.SUMMARY_PENALTY, REMEDY, Mark.FAIL),
        (K.PENALTY_DECISION, REMEDY, Mark.PASS),
        (K.PENALTY_DECISION, "罚款五百元。", Mark.FAIL),
        (K.INSPECTION_NOTICE, "请配合检查。", Mark.PASS),
    ],
)
def test_a_decision_tells_the_remedy_and_the_summary_one_reconsideration_first(
    kind: DocumentKind, said: str, expected: Mark
) -> None:
    assert mark("remedy", filed(kind, said)) is expected


def test_an_ordinary_penalty_wants_its_filing_form_and_its_prior_notice() -> None:
    penalty = filed(K.PENALTY_DECISION, REMEDY)
    before = b.NOW - timedelta(days=3)
    assert mark("case_filed", penalty) is Mark.FAIL
    assert mark("case_filed", penalty, filed(K.CASE_FILING_FORM, at=before)) is Mark.PASS
    assert mark("in_order", penalty, filed(K.PRIOR_NOTICE, at=b.NOW + timedelta(days=1))) is Mark.FAIL
    assert mark("in_order", penalty, filed(K.PRIOR_NOTICE, at=before)) is Mark.PASS


def test_a_decision_not_to_punish_names_its_article() -> None:
    assert mark("leniency_reasoned", filed(K.NO_PENALTY_DECISION, "情节轻微。")) is Mark.FAIL
    assert mark("leniency_reasoned", filed(K.NO_PENALTY_DECISION, "依照第三十三条第一款。")) is Mark.PASS


@pytest.mark.parametrize("left", ["向（复议机关）申请", "当事人×××", "{party_name}", "地址____", "XX公司"])
def test_every_sort_of_placeholder_is_found(left: str) -> None:
    assert mark("no_placeholder", filed(K.RESULT_LETTER, left)) is Mark.FAIL


def test_plain_words_are_no_placeholder() -> None:
    assert mark("no_placeholder", filed(K.RESULT_LETTER, "长沙X光机有限公司，2×3米")) is Mark.PASS


def test_drafts_and_undrawn_papers_are_found() -> None:
    assert mark("final", filed(K.RESULT_LETTER, is_draft=True)) is Mark.FAIL
    assert mark("drawn", filed(K.RESULT_LETTER, pdf_blob="")) is Mark.FAIL
    # The fine receipt is the finance department's: we keep its number and draw none.
    assert mark("drawn", filed(K.FINE_RECEIPT, pdf_blob="")) is Mark.PASS


def test_proof_of_service_stands_for_the_receivers_signature_and_for_no_other() -> None:
    open_receiver = filed(K.ORDER_TO_CORRECT, signatures=(Signature(role="receiver"),))
    open_officer = filed(K.ORDER_TO_CORRECT, signatures=(Signature(role="officer"),))
    proof = (served(K.ORDER_TO_CORRECT.value),)
    assert mark("signed", open_receiver) is Mark.FAIL
    assert mark("signed", open_receiver, receipts=proof) is Mark.PASS
    assert mark("signed", open_officer, receipts=proof) is Mark.FAIL


def test_a_service_under_way_is_no_proof() -> None:
    paper = filed(K.ORDER_TO_CORRECT)
    assert mark("service", paper, receipts=(served(paper.document.id, ServiceState.UNDER_WAY),)) is Mark.FAIL
    assert mark("service", paper, receipts=(served(paper.document.id),)) is Mark.PASS


def line(state: LineState, **fields: Any) -> DeadlineLine:
    base = DeadlineLine(rule="x", title="x", start="x", state=state, whose=Whose.BODY, citation="x", is_verified=True)
    return changed(base, **fields)


def test_our_overdue_days_fail_and_the_partys_do_not() -> None:
    assert mark("in_time", deadlines=(line(LineState.OVERDUE),)) is Mark.FAIL
    assert mark("in_time", deadlines=(line(LineState.OVERDUE, whose=Whose.PARTY),)) is Mark.PASS


def test_a_day_that_a_calendar_moved_is_worth_a_look() -> None:
    assert mark("dates_hold", deadlines=(line(LineState.RUNNING, printed_on=date(2026, 3, 19)),)) is Mark.WARN
    assert mark("dates_hold", deadlines=(line(LineState.UNKNOWN),)) is Mark.WARN
    assert mark("dates_hold", deadlines=(line(LineState.RUNNING),)) is Mark.PASS


def test_spoiled_papers_and_covers_are_not_in_the_file() -> None:
    papers = (filed(K.COVER_SHEET), filed(K.RESULT_LETTER, state=DocumentState.SPOILED), filed(K.ORDER_TO_CORRECT))
    assert [one.kind for one in live(tuple(one.document for one in papers))] == [K.ORDER_TO_CORRECT]


def test_all_words_of_a_paper_are_read() -> None:
    assert "向某区" in "".join(texts(filed(K.RESULT_LETTER, "向某区").facts))
