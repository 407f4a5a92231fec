"""Enterprises are found by what people type and scanners read."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.codes import read_code
from core.domain.enterprises import Enterprise
from core.domain.lists import ListKind, ListVersion
from core.kernel.errors import Refusal
from core.kernel.progress import Unwatched
from core.services.enterprises import Enterprises
from tests.helpers.fake_reference import MemoryReference
from tests.helpers.sheet_books import NOW

SHOP = Enterprise(id="92430104MA2AX8MK5L", uscc="92430104MA2AX8MK5L", name="长沙市岳麓区河泰佰网店")
OTHER = Enterprise(id="92430104MA2BFGQL3G", uscc="92430104MA2BFGQL3G", name="长沙市岳麓区银宇昇五金店商行")


@pytest.fixture
def enterprises() -> Enterprises:
    reference = MemoryReference()
    version = ListVersion(
        id="enterprises-1",
        kind=ListKind.ENTERPRISES,
        version=1,
        effective_on=date(2026, 1, 1),
        imported_at=NOW,
        imported_by="o-1",
        file_name="",
        file_sha256="",
        row_count=0,
        rows_sha256="",
    )
    reference.replace(version, [SHOP, OTHER], progress=Unwatched(), upsert=False)
    return Enterprises(reference=reference)


def test_a_part_of_the_name_finds_the_enterprise(enterprises: Enterprises) -> None:
    assert [hit.id for hit in enterprises.search("五金店")] == [OTHER.id]
    assert enterprises.search("  ") == ()


def test_a_licence_address_names_its_enterprise(enterprises: Enterprises) -> None:
    code = read_code(f"https://www.gsxt.gov.cn/corp-query-entprise-info.html?uniscid={SHOP.uscc}")
    assert enterprises.resolve(code).enterprise == SHOP


def test_a_code_that_is_in_no_list_names_nobody(enterprises: Enterprises) -> None:
    resolution = enterprises.resolve(read_code("91430100MA2AXCLD1U"))
    assert (resolution.enterprise, resolution.candidates) == (None, ())


def test_a_wrong_check_digit_names_nobody(enterprises: Enterprises) -> None:
    assert enterprises.resolve(read_code(SHOP.uscc[:-1] + "M")).enterprise is None


def test_several_codes_in_one_text_are_for_a_person_to_choose(enterprises: Enterprises) -> None:
    resolution = enterprises.resolve(read_code(f"{SHOP.uscc} {OTHER.uscc}"))
    assert resolution.enterprise is None
    assert {hit.id for hit in resolution.candidates} == {SHOP.id, OTHER.id}


def test_an_unknown_enterprise_is_refused_by_name(enterprises: Enterprises) -> None:
    with pytest.raises(Refusal) as refusal:
        enterprises.get("x-nobody")
    assert refusal.value.code == "lists.row_missing"
