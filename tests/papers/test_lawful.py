"""What the law asks of each kind: mandatory content with its article, remedy, signatures, copies, draft and final."""

from __future__ import annotations

import re

import pytest

from core.domain.document_forms import FormField, Value, check_fields, missing_fields
from core.domain.documents import DocumentKind
from core.domain.remedies import RemedyDates, RemedyKind, remedy_blocks
from core.kernel.errors import Refusal
from core.services.document_wording import Forms
from tests.papers.builders import KINDS, VALUES, facts

FORMS = {kind: Forms().form(kind) for kind in KINDS}
MANDATORY = [(kind, field) for kind, form in FORMS.items() for field in form.fields if field.required]
CONDITIONAL = [(kind, field) for kind, form in FORMS.items() for field in form.fields if field.required_when]
# An article, a numbered document, or said to be a form's own element or unverified.
_LAW = re.compile(r"第.+条|〔\d{4}〕|要素|未核实")
REMEDIES = {
    DocumentKind.SUMMARY_PENALTY: "summary",
    DocumentKind.ORDER_TO_CORRECT: "direct",
    DocumentKind.SEALING_DECISION: "direct",
    DocumentKind.SEALING_EXTENSION: "direct",
    DocumentKind.PENALTY_DECISION: "direct",
    DocumentKind.NO_PENALTY_DECISION: "direct",
}
NOT_SEALED = {
    DocumentKind.APPROVAL_FORM, DocumentKind.SCENE_RECORD, DocumentKind.SURVEY_RECORD, DocumentKind.INTERVIEW_RECORD,
    DocumentKind.SAMPLING_RECORD, DocumentKind.CASE_FILING_FORM, DocumentKind.STATEMENT_RECORD,
    DocumentKind.COMMITMENT_LETTER, DocumentKind.EDUCATION_RECORD, DocumentKind.SERVICE_RECEIPT,
    DocumentKind.SERVICE_ADDRESS, DocumentKind.COVER_SHEET,
}  # fmt: skip
SIGNED_ON_EACH_PAGE = {
    DocumentKind.SCENE_RECORD, DocumentKind.SURVEY_RECORD, DocumentKind.INTERVIEW_RECORD, DocumentKind.SAMPLING_RECORD,
    DocumentKind.STATEMENT_RECORD, DocumentKind.EDUCATION_RECORD, DocumentKind.RECHECK_RECORD,
}  # fmt: skip


def _named(pair: tuple[DocumentKind, FormField]) -> str:
    return f"{pair[0].code}-{pair[1].id}"


def _without(name: str) -> dict[str, Value]:
    return {key: value for key, value in VALUES.items() if key != name}


@pytest.mark.parametrize("pair", MANDATORY, ids=_named)
def test_a_paper_without_a_mandatory_field_is_refused_with_its_article(pair: tuple[DocumentKind, FormField]) -> None:
    kind, field = pair
    assert _LAW.search(field.article), f"{field.id} names no law: {field.article!r}"
    with pytest.raises(Refusal) as refused:
        check_fields(FORMS[kind], _without(field.id))
    assert refused.value.code == "documents.field_missing"
    assert refused.value.params["ids"] == [field.id]
    assert refused.value.params["fields"] == f"{field.label}（{field.article}）"


@pytest.mark.parametrize("pair", CONDITIONAL, ids=_named)
def test_a_field_that_another_makes_mandatory_is_asked_for_only_then(pair: tuple[DocumentKind, FormField]) -> None:
    kind, field = pair
    name, _, word = field.required_when.partition("=")
    values = _without(field.id) | {name: word or "有"}
    assert [one.id for one in missing_fields(FORMS[kind], values)] == [field.id]
    other = _without(field.id) | {name: "不" + word if word else ""}
    assert field.id not in [one.id for one in missing_fields(FORMS[kind], other)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_with_all_its_content_is_complete(kind: DocumentKind) -> None:
    assert missing_fields(FORMS[kind], VALUES) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_carries_the_remedy_text_of_its_kind_and_no_other(kind: DocumentKind) -> None:
    assert FORMS[kind].remedy == REMEDIES.get(kind, "")
    text = "".join(block.text for block in facts(kind).blocks)
    assert ("行政复议" in text) is (kind in REMEDIES)
    assert ("未经行政复议，不能直接提起行政诉讼" in text) is (kind is DocumentKind.SUMMARY_PENALTY)
    assert ("6个月内" in text) is (REMEDIES.get(kind) == "direct")


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_has_a_seal_place_where_the_law_asks_for_the_seal(kind: DocumentKind) -> None:
    plain = {DocumentKind.SUMMARY_PENALTY, DocumentKind.RECHECK_RECORD}
    issuer = facts(kind).issuer
    assert (issuer is None) is (kind in NOT_SEALED)
    assert issuer is None or issuer.has_seal_place is (kind not in plain)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_is_signed_on_each_page_and_a_letter_at_its_end(kind: DocumentKind) -> None:
    has_lines = any(block.on_each_page for block in facts(kind).signatures)
    assert has_lines is (kind in SIGNED_ON_EACH_PAGE)


@pytest.mark.parametrize("kind", KINDS)
def test_the_wording_says_where_it_comes_from_and_that_it_is_unverified(kind: DocumentKind) -> None:
    of = facts(kind)
    assert kind.code in FORMS[kind].source
    assert of.is_form_unverified
    assert of.form_source.endswith("]")


@pytest.mark.parametrize("kind", [kind for kind, form in FORMS.items() if form.is_draft_only])
def test_a_paper_that_needs_the_heads_decision_is_a_draft_until_it_is_there(kind: DocumentKind) -> None:
    assert facts(kind, values={"head_decision": ""}).is_draft
    decided = facts(kind)
    assert not decided.is_draft
    assert any("周七" in block.text for block in decided.blocks)


def test_the_list_of_sealed_goods_is_in_two_copies_on_a_page_of_its_own() -> None:
    blocks = facts(DocumentKind.SEALING_DECISION).blocks
    place = next(place for place, block in enumerate(blocks) if block.kind == "annex")
    behind = blocks[place:]
    assert "清单一式二份" in behind[1].text
    assert any(block.rows and block.rows[0][0] == "折叠桌" for block in behind)


def test_a_released_seizure_prints_no_extended_period() -> None:
    released = facts(DocumentKind.SEALING_EXTENSION, values={"extension_kind": "解除"})
    text = "".join(block.text for block in released.blocks)
    assert "决定解除扣押" in text
    assert "延长后的期限" not in text
    assert any(block.rows for block in released.blocks)


def test_a_notice_without_a_hearing_speaks_of_none() -> None:
    without = facts(DocumentKind.PRIOR_NOTICE, values={"hearing_grounds": ""})
    assert not any("听证的权利" in block.text for block in without.blocks)
    assert any("五个工作日" in block.text for block in facts(DocumentKind.PRIOR_NOTICE).blocks)


def test_a_list_may_be_typed_a_row_a_line() -> None:
    typed = facts(DocumentKind.PRESERVATION_NOTICE, values={"goods": "折叠桌|80×80cm|4张\n塑料椅｜无｜16把｜新\n"})
    rows = next(block.rows for block in typed.blocks if block.rows)
    assert rows == (("折叠桌", "80×80cm", "4张", "", ""), ("塑料椅", "无", "16把", "新", ""))


def test_a_paper_about_no_enterprise_carries_none_in_its_code() -> None:
    assert facts(DocumentKind.SUPERVISION_REPLY).party == ""


def test_the_last_days_of_a_remedy_are_said_for_a_paper_served_that_day() -> None:
    direct = "".join(block.text for block in facts(DocumentKind.PENALTY_DECISION).blocks)
    assert "本文书于2026年3月6日送达的，申请行政复议的期限至2026年5月6日止" in direct
    assert "直接提起行政诉讼的期限至2026年9月7日止" in direct
    summary = "".join(block.text for block in facts(DocumentKind.SUMMARY_PENALTY).blocks)
    assert "申请行政复议的期限至" in summary
    assert "直接提起行政诉讼的期限至" not in summary


def test_without_known_last_days_the_periods_stand_alone() -> None:
    blocks = remedy_blocks(RemedyKind.DIRECT, reconsideration_body="某机关", dates=RemedyDates(served_on="今日"))
    assert len(blocks) == 1
