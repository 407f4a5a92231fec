"""The scan panel: every lawful way for a code to come in, in one row; what it reads goes out as raw text."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QHideEvent, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QVBoxLayout, QWidget

from core.kernel.errors import Fault, Refusal, Trouble
from ui.camera.pixels import grey_of_image, read_image
from ui.camera.region import RegionPicker
from ui.camera.source import Camera, Decode
from ui.i18n import t
from ui.jobs import Jobs, Lane
from ui.theme import px
from ui.widgets.basic import button, label
from ui.widgets.flow import Flow
from ui.widgets.lines import FaultLine

PICTURES = "*.png *.jpg *.jpeg *.bmp *.webp *.gif *.tif *.tiff"


class ScanPanel(QWidget):
    """`scanned` carries the raw text and its source: camera, image, clipboard, drop, screen, typed."""

    scanned = Signal(str, str)

    def __init__(self, jobs: Jobs, decode: Decode) -> None:
        super().__init__()
        self._jobs, self._decode = jobs, decode
        self._region: RegionPicker | None = None
        self.camera: Camera | None = None
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(t("ui.scan.typed"))
        self.typed.setAccessibleName(t("ui.scan.typed"))
        self.typed.setMinimumWidth(px(280))
        self.typed.returnPressed.connect(self._on_typed)
        self.camera_button = button(t("ui.scan.camera"), self._on_camera_clicked, icon="camera")
        self.camera_button.setCheckable(True)
        self.file_button = button(t("ui.scan.file"), self._on_file_clicked, icon="image")
        self.paste_button = button(t("ui.scan.clipboard"), self._on_paste_clicked, icon="clipboard-paste")
        self.screen_button = button(t("ui.scan.screen"), self._on_screen_clicked, icon="crop")
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setMinimumHeight(px(240))
        self.picture.hide()
        self.fault_line = FaultLine()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(8))
        layout.addWidget(self.fault_line)
        ways = QWidget()
        flow = Flow(ways)
        for part in (self.typed, self.camera_button, self.file_button, self.paste_button, self.screen_button):
            flow.addWidget(part)
        layout.addWidget(ways)
        layout.addWidget(self.picture)
        layout.addWidget(label(t("ui.scan.hint"), "muted", wrap=True))
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self._take_mime(event.mimeData(), "drop")
        event.acceptProposedAction()

    def hideEvent(self, event: QHideEvent) -> None:
        self.stop_camera()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.stop_camera()
        super().closeEvent(event)

    def open_camera(self) -> Camera:
        """Return the camera port, made at first use."""
        if self.camera is None:
            self.camera = Camera(self._jobs, self._decode)
            self.camera.setParent(self)
            self.camera.shown.connect(self._on_frame_shown)
            self.camera.texts.connect(self._on_camera_texts)
            self.camera.failed.connect(self._on_failed)
        return self.camera

    def stop_camera(self) -> None:
        """Let the camera go."""
        self.camera_button.setChecked(False)
        self.picture.hide()
        if self.camera is not None:
            self.camera.stop()

    def read_picture_file(self, path: Path, source: str) -> None:
        """Look for a code in a picture file; the reading is done away from the window."""
        self._jobs.run(partial(self._decode_file, path, source), self._on_read, self._on_failed, lane=Lane.ERRAND)

    def _decode_file(self, path: Path, source: str) -> tuple[str, str]:
        return self._first(self._decode(grey_of_image(read_image(path))), source)

    def _decode_image(self, image: QImage, source: str) -> tuple[str, str]:
        return self._first(self._decode(grey_of_image(image)), source)

    def _first(self, texts: tuple[str, ...], source: str) -> tuple[str, str]:
        if not texts:
            raise Refusal("ui.scan.no_code")
        return texts[0], source

    def _take_mime(self, mime: Any, source: str) -> None:
        if mime.hasUrls() and mime.urls() and mime.urls()[0].isLocalFile():
            self.read_picture_file(Path(mime.urls()[0].toLocalFile()), source)
        elif mime.hasImage():
            image = QImage(mime.imageData())
            self._jobs.run(partial(self._decode_image, image, source), self._on_read, self._on_failed, lane=Lane.ERRAND)
        elif mime.hasText() and mime.text().strip():
            self._tell(mime.text().strip(), source)
        else:
            self.fault_line.tell(Refusal("ui.scan.nothing_there"))

    def _tell(self, raw: str, source: str) -> None:
        self.fault_line.hide()
        self.stop_camera()
        self.scanned.emit(raw, source)

    @Slot()
    def _on_typed(self) -> None:
        if self.typed.text().strip():
            self._tell(self.typed.text().strip(), "typed")

    @Slot(bool)
    def _on_camera_clicked(self, wanted: bool) -> None:
        if not wanted:
            self.stop_camera()
            return
        self.fault_line.hide()
        self.picture.setText(t("ui.scan.camera_opening"))
        self.picture.show()
        self.open_camera().start()

    @Slot()
    def _on_file_clicked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, t("ui.scan.file"), "", f"{t('ui.scan.pictures')} ({PICTURES})")
        if path:
            self.read_picture_file(Path(path), "image")

    @Slot()
    def _on_paste_clicked(self) -> None:
        self._take_mime(QGuiApplication.clipboard().mimeData(), "clipboard")

    @Slot()
    def _on_screen_clicked(self) -> None:
        self._region = RegionPicker()
        self._region.picked.connect(self._on_region_picked)
        if not self._region.start():
            self.fault_line.tell(Trouble("ui.scan.screen_closed"))

    @Slot(QImage)
    def _on_region_picked(self, image: QImage) -> None:
        self._region = None
        self._jobs.run(partial(self._decode_image, image, "screen"), self._on_read, self._on_failed, lane=Lane.ERRAND)

    @Slot(QImage)
    def _on_frame_shown(self, image: QImage) -> None:
        self.picture.setPixmap(
            QPixmap.fromImage(image.scaledToHeight(px(240), Qt.TransformationMode.SmoothTransformation))
        )
        self.picture.show()

    @Slot(object)
    def _on_camera_texts(self, texts: tuple[str, ...]) -> None:
        self._tell(texts[0], "camera")

    def _on_read(self, read: tuple[str, str]) -> None:
        self._tell(*read)

    @Slot(object)
    def _on_failed(self, fault: Fault) -> None:
        self.camera_button.setChecked(False)
        self.picture.hide()
        self.fault_line.tell(fault)
