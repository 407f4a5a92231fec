"""Frames as a camera delivers them, made from a seed: codes turned, blurred, noisy, tilted, faded, covered.

Each is 1280 × 720, grey, uint8, with one code; the last kinds are beyond what any decoder here reads surely.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from core.codes.make import qr_png
from core.kernel.records import Record

Grey: TypeAlias = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 1280, 720
WALL = 180
# Synthetic codes (domain.md 5.1): the address on a licence, and a code alone.
TEXTS = ("http://www.gsxt.gov.cn/index.html?uniscid=91430104MA4XJT0158", "92430104MA4XJT0230")


class Frame(Record):
    """One picture, what was done to it, and the text in it."""

    damage: str
    text: str
    grey: object

    @property
    def pixels(self) -> Grey:
        """The picture, height × width."""
        return np.asarray(self.grey, dtype=np.uint8)


def frames(seed: int = 2026) -> Iterator[Frame]:
    """Give two dozen kinds of damage on each text."""
    dice = np.random.default_rng(seed)
    for text in TEXTS:
        for damage, grey in _damaged(text, dice):
            yield Frame(damage=damage, text=text, grey=np.ascontiguousarray(grey))


def _damaged(text: str, dice: np.random.Generator) -> Iterator[tuple[str, Grey]]:
    for degrees in (0, 15, 45, 90):
        yield f"turned {degrees}", np.asarray(_frame(text, degrees=degrees))
    for sigma in (1.5, 2.5, 3.5):
        yield f"blur {sigma}", _blurred(_frame(text, degrees=7), sigma)
    for sigma in (25, 50, 75):
        yield f"noise {sigma}", _noisy(np.asarray(_frame(text, degrees=13)), sigma, dice)
    for side in (90, 120, 600):
        yield f"side {side}", np.asarray(_frame(text, side_px=side, degrees=3))
    for slope in (0.2, 0.35):
        yield f"tilt {slope}", _tilted(_frame(text), slope)
    for quality in (20, 8):
        yield f"jpeg {quality}", _compressed(_frame(text, degrees=5), quality)
    yield "inverted", 255 - np.asarray(_frame(text, degrees=20))
    yield "contrast 0.1", _noisy(_faded(_frame(text), 0.1), 2, dice)
    yield "dark and noisy", _noisy(_faded(_frame(text), 0.2), 10, dice)
    yield "blur 2 and noise 10", _noisy(_blurred(_frame(text), 2), 10, dice)
    for length in (9, 14):
        yield f"shaken {length}", _shaken(_frame(text), length)
    yield "covered 0.04", _covered(_frame(text), 0.04, dice)


def _frame(text: str, *, side_px: int = 300, degrees: float = 0) -> Image.Image:
    code = Image.open(io.BytesIO(qr_png(text))).convert("L").resize((side_px, side_px), Image.Resampling.LANCZOS)
    around = Image.new("L", (side_px * 2, side_px * 2), WALL)
    around.paste(code, (side_px // 2, side_px // 2))
    turned = around.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=WALL)
    whole = Image.new("L", (WIDTH, HEIGHT), WALL)
    whole.paste(turned, (WIDTH // 2 - side_px, HEIGHT // 2 - side_px))
    return whole


def _blurred(picture: Image.Image, sigma_px: float) -> Grey:
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(sigma_px)))


def _noisy(clean: Grey, sigma: float, dice: np.random.Generator) -> Grey:
    return np.clip(clean + dice.normal(0, sigma, clean.shape), 0, 255).astype(np.uint8)


def _faded(picture: Image.Image, share: float) -> Grey:
    return (np.asarray(picture, dtype=np.float64) * share + 100 * (1 - share)).astype(np.uint8)


def _shaken(picture: Image.Image, length_px: int) -> Grey:
    clean = np.asarray(picture, dtype=np.float64)
    return np.mean([np.roll(clean, step, axis=1) for step in range(length_px)], axis=0).astype(np.uint8)


def _tilted(picture: Image.Image, slope: float) -> Grey:
    inset = slope * HEIGHT / 2
    corners = (0, -inset, 0, HEIGHT + inset, WIDTH, HEIGHT - inset, WIDTH, inset)
    return np.asarray(picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC))


def _covered(picture: Image.Image, share: float, dice: np.random.Generator) -> Grey:
    grey = np.array(picture)
    side = round(300 * share**0.5)
    left, top = (int(dice.integers(-40, 40)) + middle // 2 - side // 2 for middle in (WIDTH, HEIGHT))
    grey[top : top + side, left : left + side] = 128
    return grey


def _compressed(picture: Image.Image, quality: int) -> Grey:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out).convert("L"))
