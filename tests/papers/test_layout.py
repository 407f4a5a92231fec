"""Long papers, big tables, ends that stay with their text, rare characters."""

from __future__ import annotations

import io

import pdfplumber
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.documents import DocumentFacts, DocumentKind
from core.kernel.errors import Refusal
from core.papers import geometry as g
from core.papers.compose import Composer
from core.papers.fonts import FontSet
from core.papers.pages import reserved_height
from core.papers.parts import paginate
from core.papers.render import render
from tests.papers.builders import CODE, KINDS, VALUES, drawn, facts, refusal
from tests.papers.test_render import flat, texts

# Characters of people's and places' names beyond the first plane or rarely in fonts (platform.md section 6).
RARE = "镕堃喆翀犇焱㼆䶮𬀩𫖯𬭎𬣞𠙶𬴊𬱟"


def pages_of(of: DocumentFacts) -> list[str]:
    return ["".join(page.split()) for page in texts(render(of, code=CODE))]


def record_of(rows: int) -> DocumentFacts:
    table = tuple(
        (f"检查事项{n}", "是否按照规定设置安全标志、配备消防器材", "合格", f"第{n}处，共1,234.5平方米，符合要求。")
        for n in range(1, rows + 1)
    )
    signed = (refusal(), drawn(), drawn(name="李四"))
    return facts(DocumentKind.SCENE_RECORD, values={"findings": table}, signatures=signed)


def test_a_record_of_fifty_pages_has_its_heads_numbers_and_lines_on_each_and_every_row_once() -> None:
    pages = pages_of(record_of(430))
    assert len(pages) >= 50
    for number, page in enumerate(pages, 1):
        assert f"第{number}页共{len(pages)}页" in page
        assert "被检查人（签名）：" in page
        assert number == 1 or "现场检查笔录湘新城管检录〔2026〕12号" in page
    whole = "".join(pages)
    assert all(whole.count(f"第{n}处，") == 1 for n in range(1, 431))
    with_rows = [page for page in pages if "1,234.5平方米" in page]
    assert all("检查事项检查内容" in page for page in with_rows)
    assert whole.count("（以下空白）") == 1


@pytest.mark.parametrize("rows", range(1, 16))
def test_no_page_holds_signatures_without_a_word_of_the_record(rows: int) -> None:
    last = pages_of(record_of(rows))[-1]
    assert "被检查人意见" in last or "现场处置措施" in last or "检查事项" in last


@pytest.mark.parametrize("length", range(0, 400, 28))
def test_no_page_of_a_letter_holds_the_receipt_alone(length: int) -> None:
    of = facts(DocumentKind.ORDER_TO_CORRECT, values={"requirement": "改" * length + "正。"})
    with pdfplumber.open(io.BytesIO(render(of, code=CODE))) as document:
        last = document.pages[-1]
        body = [char for char in last.chars if abs(char["size"] - g.LETTER_SIZE) < 0.01]
        issuer = "".join(char["text"] for char in body)
        signed = [char["top"] for char in last.chars if char["text"] == "签"]
        above = [char for char in body if char["top"] < min(signed)]
    # More stands above the receipt than the name of the body and the date.
    assert len(above) > len("湖南湘江新区城市管理和综合执法局2026年3月6日"), issuer


@pytest.mark.parametrize("length", range(20, 260, 20))
def test_the_head_of_a_table_never_stands_alone_at_the_foot(length: int) -> None:
    told = "告知了检查事项、依据和权利义务。" * (length // 8)
    for page in pages_of(facts(DocumentKind.SCENE_RECORD, values={"told": told})):
        assert ("检查事项检查内容结果" in page) is ("餐饮油烟" in page or "城市道路占用" in page)


def test_a_list_of_two_hundred_goods_keeps_its_head_and_its_signatures() -> None:
    goods = tuple((f"物品{n}", "型号", "1件", "完好", "") for n in range(1, 201))
    pages = pages_of(facts(DocumentKind.SEALING_DECISION, values={"goods": goods}))
    listed = [page for page in pages if "型号1件" in page]
    assert len(listed) > 5
    assert all("名称规格型号数量" in page for page in listed)
    assert "物品200" in pages[-1]
    assert "见证人" in pages[-1]


def test_an_answer_of_many_thousand_characters_flows_over_the_pages_of_an_interview() -> None:
    answers = "\n".join(f"问：第{n}个问题？\n答：" + "我说的都是事实，没有补充。" * 12 for n in range(1, 61))
    pages = pages_of(facts(DocumentKind.INTERVIEW_RECORD, values={"answers": answers}))
    assert len(pages) > 10
    whole = "".join(pages)
    assert all(f"问：第{n}个问题？" in whole for n in range(1, 61))
    assert "与我说的一致" in pages[-1] or "被询问人核对" in pages[-1]


@pytest.mark.parametrize("kind", [DocumentKind.PENALTY_DECISION, DocumentKind.INTERVIEW_RECORD])
def test_rare_characters_of_names_are_drawn_and_read_back(kind: DocumentKind) -> None:
    assert f"王{RARE}" in flat(render(facts(kind, values={"party_name": f"王{RARE}"})))


def test_a_character_without_a_glyph_is_refused_with_its_number() -> None:
    with pytest.raises(Refusal) as refused:
        render(facts(DocumentKind.PENALTY_DECISION, values={"party_name": "王\U0002ffff"}))
    assert refused.value.params["characters"] == "\U0002ffff（U+2FFFF）"


def test_line_ends_and_tabs_of_a_pasted_text_are_no_characters() -> None:
    pasted = facts(DocumentKind.ORDER_TO_CORRECT, values={"requirement": "一、清除；\r\n二、恢复\t原状。"})
    assert "一、清除；二、恢复原状。" in flat(render(pasted))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(1, 1500), max_size=6))
def test_nothing_hangs_over_the_foot_of_a_page_and_no_page_is_empty(
    kind: DocumentKind, lengths: dict[str, int]
) -> None:
    of = facts(kind, values={name: "检查企业，" * (length // 5 + 1) for name, length in lengths.items()})
    height = g.TYPE_HEIGHT - reserved_height(of)
    for page in paginate(Composer(of, FontSet()).parts(), height):
        assert page
        offset, piece = page[-1]
        assert offset + piece.height <= height + 0.05
