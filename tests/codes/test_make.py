"""Codes are drawn square, alike each time, and only from plain letters."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from core.codes.make import QUIET_ZONE_MODULES, qr_matrix, qr_png
from core.kernel.errors import Refusal

URL = "http://www.gsxt.gov.cn/index.html?uniscid=91430104MA4XJT0158"


def test_the_matrix_is_square_and_has_its_three_finders() -> None:
    matrix = qr_matrix(URL)
    size = len(matrix)
    assert all(len(row) == size for row in matrix)
    assert (size - 17) % 4 == 0
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        assert all(matrix[top][left : left + 7])
        assert matrix[top + 1][left : left + 7] == (True, False, False, False, False, False, True)


def test_the_same_text_gives_the_same_modules() -> None:
    assert qr_matrix(URL) == qr_matrix(URL)


def test_a_higher_level_takes_more_room() -> None:
    assert len(qr_matrix(URL, level="H")) > len(qr_matrix(URL, level="L"))


def test_capitals_take_less_room_than_small_letters() -> None:
    assert len(qr_matrix("MJ1:" + "A" * 200)) < len(qr_matrix("mj1:" + "a" * 200))


def test_the_picture_has_its_white_frame() -> None:
    picture = Image.open(io.BytesIO(qr_png(URL, module_px=3))).convert("L")
    frame = QUIET_ZONE_MODULES * 3
    assert picture.size == ((len(qr_matrix(URL)) + 8) * 3,) * 2
    assert picture.crop((0, 0, picture.width, frame)).getextrema() == (255, 255)
    assert picture.getpixel((frame, frame)) == 0


def test_chinese_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        qr_matrix("检查")
    assert refusal.value.code == "codes.not_ascii"


def test_more_than_a_code_holds_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        qr_matrix("a" * 3000)
    assert refusal.value.code == "codes.too_long"
    assert refusal.value.params == {"chars": 3000}
