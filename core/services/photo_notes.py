"""What a photo file says about itself (EXIF): shown beside our own times, never trusted instead of them."""

from __future__ import annotations

import io
import warnings

# EXIF 2.32: DateTimeOriginal in the Exif IFD; Make, Model and Software in the first IFD.
_EXIF_IFD = 0x8769
_TAGS = (("DateTimeOriginal", _EXIF_IFD, 0x9003), ("Make", 0, 0x010F), ("Model", 0, 0x0110), ("Software", 0, 0x0131))
_CHARS_MAX = 300


def photo_note(content: bytes) -> str:
    """Return "name: value; …" of what the file carries, or an empty text when it carries nothing readable."""
    from PIL import Image, UnidentifiedImageError

    try:
        # Only the header is read, so a picture of very many pixels is no danger here.
        with (
            warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(content)) as picture,
        ):
            exif = picture.getexif()
            found = [(name, (exif.get_ifd(ifd) if ifd else exif).get(tag)) for name, ifd, tag in _TAGS]
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        # The file is kept whatever it says about itself: a damaged header does not make a photo worthless.
        return ""
    shown = "; ".join(f"{name}: {str(value).strip()}" for name, value in found if value)
    return shown[:_CHARS_MAX]
