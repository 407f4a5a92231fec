"""Text to QR code: the modules for a paper, or a picture for a screen and for tests."""

from __future__ import annotations

import io
from typing import Literal

from core.kernel.errors import Refusal

Level = Literal["L", "M", "Q", "H"]
# The white frame a reader needs, in modules. Source: ISO/IEC 18004 section 6.3.8.
QUIET_ZONE_MODULES = 4


def qr_matrix(text: str, *, level: Level = "M") -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the code, row by row, True is dark; always square, without the quiet zone.

    Whoever draws it leaves `QUIET_ZONE_MODULES` white on every side. The same text gives the same modules.
    Upper-case letters, digits and ` $%*+-./:` take 5.5 bits a character, everything else 8.

    Args:
        text: ASCII only: decoders do not agree on how to read anything else (platform.md section 5).
        level: How much may be lost and still be read: L 7 %, M 15 %, Q 25 %, H 30 %.

    Raises:
        Refusal: "codes.not_ascii"; "codes.too_long", params chars.
    """
    # Imported here: the window starts without it, and only papers and the command line draw codes.
    import qrcode
    from qrcode import constants
    from qrcode.exceptions import DataOverflowError

    assert text, "an empty code says nothing"
    if not text.isascii():
        raise Refusal("codes.not_ascii")
    levels = {
        "L": constants.ERROR_CORRECT_L,
        "M": constants.ERROR_CORRECT_M,
        "Q": constants.ERROR_CORRECT_Q,
        "H": constants.ERROR_CORRECT_H,
    }
    drawing = qrcode.QRCode(error_correction=levels[level], border=0)
    drawing.add_data(text)
    try:
        drawing.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        # The library raises ValueError where it looks for version 41.
        raise Refusal("codes.too_long", chars=len(text)) from error
    return tuple(tuple(bool(module) for module in row) for row in drawing.get_matrix())


def qr_png(text: str, *, level: Level = "M", module_px: int = 8) -> bytes:
    """Return the code as a black and white PNG with its quiet zone, `module_px` pixels a module.

    Raises:
        Refusal: as `qr_matrix`.
    """
    from PIL import Image

    matrix = qr_matrix(text, level=level)
    side = len(matrix) + 2 * QUIET_ZONE_MODULES
    small = Image.new("L", (side, side), 255)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                small.putpixel((x + QUIET_ZONE_MODULES, y + QUIET_ZONE_MODULES), 0)
    out = io.BytesIO()
    small.resize((side * module_px, side * module_px), Image.Resampling.NEAREST).convert("1").save(out, "PNG")
    return out.getvalue()
