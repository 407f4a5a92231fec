"""From facts to the bytes, the text and the places of a paper."""

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pdfplumber
import pikepdf
import pikepdf.pdfa
import pypdfium2
import pytest

from core.domain.documents import DocumentFacts, DocumentKind, printed_money
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import changed
from core.papers import geometry as g
from core.papers.archive import inside
from core.papers.fonts import FontSet
from core.papers.render import render
from tests.papers.builders import BODY, CODE, KINDS, PARTY, facts, long_record, pdf_of


def texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        found: list[str] = []
        for page in document:
            text_page = page.get_textpage()
            found.append(text_page.get_text_range())
            text_page.close()
            page.close()
        return found
    finally:
        document.close()


def flat(pdf: bytes) -> str:
    return "".join("".join(texts(pdf)).split())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_pdf_a_with_its_title_party_and_number(kind: DocumentKind) -> None:
    of, pdf = facts(kind), pdf_of(kind)
    assert pikepdf.pdfa.check(pikepdf.open(io.BytesIO(pdf)), "2b").verdict == "pass"
    text = flat(pdf)
    assert of.title in text
    assert of.party in text
    assert of.number in text


@pytest.mark.parametrize("kind", KINDS)
def test_same_facts_give_the_same_bytes(kind: DocumentKind) -> None:
    assert render(facts(kind), code=CODE) == pdf_of(kind)


def test_another_process_folder_zone_and_locale_give_the_same_bytes(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    program = (
        "import sys; from core.papers.render import render; from tests.papers.builders import long_record;"
        "sys.stdout.buffer.write(render(long_record()))"
    )
    elsewhere = {"PYTHONPATH": str(root), "TZ": "America/New_York", "LC_ALL": "C", "PATH": os.environ["PATH"]}
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=elsewhere, capture_output=True, check=True, timeout=60
    )
    assert ran.stdout == render(long_record())


def test_every_kind_has_the_same_bytes_in_another_folder_zone_and_locale(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    program = (
        "import hashlib; from tests.papers.builders import KINDS, pdf_of;"
        "print(*(hashlib.sha256(pdf_of(kind)).hexdigest() for kind in KINDS))"
    )
    elsewhere = {"PYTHONPATH": str(root), "TZ": "Pacific/Auckland", "LC_ALL": "C", "PATH": os.environ["PATH"]}
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=elsewhere, capture_output=True, check=True, timeout=300
    )
    assert ran.stdout.decode().split() == [hashlib.sha256(pdf_of(kind)).hexdigest() for kind in KINDS]


def test_an_amount_changed_changes_the_bytes() -> None:
    of = facts(DocumentKind.SUMMARY_PENALTY, amount_cents=50000)
    other = facts(DocumentKind.SUMMARY_PENALTY, amount_cents=5000, values={"penalty": f"罚款{printed_money(5000)}"})
    assert render(of) != render(other)


def test_a_letter_keeps_to_the_type_area_of_the_standard() -> None:
    pdf = render(facts(DocumentKind.SUMMARY_PENALTY), code=CODE)
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        page = document.pages[0]
        assert (round(float(page.width)), round(float(page.height))) == (595, 842)
        body = [char for char in page.chars if abs(char["size"] - g.LETTER_SIZE) < 0.01]
        assert min(char["x0"] for char in body) >= g.LEFT - 1
        # The last character of a line has its own side bearing beyond the grid at most.
        assert max(char["x1"] for char in body) <= g.RIGHT + 1
        assert min(char["y0"] for char in body) >= g.BOTTOM - 1
        assert max(char["y1"] for char in body) <= g.TOP + 1
        titles = [char for char in page.chars if abs(char["size"] - g.TITLE_SIZE) < 0.01]
        assert "".join(char["text"] for char in titles) == BODY + "当场行政处罚决定书"


def test_a_full_line_of_a_letter_has_28_characters() -> None:
    of = facts(DocumentKind.COMMITMENT_LETTER, values={"fact": "一" * 90})
    with pdfplumber.open(io.BytesIO(render(of))) as document:
        rows: dict[int, int] = {}
        for char in document.pages[0].chars:
            if char["text"] == "一":
                rows[round(char["top"])] = rows.get(round(char["top"]), 0) + 1
    assert max(rows.values()) == g.CHARS_A_LINE


def test_22_lines_fill_a_page_of_a_letter() -> None:
    assert pytest.approx(g.TYPE_HEIGHT) == g.LINES_A_PAGE * g.LINE_PITCH


def test_a_record_has_page_numbers_signature_lines_and_marks_on_each_of_five_pages() -> None:
    pages = ["".join(text.split()) for text in texts(render(long_record(), code=CODE))]
    assert len(pages) == 5
    for number, text in enumerate(pages, 1):
        assert f"第{number}页共5页" in text
        assert "被检查人（签名）：" in text
        assert "示例数据" in text
        assert "补录：网络中断" in text


def test_a_table_repeats_its_headings_on_each_page() -> None:
    pages = ["".join(text.split()) for text in texts(render(long_record()))]
    assert all("检查内容" in text for text in pages[:4])


def test_a_refusal_is_printed_with_reason_and_witness() -> None:
    text = flat(render(long_record()))
    assert "拒绝签名。原因：认为处理过重，拒绝签字。见证人：梅溪湖街道社区工作人员刘六" in text
    assert "（以下空白）" in text


def test_a_copy_says_so_on_every_page() -> None:
    of = changed(facts(DocumentKind.INSPECTION_NOTICE), copy_mark="副本 第2次打印")
    assert all("副本" in text for text in texts(render(of)))


def test_an_unverified_value_is_printed_as_such() -> None:
    of = facts(DocumentKind.INSPECTION_NOTICE, unverified=("visit_count",))
    assert "1次/2次（未核实）" in flat(render(of))


def test_the_chain_head_and_the_short_code_are_printed_whole() -> None:
    of = facts(DocumentKind.ORDER_TO_CORRECT)
    text = flat(render(of, code=CODE))
    assert of.chain_head in text
    assert "核验短码" in text


def test_rare_characters_of_names_extract_right() -> None:
    assert "王𬭎" in flat(render(facts(DocumentKind.SUMMARY_PENALTY)))


def test_a_character_that_no_font_draws_is_refused_by_name() -> None:
    with pytest.raises(Refusal) as refused:
        render(facts(DocumentKind.INSPECTION_NOTICE, values={"party_name": "长沙\u0e01公司"}))
    assert refused.value.code == "papers.glyph_missing"
    assert "\u0e01" in str(refused.value.params["characters"])


def test_a_missing_font_file_of_the_body_is_trouble(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        render(facts(DocumentKind.INSPECTION_NOTICE), fonts=FontSet(body=str(tmp_path / "none.ttf")))
    assert trouble.value.code == "papers.font_unreadable"


def test_a_body_may_bring_its_own_font() -> None:
    sans = Path(__file__).resolve().parents[2] / "resources" / "fonts" / "NotoSansSC_400Regular.ttf"
    of = facts(DocumentKind.INSPECTION_NOTICE)
    own = render(of, fonts=FontSet(body=str(sans)))
    assert own != render(of)
    assert PARTY in flat(own)


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_carries_its_facts_and_its_code(kind: DocumentKind) -> None:
    of: DocumentFacts = facts(kind)
    carried = inside(pdf_of(kind))
    assert carried.facts == of
    assert carried.code_text == CODE.text


@pytest.mark.parametrize("foreign", [b"", b"%PDF-1.4 torn", b"\x00" * 300])
def test_a_foreign_file_is_refused(foreign: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        inside(foreign)
    assert refused.value.code == "papers.not_ours"


def test_a_row_higher_than_a_page_goes_on_over_the_page() -> None:
    of = facts(DocumentKind.SCENE_RECORD, values={"measures": "责令改正并保持整改状态。" * 300})
    pages = texts(render(of))
    assert len(pages) > 2
    assert "".join("".join(pages).split()).count("责令改正并保持整改状态") > 250


def test_no_page_has_a_font_that_is_not_embedded() -> None:
    with pikepdf.open(io.BytesIO(render(long_record(), code=CODE))) as pdf:
        for page in pdf.pages:
            assert "/Trans" not in page
            for font in page.Resources.Font.values():
                assert "/FontFile2" in font.FontDescriptor


def test_a_field_to_be_written_by_hand_leaves_room_and_others_are_closed_with_a_stroke() -> None:
    of = facts(DocumentKind.SCENE_RECORD)
    values = {field.id: field.value for block in of.blocks for row in block.grid for field in row}
    assert values["party_opinion"].isspace()
    assert values["witness"] == ""
    assert "见证人/" in flat(render(of))
