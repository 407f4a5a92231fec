"""A body lays its own wording, seal place and number pattern over ours: files in a folder, no code."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from core.domain.documents import DocumentKind
from core.domain.numbers import DEFAULT_PATTERN
from core.kernel.errors import Refusal
from core.kernel.resources import resources_dir
from core.services.document_wording import Forms
from core.services.number_patterns import NumberPatterns
from core.services.numbers import Numbers
from tests.helpers import builders as b
from tests.services.paper_desk import Desk

BODY = b.visit().subject
NOTICE = DocumentKind.INSPECTION_NOTICE


def own_notice(folder: Path, *changes: tuple[str, str]) -> None:
    ours = (resources_dir() / "documents" / "inspection_notice.toml").read_text("utf-8")
    for before, after in changes:
        assert before in ours
        ours = ours.replace(before, after)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inspection_notice.toml").write_text(ours, "utf-8")


def patterns(folder: Path, text: str) -> NumberPatterns:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "numbers.toml").write_text(text, "utf-8")
    return NumberPatterns(folder)


def test_a_bodys_own_wording_and_seal_place_stand_on_its_papers_alone(tmp_path: Path) -> None:
    other_name = ('title = "行政检查通知书"', 'title = "本局检查告知单"')
    no_seal = ('layout = "letter"', 'layout = "letter"\nseal = "plain"')
    own_notice(tmp_path / BODY, other_name, no_seal)
    desk = Desk(forms=Forms(tmp_path))
    notice = desk.issue()
    facts = desk.documents.facts(notice)
    assert notice.title == "本局检查告知单"
    assert facts.issuer is not None
    assert not facts.issuer.has_seal_place
    assert Forms(tmp_path).form(NOTICE, "别的局").title == "行政检查通知书"
    assert Forms().form(NOTICE, BODY).seal == "seal"


def test_a_bodys_own_form_that_does_not_fit_is_refused_with_its_reason(tmp_path: Path) -> None:
    own_notice(tmp_path, ('kind = "form"', 'kind = "form"\nwhen = "no_such_field"'))
    with pytest.raises(Refusal) as refused:
        Forms(tmp_path).form(NOTICE)
    assert refused.value.code == "documents.form_invalid"
    assert "no_such_field" in str(refused.value.params["reason"])


def test_the_narrower_pattern_of_a_number_wins(tmp_path: Path) -> None:
    found = patterns(
        tmp_path,
        '[[patterns]]\ntext = "{agency_abbr}{type_abbr}〔{year}〕第{seq}号"\n'
        f'[[patterns]]\nbody = "{BODY}"\ntext = "{{type_abbr}}字[{{year}}]{{seq}}"\n'
        f'[[patterns]]\nbody = "{BODY}"\nkind = "D09"\ntext = "当罚{{year}}-{{seq}}"\n',
    )
    assert found.of("别的局", NOTICE) == "{agency_abbr}{type_abbr}〔{year}〕第{seq}号"
    assert found.of(BODY, NOTICE) == "{type_abbr}字[{year}]{seq}"
    assert found.of(BODY, DocumentKind.SUMMARY_PENALTY) == "当罚{year}-{seq}"
    assert NumberPatterns(tmp_path / "none").of(BODY, NOTICE) == DEFAULT_PATTERN


def test_a_pattern_numbers_the_next_paper(tmp_path: Path) -> None:
    desk = Desk()
    found = patterns(tmp_path, '[[patterns]]\ntext = "{agency_abbr}{type_abbr}〔{year}〕第{seq}号"\n')
    numbers = Numbers(desk.open_work, desk.clock, station="站", pattern_of=found.of)
    with desk.open_work() as work:
        use = numbers.take_in(
            work, body=BODY, agency_abbr="湘新市监", kind=NOTICE, type_abbr="检通", year=2026, document="d"
        )
    assert use.text == "湘新市监检通〔2026〕第1号"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[[patterns]]\ntext = "{agency_abbr}〔{year}〕{seq}号"\n', "numbers.pattern_invalid"),
        ('[[patterns]]\nkind = "D02"\ntext = "{seq}号"\n', "numbers.pattern_invalid"),
        ('[[patterns]]\nkind = "D99"\ntext = "{year}{seq}"\n', "numbers.patterns_unreadable"),
        ("[[patterns]\n", "numbers.patterns_unreadable"),
    ],
)
def test_a_pattern_that_could_give_a_number_twice_or_none_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        patterns(tmp_path, text).of(BODY, NOTICE)
    assert refused.value.code == code


def text_at(pdf: bytes, words: str) -> tuple[float, float]:
    """Return left and lower edge, in millimetres from the lower left corner, of words on the last page."""
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[len(document) - 1].get_textpage()
        found = text.search(words).get_next()
        assert found is not None
        left, bottom, _, _ = text.get_charbox(found[0])
    return left * 25.4 / 72, bottom * 25.4 / 72


def test_a_bodys_own_seal_place_moves_name_date_and_mark_together(tmp_path: Path) -> None:
    own_notice(tmp_path / BODY, ('layout = "letter"', 'layout = "letter"\nseal_shift_mm = [-40, 12]'))
    usual, moved = Desk(), Desk(forms=Forms(tmp_path))
    before, after = usual.documents.preview(NOTICE, "v-1"), moved.documents.preview(NOTICE, "v-1")
    facts = moved.documents.facts(moved.issue())
    assert facts.issuer is not None
    assert facts.issuer.seal_shift_mm == (-40, 12)
    for words in ("2026年3月10日", "（印 章）"):
        (x, y), (x_after, y_after) = text_at(before, words), text_at(after, words)
        assert (round(x_after - x), round(y_after - y)) == (-40, -12)


def test_without_a_shift_the_signed_facts_are_what_they_were_before_it_existed() -> None:
    desk = Desk()
    notice = desk.issue()
    assert b"seal_shift" not in desk.blobs.get(notice.facts_blob)
    assert desk.documents.facts(notice).sha256() == notice.facts_blob


@pytest.mark.parametrize("line", ["seal_shift_mm = [-300, 0]", "seal_shift_mm = [0, -5]", 'seal = "stamp"'])
def test_a_seal_place_off_the_page_is_refused(tmp_path: Path, line: str) -> None:
    own_notice(tmp_path, ('layout = "letter"', f'layout = "letter"\n{line}'))
    with pytest.raises(Refusal) as refused:
        Forms(tmp_path).form(NOTICE)
    assert refused.value.code == "documents.form_invalid"
