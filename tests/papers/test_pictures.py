"""Every kind as a picture that was looked at: tests/data/papers/<kind>.png, its pages side by side, small and grey.

A renderer of another version may shade an edge otherwise, so what is compared is the ink of small squares; a moved
line, a lost word or another typeface changes them by far more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from core.domain.documents import DocumentKind
from core.papers.render import render
from tests.papers.builders import KINDS, facts, pdf_of
from tests.papers.goldens import FOLDER, picture_of, picture_path_of

SQUARE = 12
"""Side of a compared square in pixels, about 6 mm on paper."""
MEAN_MAX, SQUARE_MAX = 1.5, 12.0


def differences(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """Return the mean difference of grey (0 to 255) and that of the worst square."""
    assert one.size == other.size, "another number of pages"
    difference = ImageChops.difference(one, other)
    width, height = difference.size
    squares = difference.resize((max(1, width // SQUARE), max(1, height // SQUARE)), Image.Resampling.BOX)
    mean: Any = ImageStat.Stat(difference).mean[0]
    worst: Any = squares.getextrema()[1]
    return float(mean), float(worst)


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_looks_as_it_was_looked_at(kind: DocumentKind) -> None:
    with Image.open(picture_path_of(kind)) as kept:
        mean, worst = differences(picture_of(pdf_of(kind)), kept.convert("L"))
    assert mean <= MEAN_MAX
    assert worst <= SQUARE_MAX


def test_there_is_a_picture_for_every_kind_and_no_other() -> None:
    assert {path.stem for path in Path(FOLDER).glob("*.png")} == {kind.value for kind in KINDS}


@pytest.mark.parametrize("field", ["penalty", "violation"])
def test_one_other_word_shows_in_the_picture(field: str) -> None:
    kind = DocumentKind.SUMMARY_PENALTY
    other = render(facts(kind, values={field: "罚款5000元（人民币伍仟元整），当场收缴"}))
    _, worst = differences(picture_of(other), picture_of(pdf_of(kind)))
    assert worst > SQUARE_MAX
