"""Take a photo as evidence: the picture of the camera and one key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from core.kernel.errors import Fault
from ui.camera.source import Camera
from ui.i18n import t
from ui.jobs import Jobs
from ui.theme import px
from ui.widgets.basic import box, button, row
from ui.widgets.lines import FaultLine

PICTURE_WIDTH = 640
PICTURE_HEIGHT = 400


class ShootDialog(QDialog):
    """`taken` carries JPEG bytes; `file_wanted` that the person has the photo in a file already."""

    taken = Signal(bytes)
    file_wanted = Signal()

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("ui.shoot.title"))
        self.camera = Camera(jobs)
        self.camera.setParent(self)
        self.fault_line = FaultLine()
        self.picture = QLabel(t("ui.scan.camera_opening"))
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setMinimumSize(px(PICTURE_WIDTH), px(PICTURE_HEIGHT))
        self.take_button = button(t("ui.shoot.take"), self._on_take_clicked, role="main", icon="camera", key="Space")
        self.file_button = button(t("ui.shoot.file"), self._on_file_clicked, icon="image")
        self.close_button = button(t("ui.action.cancel"), self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.fault_line)
        layout.addWidget(self.picture, 1)
        layout.addWidget(box(row(self.take_button, self.file_button, None, self.close_button)))
        self.camera.shown.connect(self._on_frame_shown)
        self.camera.failed.connect(self._on_failed)
        self.finished.connect(self.camera.stop)
        self.camera.start()

    @Slot(QImage)
    def _on_frame_shown(self, image: QImage) -> None:
        size = self.picture.size()
        mode = Qt.TransformationMode.SmoothTransformation
        self.picture.setPixmap(QPixmap.fromImage(image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, mode)))

    @Slot(object)
    def _on_failed(self, fault: Fault) -> None:
        self.picture.setText("")
        self.fault_line.tell(fault)

    @Slot()
    def _on_take_clicked(self) -> None:
        try:
            content = self.camera.picture()
        except Fault as fault:
            self.fault_line.tell(fault)
            return
        self.taken.emit(content)
        self.accept()

    @Slot()
    def _on_file_clicked(self) -> None:
        self.reject()
        self.file_wanted.emit()
