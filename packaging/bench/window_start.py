"""Starts the program as main.py does, until the unlock page takes a key; then unlocks until Today is filled.

Arguments: home, password. Prints "keys", then "today SECONDS" counted from the password's Enter.
"""

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import ui.app
from ui.app import Application

TYPING_S = 3.0
"""So long a person types a password; the rooms are brought in meanwhile."""
PATIENCE_S = 60
home, password = sys.argv[1:3]
held: list[Application] = []
usual_start = Application.start


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def start(self: Application) -> None:
    usual_start(self)
    held.append(self)


def live(*_: Any) -> int:
    """Stand in for the event loop."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    application = held[0]
    page: Any = application.unlock
    application.stack.grab()
    app.processEvents()
    QTest.keyClicks(page.password, "x")
    assert page.password.text() == "x", "the unlock page takes keys"
    tell("keys")
    until = time.monotonic() + TYPING_S
    while time.monotonic() < until:
        app.processEvents()
        time.sleep(0.005)
    page.password.setText(password)
    begun = time.monotonic()
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    while not is_filled(application):
        assert time.monotonic() - begun < PATIENCE_S, "Today is never filled"
        app.processEvents()
        time.sleep(0.0005)
    application.stack.grab()
    tell(f"today {time.monotonic() - begun:.4f}")
    return 0


def is_filled(application: Application) -> bool:
    """Tell whether Today shows its cards."""
    window = application.window
    return window is not None and window.page("today").cards.count() > 0


Application.start = start
QApplication.exec = live
ui.app.main(["--home", home])
