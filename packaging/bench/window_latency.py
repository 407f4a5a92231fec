"""Types, opens, answers and switches pages in the real window; prints milliseconds a gesture as JSON.

Arguments: home, password, file with the texts to type (one a line), file with the visits to open (one a line).
A gesture ends when every lane has answered and the window is painted. `echo` is until the letter itself is painted.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from driving import Driver
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.visits import Visit, VisitState

ANSWERS = 30
ROUNDS = 3
home, password, texts_file, visits_file = sys.argv[1:5]
taken: dict[str, list[float]] = {}


def memory_mb() -> float:
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def timed(what: str, gesture: Any, driver: Driver) -> None:
    begun = time.perf_counter()
    gesture()
    driver.app.processEvents()
    echo = time.perf_counter() - begun
    driver.settle()
    taken.setdefault(what, []).append((time.perf_counter() - begun) * 1000)
    taken.setdefault(f"{what}: echo", []).append(echo * 1000)


def search(driver: Driver, window: Any) -> None:
    window.show_page("enterprises")
    driver.settle()
    page = window.page("enterprises")
    for text in Path(texts_file).read_text("utf-8").splitlines():
        page.search.clear()
        driver.settle()
        for letter in text:
            timed("type in the search", lambda letter=letter: driver.type_letter(page.search, letter), driver)


def open_visits(driver: Driver, window: Any) -> None:
    for visit in Path(visits_file).read_text("utf-8").splitlines():
        timed("open a visit", lambda visit=visit: window.show_page("visits", visit), driver)


def answer(driver: Driver, window: Any) -> None:
    desk = driver.application.desk
    assert desk is not None, "the window is unlocked"
    with desk.session.read_work() as work:
        running = work.table(Visit).where(state=VisitState.INSPECTING)
    if not running:
        return
    window.show_page("visits", running[0].id)
    driver.settle()
    workspace = window.page("visits").workspace
    workspace.show_step("checklist")
    driver.settle()
    step = workspace.current_step()
    for number in range(ANSWERS):
        row = step.rows[number % len(step.rows)]
        row.setFocus()
        key = (Qt.Key.Key_3, Qt.Key.Key_4)[number // len(step.rows) % 2]
        timed("answer an item", lambda row=row, key=key: QTest.keyClick(row, key), driver)


def switch(driver: Driver, window: Any) -> None:
    names = list(window._kinds)
    for name in names:
        timed("first sight of a page", lambda name=name: window.show_page(name), driver)
    for _ in range(ROUNDS):
        for name in names:
            timed("switch pages", lambda name=name: window.show_page(name), driver)


driver = Driver(Path(home))
begun = time.perf_counter()
window = driver.unlock(password)
taken["unlock to a filled Today"] = [(time.perf_counter() - begun) * 1000]
for part in (search, switch, open_visits, answer):
    part(driver, window)
sys.stdout.write(json.dumps({"taken": taken, "memory_mb": memory_mb()}) + "\n")
driver.leave()
