"""Picture files to texts: a photo, a screenshot, something dropped or pasted. Nothing is believed about the file."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.codes.decode import Decoded, decode_pixels, in_reading_order
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import changed

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
MEGAPIXELS_MAX = 100
MEGABYTES_MAX = 100
# A code in a photo of a whole wall needs the larger size, a close and grainy one reads better at the smaller.
_LONG_SIDES_PX = (1600, 4000)


def decode_file(path: Path) -> tuple[Decoded, ...]:
    """Return every code in the picture file, in reading order; boxes in pixels of the picture as it is seen upright.

    Raises:
        Refusal: "codes.image_too_large", params name, megapixels_max, megabytes_max; told from the file's size and
            header, before its pixels are read.
        Trouble: "codes.image_unreadable", params name, formats.
        Trouble: "codes.decoder_missing", params decoder.
    """
    try:
        if path.stat().st_size > MEGABYTES_MAX * 1_000_000:
            raise _too_large(path.name)
        with path.open("rb") as stream:
            return _decode_stream(stream, path.name)
    except OSError as error:
        raise _unreadable(path.name) from error


def decode_bytes(content: bytes, *, name: str) -> tuple[Decoded, ...]:
    """Return every code in a picture that is already in memory, from the clipboard or a drop. Raises as `decode_file`.

    Args:
        content: The bytes of a picture file.
        name: What the person calls it, for the message.
    """
    if len(content) > MEGABYTES_MAX * 1_000_000:
        raise _too_large(name)
    return _decode_stream(io.BytesIO(content), name)


def _decode_stream(stream: BinaryIO, name: str) -> tuple[Decoded, ...]:
    import numpy as np

    grey, original_long_side = _read_grey(stream, name)
    found: list[Decoded] = []
    for long_side in _LONG_SIDES_PX:
        small = _shrunk(grey, long_side)
        scale = original_long_side / max(small.size)
        found += [_scaled(code, scale) for code in decode_pixels(np.asarray(small))]
        if small is grey:
            break
    return in_reading_order(found)


def _shrunk(picture: Image, long_side: int) -> Image:
    scale = max(picture.size) / long_side
    if scale <= 1:
        return picture
    return picture.resize(
        (max(1, round(picture.width / scale)), max(1, round(picture.height / scale))), reducing_gap=2.0
    )


def _scaled(code: Decoded, scale: float) -> Decoded:
    return changed(
        code,
        left=round(code.left * scale),
        top=round(code.top * scale),
        width=round(code.width * scale),
        height=round(code.height * scale),
    )


def _read_grey(stream: BinaryIO, name: str) -> tuple[Image, int]:
    """Return the picture and the longer side its file has, in pixels.

    The picture is grey, turned as its EXIF note says, its long side at most the last of `_LONG_SIDES_PX`; what is
    transparent lies on white. Everything is shrunk as early as possible: 100 megapixels in colour are 300 MB.
    """
    from PIL import ExifTags, Image

    # One ceiling for the library and for us: between its own, lower one and ours it would only warn.
    Image.MAX_IMAGE_PIXELS = MEGAPIXELS_MAX * 1_000_000
    try:
        with Image.open(stream, formats=FORMATS) as picture:
            long_side = max(picture.size)
            if picture.width * picture.height > MEGAPIXELS_MAX * 1_000_000:
                raise _too_large(name)
            # A JPEG is decoded straight to grey at about the size needed.
            picture.draft("L", (_LONG_SIDES_PX[-1], _LONG_SIDES_PX[-1]))
            grey = _shrunk(_grey_of(picture), _LONG_SIDES_PX[-1])
            # Asked for after the pixels: reading a TIFF turns it upright and takes the note away.
            return _upright(grey, picture.getexif().get(ExifTags.Base.Orientation)), long_side
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name) from error
    # What Pillow raises for broken files: these, by format and by where the file is broken.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error) as error:
        raise _unreadable(name) from error


def _upright(grey: Image, orientation: object) -> Image:
    from PIL.Image import Transpose

    # Source: EXIF 2.32 section 4.6.4, tag 0x0112; 1 and anything unheard of is left as it lies.
    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(orientation) if isinstance(orientation, int) else None
    return grey if turn is None else grey.transpose(turn)


def _grey_of(picture: Image) -> Image:
    from PIL import Image

    if picture.mode.startswith("I;16"):
        return picture.point(lambda value: value / 256).convert("L")
    if picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info:
        coloured = picture.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(paper, coloured).convert("L")
    return picture.convert("L")


def _too_large(name: str) -> Refusal:
    return Refusal("codes.image_too_large", name=name, megapixels_max=MEGAPIXELS_MAX, megabytes_max=MEGABYTES_MAX)


def _unreadable(name: str) -> Trouble:
    return Trouble("codes.image_unreadable", name=name, formats=", ".join(FORMATS))
