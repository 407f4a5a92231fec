"""Pictures of codes as cameras and phones deliver them, made from a seed; and the files of tests/data/scans.

`python -m tests.helpers.scans` writes the files anew; the same program writes the same pictures.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from core.codes.make import qr_png

Grey = npt.NDArray[np.uint8]
SCANS = Path(__file__).resolve().parents[1] / "data" / "scans"
FRAME = (1280, 720)
WALL = 180
# The synthetic codes of domain.md 5.1.
LICENSE = "http://www.gsxt.gov.cn/index.html?uniscid=91430104MA4XJT0158"
BARE = "92430104MA4XJT0230"
SIGNED = "MJ1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5:NN 86O+DVS6GT5K:DB$2HJ4C%AY8B/$CKB4W7ED%K:UD5$C9WE0%6$A7+C8"
TEXTS = (LICENSE, BARE, SIGNED)


@dataclass(frozen=True)
class Scan:
    """One picture, what was done to it, and the text that is in it."""

    damage: str
    text: str
    grey: Grey


def frame(text: str, *, side_px: int = 300, turned_degrees: float = 0) -> Image.Image:
    """Return a grey camera frame of 1280 × 720 with the code in the middle of a wall."""
    code = Image.open(io.BytesIO(qr_png(text))).convert("L").resize((side_px, side_px), Image.Resampling.LANCZOS)
    around = Image.new("L", (side_px * 2, side_px * 2), WALL)
    around.paste(code, (side_px // 2, side_px // 2))
    turned = around.rotate(turned_degrees, Image.Resampling.BICUBIC, fillcolor=WALL)
    whole = Image.new("L", FRAME, WALL)
    whole.paste(turned, (FRAME[0] // 2 - side_px, FRAME[1] // 2 - side_px))
    return whole


def blurred(picture: Image.Image, sigma_px: float) -> Grey:
    """Return the picture out of focus."""
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(sigma_px)))


def noisy(picture: Image.Image | Grey, sigma: float, dice: np.random.Generator) -> Grey:
    """Return the picture with the grain of a dark room; sigma in grey levels."""
    clean = np.asarray(picture, dtype=np.float64)
    return np.clip(clean + dice.normal(0, sigma, clean.shape), 0, 255).astype(np.uint8)


def faded(picture: Image.Image, share: float) -> Grey:
    """Return the picture with so much of its contrast left."""
    return (np.asarray(picture, dtype=np.float64) * share + 100 * (1 - share)).astype(np.uint8)


def shaken(picture: Image.Image, length_px: int) -> Grey:
    """Return the picture as a hand moving sideways takes it."""
    clean = np.asarray(picture, dtype=np.float64)
    return np.mean([np.roll(clean, step, axis=1) for step in range(length_px)], axis=0).astype(np.uint8)


def tilted(picture: Image.Image, slope: float) -> Grey:
    """Return the picture taken from the side, the far edge smaller."""
    width, height = picture.size
    inset = slope * height / 2
    corners = (0, -inset, 0, height + inset, width, height - inset, width, inset)
    return np.asarray(picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC))


def covered(picture: Image.Image, share: float, dice: np.random.Generator) -> Grey:
    """Return the picture with a grey sticker over so much of a 300-pixel code, near its middle."""
    grey = np.array(picture)
    side = round(300 * share**0.5)
    left, top = (int(dice.integers(-40, 40)) + middle // 2 - side // 2 for middle in FRAME)
    grey[top : top + side, left : left + side] = 128
    return grey


def compressed(picture: Image.Image, quality: int) -> Grey:
    """Return the picture after a JPEG of the given quality."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out).convert("L"))


def damaged_set(seed: int = 2026) -> Iterator[Scan]:
    """Give 25 kinds of damage on each of three texts, the last kinds beyond what any decoder here reads surely."""
    dice = np.random.default_rng(seed)
    for text in TEXTS:
        for turned in (15, 45, 90, 200):
            yield Scan(f"turned {turned}", text, np.asarray(frame(text, turned_degrees=turned)))
        for sigma in (1.5, 2.5, 3.5):
            yield Scan(f"blur {sigma}", text, blurred(frame(text, turned_degrees=7), sigma))
        for sigma in (25, 50, 75):
            yield Scan(f"noise {sigma}", text, noisy(frame(text, turned_degrees=13), sigma, dice))
        for side in (90, 120, 600):
            yield Scan(f"side {side}", text, np.asarray(frame(text, side_px=side, turned_degrees=3)))
        for slope in (0.2, 0.35):
            yield Scan(f"tilt {slope}", text, tilted(frame(text), slope))
        for quality in (20, 8):
            yield Scan(f"jpeg {quality}", text, compressed(frame(text, turned_degrees=5), quality))
        yield Scan("inverted", text, 255 - np.asarray(frame(text, turned_degrees=20)))
        yield Scan("mirrored", text, np.fliplr(np.asarray(frame(text))))
        yield Scan("contrast 0.1", text, noisy(faded(frame(text), 0.1), 2, dice))
        yield Scan("dark and noisy", text, noisy(faded(frame(text), 0.2), 10, dice))
        yield Scan("blur 2 and noise 10", text, noisy(blurred(frame(text), 2), 10, dice))
        yield Scan("shaken 9", text, shaken(frame(text), 9))
        yield Scan("covered 0.04", text, covered(frame(text), 0.04, dice))
        yield Scan("shaken 14", text, shaken(frame(text), 14))


def license_like(text: str) -> Image.Image:
    """Return something that looks like a business licence from afar: frame, emblem, title, lines, code below right."""
    paper = Image.new("L", (1000, 700), 245)
    pen = ImageDraw.Draw(paper)
    for inset, width in ((20, 6), (34, 2)):
        pen.rectangle((inset, inset, 1000 - inset, 700 - inset), outline=90, width=width)
    pen.ellipse((460, 50, 540, 130), outline=80, width=8)
    pen.rectangle((330, 150, 670, 195), fill=60)
    for row in range(8):
        top = 250 + row * 38
        pen.rectangle((90, top, 180, top + 16), fill=70)
        pen.rectangle((200, top, 520 + 60 * (row % 3), top + 16), fill=120)
    pen.ellipse((700, 520, 820, 640), outline=150, width=6)
    code = Image.open(io.BytesIO(qr_png(text, module_px=4))).convert("L")
    paper.paste(code, (940 - code.width, 250))
    return paper


def two_licenses() -> Image.Image:
    """Return a wall with two licences side by side, as in a market hall."""
    wall = Image.new("L", (2040, 700), WALL)
    wall.paste(license_like(LICENSE), (0, 0))
    wall.paste(license_like(BARE), (1040, 0))
    return wall


def write_scans(folder: Path) -> None:
    """Write the pictures of tests/data/scans. `expected.csv` beside them says what is in each."""
    dice = np.random.default_rng(1)
    photo = license_like(LICENSE).rotate(8, Image.Resampling.BICUBIC, expand=True, fillcolor=WALL)
    grainy = Image.fromarray(noisy(photo.filter(ImageFilter.GaussianBlur(1)), 8, dice))
    sideways = grainy.rotate(-90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 8  # orientation: to be turned a quarter to the left
    license_like(LICENSE).save(folder / "license.png", optimize=True)
    grainy.save(folder / "license-photo.jpg", quality=60)
    sideways.save(folder / "license-sideways.jpg", quality=60, exif=exif)
    two_licenses().save(folder / "two-licenses.png", optimize=True)
    frame(SIGNED).save(folder / "signed.png", optimize=True)
    license_like(LICENSE).crop((0, 0, 700, 700)).save(folder / "no-code.png", optimize=True)


if __name__ == "__main__":
    write_scans(SCANS)
