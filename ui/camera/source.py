"""The camera: frames in, newest frame only, texts out.

Qt Multimedia is imported when a camera is first asked for; it costs a tenth of a second that the start does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QObject, Signal, Slot
from PySide6.QtGui import QImage

from core.kernel.errors import Fault, Trouble
from ui.camera.pixels import Grey, grey_of_frame
from ui.jobs import Jobs, Lane

Decode = Callable[[Grey], tuple[str, ...]]
JPEG_QUALITY = 90


class Camera(QObject):
    """`shown` carries each frame as a QImage, `texts` what was read in one, `failed` a Fault."""

    shown = Signal(QImage)
    texts = Signal(object)
    failed = Signal(object)

    def __init__(self, jobs: Jobs, decode: Decode | None = None) -> None:
        super().__init__()
        from PySide6.QtMultimedia import QMediaCaptureSession, QVideoSink

        self._jobs, self._decode = jobs, decode
        self._is_decoding = False
        self._camera: Any = None
        self._last = QImage()
        self.sink = QVideoSink(self)
        self._session = QMediaCaptureSession(self)
        self._session.setVideoSink(self.sink)
        self.sink.videoFrameChanged.connect(self._on_frame)

    def start(self) -> None:
        """Open the default camera; a machine without one says so through `failed` and stays usable."""
        from PySide6.QtMultimedia import QCamera, QMediaDevices

        device = QMediaDevices.defaultVideoInput()
        if device.isNull():
            self.failed.emit(Trouble("ui.camera.none"))
            return
        self._camera = QCamera(device, self)
        self._camera.errorOccurred.connect(self._on_camera_error)
        self._session.setCamera(self._camera)
        self._camera.start()

    def stop(self) -> None:
        """Let the camera go, so that its light goes out."""
        if self._camera is not None:
            self._camera.stop()
            self._session.setCamera(None)  # pyright: ignore[reportArgumentType] - Qt takes a null camera here
            self._camera.deleteLater()
            self._camera = None

    def picture(self) -> bytes:
        """Return the newest frame as JPEG.  Raises Trouble "ui.camera.no_frame"."""
        if self._last.isNull():
            raise Trouble("ui.camera.no_frame")
        return jpeg(self._last)

    @Slot(object)
    def _on_frame(self, frame: Any) -> None:
        image = frame.toImage()
        if image.isNull():
            return
        self._last = image
        self.shown.emit(image)
        # Frames that come while one is being decoded are dropped: the newest is the one the person points at.
        if self._decode is not None and not self._is_decoding:
            grey = grey_of_frame(frame)
            if grey is not None:
                self._is_decoding = True
                self._jobs.run(partial(self._decode, grey), self._on_decoded, self._on_failed, lane=Lane.ERRAND)

    def _on_decoded(self, texts: tuple[str, ...]) -> None:
        self._is_decoding = False
        if texts:
            self.texts.emit(texts)

    def _on_failed(self, fault: Fault) -> None:
        self._is_decoding = False
        self.failed.emit(fault)

    @Slot()
    def _on_camera_error(self) -> None:
        reason = self._camera.errorString() if self._camera is not None else ""
        self.failed.emit(Trouble("ui.camera.failed", reason=reason))


def jpeg(image: QImage) -> bytes:
    """Return the picture as JPEG bytes."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", JPEG_QUALITY)  # pyright: ignore[reportCallIssue, reportArgumentType] - stub wants bytes
    return bytes(buffer.data().data())
