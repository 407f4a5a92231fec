"""From Qt's pictures to grey pixels: height × width, row by row, 0 black … 255 white."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QImageReader

from core.kernel.errors import Trouble

Grey = NDArray[np.uint8]
# A picture of 300 MB must not take the machine with it: bigger ones are read at a smaller size.
PIXELS_MAX = 24_000_000
SIDE_READ_MAX = 4_000


def grey_of_image(image: QImage) -> Grey:
    """Return the grey pixels of a picture, copied."""
    flat = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(flat.constBits(), np.uint8, flat.sizeInBytes()).reshape(flat.height(), flat.bytesPerLine())
    return rows[:, : flat.width()].copy()


def grey_of_frame(frame: Any) -> Grey | None:
    """Return the grey pixels of a QVideoFrame, or None where it holds no picture."""
    image = frame.toImage()
    return None if image.isNull() else grey_of_image(image)


def read_image(path: Path) -> QImage:
    """Read a picture file, made smaller where it is huge.

    Raises:
        Trouble: "ui.camera.not_a_picture", params file.
    """
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and size.width() * size.height() > PIXELS_MAX:
        scale = SIDE_READ_MAX / max(size.width(), size.height())
        reader.setScaledSize(QSize(round(size.width() * scale), round(size.height() * scale)))
    image = reader.read()
    if image.isNull():
        raise Trouble("ui.camera.not_a_picture", file=path.name)
    return image
