"""Pixels to texts: a chain of decoders, cheap and sure ones first.

Measured in platform.md section 5: pyzbar on the middle of the picture, zxing-cpp on all of it; when both find
nothing, zxing-cpp on a sharpened picture (blur) and on the enlarged middle (small codes).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from core.kernel.errors import Trouble
from core.kernel.records import Record

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Grey: TypeAlias = npt.NDArray[np.uint8]

_DECODERS = ("pyzbar", "zxing-cpp")
# pyzbar needs 4 ms for this square and 15 ms for a whole frame; officers hold the code in the middle.
_CENTRE_PX = 480
# 300 % over a radius of 4 pixels rescued all blur of sigma 4 that no decoder read without it.
_SHARP_RADIUS_PX, _SHARP_PERCENT = 4, 300
_ENLARGED = 2


class Decoded(Record):
    """One code in a picture; the box is in pixels of that picture, from its top left corner."""

    text: str
    decoder: str
    left: int
    top: int
    width: int
    height: int


def decode_pixels(grey: Grey) -> tuple[Decoded, ...]:
    """Return every code in the picture, each text once, in reading order (rows from the top, then from the left).

    Reads QR codes, Data Matrix and Code 128; upright, turned, mirrored or inverted. No code is an empty tuple.
    Safe from any thread; takes milliseconds, so never the window's thread.

    Args:
        grey: height × width, uint8, row by row, 0 black … 255 white.

    Raises:
        Trouble: "codes.decoder_missing", params decoder; only when no decoder at all is installed.
            With one of them missing the other goes on alone, see `missing_decoders`.
    """
    import numpy as np

    assert grey.ndim == 2, "a grey picture has two dimensions"
    if grey.size == 0:
        return ()
    if not installed_decoders():
        raise Trouble("codes.decoder_missing", decoder=", ".join(missing_decoders()))
    picture = np.ascontiguousarray(grey, dtype=np.uint8)
    found = [*_by_pyzbar(picture), *_by_zxing(picture, "zxing")]
    for last_resort in (_by_sharpening, _by_enlarging):
        if not found:
            found = last_resort(picture)
    return in_reading_order(found)


def decode_plane(plane: bytes | memoryview, *, width: int, height: int, bytes_per_line: int) -> tuple[Decoded, ...]:
    """Return every code in a grey plane as cameras give it, for example plane 0 of a YUV frame. No copy is made.

    Args:
        plane: bytes, height × bytes_per_line, row by row, 0 black … 255 white; bytes after `width` are padding.

    Raises:
        Trouble: as `decode_pixels`.
    """
    import numpy as np

    assert 0 < width <= bytes_per_line
    rows = np.frombuffer(plane, dtype=np.uint8, count=height * bytes_per_line).reshape(height, bytes_per_line)
    return decode_pixels(rows[:, :width])


@cache
def installed_decoders() -> dict[str, ModuleType]:
    """Return the decoders that load on this machine, by name. Looked for once; loading pyzbar takes long."""
    found: dict[str, ModuleType] = {}
    # ImportError: not installed, or no libzbar. OSError: zbar's DLL lacks the VC++ 2013 runtime.
    with suppress(ImportError, OSError):
        from pyzbar import pyzbar

        found["pyzbar"] = pyzbar
    with suppress(ImportError, OSError):
        import zxingcpp

        found["zxing-cpp"] = zxingcpp
    return found


def missing_decoders() -> tuple[str, ...]:
    """Return the names of the decoders this machine lacks, for a note to the person; usually empty."""
    return tuple(name for name in _DECODERS if name not in installed_decoders())


def in_reading_order(found: Iterable[Decoded]) -> tuple[Decoded, ...]:
    """Return the codes row by row, each text once; the first decoder that read a text keeps it.

    Codes stand in one row when the middle of one is not below the bottom of the row's highest.
    """
    once = {code.text: code for code in reversed(list(found))}
    rows: list[list[Decoded]] = []
    for code in sorted(once.values(), key=lambda one: one.top):
        if rows and code.top + code.height / 2 < rows[-1][0].top + rows[-1][0].height:
            rows[-1].append(code)
        else:
            rows.append([code])
    return tuple(code for row in rows for code in sorted(row, key=lambda one: one.left))


def _by_pyzbar(picture: Grey) -> list[Decoded]:
    pyzbar = installed_decoders().get("pyzbar")
    if pyzbar is None:
        return []
    height, width = picture.shape
    left, top = max(0, (width - _CENTRE_PX) // 2), max(0, (height - _CENTRE_PX) // 2)
    part = picture[top : top + _CENTRE_PX, left : left + _CENTRE_PX]
    # The types are named: zbar's other readers find codes in noise and write assertions to stderr.
    wanted = [pyzbar.ZBarSymbol.QRCODE, pyzbar.ZBarSymbol.CODE128]
    codes = pyzbar.decode((part.tobytes(), part.shape[1], part.shape[0]), symbols=wanted)
    # zbar takes Chinese for Japanese (platform.md section 5), so it is believed in plain letters only.
    return [
        Decoded(
            text=code.data.decode("ascii"),
            decoder="pyzbar",
            left=left + code.rect.left,
            top=top + code.rect.top,
            width=code.rect.width,
            height=code.rect.height,
        )
        for code in codes
        if code.data.isascii()
    ]


def _by_zxing(picture: Grey, name: str) -> list[Decoded]:
    zxing = installed_decoders().get("zxing-cpp")
    if zxing is None:
        return []
    wanted = zxing.BarcodeFormats([getattr(zxing.BarcodeFormat, one) for one in ("QRCode", "DataMatrix", "Code128")])
    found: list[Decoded] = []
    for code in zxing.read_barcodes(picture, formats=wanted, text_mode=zxing.TextMode.Plain):
        corners = code.position
        points = (corners.top_left, corners.top_right, corners.bottom_right, corners.bottom_left)
        left, top = min(point.x for point in points), min(point.y for point in points)
        found.append(
            Decoded(
                text=_text_of(code.text, code.bytes, code.symbology_identifier),
                decoder=name,
                left=left,
                top=top,
                width=max(point.x for point in points) - left,
                height=max(point.y for point in points) - top,
            )
        )
    return found


def _text_of(guessed: str, content: bytes, symbology: str) -> str:
    """Return the text of a code. A QR code that declares no character set (ECI) leaves it to be guessed.

    Here a code that is not UTF-8 is far more likely GB 18030 than the Japanese that decoders guess.
    """
    if guessed.isascii() or symbology not in ("]Q0", "]Q1"):
        return guessed
    for charset in ("utf-8", "gb18030"):
        try:
            return codecs.decode(content, charset)
        except UnicodeDecodeError:
            continue
    return guessed


def _by_sharpening(picture: Grey) -> list[Decoded]:
    import numpy as np
    from PIL import Image, ImageFilter

    mask = ImageFilter.UnsharpMask(radius=_SHARP_RADIUS_PX, percent=_SHARP_PERCENT, threshold=0)
    return _by_zxing(np.asarray(Image.fromarray(picture).filter(mask)), "zxing_sharpened")


def _by_enlarging(picture: Grey) -> list[Decoded]:
    import numpy as np
    from PIL import Image

    height, width = picture.shape
    left, top = max(0, (width - _CENTRE_PX) // 2), max(0, (height - _CENTRE_PX) // 2)
    part = Image.fromarray(picture[top : top + _CENTRE_PX, left : left + _CENTRE_PX])
    large = part.resize((part.width * _ENLARGED, part.height * _ENLARGED), Image.Resampling.BICUBIC)
    return [
        Decoded(
            text=code.text,
            decoder=code.decoder,
            left=left + code.left // _ENLARGED,
            top=top + code.top // _ENLARGED,
            width=code.width // _ENLARGED,
            height=code.height // _ENLARGED,
        )
        for code in _by_zxing(np.asarray(large), "zxing_enlarged")
    ]
