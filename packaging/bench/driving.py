"""Drives the real window offscreen: types, waits until every asked lane has answered, and lets it paint."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import ui.app
from ui.jobs import LaneJobs

PATIENCE_S = 120


class CountingJobs(LaneJobs):
    """The real lanes, which also tell whether an answer is still owed."""

    def __init__(self) -> None:
        super().__init__()
        self.owed = 0

    def run(self, call: Any, on_done: Any, on_failed: Any, **place: Any) -> None:
        older = self._queued.get(place.get("key", ""))
        was_cancelled = older is not None and older.cancelled()
        self.owed += 1
        super().run(call, on_done, on_failed, **place)
        # A question that a newer one pushed out of the queue is never answered.
        if older is not None and older.cancelled() and not was_cancelled:
            self.owed -= 1

    def watch(self, call: Any, on_done: Any, on_failed: Any, on_cancelled: Any) -> Any:
        self.owed += 1
        return super().watch(call, on_done, on_failed, on_cancelled)

    def _on_arrived(self, answer: Any) -> None:
        self.owed -= 1
        super()._on_arrived(answer)


class Driver:
    """The application on one home, and gestures on it."""

    def __init__(self, home: Path) -> None:
        self.app = QApplication(sys.argv[:1])
        self.jobs = CountingJobs()
        self.application = ui.app.Application(self.app, home, jobs=self.jobs, door=ui.app.StationDoor())
        self.application.start()

    def settle(self) -> None:
        """Process events until nobody owes an answer and everything is painted."""
        begun = time.monotonic()
        self.app.processEvents()
        while self.jobs.owed or self._is_key_held():
            self.app.processEvents()
            assert time.monotonic() - begun < PATIENCE_S, "the window does not answer"
            time.sleep(0.0002)
        # What the answer changed is laid out in the first round and painted in the second.
        self.app.processEvents()
        self.app.processEvents()

    def _is_key_held(self) -> bool:
        # Outside text fields a key waits for the blink in which a scanner would have sent its next one.
        window = self.application.window
        return window is not None and bool(window._wedge._held)

    def unlock(self, password: str) -> Any:
        """Unlock and return the main window."""
        self.settle()
        page = self.application.unlock
        assert page is not None
        begun = time.monotonic()
        while not page.account.count():
            # The station is asked for a moment after the first paint.
            self.app.processEvents()
            assert time.monotonic() - begun < PATIENCE_S, "the station does not open"
            time.sleep(0.002)
        self.settle()
        page.password.setText(password)
        page.unlock_button.click()
        self.settle()
        return self.application.window

    def type_letter(self, line: Any, letter: str) -> None:
        """Type one letter; Chinese comes from an input method, as it does to people."""
        if letter.isascii():
            QTest.keyClicks(line, letter)
            return
        event = QInputMethodEvent()
        event.setCommitString(letter)
        QApplication.sendEvent(line, event)

    def leave(self) -> None:
        """Close everything."""
        self.application.leave()
        self.application.stack.close()
