"""The decoder chain on frames: what it reads, what it gives back, and what it does on a poorer machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.codes.decode import (
    Decoded,
    decode_pixels,
    decode_plane,
    in_reading_order,
    installed_decoders,
    missing_decoders,
)
from core.kernel.errors import Trouble
from tests.helpers.scans import BARE, LICENSE, blurred, damaged_set, frame, two_licenses


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let a test take decoders away; afterwards they are looked for anew."""
    installed_decoders.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    installed_decoders.cache_clear()


def texts(found: tuple[Decoded, ...]) -> list[str]:
    return [code.text for code in found]


def test_nine_of_ten_damaged_pictures_are_read_and_none_is_misread() -> None:
    read, unread = 0, list[str]()
    for scan in damaged_set():
        found = texts(decode_pixels(scan.grey))
        assert found in ([], [scan.text]), scan.damage
        if found:
            read += 1
        else:
            unread.append(scan.damage)
    assert read >= 0.9 * (read + len(unread)), unread


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=80))
def test_any_plain_text_comes_back_exactly(text: str) -> None:
    assert texts(decode_pixels(np.asarray(frame(text, side_px=480)))) == [text]


def test_blanks_and_line_ends_around_the_text_are_kept() -> None:
    assert texts(decode_pixels(np.asarray(frame(f" {BARE}\r\n")))) == [f" {BARE}\r\n"]


def test_the_middle_is_read_by_pyzbar_and_the_rest_by_the_second_decoder() -> None:
    middle = np.asarray(frame(LICENSE))
    assert [code.decoder for code in decode_pixels(middle)] == ["pyzbar"]
    assert [code.decoder for code in decode_pixels(np.roll(middle, 450, axis=1))] == ["zxing"]


def test_a_code_out_of_focus_is_sharpened_and_a_tiny_one_enlarged() -> None:
    soft = decode_pixels(blurred(frame(LICENSE, turned_degrees=7), 4))
    assert [(code.text, code.decoder) for code in soft] == [(LICENSE, "zxing_sharpened")]
    tiny = decode_pixels(np.asarray(frame(LICENSE, side_px=54, turned_degrees=5)))
    assert [(code.text, code.decoder) for code in tiny] == [(LICENSE, "zxing_enlarged")]


@pytest.mark.parametrize("side_px", [54, 76, 300])
def test_the_box_is_where_the_code_is(side_px: int) -> None:
    (code,) = decode_pixels(np.asarray(frame(LICENSE, side_px=side_px, turned_degrees=5)))
    assert abs(code.left + code.width / 2 - 640) < 8
    assert abs(code.top + code.height / 2 - 360) < 8
    assert 0.7 * side_px < code.width <= 1.1 * side_px


def test_all_codes_of_a_picture_are_given_from_the_left() -> None:
    assert texts(decode_pixels(np.asarray(two_licenses()))) == [LICENSE, BARE]
    assert texts(decode_pixels(np.fliplr(np.asarray(two_licenses())))) == [BARE, LICENSE]


def test_reading_order_goes_by_rows_even_when_they_are_not_quite_level() -> None:
    def at(text: str, left: int, top: int) -> Decoded:
        return Decoded(text=text, decoder="x", left=left, top=top, width=100, height=100)

    found = [at("d", 300, 420), at("b", 300, 0), at("a", 0, 40), at("c", 0, 400), at("a", 300, 420)]
    assert texts(in_reading_order(found)) == ["a", "b", "c", "d"]


def test_a_camera_plane_with_padding_is_read_as_it_is() -> None:
    grey = np.asarray(frame(LICENSE))
    padded = np.zeros((720, 1344), dtype=np.uint8)
    padded[:, :1280] = grey
    assert texts(decode_plane(padded.tobytes(), width=1280, height=720, bytes_per_line=1344)) == [LICENSE]


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (3, 900), (720, 1280)])
def test_a_picture_without_a_code_gives_nothing(shape: tuple[int, int]) -> None:
    grain = np.random.default_rng(3).integers(0, 255, shape, dtype=np.uint8)
    assert decode_pixels(grain) == ()
    assert decode_pixels(np.zeros(shape, dtype=np.uint8)) == ()


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_chinese_in_a_foreign_code_is_read_as_chinese(charset: str) -> None:
    import io

    import qrcode
    from PIL import Image

    drawing = qrcode.QRCode()
    drawing.add_data("营业执照:示例餐馆".encode(charset))
    out = io.BytesIO()
    drawing.make_image().save(out)
    assert texts(decode_pixels(np.asarray(Image.open(out).convert("L")))) == ["营业执照:示例餐馆"]


@pytest.mark.parametrize(("module", "name"), [("pyzbar", "pyzbar"), ("zxingcpp", "zxing-cpp")])
def test_with_one_decoder_missing_the_other_goes_on(lacking: pytest.MonkeyPatch, module: str, name: str) -> None:
    lacking.setitem(sys.modules, module, None)
    lacking.delitem(sys.modules, "pyzbar.pyzbar", raising=False)
    assert missing_decoders() == (name,)
    assert texts(decode_pixels(np.asarray(frame(LICENSE)))) == [LICENSE]


def test_without_any_decoder_the_person_is_told_what_is_missing(lacking: pytest.MonkeyPatch) -> None:
    lacking.setitem(sys.modules, "zxingcpp", None)
    lacking.setitem(sys.modules, "pyzbar", None)
    with pytest.raises(Trouble) as trouble:
        decode_pixels(np.asarray(frame(LICENSE)))
    assert trouble.value.code == "codes.decoder_missing"
    assert trouble.value.params == {"decoder": "pyzbar, zxing-cpp"}


def test_this_machine_has_both_decoders() -> None:
    assert missing_decoders() == ()
