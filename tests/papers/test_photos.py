"""Pages of photos: two on a page, with maker, time, object of proof and digest; made small and stripped."""

from __future__ import annotations

import hashlib
import io

import pikepdf
import pikepdf.pdfa
import pytest
from PIL import Image

from core.domain.documents import DocumentFacts, DocumentKind, photo_hashes
from core.kernel.errors import Refusal, Trouble
from core.papers.geometry import PHOTO_PIXELS
from core.papers.render import render
from tests.papers.builders import CODE, facts
from tests.papers.test_render import texts


def photo(colour: str, size: tuple[int, int] = (2000, 1500), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    options = {"exif": _exif()} if kind == "JPEG" else {}
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "MAKEROFTHEPHONE"
    return exif


def record(*contents: bytes) -> tuple[DocumentFacts, dict[str, bytes]]:
    by_hash = {hashlib.sha256(one).hexdigest(): one for one in contents}
    rows = tuple((sha256, "张三", "2026年3月6日9时20分", f"占道现状{n}") for n, sha256 in enumerate(by_hash, 1))
    return facts(DocumentKind.SCENE_RECORD, values={"photos": rows}), by_hash


def test_two_photos_stand_on_a_page_with_their_captions() -> None:
    of, contents = record(photo("red"), photo("green"), photo("blue"), photo("yellow"))
    assert photo_hashes(of) == tuple(contents)
    pdf = render(of, code=CODE, photos=contents)
    pages = ["".join(page.split()) for page in texts(pdf)]
    counts = [page.count("证明对象：") for page in pages]
    assert sum(counts) == 4
    assert max(counts) == 2
    whole = "".join(pages)
    for place, sha256 in enumerate(contents, 1):
        assert f"照片{place}" in whole
        assert f"占道现状{place}" in whole
        assert sha256 in whole
    assert "拍摄人：张三" in whole
    assert pikepdf.pdfa.check(pikepdf.open(io.BytesIO(pdf)), "2b").verdict == "pass"
    assert pdf == render(of, code=CODE, photos=contents)


def test_a_photo_is_turned_upright_made_small_and_freed_of_what_the_phone_wrote() -> None:
    of, contents = record(photo("red", (4000, 3000)))
    pdf = render(of, photos=contents)
    assert b"MAKEROFTHEPHONE" not in pdf
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        images = [image for page in opened.pages for image in page.get_images().values()]
        assert [(int(one.Width), int(one.Height)) for one in images] == [(PHOTO_PIXELS * 3 // 4, PHOTO_PIXELS)]


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "L"), ("BMP", "RGB"), ("TIFF", "CMYK")])
def test_other_sorts_of_pictures_stay_within_the_archive_format(kind: str, mode: str) -> None:
    of, contents = record(photo("black", (90, 60), kind, mode))
    pdf = render(of, photos=contents)
    assert pikepdf.pdfa.check(pikepdf.open(io.BytesIO(pdf)), "2b").verdict == "pass"


def test_a_photo_that_was_not_brought_is_trouble() -> None:
    of, _ = record(photo("red", (9, 9)))
    with pytest.raises(Trouble) as trouble:
        render(of)
    assert trouble.value.code == "papers.photo_missing"


def test_other_bytes_than_those_of_the_facts_are_trouble() -> None:
    of, contents = record(photo("red", (9, 9)))
    other = dict.fromkeys(contents, photo("green", (9, 9)))
    with pytest.raises(Trouble) as trouble:
        render(of, photos=other)
    assert trouble.value.code == "papers.photo_missing"


@pytest.mark.parametrize("content", [b"no picture", photo("red", (90, 90))[:300]])
def test_a_torn_photo_is_refused(content: bytes) -> None:
    of, contents = record(content)
    with pytest.raises(Refusal) as refused:
        render(of, photos=contents)
    assert refused.value.code == "papers.photo_unreadable"
