"""What a check says of a paper: its file, its code, its short code; on another station too."""

import io
from datetime import UTC, datetime

import cbor2
import msgspec
import pikepdf
import pytest

from core.crypto.certificates import new_certificate
from core.domain.documents import DocumentFacts, DocumentKind, Signature, SignMethod, printed_short_code
from core.kernel.records import canonical_bytes, from_plain, parse_json
from core.papers.archive import archived, inside
from core.papers.render import render
from core.papers.seals import sign_pdf
from core.services.document_checking import CheckVerdict
from core.services.document_codes import code_payload, read_payload
from tests.helpers import builders as b
from tests.papers.builders import facts
from tests.services.paper_desk import OTHER_KEY, Desk, certificate_sha256, elsewhere, image_of, make_code, seal


@pytest.fixture
def desk() -> Desk:
    return Desk()


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


def test_the_certificate_that_headquarters_told_must_be_the_whole_one(desk: Desk) -> None:
    pdf = desk.documents.pdf(desk.penalty().id)
    assert elsewhere(told=certificate_sha256()).check_file(pdf).verdict is CheckVerdict.GENUINE
    # The code names the beginning alone: another certificate may be made to begin so.
    begins_so = certificate_sha256()[:16] + "0" * 48
    check = elsewhere(told=begins_so).check_file(pdf)
    assert (check.verdict, check.reasons) == (CheckVerdict.ALTERED, ("documents.check.other_seal",))


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


def test_a_sheet_printed_before_a_refusal_and_a_copy_are_found_by_their_short_codes(desk: Desk) -> None:
    notice = desk.issue()
    refusal = Signature(role="", method=SignMethod.REFUSED, reason="不认可", witness="刘六", signed_at=b.NOW)
    second = desk.documents.sign(notice.id, "receiver", refusal).value
    assert second.short_code != notice.short_code
    first = desk.checks.check_text(notice.short_code)
    assert (first.verdict, first.facts["number"]) == (CheckVerdict.CODE_GENUINE, notice.number)
    assert "documents.check.later_edition" in first.reasons
    desk.documents.printed(notice.id)
    assert printed_short_code(inside(desk.documents.copy(notice.id)).facts) == second.short_code


def test_a_picture_gives_the_verdict_of_its_code_or_says_that_it_read_none(desk: Desk) -> None:
    notice = desk.issue()
    seen = desk.checks.check_picture(["https://example.org", notice.code_text])
    assert seen.verdict is CheckVerdict.CODE_GENUINE
    assert desk.checks.check_picture([]).reasons == ("documents.check.no_code_seen",)
    assert desk.checks.check_picture(["https://example.org"]).reasons == ("documents.check.other_code",)


def test_facts_of_a_version_that_knew_fewer_fields_are_still_the_signed_ones(desk: Desk) -> None:
    notice = desk.issue()
    found = inside(desk.documents.pdf(notice.id))
    assert found.sha256 == notice.facts_blob
    plain = {name: value for name, value in parse_json(canonical_bytes(found.facts)).items() if name != "edition"}
    older = archived(render(found.facts), found.facts, notice.code_text)
    assert inside(older).sha256 == found.sha256
    assert from_plain(DocumentFacts, plain) == found.facts, "a field that is missing is read with its default"


def test_a_torn_code_is_unknown(desk: Desk) -> None:
    assert desk.checks.check_text(desk.issue().code_text[:-9]).verdict is CheckVerdict.UNKNOWN


def test_a_reprint_says_that_it_is_a_copy(desk: Desk) -> None:
    notice = desk.issue()
    desk.documents.printed(notice.id)
    copy = desk.documents.copy(notice.id)
    assert inside(copy).facts.copy_mark == "副本 第2次打印"
    assert elsewhere().check_file(copy).verdict is CheckVerdict.COPY


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
