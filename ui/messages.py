"""Where a page leaves a word for the person: the signals that the window shows as a line."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from core.kernel.errors import Fault


class Messages(QObject):
    """`told` carries a sentence and an undo call or None; `failed` a Fault; `goes` a page name and its argument."""

    told = Signal(str, object)
    failed = Signal(object)
    goes = Signal(str, object)

    def tell(self, sentence: str, undo: Callable[[], None] | None = None) -> None:
        """Show a short line; with an undo call it has a button for it."""
        self.told.emit(sentence, undo)

    def fail(self, fault: Fault) -> None:
        """Show a refusal or a trouble with its three sentences."""
        self.failed.emit(fault)

    def go(self, page: str, argument: object = None) -> None:
        """Ask the window to show a page, for example go("visits", visit_id)."""
        self.goes.emit(page, argument)
