"""Picture files: good ones are read, all others get a clear answer."""

from __future__ import annotations

import csv
import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.codes.pictures import FORMATS, decode_bytes, decode_file
from core.domain.codes import read_code
from core.kernel.errors import Fault, Refusal, Trouble
from tests.helpers.scans import LICENSE, SCANS, frame, license_like

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "data" / "published" / "qr"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def encoded(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("row", rows(SCANS / "expected.csv"), ids=lambda row: row["file"])
def test_our_own_scans_hold_what_their_list_says(row: dict[str, str]) -> None:
    expected = [text for text in row["texts"].split("|") if text]
    assert [code.text for code in decode_file(SCANS / row["file"])] == expected


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published pictures are not beside this repository")
def test_every_published_picture_is_read_and_understood() -> None:
    expected = rows(PUBLISHED / "expected.csv")
    assert len(expected) == 20
    for row in expected:
        (code,) = decode_file(PUBLISHED / row["file"])
        assert code.text == row["payload"].replace("\\n", "\n"), row["file"]
        meaning = read_code(code.text)
        assert meaning.kind == row["kind"].removeprefix("bare_"), row["file"]
        assert (meaning.uscc or "", meaning.valid) == (row["uscc"], row["uscc_valid"] == "yes"), row["file"]


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_read(kind: str) -> None:
    assert [code.text for code in decode_bytes(encoded(frame(LICENSE), kind), name="x")] == [LICENSE]


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "CMYK", "I;16"])
def test_each_kind_of_pixels_is_read(mode: str) -> None:
    grey = license_like(LICENSE)
    picture = (
        grey.convert("I").point(lambda value: value * 257).convert("I;16") if mode == "I;16" else grey.convert(mode)
    )
    kind = "TIFF" if mode == "CMYK" else "PNG"
    assert [code.text for code in decode_bytes(encoded(picture, kind), name="x")] == [LICENSE]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_a_code_on_a_transparent_ground_is_read_as_on_paper(mode: str) -> None:
    code = frame(LICENSE).point([0] * 90 + [255] * 166)
    clear = Image.new("LA", code.size, (0, 0))
    clear.putalpha(code.point(lambda value: 255 - value))
    assert [one.text for one in decode_bytes(encoded(clear.convert("RGBA").convert(mode), "PNG"), name="x")] == [
        LICENSE
    ]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_small_code_in_a_large_photo_is_read_and_its_box_is_of_the_photo(kind: str, times: int) -> None:
    photo = Image.new("L", (4000, 3000), 170)
    photo.paste(license_like(LICENSE), (2600, 1900))
    (code,) = decode_bytes(encoded(photo.resize((4000 * times, 3000 * times)), kind), name="x")
    assert code.text == LICENSE
    assert abs(code.left - (2600 + 792) * times) < 12 * times
    assert abs(code.top - (1900 + 266) * times) < 12 * times


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_are_of_the_picture_as_it_is_seen_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = [None, *(Image.Transpose(turn) for turn in (0, 3, 1, 5, 2, 6, 4))][orientation - 1]
    seen = license_like(LICENSE)
    stored = io.BytesIO()
    (seen if turned is None else seen.transpose(turned)).save(stored, kind, exif=exif)
    (code,) = decode_bytes(stored.getvalue(), name="x")
    assert (code.text, abs(code.left - 792) < 8, abs(code.top - 266) < 8) == (LICENSE, True, True)


def png_header(width: int, height: int) -> bytes:
    """Return the beginning of a PNG that promises so many pixels and brings none."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 1000) + b"IDAT"


@pytest.mark.parametrize("size", [(10_001, 10_000), (14_000, 12_000), (60_000, 60_000)])
def test_more_than_a_hundred_megapixels_are_refused_by_the_header_alone(size: tuple[int, int]) -> None:
    with pytest.raises(Refusal) as refusal:
        decode_bytes(png_header(*size), name="wall.png")
    assert refusal.value.code == "codes.image_too_large"
    assert refusal.value.params == {"name": "wall.png", "megapixels_max": 100, "megabytes_max": 100}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_they_are_refused_too_where_the_library_only_warns() -> None:
    with pytest.raises(Refusal) as refusal:
        decode_bytes(png_header(14_000, 12_000), name="wall.png")
    assert refusal.value.code == "codes.image_too_large"


def test_a_file_of_300_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as stream:
        stream.write(png_header(100, 100))
        stream.truncate(300_000_000)
    with pytest.raises(Refusal) as refusal:
        decode_file(path)
    assert refusal.value.code == "codes.image_too_large"


def test_a_paste_of_more_than_a_hundred_megabytes_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        decode_bytes(bytes(100_000_001), name="paste")
    assert refusal.value.code == "codes.image_too_large"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"%PDF-1.7\n",
        png_header(100, 100),
        encoded(license_like(LICENSE), "PNG")[:900],
        encoded(license_like(LICENSE), "JPEG")[:4000],
    ],
)
def test_a_torn_or_foreign_file_is_unreadable_and_says_which_formats_are_not(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "torn.png"
    path.write_bytes(content)
    with pytest.raises(Trouble) as trouble:
        decode_file(path)
    assert trouble.value.code == "codes.image_unreadable"
    assert trouble.value.params == {"name": "torn.png", "formats": "PNG, JPEG, BMP, GIF, TIFF, WEBP"}


def test_a_missing_file_and_a_folder_are_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "away.png"):
        with pytest.raises(Trouble) as trouble:
            decode_file(path)
        assert trouble.value.code == "codes.image_unreadable"


SMALL = Image.open(SCANS / "license.png").convert("L").resize((250, 175))
SEEDS = [encoded(SMALL, kind) for kind in FORMATS]


# Pillow says of some damage that it reads on; that is no failure here.
@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_file_is_read_or_refused_and_never_a_crash(content: bytes, damage: list[tuple[int, int]]) -> None:
    torn = bytearray(content)
    for at, byte in damage:
        torn[at % len(torn)] = byte
    try:
        answer = [code.text for code in decode_bytes(bytes(torn), name="x")]
    except Fault as fault:
        answer = [fault.code]
    assert answer in ([LICENSE], [], ["codes.image_unreadable"], ["codes.image_too_large"])
