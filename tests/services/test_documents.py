"""Papers of a visit from number to service; with the real drawing, codes and seals."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from core.domain.documents import Document, DocumentKind, DocumentState, Signature, SignMethod
from core.domain.findings import Finding
from core.domain.numbers import NumberUse, UseState
from core.kernel.errors import Refusal, Trouble
from core.papers.archive import inside
from core.services.document_checking import CheckVerdict
from core.services.document_wording import Forms
from tests.helpers import builders as b
from tests.helpers.stores import fresh_store, opener
from tests.papers.builders import VALUES
from tests.services.paper_desk import Desk


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


def test_ink_on_the_scanned_sheet_makes_it_final_and_leaves_the_paper_as_it_is(desk: Desk) -> None:
    notice = desk.issue()
    signed = desk.documents.sign(notice.id, "receiver", Signature(role="", media=("ab" * 32,))).value
    assert signed.state is DocumentState.FINAL
    assert (signed.pdf_blob, signed.facts_blob) == (notice.pdf_blob, notice.facts_blob)
    assert desk.documents.printed(notice.id).value.state is DocumentState.PRINTED


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


def test_a_preview_takes_no_number_and_stores_nothing(desk: Desk) -> None:
    before = dict(desk.blobs.kept)
    pdf = desk.documents.preview(DocumentKind.ORDER_TO_CORRECT, "v-1")
    assert inside(pdf).facts.is_draft
    assert inside(pdf).facts.number == ""
    assert (desk.store.all(NumberUse), desk.store.all(Document), desk.blobs.kept) == ([], [], before)
    assert desk.checks.check_file(pdf).verdict is CheckVerdict.UNKNOWN


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


def test_both_officers_have_a_block_of_their_own(desk: Desk) -> None:
    penalty = desk.penalty()
    officers = [block.name for block in penalty.signatures if block.role == "officer"]
    assert officers == ["执法员1", "执法员2"]
    once = desk.documents.sign(
        penalty.id, "officer", Signature(role="officer", name="执法员1", media=("ab" * 32,))
    ).value
    assert [block.is_complete() for block in once.signatures if block.role == "officer"] == [True, False]


def test_the_encrypted_store_keeps_papers_numbers_and_gaps_alike(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    desk = Desk(open_work=opener(store))
    first, second = desk.issue(), desk.issue()
    desk.documents.spoil(second.id, "污损")
    third = desk.penalty()
    assert (first.number, third.number) == ("湘新市监检通〔2026〕1号", "湘新市监当罚〔2026〕1号")
    assert [(one.taken, one.void, one.gaps) for one in desk.numbers.reports()] == [(1, 1, ()), (1, 0, ())]
    assert desk.checks.check_text(first.short_code).verdict is CheckVerdict.CODE_GENUINE
    assert desk.checks.check_text(second.code_text).verdict is CheckVerdict.SPOILED
    assert [one.id for one in desk.documents.of_visit("v-1")] == [first.id, second.id, third.id]


def test_the_first_print_is_the_paper_and_every_later_one_a_marked_copy(desk: Desk) -> None:
    notice = desk.issue()
    assert desk.documents.to_print(notice.id) == desk.documents.pdf(notice.id)
    desk.documents.printed(notice.id)
    assert inside(desk.documents.to_print(notice.id)).facts.copy_mark == "副本 第2次打印"
    desk.documents.spoil(notice.id, "填错")
    with pytest.raises(Refusal) as refused:
        desk.documents.to_print(notice.id)
    assert refused.value.code == "documents.spoiled"
