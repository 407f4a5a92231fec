"""Faults as words, and defects as a report that the next start offers.

A Refusal or a Trouble is a line in the page. Anything else is a defect: it is written to a file in the home's logs
and shown in a window of its own; the program goes on, because what was typed is already saved.
"""

from __future__ import annotations

import platform
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot, qVersion
from PySide6.QtWidgets import QMessageBox, QWidget

from core.kernel.errors import Fault
from core.kernel.words import FaultWords, catalogue, fault_words
from ui.i18n import lang, t


def words_of(fault: Fault) -> FaultWords:
    """Return the three sentences of a fault; one without words of its own is shown with its code."""
    if fault.code in catalogue():
        return fault_words(fault, lang())
    return FaultWords(t("ui.fault.plain", code=str(fault)), t("ui.fault.plain_safe"), t("ui.fault.plain_todo"))


class CrashFiles:
    """Reports of defects in one folder. They hold the kinds of errors and the lines of code, never what was typed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, kind: type[BaseException], trace: TracebackType | None) -> Path:
        """Write one report and return its path."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
        frames = "".join(traceback.format_tb(trace))
        versions = f"python {platform.python_version()} qt {qVersion()} {platform.platform()}"
        path.write_text(f"{kind.__module__}.{kind.__qualname__}\n{versions}\n\n{frames}", "utf-8")
        return path

    def unseen(self) -> tuple[Path, ...]:
        """Return the reports that nobody has looked at, oldest first."""
        return tuple(sorted(self._folder.glob("crash-*.txt")))

    def mark_seen(self) -> None:
        """Keep the reports, but stop offering them."""
        for path in self.unseen():
            path.rename(path.with_suffix(".seen"))


class DefectWatch(QObject):
    """Catches what nobody caught, in every thread."""

    caught = Signal(str)

    def __init__(self, files: CrashFiles) -> None:
        super().__init__()
        self._files = files
        self._window: QMessageBox | None = None
        self.caught.connect(self._on_caught, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over the hooks of the interpreter."""
        sys.excepthook = self._on_error
        threading.excepthook = self._on_thread_error

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _on_error(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        sys.__excepthook__(kind, error, trace)
        self.caught.emit(str(self._files.write(kind, trace)))

    def _on_thread_error(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_error(args.exc_type, args.exc_value, args.exc_traceback)

    @Slot(str)
    def _on_caught(self, path: str) -> None:
        # One window at a time: a defect in a timer would otherwise bury the screen.
        if self._window is not None and self._window.isVisible():
            return
        self._window = defect_window(path)
        self._window.open()


def defect_window(path: str, parent: QWidget | None = None) -> QMessageBox:
    """Return the window that tells about a defect and where its report lies."""
    box = QMessageBox(parent)
    box.setWindowTitle(t("ui.fault.defect_title"))
    box.setText(t("ui.fault.defect"))
    box.setInformativeText(t("ui.fault.defect_more", path=path))
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setStandardButtons(QMessageBox.StandardButton.Close)
    return box
