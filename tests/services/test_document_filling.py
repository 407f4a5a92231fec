"""What fills a paper beside the visit: counted dates, reasons of determinations, letters of others, photos."""

from __future__ import annotations

import hashlib
import io
from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image

from core.domain.catalog import CalendarDay
from core.domain.determinations.results import StoredDetermination
from core.domain.documents import (
    DocumentFacts,
    DocumentKind,
    DocumentState,
    Signature,
    SignMethod,
    photo_hashes,
)
from core.domain.evidence import Evidence, EvidenceKind
from core.domain.findings import Determined, Finding
from core.domain.lists import ListKind
from core.domain.service_receipts import Receiver, ServiceAct, ServiceMethod, ServiceState
from core.kernel.clock import local_date
from core.kernel.errors import Refusal
from core.kernel.progress import Unwatched
from core.kernel.records import canonical_bytes, changed, from_plain, parse_json
from core.papers.photos import is_picture
from core.papers.render import check_text
from core.services.determinations import Determinations
from core.services.document_filling import date_in
from core.services.document_reasons import reason_lines
from core.services.document_wording import Forms
from core.services.documents import Documents
from core.services.evidence import EvidenceFiles
from core.services.paper_tools import PaperTools
from core.services.received_papers import ReceivedPapers
from core.services.rule_packages import shipped_package
from core.services.service import PaperService
from tests.helpers import builders as b
from tests.helpers.fake_reference import MemoryReference
from tests.papers.builders import VALUES
from tests.services.paper_desk import Desk, certificate_sha256, draw, image_of, make_code, seal

TODAY = local_date(b.NOW)
COUNTED = {"hold_until", "sealed_until", "new_until", "hearing_until", "pay_until", "decide_by", "reply_by"}
TYPED = {name: value for name, value in VALUES.items() if name not in COUNTED}


def documents_of(desk: Desk, *, years: tuple[int, ...] = (2026,)) -> Documents:
    reference = MemoryReference()
    days = [CalendarDay(id=f"{year}-01-01", day=date(year, 1, 1), is_working=False) for year in years]
    rows: dict[ListKind, list[Any]] = {
        ListKind.SUBJECTS: [b.subject(agency_abbr="湘新市监", complaint_phone="12345", reconsideration_body="某机关")],
        ListKind.ITEMS: [b.item()],
        ListKind.OFFICERS: [b.officer(1), b.officer(2)],
        ListKind.CALENDAR: days,
    }
    for kind, found in rows.items():
        if found:
            reference.replace(b.list_version(kind), found, progress=Unwatched(), upsert=False)
    tools = PaperTools(
        draw=draw,
        check=check_text,
        is_picture=is_picture,
        make_code=make_code,
        image_of=image_of,
        sign_pdf=seal,
        certificate_sha256=certificate_sha256(),
    )
    return Documents(
        desk.open_work, reference, desk.blobs, desk.clock, forms=Forms(), numbers=desk.numbers, tools=tools,
        station="站",
    )  # fmt: skip


def said(of: DocumentFacts) -> str:
    return "".join(block.text + "".join(f.value for row in block.grid for f in row) for block in of.blocks)


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG")
    return out.getvalue()


def evidence(desk: Desk, content: bytes, **fields: Any) -> Evidence:
    piece = Evidence(
        id="e-1", visit="v-1", kind=EvidenceKind.PHOTO, blob=desk.blobs.put(content), size_bytes=len(content),
        media_type="image/jpeg", made_at=b.NOW, made_by="officer-1", proves="货架现状",
    )  # fmt: skip
    return changed(piece, **fields)


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (DocumentKind.SEALING_DECISION, 30),
        (DocumentKind.CASE_FILING_FORM, 90),
        (DocumentKind.SUMMARY_PENALTY, 15),
        (DocumentKind.PENALTY_DECISION, 15),
    ],
)
def test_a_counted_date_is_printed_as_a_date_and_rolls_over_a_weekend(kind: DocumentKind, days: int) -> None:
    last = TODAY + timedelta(days=days)
    while last.weekday() > 4:
        last += timedelta(days=1)
    papers = documents_of(Desk())
    of = papers.facts(papers.issue(kind, "v-1", entered=TYPED).value)
    assert f"{last.year}年{last.month}月{last.day}日" in said(of)


def test_seven_working_days_are_counted_for_preserved_evidence() -> None:
    papers = documents_of(Desk())
    of = papers.facts(papers.issue(DocumentKind.PRESERVATION_NOTICE, "v-1", entered=TYPED).value)
    last = TODAY + timedelta(days=9)
    assert TODAY.weekday() < 5
    assert f"在{last.year}年{last.month}月{last.day}日之前" in said(of)


def test_an_extension_is_counted_from_the_day_on_the_first_decision() -> None:
    papers = documents_of(Desk())
    of = papers.facts(papers.issue(DocumentKind.SEALING_EXTENSION, "v-1", entered=TYPED).value)
    assert "原期限至2026年4月7日届满，延长后的期限至2026年5月7日止" in said(of)


def test_a_deadline_nobody_verified_is_marked_on_the_paper() -> None:
    papers = documents_of(Desk())
    kept = papers.issue(DocumentKind.SUPERVISION_REPLY, "v-1", entered=TYPED).value
    block = next(one for one in papers.facts(kept).blocks if "2026年4月1日" in one.text)
    assert block.is_unverified


def test_without_the_years_calendar_the_officer_is_asked_for_the_date() -> None:
    papers = documents_of(Desk(), years=())
    missing = [one.id for one in papers.missing(DocumentKind.PRESERVATION_NOTICE, "v-1", TYPED)]
    assert missing == ["hold_until"]
    typed = TYPED | {"hold_until": "2026年3月19日"}
    assert papers.missing(DocumentKind.PRESERVATION_NOTICE, "v-1", typed) == ()


def test_the_last_days_of_the_remedy_stand_on_the_paper_where_they_can_be_counted() -> None:
    with_calendar, without = documents_of(Desk()), documents_of(Desk(), years=())
    kind = DocumentKind.PENALTY_DECISION
    known = with_calendar.facts(with_calendar.issue(kind, "v-1", entered=TYPED).value)
    assert "申请行政复议的期限至2026年5月" in said(known)
    assert "直接提起行政诉讼的期限至2026年9月" in said(known)
    unknown = without.facts(without.issue(kind, "v-1", entered=TYPED).value)
    assert "60日内" in said(unknown)
    assert "申请行政复议的期限至" not in said(unknown)


def test_the_forms_own_words_are_there_until_the_officer_types_others() -> None:
    papers = documents_of(Desk())
    kind = DocumentKind.PENALTY_DECISION
    assert "百分之三" in str(papers.values(kind, "v-1")["payment"])
    assert "payment" in [one.id for one in papers.missing(kind, "v-1", TYPED | {"payment": ""})]


@pytest.mark.parametrize("text", ["2026年3月6日", "湘〔2026〕1号，2026-03-06", "2026/3/6 9时"])
def test_a_day_is_read_out_of_a_text(text: str) -> None:
    assert date_in(text) == date(2026, 3, 6)


@pytest.mark.parametrize("text", ["", "三月", "2026年13月40日"])
def test_no_day_is_read_where_there_is_none(text: str) -> None:
    assert date_in(text) is None


class Case:
    """A visit with one finding for which the list of no penalty holds."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.papers = documents_of(self.desk)
        finding = Finding(
            id="f-1", visit="v-1", item="i-1", violation="mk.expired_drink", text="货架上有过期饮料三瓶。",
            found_at=b.NOW, found_by="officer-1",
        )  # fmt: skip
        self.desk.store.seed(finding)
        lists = b.reference(enterprises=(b.enterprise(),))
        engine = Determinations(self.desk.store, lists, self.desk.clock, b.account(), shipped_package())
        self.kept = engine.determine("f-1").value

    def keep(self, proposal: str, row: str, **fields: Any) -> Determined:
        """Replace what the engine said by a given outcome over its own lines, so that no rule package is in play."""
        whole = from_plain(StoredDetermination, parse_json(self.kept.result))
        answer = whole.determination
        truth = [changed(line, row=row, rule="statute", confidence="verified") for line in answer.lines[:2]]
        gates = tuple(changed(gate, row=row, rule="statute", value="true") for gate in answer.gates[:1])
        answer = changed(answer, proposal=proposal, row=row, lines=tuple(truth), gates=gates, missing=())
        result = canonical_bytes(changed(whole, determination=answer)).decode("utf-8")
        kept = changed(self.kept, proposal=proposal, result=result, **fields)
        self.desk.store.seed(kept)
        return kept


def test_the_reasons_of_a_determination_stand_on_the_decision_condition_by_condition() -> None:
    case = Case()
    kept = case.keep("no_penalty", "9")
    answer = from_plain(StoredDetermination, parse_json(kept.result)).determination
    lines = reason_lines(answer)
    assert len(lines) == 2
    reasons = str(case.papers.values(DocumentKind.NO_PENALTY_DECISION, "v-1")["reasons"])
    assert reasons.startswith("对“货架上有过期饮料三瓶”的认定：不予处罚（轻微并及时改正、没有危害后果）。\n（一）")
    assert answer.lines[0].condition in reasons
    assert answer.lines[1].condition in reasons
    order = {"basis": "x", "consequence": "y", "requirement": "z", "due_text": "2026年3月20日", "breached": "某法"}
    printed = case.papers.facts(case.papers.issue(DocumentKind.ORDER_TO_CORRECT, "v-1", entered=order).value)
    assert answer.lines[0].condition in said(printed)


def test_the_reasons_of_a_proposal_that_was_not_taken_are_not_printed() -> None:
    case = Case()
    case.keep("no_penalty", "9", chosen="ordinary", override_reason="多次违法")
    assert "reasons" not in case.papers.values(DocumentKind.NO_PENALTY_DECISION, "v-1")


def test_a_ground_for_a_penalty_is_no_reason_for_none() -> None:
    case = Case()
    case.keep("mitigate", "12")
    assert "reasons" not in case.papers.values(DocumentKind.NO_PENALTY_DECISION, "v-1")
    assert "减轻处罚" in str(case.papers.values(DocumentKind.PENALTY_DECISION, "v-1")["reasons"])


def test_a_result_that_cannot_be_read_leaves_the_reasons_to_the_officer() -> None:
    case = Case()
    case.desk.store.seed(changed(case.kept, proposal="no_penalty", result="{}"))
    assert "reasons" not in case.papers.values(DocumentKind.NO_PENALTY_DECISION, "v-1")


def test_photos_of_the_visit_are_drawn_into_the_record_with_maker_time_and_object() -> None:
    desk = Desk()
    content = photo()
    desk.store.seed(evidence(desk, content))
    papers = documents_of(desk)
    kept = papers.issue(DocumentKind.SCENE_RECORD, "v-1", entered=TYPED).value
    of = papers.facts(kept)
    assert photo_hashes(of) == (hashlib.sha256(content).hexdigest(),)
    row = next(block.rows[0] for block in of.blocks if block.kind == "photos")
    assert row[1] == b.officer(1).name
    assert row[3] == "货架现状"
    assert b"/DCTDecode" in papers.pdf(kept.id)


def test_a_photo_that_no_library_opens_is_listed_and_not_shown() -> None:
    desk = Desk()
    torn = photo()[:200]
    desk.store.seed(evidence(desk, torn))
    papers = documents_of(desk)
    typed = {name: value for name, value in TYPED.items() if name != "evidence"}
    of = papers.facts(papers.issue(DocumentKind.SCENE_RECORD, "v-1", entered=typed).value)
    assert photo_hashes(of) == ()
    assert hashlib.sha256(torn).hexdigest() in repr(of.blocks)


def test_a_letter_shows_no_photos_by_itself() -> None:
    desk = Desk()
    desk.store.seed(evidence(desk, photo()))
    papers = documents_of(desk)
    assert photo_hashes(papers.facts(papers.issue(DocumentKind.EDUCATION_RECORD, "v-1", entered=TYPED).value)) == ()


def test_a_name_that_no_font_draws_takes_no_number() -> None:
    desk = Desk()
    papers = documents_of(desk)
    with pytest.raises(Refusal) as refused:
        papers.issue(DocumentKind.PRIOR_NOTICE, "v-1", entered=TYPED | {"party_name": "王\U0002ffff"})
    assert refused.value.code == "papers.glyph_missing"
    assert desk.numbers.reports() == ()
    assert papers.of_visit("v-1") == ()


def received(desk: Desk) -> ReceivedPapers:
    files = EvidenceFiles(desk.open_work, desk.blobs, desk.clock, b.account())
    return ReceivedPapers(desk.open_work, desk.blobs, desk.clock, files)


def test_a_receipt_is_registered_by_its_number_and_never_drawn() -> None:
    desk = Desk()
    papers = documents_of(desk)
    kept = received(desk).register_receipt("v-1", " 430012345 ", amount_cents=50000).value
    assert (kept.kind, kept.number, kept.state) == (DocumentKind.FINE_RECEIPT, "430012345", DocumentState.FINAL)
    assert papers.draw_pending().value == ()
    with pytest.raises(Refusal) as refused:
        papers.pdf(kept.id)
    assert refused.value.code == "documents.kind_not_drawn"
    assert papers.facts(kept).amount_cents == 50000


@pytest.mark.parametrize(("number", "code"), [(" ", "receipt_number_missing"), ("430012345", "receipt_known")])
def test_a_receipt_without_a_number_or_known_already_is_refused(number: str, code: str) -> None:
    desk = Desk()
    received(desk).register_receipt("v-1", "430012345", amount_cents=50000)
    with pytest.raises(Refusal) as refused:
        received(desk).register_receipt("v-1", number, amount_cents=50000)
    assert refused.value.code == f"documents.{code}"


def test_no_paper_of_the_kind_receipt_can_be_issued() -> None:
    with pytest.raises(Refusal) as refused:
        documents_of(Desk()).issue(DocumentKind.FINE_RECEIPT, "v-1")
    assert refused.value.code == "documents.kind_not_drawn"


@pytest.mark.parametrize("kind", [DocumentKind.SUPERVISION_REPLY, DocumentKind.PROCURATOR_REPLY])
def test_a_filed_letter_gives_the_reply_its_number_sender_and_day(kind: DocumentKind) -> None:
    desk = Desk()
    received(desk).file_letter(
        kind, "v-1", b"%PDF-1.4 letter", number="湘执监〔2026〕5号", sender="某监督机关", received_at=b.NOW
    )
    values = documents_of(desk).values(kind, "v-1")
    assert values["received_ref"] == "湘执监〔2026〕5号"
    assert values["recipient"] == "某监督机关"
    assert values["received_on"] == f"{TODAY.year}年{TODAY.month}月{TODAY.day}日"
    assert ("reply_by" in values) is (kind is DocumentKind.SUPERVISION_REPLY)


def test_a_letter_without_its_number_is_not_filed() -> None:
    with pytest.raises(Refusal) as refused:
        received(Desk()).file_letter(
            DocumentKind.PROCURATOR_REPLY, "v-1", b"%PDF-1.4", number="", sender="某院", received_at=b.NOW
        )
    assert refused.value.code == "documents.letter_number_missing"


def test_an_absent_party_of_a_sealing_needs_a_witness_and_a_recording_is_not_enough() -> None:
    papers = documents_of(Desk())
    kept = papers.issue(DocumentKind.SEALING_DECISION, "v-1", entered=TYPED).value
    absent = Signature(
        role="party", name="赵五", method=SignMethod.ABSENT, reason="当事人未到场", media=("ab" * 32,), signed_at=b.NOW
    )
    with pytest.raises(Refusal) as refused:
        papers.sign(kept.id, "party", absent)
    assert refused.value.code == "documents.witness_missing"
    signed = papers.sign(kept.id, "party", changed(absent, witness="社区工作人员刘六")).value
    assert any(block.witness for block in signed.signatures)


def test_a_draft_cannot_be_served_and_the_heads_decision_makes_it_final() -> None:
    desk = Desk()
    papers = documents_of(desk)
    ink = Signature(role="receiver", name="赵五", media=("ab" * 32,), signed_at=b.NOW)
    undecided = TYPED | {"head_decision": ""}
    draft = papers.issue(DocumentKind.PRIOR_NOTICE, "v-1", entered=undecided).value
    papers.sign(draft.id, "receiver", ink)
    service = PaperService(desk.open_work, desk.clock, papers)
    with pytest.raises(Refusal) as refused:
        service.serve(draft.id, handed_over())
    assert refused.value.code == "service.still_draft"
    final = papers.issue(DocumentKind.PRIOR_NOTICE, "v-1", entered=TYPED).value
    papers.sign(final.id, "receiver", ink)
    assert service.serve(final.id, handed_over()).value.state is ServiceState.PROVEN
    assert papers.of_visit("v-1")[-1].state is DocumentState.SERVED


def handed_over() -> ServiceAct:
    return ServiceAct(
        method=ServiceMethod.DIRECT, at=b.NOW, receiver=Receiver.AGENT, receiver_name="赵五", servers=("张三",),
        media=("ab" * 32,),
    )  # fmt: skip
