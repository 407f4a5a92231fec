"""Ways for a code to come in, without hardware."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtMultimedia import QVideoFrame

from core.kernel.errors import Trouble
from ui.camera.panel import ScanPanel
from ui.camera.pixels import PIXELS_MAX, grey_of_image, read_image
from ui.camera.shoot import ShootDialog
from ui.camera.source import Camera
from ui.jobs import InlineJobs

CODE = "91430104MA4XJT0158"


def picture(side: int = 64) -> QImage:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(0xFF808080)
    return image


def read_nothing(grey: Any) -> tuple[str, ...]:
    return ()


def read_code(grey: Any) -> tuple[str, ...]:
    return (CODE,)


@pytest.fixture
def panel(qtbot: Any) -> ScanPanel:
    made = ScanPanel(InlineJobs(), read_code)
    qtbot.addWidget(made)
    return made


def test_grey_pixels_have_the_shape_of_the_picture() -> None:
    grey = grey_of_image(picture(30).scaled(30, 20))
    assert (grey.shape, grey.dtype, int(grey[0, 0])) == ((20, 30), np.dtype(np.uint8), 128)


def test_a_frame_of_the_camera_is_read(qtbot: Any) -> None:
    camera = Camera(InlineJobs(), read_code)
    with qtbot.waitSignal(camera.texts) as told:
        camera.sink.setVideoFrame(QVideoFrame(picture()))
    assert told.args == [(CODE,)]


def test_a_photo_is_the_newest_frame(qtbot: Any) -> None:
    camera = Camera(InlineJobs())
    with qtbot.waitSignal(camera.shown):
        camera.sink.setVideoFrame(QVideoFrame(picture()))
    assert camera.picture()[:3] == b"\xff\xd8\xff"


def test_a_missing_camera_says_what_else_can_be_done(qtbot: Any) -> None:
    camera = Camera(InlineJobs())
    with qtbot.waitSignal(camera.failed) as told:
        camera.start()
    assert told.args[0].code == "ui.camera.none"


def test_the_photo_window_without_a_camera_offers_a_file(qtbot: Any) -> None:
    dialog = ShootDialog(InlineJobs())
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog.file_wanted):
        dialog.file_button.click()
    assert not dialog.fault_line.isHidden()


def test_a_typed_code_goes_out_with_its_source(qtbot: Any, panel: ScanPanel) -> None:
    panel.typed.setText(f" {CODE} ")
    with qtbot.waitSignal(panel.scanned) as told:
        panel.typed.returnPressed.emit()
    assert told.args == [CODE, "typed"]


def test_a_dropped_picture_is_read(qtbot: Any, panel: ScanPanel, tmp_path: Path) -> None:
    path = tmp_path / "门口.png"
    picture().save(str(path))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    with qtbot.waitSignal(panel.scanned) as told:
        panel._take_mime(mime, "drop")  # pyright: ignore[reportPrivateUsage] - a drop event needs a real drag
    assert told.args == [CODE, "drop"]


def test_words_on_the_clipboard_are_a_code_too(qtbot: Any, panel: ScanPanel) -> None:
    QGuiApplication.clipboard().setText(CODE)
    with qtbot.waitSignal(panel.scanned) as told:
        panel.paste_button.click()
    assert told.args == [CODE, "clipboard"]


def test_a_picture_without_a_code_says_so(qtbot: Any, tmp_path: Path) -> None:
    panel = ScanPanel(InlineJobs(), read_nothing)
    qtbot.addWidget(panel)
    picture().save(str(tmp_path / "wall.png"))
    panel.read_picture_file(tmp_path / "wall.png", "image")
    assert "二维码" in panel.fault_line.what.text()


def test_a_file_that_is_no_picture_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(Trouble) as trouble:
        read_image(tmp_path / "a.png")
    assert trouble.value.code == "ui.camera.not_a_picture"


def test_a_huge_picture_is_read_smaller(tmp_path: Path) -> None:
    image = QImage(8000, 4000, QImage.Format.Format_Grayscale8)
    image.fill(255)
    image.save(str(tmp_path / "huge.jpg"))
    read = read_image(tmp_path / "huge.jpg")
    assert read.width() * read.height() < PIXELS_MAX
    assert read.width() == 2 * read.height()
