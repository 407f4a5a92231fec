"""The process is killed in the middle of a checklist; the visit opens where it was."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tests.journeys.test_main_job import Person
from ui.app import Application, StationDoor
from ui.jobs import LaneJobs
from ui.visits.step_checklist import ChecklistStep

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(240)
def test_after_a_kill_the_visit_opens_where_it_was(qtbot: Any, qapp: QApplication, demo_home: Any) -> None:
    home, passwords = demo_home
    command = [sys.executable, "-m", "tests.journeys.child", str(home), passwords["zhangmin"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        visit_id = child.stdout.readline().strip()
        child.send_signal(signal.SIGKILL)
    assert visit_id, "the child never got to the checklist"
    app = Application(qapp, home, jobs=LaneJobs(), door=StationDoor(), lang="zh")
    app.start()
    qtbot.addWidget(app.stack)
    person = Person(qtbot, app)
    try:
        person.unlock("zhangmin", passwords["zhangmin"])
        app.window.show_page("visits", visit_id)
        person.wait(lambda: person.work.case is not None)
        step = person.work.current_step()
        assert isinstance(step, ChecklistStep)
        person.wait(lambda: bool(step.rows))
        person.wait(lambda: sum(one.is_answered() for one in step.rows) == 2)
    finally:
        app.leave()
