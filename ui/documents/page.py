"""文书: the register, the clerk's queue and batches, the print log, numbers, case files, and the check of a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from core.kernel.changes import Topic
from core.kernel.errors import Fault
from ui.desk import Desk
from ui.documents.batch import BatchPart
from ui.documents.cases import CasesPart
from ui.documents.check import CheckPart
from ui.documents.numbers import NumbersPart
from ui.documents.part import Part
from ui.documents.prints import PrintsPart
from ui.documents.queue import QueuePart
from ui.documents.register import RegisterPart
from ui.i18n import t
from ui.widgets.page import Page
from ui.widgets.tabs import Tabs


class DocumentsPage(Page):
    """The page of the rail. Only the part in front is read; the others read when they come to the front."""

    name: ClassVar[str] = "documents"
    icon: ClassVar[str] = "file-text"
    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.DOCUMENTS, Topic.NUMBERS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.register = RegisterPart(desk)
        self.queue = QueuePart(desk)
        self.batch = BatchPart(desk)
        self.prints = PrintsPart(desk)
        self.numbers = NumbersPart(desk)
        self.cases = CasesPart(desk)
        self.check = CheckPart(desk)
        self.parts: dict[str, Part] = {
            "register": self.register,
            "queue": self.queue,
            "batch": self.batch,
            "prints": self.prints,
            "numbers": self.numbers,
            "cases": self.cases,
            "check": self.check,
        }
        for part in self.parts.values():
            part.failed.connect(self._on_part_failed)
        self.queue.opened.connect(self.open)
        self.tabs = Tabs([(name, t(f"ui.documents.{name}"), part) for name, part in self.parts.items()])
        self.tabs.changed.connect(self._on_part_shown)
        self.frame.addWidget(self.tabs, 1)
        self.setAcceptDrops(True)

    def read(self) -> None:
        self.parts[self.tabs.current()].read()

    def open(self, argument: Any) -> None:
        """Stand on the paper with that id, or on a part (("part", name))."""
        if isinstance(argument, tuple):
            self.tabs.show_part(argument[1])
            return
        self.tabs.show_part("register")
        self.register.choose(str(argument))

    def take_scan(self, raw: str, source: str) -> bool:
        """A code on a paper is checked here; an enterprise's code goes the usual way."""
        if not raw.startswith("MJ1:"):
            return False
        self.tabs.show_part("check")
        self.check.check_text(raw)
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        url = event.mimeData().urls()[0]
        if url.isLocalFile():
            self.tabs.show_part("check")
            self.check.check_file(Path(url.toLocalFile()))

    @Slot(str)
    def _on_part_shown(self, name: str) -> None:
        self.fault_line.hide()
        self.parts[name].read()

    @Slot(object)
    def _on_part_failed(self, fault: Fault | None) -> None:
        if fault is None:
            self.fault_line.hide()
        else:
            self.on_failed(fault)
