"""What the parts of the page of papers have in common: they read when they come to the front, and tell faults."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.kernel.changes import Done
from core.kernel.errors import Fault
from ui.desk import Desk
from ui.i18n import t
from ui.theme import px
from ui.widgets.basic import label
from ui.widgets.lines import ProgressLine


class Part(QWidget):
    """One tab of the page. `failed` carries a Fault, None when an earlier one no longer matters."""

    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(px(8))

    def read(self) -> None:
        """Ask the services again and show the answer."""

    def done(self, done: Done[Any]) -> None:
        """Tell the other pages what changed, and that nothing is wrong any more."""
        self.failed.emit(None)
        if done.changed:
            self.desk.bus.changed.emit(done.changed)

    @Slot(object)
    def on_failed(self, fault: Fault) -> None:
        """Hand a fault to the page."""
        self.failed.emit(fault)


class RunningPart(Part):
    """A part with long work: one piece at a time, followed to its end, and told in the page."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.is_running = False
        self.progress = ProgressLine()
        self.summary = label("", wrap=True)
        self.summary.hide()

    def allow(self) -> None:
        """Say which buttons can be pressed now."""

    def follow(self, call: Any, on_done: Any, words: str) -> None:
        """Do long work; `on_done` gets its answer when nothing is running any more."""
        self.is_running = True
        self.allow()
        watch = self.desk.jobs.watch(call, partial(self._on_ended, on_done), self._on_run_failed, self._on_cancelled)
        # Done on the spot, there is nothing to follow any more.
        if self.is_running:
            self.progress.follow(watch, words)

    def tell(self, words: str) -> None:
        """Say in the page what came of it."""
        self.summary.setText(words)
        self.summary.show()

    def stopped(self) -> None:
        """Say that the person stopped it, and show how far it came."""
        self.tell(t("cli.batch.stopped"))
        self.read()

    def _end(self) -> None:
        self.is_running = False
        self.progress.end()
        self.allow()

    def _on_ended(self, on_done: Any, answer: Any) -> None:
        self._end()
        on_done(answer)

    def _on_run_failed(self, fault: Fault) -> None:
        self._end()
        self.on_failed(fault)

    def _on_cancelled(self) -> None:
        self._end()
        self.stopped()
