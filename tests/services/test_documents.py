"""Papers of a visit from number to service, and what a check says of them; with the real drawing, codes and seals."""

import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cbor2
import msgspec
import pikepdf
import pytest

from core.codes.make import qr_matrix
from core.codes.signed import sign_code, verify_signed
from core.crypto.certificates import new_certificate
from core.crypto.signing import Ed25519Signer, key_id_of, new_signing_key, public_key_of, verify
from core.domain.documents import CodeImage, Document, DocumentFacts, DocumentKind, DocumentState, Signature, SignMethod
from core.domain.findings import Finding
from core.domain.lists import ListKind
from core.domain.numbers import NumberUse, UseState
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal, Trouble
from core.papers.archive import archived, inside
from core.papers.render import render
from core.papers.seals import sign_pdf, verify_pdf
from core.services.document_checking import CheckTools, CheckVerdict, CodeReading, DocumentChecks, SealReading
from core.services.document_codes import code_payload, read_payload
from core.services.document_wording import Forms
from core.services.documents import Documents, PaperTools
from core.services.numbers import Numbers
from tests.helpers import builders as b
from tests.helpers.fakes import FakeBlobs, FakeReference, FakeStore
from tests.papers.builders import VALUES, facts

KEY = new_signing_key()
OTHER_KEY = new_signing_key()
RSA, CERTIFICATE = new_certificate("示例站", datetime(2026, 1, 1, tzinfo=UTC))


def image_of(text: str) -> CodeImage:
    return CodeImage(text=text, matrix=qr_matrix(text))


def make_code(payload: dict[str, Any], key: bytes = KEY) -> str:
    return sign_code(payload, Ed25519Signer(key), key_id_of(public_key_of(key)))


def seal(pdf: bytes, at: datetime) -> bytes:
    return sign_pdf(pdf, private_der=RSA, certificate_der=CERTIFICATE, at=at)


def read_seal(pdf: bytes) -> SealReading:
    check = verify_pdf(pdf)
    return SealReading(check.has_signature, check.is_intact, check.covers_all, check.certificate_sha256)


def read_code(text: str, key: bytes = KEY) -> CodeReading:
    public = public_key_of(key)
    check = verify_signed(text, {key_id_of(public): public}, verify)
    return CodeReading(check.verdict.value, check.payload or {})


def read_inside(pdf: bytes) -> tuple[DocumentFacts, str]:
    found = inside(pdf)
    return found.facts, found.code_text


def draw(of: DocumentFacts, code: CodeImage | None) -> bytes:
    return render(of, code=code)


def certificate_sha256() -> str:
    return hashlib.sha256(CERTIFICATE).hexdigest()


class Desk:
    """One station's papers in memory."""

    def __init__(self, *, enrolled: bool = False, forms: Forms | None = None) -> None:
        self.store = FakeStore()
        self.blobs = FakeBlobs()
        self.clock = FixedClock(b.NOW)
        reference = FakeReference()
        rows: dict[ListKind, list[Any]] = {
            ListKind.SUBJECTS: [b.subject(agency_abbr="湘新市监", complaint_phone="12345")],
            ListKind.ITEMS: [b.item()],
            ListKind.OFFICERS: [b.officer(1), b.officer(2)],
        }
        for kind, found in rows.items():
            reference.publish(b.list_version(kind), found)
        self.numbers = Numbers(self.store, self.clock, station="站", is_enrolled=enrolled)
        self.fails = False
        tools = PaperTools(
            draw=self._draw,
            make_code=make_code,
            image_of=image_of,
            sign_pdf=seal,
            certificate_sha256=certificate_sha256(),
        )
        self.documents = Documents(
            self.store,
            reference,
            self.blobs,
            self.clock,
            forms=forms or Forms(),
            numbers=self.numbers,
            tools=tools,
            station="站",
        )
        self.store.seed(b.visit(address="岳麓区示例路1号", is_demo=True))
        self.checks = checks(self.store, self.blobs, self.clock)

    def _draw(self, of: DocumentFacts, code: CodeImage | None) -> bytes:
        if self.fails:
            raise Trouble("papers.font_unreadable", path="x.ttf")
        return draw(of, code)

    def issue(self, kind: DocumentKind = DocumentKind.INSPECTION_NOTICE, **options: Any) -> Document:
        return self.documents.issue(kind, "v-1", **options).value

    def penalty(self, **options: Any) -> Document:
        return self.issue(DocumentKind.SUMMARY_PENALTY, entered=VALUES, amount_cents=50000, **options)


def checks(store: FakeStore, blobs: FakeBlobs, clock: FixedClock, key: bytes = KEY) -> DocumentChecks:
    tools = CheckTools(
        inside=read_inside,
        read_code=lambda text: read_code(text, key),
        read_seal=read_seal,
        draw=draw,
        image_of=image_of,
    )
    return DocumentChecks(store, blobs, clock, tools)


def elsewhere(key: bytes = KEY) -> DocumentChecks:
    """Return the checks of another station's home, which holds nothing but the public key."""
    return checks(FakeStore(), FakeBlobs(), FixedClock(b.NOW), key)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_notice_takes_the_first_number_and_is_drawn(desk: Desk) -> None:
    notice = desk.issue()
    assert notice.number == "湘新市监检通〔2026〕1号"
    assert notice.state is DocumentState.DRAFT
    assert desk.documents.pdf(notice.id).startswith(b"%PDF-1.")
    assert desk.documents.facts(notice).party == "长沙示例食品有限公司"
    assert desk.documents.facts(notice).is_demo


def test_each_kind_counts_its_own_numbers(desk: Desk) -> None:
    assert [desk.issue().number, desk.issue().number, desk.penalty().number] == [
        "湘新市监检通〔2026〕1号",
        "湘新市监检通〔2026〕2号",
        "湘新市监当罚〔2026〕1号",
    ]


def test_a_new_year_begins_at_one(desk: Desk) -> None:
    desk.issue()
    desk.clock.at = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert desk.issue().number == "湘新市监检通〔2027〕1号"


def test_missing_content_takes_no_number(desk: Desk) -> None:
    with pytest.raises(Refusal) as refused:
        desk.issue(DocumentKind.ORDER_TO_CORRECT)
    assert refused.value.code == "documents.field_missing"
    assert desk.store.all(NumberUse) == []
    assert desk.store.all(Document) == []


def test_a_fine_above_the_limit_of_the_law_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal) as refused:
        desk.issue(DocumentKind.SUMMARY_PENALTY, entered=VALUES, amount_cents=300_001)
    assert refused.value.code == "documents.fine_too_high"
    assert desk.store.all(NumberUse) == []


def test_a_fine_at_the_limit_is_issued(desk: Desk) -> None:
    assert desk.issue(DocumentKind.SUMMARY_PENALTY, entered=VALUES, amount_cents=300_000).number


def test_an_enrolled_station_without_a_block_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        Desk(enrolled=True).issue()
    assert refused.value.code == "numbers.no_block"


def test_a_crash_between_number_and_file_is_mended_with_the_same_number(desk: Desk) -> None:
    desk.fails = True
    with pytest.raises(Trouble):
        desk.issue()
    (pending,) = desk.store.all(Document)
    assert (pending.number, pending.pdf_blob) == ("湘新市监检通〔2026〕1号", "")
    assert not desk.numbers.reports()[0].gaps
    desk.fails = False
    desk.clock.advance(days=3)
    (mended,) = desk.documents.draw_pending().value
    assert (mended.number, mended.id) == (pending.number, pending.id)
    assert inside(desk.documents.pdf(mended.id)).facts == desk.documents.facts(pending)


def test_findings_fill_the_order_to_correct(desk: Desk) -> None:
    desk.store.seed(
        Finding(
            id="f-1",
            visit="v-1",
            item="i-1",
            text="货架上有过期食品",
            breached="食品安全法第三十四条",
            requirement="立即下架",
            found_at=b.NOW,
            found_by="officer-1",
            correct_by=b.NOW.date(),
        )
    )
    entered = {"basis": "行政处罚法第二十八条", "consequence": "依法处理。"}
    assert desk.documents.missing(DocumentKind.ORDER_TO_CORRECT, "v-1", entered) == ()
    order = desk.issue(DocumentKind.ORDER_TO_CORRECT, entered=entered)
    printed = repr(desk.documents.facts(order).blocks)
    assert "货架上有过期食品。" in printed
    assert "2026年3月10日" in printed
    assert "未核实" not in printed
    assert "is_unverified=True" in printed, "no reconsideration body is configured"


def test_a_paper_without_a_signature_or_refusal_cannot_be_served(desk: Desk) -> None:
    notice = desk.issue()
    with pytest.raises(Refusal) as refused:
        desk.documents.served(notice.id, method="直接送达")
    assert refused.value.code == "documents.not_signed"


def test_ink_on_the_scanned_sheet_makes_it_final_and_leaves_the_paper_as_it_is(desk: Desk) -> None:
    notice = desk.issue()
    signed = desk.documents.sign(notice.id, "receiver", Signature(role="", media=("ab" * 32,))).value
    assert signed.state is DocumentState.FINAL
    assert (signed.pdf_blob, signed.facts_blob) == (notice.pdf_blob, notice.facts_blob)
    assert desk.documents.printed(notice.id).value.state is DocumentState.PRINTED
    assert desk.documents.served(notice.id, method="直接送达").value.state is DocumentState.SERVED


def test_a_refusal_is_drawn_onto_a_further_edition_with_the_same_number(desk: Desk) -> None:
    notice = desk.issue()
    first = desk.documents.pdf(notice.id)
    refused = Signature(role="", method=SignMethod.REFUSED, reason="不认可", witness="刘六", signed_at=b.NOW)
    second = desk.documents.sign(notice.id, "receiver", refused).value
    assert (second.number, second.state) == (notice.number, DocumentState.FINAL)
    assert desk.documents.facts(second).edition == 2
    assert second.earlier_facts == (notice.facts_blob,)
    assert "documents.check.later_edition" in desk.checks.check_file(first).reasons
    assert desk.checks.check_file(desk.documents.pdf(second.id)).verdict is CheckVerdict.GENUINE


def test_a_refusal_without_a_witness_is_refused(desk: Desk) -> None:
    notice = desk.issue()
    with pytest.raises(Refusal) as refused:
        desk.documents.sign(notice.id, "receiver", Signature(role="", method=SignMethod.REFUSED, reason="不认可"))
    assert refused.value.code == "documents.signature_incomplete"


def test_a_spoiled_paper_voids_its_number_with_the_reason(desk: Desk) -> None:
    notice = desk.issue()
    desk.documents.spoil(notice.id, "打印机卡纸")
    (use,) = desk.store.all(NumberUse)
    assert (use.state, use.reason) == (UseState.VOID, "打印机卡纸")
    assert not desk.numbers.reports()[0].gaps
    check = desk.checks.check_file(desk.documents.pdf(notice.id))
    assert (check.verdict, check.as_of) == (CheckVerdict.SPOILED, b.NOW)
    with pytest.raises(Refusal):
        desk.documents.printed(notice.id)


def test_another_home_with_only_the_public_key_finds_it_genuine(desk: Desk) -> None:
    check = elsewhere().check_file(desk.documents.pdf(desk.penalty().id))
    assert check.verdict is CheckVerdict.GENUINE
    assert check.facts["amount"] == "500元（人民币伍佰元整）"
    assert "documents.check.state_not_known" in check.reasons


def test_one_amount_changed_in_the_facts_with_the_code_kept_is_altered(desk: Desk) -> None:
    penalty = desk.penalty()
    of = desk.documents.facts(penalty)
    cheaper = msgspec.json.decode(
        msgspec.json.encode(of).decode().replace("罚款500元（人民币伍佰元整）", "罚款50元（人民币伍拾元整）").encode(),
        type=DocumentFacts,
    )
    assert cheaper != of
    forged = seal(render(cheaper, code=image_of(penalty.code_text)), b.NOW)
    check = elsewhere().check_file(forged)
    assert (check.verdict, check.reasons) == (CheckVerdict.ALTERED, ("documents.check.facts_differ",))


def test_pages_of_other_facts_with_the_signed_facts_inside_are_altered(desk: Desk) -> None:
    penalty = desk.penalty()
    of = desk.documents.facts(penalty)
    other = facts(DocumentKind.SUMMARY_PENALTY, values={"penalty": "罚款50元（人民币伍拾元整）"})
    raw = render(other, code=image_of(penalty.code_text))
    forged = archived(raw, of, penalty.code_text)
    assert inside(forged).facts == of
    assert elsewhere().check_file(forged).verdict is CheckVerdict.ALTERED
    foreign_key, foreign_certificate = new_certificate("他人", datetime(2026, 1, 1, tzinfo=UTC))
    resealed = sign_pdf(forged, private_der=foreign_key, certificate_der=foreign_certificate, at=b.NOW)
    assert elsewhere().check_file(resealed).reasons == ("documents.check.other_seal",)


def test_a_page_rewritten_with_another_tool_is_altered(desk: Desk) -> None:
    pdf = desk.documents.pdf(desk.penalty().id)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.add_blank_page()
        out = io.BytesIO()
        opened.save(out)
    assert elsewhere().check_file(out.getvalue()).verdict is CheckVerdict.ALTERED


def test_something_appended_is_altered(desk: Desk) -> None:
    pdf = desk.documents.pdf(desk.issue().id)
    assert elsewhere().check_file(pdf + b"\n%x").reasons == ("documents.check.appended",)


def test_a_key_that_nobody_trusts_is_unknown_and_never_green(desk: Desk) -> None:
    pdf = desk.documents.pdf(desk.issue().id)
    assert elsewhere(OTHER_KEY).check_file(pdf).verdict is CheckVerdict.UNKNOWN


def test_a_foreign_file_is_unknown(desk: Desk) -> None:
    assert desk.checks.check_file(b"%PDF-1.7 nothing").verdict is CheckVerdict.UNKNOWN


def test_the_code_alone_gives_at_most_code_genuine_with_the_facts_to_compare(desk: Desk) -> None:
    penalty = desk.penalty()
    check = elsewhere().check_text(penalty.code_text)
    assert check.verdict is CheckVerdict.CODE_GENUINE
    assert check.facts["number"] == penalty.number
    assert check.facts["date"] == "2026-03-10"


def test_the_short_code_typed_from_paper_finds_it_in_the_own_register(desk: Desk) -> None:
    notice = desk.issue()
    check = desk.checks.check_text(notice.short_code.lower().replace("-", ""))
    assert (check.verdict, check.facts["number"]) == (CheckVerdict.CODE_GENUINE, notice.number)
    assert elsewhere().check_text(notice.short_code).verdict is CheckVerdict.UNKNOWN


def test_a_torn_code_is_unknown(desk: Desk) -> None:
    assert desk.checks.check_text(desk.issue().code_text[:-9]).verdict is CheckVerdict.UNKNOWN


def test_a_reprint_says_that_it_is_a_copy(desk: Desk) -> None:
    notice = desk.issue()
    desk.documents.printed(notice.id)
    copy = desk.documents.copy(notice.id)
    assert inside(copy).facts.copy_mark == "副本 第2次打印"
    assert elsewhere().check_file(copy).verdict is CheckVerdict.COPY


def test_a_preview_takes_no_number_and_stores_nothing(desk: Desk) -> None:
    before = dict(desk.blobs.kept)
    pdf = desk.documents.preview(DocumentKind.ORDER_TO_CORRECT, "v-1")
    assert inside(pdf).facts.is_draft
    assert inside(pdf).facts.number == ""
    assert (desk.store.all(NumberUse), desk.store.all(Document), desk.blobs.kept) == ([], [], before)
    assert desk.checks.check_file(pdf).verdict is CheckVerdict.UNKNOWN


def test_the_code_signs_at_most_150_bytes_and_reads_back() -> None:
    of = facts(
        DocumentKind.SUMMARY_PENALTY, amount_cents=50000, body="湖南湘江新区" * 9, values={"party_name": "长沙" * 60}
    )
    payload = code_payload(of, certificate_sha256=certificate_sha256())
    assert len(cbor2.dumps(payload)) <= 150
    signed = read_payload(payload)
    assert signed is not None
    assert (signed.number, signed.amount_cents, signed.sha256) == (of.number, 50000, of.sha256())
    assert signed.party.endswith("～")


def test_a_signed_code_of_another_purpose_is_not_a_paper(desk: Desk) -> None:
    assert desk.checks.check_text(make_code({"draw": "2026-1"})).reasons == ("documents.check.other_code",)


def test_a_body_lays_its_own_wording_over_ours_without_code(tmp_path: Path) -> None:
    shipped = Forms()
    source = Path(__file__).resolve().parents[2] / "resources" / "documents" / "inspection_notice.toml"
    own = source.read_text("utf-8").replace('title = "行政检查通知书"', 'title = "入企检查通知书"')
    (tmp_path / b.BODY).mkdir()
    (tmp_path / b.BODY / "inspection_notice.toml").write_text(own, "utf-8")
    notice = Desk(forms=Forms(tmp_path)).issue()
    assert notice.title == "入企检查通知书"
    assert shipped.form(DocumentKind.INSPECTION_NOTICE, b.BODY).title == "行政检查通知书"


def test_a_broken_own_form_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "inspection_notice.toml").write_text("title = ", "utf-8")
    with pytest.raises(Refusal) as refused:
        Forms(tmp_path).form(DocumentKind.INSPECTION_NOTICE)
    assert refused.value.code == "documents.form_invalid"


def test_a_kind_without_a_form_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal) as refused:
        desk.issue(DocumentKind.FINE_RECEIPT)
    assert refused.value.code == "documents.kind_not_drawn"


def test_a_body_without_its_abbreviation_is_refused_before_anything_is_stored(desk: Desk) -> None:
    with desk.store.open() as work, pytest.raises(Refusal) as refused:
        desk.numbers.take_in(
            work,
            body=b.BODY,
            agency_abbr="",
            kind=DocumentKind.SUMMARY_PENALTY,
            type_abbr="当罚",
            year=2026,
            document="d-1",
        )
    assert refused.value.code == "numbers.abbr_missing"


def test_a_leased_block_that_overlaps_is_refused(desk: Desk) -> None:
    desk.issue()
    held = desk.numbers.reports()[0].block
    with pytest.raises(Refusal) as refused:
        desk.numbers.add_block(msgspec.structs.replace(held, id="b-x", first=200, last=300))
    assert refused.value.code == "numbers.block_overlaps"


def test_after_a_restore_no_unused_number_is_ever_given(desk: Desk) -> None:
    desk.issue()
    assert desk.numbers.burn_all("restored").value == 1
    assert desk.issue().number == "湘新市监检通〔2026〕201号"


def test_a_spoiled_sheet_of_pre_numbered_stock_keeps_its_reason(desk: Desk) -> None:
    desk.issue()
    held = desk.numbers.reports()[0].block
    use = desk.numbers.void_next(held.id, "污损", agency_abbr="湘新市监", type_abbr="检通").value
    assert (use.text, use.state) == ("湘新市监检通〔2026〕2号", UseState.VOID)
    assert desk.issue().number == "湘新市监检通〔2026〕3号"
