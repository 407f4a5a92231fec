"""Kinds, signature blocks, money and dates of papers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.document_forms import as_text, check_fields, missing_fields, read_form
from core.domain.documents import (
    DocumentKind,
    DocumentState,
    Signature,
    SignMethod,
    capital_money,
    filled,
    kind_of,
    missing_signatures,
    normal_short_code,
    printed_date,
    printed_money,
    short_code,
    state_by_signatures,
)
from core.kernel.errors import Refusal
from core.services.document_wording import Forms

INK = Signature(role="party", label="被检查人", media=("ab" * 32,))
OPEN = Signature(role="party", label="被检查人")


def test_there_are_29_kinds_in_the_order_of_the_list() -> None:
    assert [kind.code for kind in DocumentKind] == [f"D{n:02d}" for n in range(1, 30)]
    assert DocumentKind.SUMMARY_PENALTY.code == "D09"
    assert DocumentKind.SERVICE_RECEIPT.code == "D21"


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_kind_is_found_by_name_and_by_code(kind: DocumentKind) -> None:
    assert kind_of(kind.value) is kind
    assert kind_of(kind.code.lower()) is kind


def test_an_unknown_kind_is_none() -> None:
    assert kind_of("D30") is None


@pytest.mark.parametrize("method", [SignMethod.REFUSED, SignMethod.UNABLE, SignMethod.ABSENT])
def test_a_refusal_needs_a_reason_and_a_witness_or_media(method: SignMethod) -> None:
    bare = Signature(role="party", method=method)
    assert not bare.is_complete()
    assert not Signature(role="party", method=method, reason="不认可").is_complete()
    assert not Signature(role="party", method=method, witness="刘六").is_complete()
    assert Signature(role="party", method=method, reason="不认可", witness="刘六").is_complete()
    assert Signature(role="party", method=method, reason="不认可", media=("ab",)).is_complete()


def test_ink_counts_only_once_the_sheet_was_scanned_back() -> None:
    assert not OPEN.is_complete()
    assert INK.is_complete()


def test_a_paper_is_final_only_with_every_required_block() -> None:
    witness = Signature(role="witness", is_required=False)
    assert state_by_signatures((OPEN, witness)) is DocumentState.DRAFT
    assert state_by_signatures((INK, witness)) is DocumentState.FINAL
    assert missing_signatures((OPEN, witness)) == (OPEN,)


def test_a_filled_block_keeps_the_words_of_the_form() -> None:
    refused = Signature(role="x", method=SignMethod.REFUSED, reason="不认可", witness="刘六")
    blocks = filled((OPEN, Signature(role="officer")), "party", refused)
    assert (blocks[0].label, blocks[0].role, blocks[0].method) == ("被检查人", "party", SignMethod.REFUSED)


def test_a_second_officer_fills_the_second_block() -> None:
    blocks = (Signature(role="officer", media=("a",)), Signature(role="officer"))
    assert filled(blocks, "officer", Signature(role="officer", media=("b",)))[1].media == ("b",)


def test_a_block_that_the_paper_has_not_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        filled((OPEN,), "judge", INK)
    assert refused.value.code == "documents.no_such_block"


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (0, "零元整"),
        (300000, "叁仟元整"),
        (50000, "伍佰元整"),
        (1000000, "壹万元整"),
        (1000500, "壹万零伍元整"),
        (101000, "壹仟零壹拾元整"),
        (10010001, "壹拾万零壹佰元零壹分"),
        (12345678, "壹拾贰万叁仟肆佰伍拾陆元柒角捌分"),
        (2000000000, "贰仟万元整"),
        (10000000000, "壹亿元整"),
        (10000100000, "壹亿零壹仟元整"),
        (50, "伍角整"),
        (5, "伍分"),
    ],
)
def test_amounts_in_capitals(cents: int, words: str) -> None:
    assert capital_money(cents) == words


def test_money_and_dates_as_papers_print_them() -> None:
    assert printed_money(300000) == "3000元（人民币叁仟元整）"
    assert printed_money(1050) == "10.50元（人民币壹拾元伍角整）"
    assert printed_date(date(2026, 3, 6)) == "2026年3月6日"


@given(st.binary(min_size=32, max_size=32))
def test_a_short_code_survives_sloppy_typing(digest: bytes) -> None:
    code = short_code(digest.hex())
    assert len(code) == 11
    assert normal_short_code(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == code


def test_missing_content_is_refused_with_its_article() -> None:
    form = Forms().form(DocumentKind.ORDER_TO_CORRECT)
    with pytest.raises(Refusal) as refused:
        check_fields(form, {"party_name": "甲公司", "fact": "占道", "breached": "x", "basis": "y", "requirement": "z"})
    assert refused.value.code == "documents.field_missing"
    assert refused.value.params["ids"] == ["due_text", "consequence"]
    assert "行政处罚法第二十八条第一款" in str(refused.value.params["fields"])


def test_blank_text_is_no_content() -> None:
    form = Forms().form(DocumentKind.ORDER_TO_CORRECT)
    assert "party_name" in [field.id for field in missing_fields(form, {"party_name": "  "})]


@pytest.mark.parametrize("kind", Forms().kinds())
def test_every_mandatory_field_of_a_shipped_form_is_used_and_says_its_law(kind: DocumentKind) -> None:
    form = Forms().form(kind)
    used = " ".join(f"{part.text} {part.field} {part.rows}" for part in form.parts)
    for field in form.fields:
        assert field.id in used, field.id
        assert not field.required or field.article, field.id


def test_a_form_with_an_unknown_placeholder_is_refused() -> None:
    plain = {
        "kind": "cover_sheet",
        "title": "x",
        "layout": "letter",
        "source": "x",
        "confidence": "certain",
        "fields": [],
        "parts": [{"kind": "paragraph", "text": "{nobody}"}],
    }
    with pytest.raises(Refusal) as refused:
        read_form(plain)
    assert refused.value.code == "documents.form_invalid"
    assert refused.value.params["reason"] == "nobody"


def test_several_entries_are_numbered() -> None:
    assert as_text(("甲", "乙")) == "1. 甲\n2. 乙"
    assert as_text(("甲",)) == "甲"
