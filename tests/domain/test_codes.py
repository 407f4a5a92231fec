"""Texts and their readings: domain.md 5.1 and 5.2 as examples, and what must hold for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.codes import (
    CodeKind,
    ProvincialPrefix,
    clean_uscc,
    has_organisation_digit,
    is_uscc,
    read_code,
)

CODE = "91430104MA4XJT0158"
CHARSET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
HUNAN = ProvincialPrefix(prefix="HNJC", system="湖南省行政检查码")


def with_check(first: str) -> str:
    """Return the 17 characters with the digit of GB 32100, computed here by the standard's own formula."""
    total = sum(CHARSET.index(char) * pow(3, at, 31) for at, char in enumerate(first))
    return first + CHARSET[(31 - total) % 31]


valid_codes = st.tuples(
    st.sampled_from(["91", "92", "93", "51", "N2", "Y1"]),
    st.from_regex(r"43[0-9]{4}", fullmatch=True),
    st.text(CHARSET, min_size=9, max_size=9),
).map(lambda parts: with_check("".join(parts)))


@pytest.mark.parametrize(
    "code", ["91350100M000100Y43", CODE, "92430104MA4XJT0230", "91430100MA4XJT0314", "91430112MA4XJT04X8"]
)
def test_the_codes_of_the_specification_are_valid_by_both_check_digits(code: str) -> None:
    assert is_uscc(code)
    assert has_organisation_digit(code)


@pytest.mark.parametrize("scheme", ["http", "https", "HTTP"])
def test_a_licence_address_gives_its_code(scheme: str) -> None:
    raw = f"{scheme}://www.gsxt.gov.cn/index.html?uniscid={CODE}"
    code = read_code(raw)
    assert (code.kind, code.uscc, code.valid, code.remarks) == (CodeKind.LICENSE_URL, CODE, True, ())
    assert code.raw == raw


def test_other_parameters_case_and_capitals_do_not_matter() -> None:
    code = read_code(f"HTTP://WWW.GSXT.GOV.CN/index.html?from=lic&UniSCID={CODE.lower()}&v=1")
    assert (code.kind, code.uscc, code.valid) == (CodeKind.LICENSE_URL, CODE, True)


@pytest.mark.parametrize("host", ["gsxt.gov.cn.example.com", "example.com", "www.gsxt.gov.cn@example.com"])
def test_a_licence_address_of_another_host_is_read_with_a_remark(host: str) -> None:
    code = read_code(f"http://{host}/?uniscid={CODE}")
    assert (code.kind, code.uscc) == (CodeKind.LICENSE_URL, CODE)
    assert "codes.remark.other_host" in code.remarks


@pytest.mark.parametrize("value", [CODE[:17] + "1", CODE[:10], CODE.replace("M", "O")])
def test_a_licence_address_with_a_wrong_code_is_not_valid(value: str) -> None:
    code = read_code(f"http://www.gsxt.gov.cn/index.html?uniscid={value}")
    assert (code.kind, code.uscc, code.valid) == (CodeKind.LICENSE_URL, value, False)
    assert "codes.remark.check_digit" in code.remarks


def test_an_address_without_a_code_is_kept_raw() -> None:
    code = read_code("http://www.gsxt.gov.cn/index.html")
    assert (code.kind, code.uscc, code.remarks) == (CodeKind.UNKNOWN, None, ("codes.remark.unread",))


def test_an_address_that_names_two_enterprises_is_for_a_person_to_decide() -> None:
    code = read_code(f"http://www.gsxt.gov.cn/?uniscid={CODE}&uniscid=92430104MA4XJT0230")
    assert (code.kind, code.uscc, code.candidates) == (CodeKind.UNKNOWN, None, (CODE, "92430104MA4XJT0230"))


@pytest.mark.parametrize(
    "raw",
    [
        CODE,
        f"  {CODE}\r\n",
        CODE.lower(),
        "91430104 MA4XJT015 8",
        "91430104-MA4XJT015-8",
        "9143010４ＭＡ４ＸＪＴ０１５８",
        f"名称:示例餐馆;统一社会信用代码:{CODE};",
        f"https://example.com/q/{CODE}",
    ],
)
def test_a_bare_code_is_found_however_it_is_written(raw: str) -> None:
    code = read_code(raw)
    assert (code.kind, code.uscc, code.valid) == (CodeKind.USCC, CODE, True)
    assert code.raw == raw


def test_a_bare_code_with_a_wrong_check_digit_is_shown_and_not_valid() -> None:
    code = read_code("91430112MA2KTE8490")
    assert (code.kind, code.uscc, code.valid) == (CodeKind.USCC, "91430112MA2KTE8490", False)
    assert code.remarks == ("codes.remark.check_digit",)


def test_a_wrong_organisation_digit_is_a_remark_and_no_refusal() -> None:
    odd = with_check(CODE[:16] + "6")
    code = read_code(odd)
    assert (code.uscc, code.valid, code.remarks) == (odd, True, ("codes.remark.organisation_digit",))


def test_eighteen_characters_inside_a_longer_word_are_not_a_code() -> None:
    assert read_code(f"X{CODE}7").kind is CodeKind.UNKNOWN


def test_an_old_registration_number_is_an_alias_only() -> None:
    code = read_code("430000000012345")
    assert (code.kind, code.uscc, code.legacy_number) == (CodeKind.UNKNOWN, None, "430000000012345")


def test_an_identity_number_is_not_taken_for_an_enterprise() -> None:
    code = read_code("11010519491231002X")
    assert (code.kind, code.uscc, code.remarks) == (CodeKind.UNKNOWN, None, ("codes.remark.identity_number",))


def test_our_own_code_is_signed_and_not_yet_valid() -> None:
    code = read_code("MJ1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5\r\n")
    assert (code.kind, code.valid, code.uscc) == (CodeKind.SIGNED, False, None)


def test_a_provincial_code_is_known_by_the_table_and_marked_unverified() -> None:
    code = read_code("HNJC-2026-000123", provincial=(HUNAN,))
    assert (code.kind, code.system, code.uscc) == (CodeKind.PROVINCIAL, "湖南省行政检查码", None)
    assert code.remarks == ("codes.remark.provincial_unverified",)
    assert read_code("HNJC-2026-000123").kind is CodeKind.UNKNOWN


def test_a_provincial_code_gives_the_credit_code_it_carries() -> None:
    code = read_code(f"HNJC:{CODE}", provincial=(HUNAN,))
    assert (code.kind, code.system, code.uscc, code.valid) == (CodeKind.PROVINCIAL, HUNAN.system, CODE, True)


def test_the_longest_prefix_wins_and_an_empty_one_matches_nothing() -> None:
    longer = ProvincialPrefix(prefix="HNJC2:", system="新版", verified=True)
    empty = ProvincialPrefix(prefix="", system="未定")
    assert read_code("HNJC2:abc", provincial=(empty, HUNAN, longer)).system == "新版"
    assert read_code("abc", provincial=(empty,)).kind is CodeKind.UNKNOWN


@given(valid_codes)
def test_any_valid_code_is_read_alone_and_in_an_address(code: str) -> None:
    assert read_code(code).uscc == code
    assert read_code(code).valid
    assert read_code(f"http://www.gsxt.gov.cn/index.html?uniscid={code}").valid


@given(valid_codes, st.integers(0, 17), st.sampled_from(CHARSET))
def test_one_wrong_character_never_passes(code: str, at: int, char: str) -> None:
    wrong = code[:at] + char + code[at + 1 :]
    assert is_uscc(wrong) == (wrong == code)


@given(st.text())
def test_any_text_has_a_reading_and_is_kept_as_it_came(raw: str) -> None:
    code = read_code(raw, provincial=(HUNAN,))
    assert code.raw == raw
    assert code.valid == (code.uscc is not None and is_uscc(code.uscc))
    assert code.uscc is None or code.uscc == clean_uscc(code.uscc)


@pytest.mark.parametrize("raw", ["", "   ", "http://[", "http://", "x" * 100_000, "\x00", "http://a?uniscid="])
def test_rubbish_has_no_credit_code(raw: str) -> None:
    assert read_code(raw).uscc is None
