"""Answers the checklist of the ready visit in a window of its own, then waits to be killed: HOME PASSWORD."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.journeys.test_main_job import Person, enter, open_the_ready_visit
from ui.app import Application, StationDoor
from ui.jobs import LaneJobs

DURABLE_WITHIN_MS = 2000
TURN_MS = 5


class Patience:
    """Stands in for qtbot: turns the event loop until something is seen."""

    def waitUntil(self, seen: object, timeout: int) -> None:
        assert callable(seen)
        for _ in range(timeout // TURN_MS):
            if seen():
                return
            QTest.qWait(TURN_MS)
        raise TimeoutError


def main(home: str, password: str) -> None:
    """Do the first part of the visit, answer two questions, say so, and wait."""
    qapp = QApplication([])
    app = Application(qapp, Path(home), jobs=LaneJobs(), door=StationDoor(), lang="zh")
    app.start()
    person = Person(Patience(), app)
    person.unlock("zhangmin", password)
    open_the_ready_visit(person)
    enter(person)
    step = person.step(3)
    person.wait(lambda: bool(step.rows))
    questions = [one for one in step.rows if one.typed is None][:2]
    for made in questions:
        made.setFocus()
        QTest.keyClick(made, Qt.Key.Key_1)
    # No look at whether they were saved: what is two seconds old must be there, whatever the window shows.
    # In short turns, because qWait keeps the interpreter to itself and the writing thread would never run.
    for _ in range(DURABLE_WITHIN_MS // TURN_MS):
        QTest.qWait(TURN_MS)
    sys.stdout.write(f"{person.visit.id}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
