"""Pictures of every page: `python -m tests.ui.screenshots FOLDER [--home DIR --account NAME --password-file FILE]`.

Without a home a demo station is made in a temporary folder. Runs without a display.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QApplication, QWidget

from core.domain.visits import VisitState
from core.kernel.clock import local_date
from core.kernel.words import Lang
from core.station import Station, demo_station
from ui import i18n, theme
from ui.bus import Bus
from ui.desk import Desk, Memory
from ui.documents.page import DocumentsPage
from ui.jobs import InlineJobs
from ui.messages import Messages
from ui.pages import PAGES
from ui.theme import Theme
from ui.unlock import UnlockPage
from ui.visits.page import VisitsPage
from ui.window import MainWindow

SIZES = ((1280, 800), (1920, 1080))
LANGS: tuple[Lang, ...] = ("zh", "en")
STEPS = ("gates", "show", "checklist", "findings", "determine", "papers", "signing", "end")
OF_STEP = {
    "gates": VisitState.APPROVED,
    "show": VisitState.SCANNED,
    "checklist": VisitState.INSPECTING,
}


class _Door:
    """A station that is there already."""

    def __init__(self, station: Any) -> None:
        self._station = station

    def open(self, home: Path) -> Any:
        return self._station


def settle() -> None:
    """Let layouts and deferred deletions happen."""
    for _ in range(6):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, 52)  # DeferredDelete: old cards must not stand in the picture.


def shoot(widget: QWidget, folder: Path, name: str) -> None:
    """Write one picture."""
    settle()
    widget.grab().save(str(folder / f"{name}.png"))


@contextmanager
def window_of(session: Any, home: Path, size: tuple[int, int]) -> Generator[MainWindow]:
    """Give a main window and take it down again."""
    desk = Desk(session, InlineJobs(), Bus(), Messages(), Memory(home), home)
    window = MainWindow(desk, PAGES)
    window.resize(*size)
    window.show()
    settle()
    try:
        yield window
    finally:
        window.leave()
        window.close()
        window.deleteLater()
        settle()


def visit_for(session: Any, step: str) -> str:
    """Return a visit that has something to show on a step."""
    visits = session.visits.list()
    wanted = OF_STEP.get(step)
    fitting = [one for one in visits if one.state is wanted] if wanted is not None else []
    if not fitting:
        with_findings = [one for one in visits[:60] if session.findings.of_visit(one.id)]
        fitting = with_findings or list(visits)
    return fitting[0].id


def shoot_pages(window: MainWindow, folder: Path, tag: str) -> None:
    """Picture every page of the rail, a found enterprise and a new visit among them."""
    for kind in PAGES:
        window.show_page(kind.name)
        page: Any = window.page(kind.name)
        if kind.name == "enterprises":
            page.search.setText("湖南")
            page.table.view.selectRow(1)
        if kind.name == "lists":
            page.table.view.selectRow(1)
        shoot(window, folder, f"{kind.name}-{tag}")
        if kind.name == "documents":
            shoot_parts(page, window, folder, tag)
    window.show_page("visits", ("new", ""))
    shoot(window, folder, f"visits-new-{tag}")


def shoot_parts(page: DocumentsPage, window: MainWindow, folder: Path, tag: str) -> None:
    """Picture every part of the page of papers, with the form of a service open and a short code checked."""
    session = window.desk.session
    notice = next((one for one in page.register.table.model.records() if one.state.value in ("draft", "final")), None)
    if notice is not None:
        page.open(notice.id)
        page.register.panel.service.serve_button.click()
        shoot(window, folder, f"documents-serve-{tag}")
        page.register.panel.service.form.cancel_button.click()
        page.check.check_text(notice.short_code)
    for name in ("queue", "batch", "prints", "numbers", "cases", "check"):
        page.open(("part", name))
        if name == "batch":
            today = local_date(session.clock.now())
            page.batch.week.setDate(QDate(today.year, today.month, today.day))
        shoot(window, folder, f"documents-{name}-{tag}")


def shoot_steps(window: MainWindow, folder: Path, tag: str) -> None:
    """Picture every step of the workspace."""
    page = window.page("visits")
    assert isinstance(page, VisitsPage)
    for step in STEPS:
        window.show_page("visits", visit_for(window.desk.session, step))
        page.workspace.show_step(step)
        settle()
        shoot(window, folder, f"visit-{step}-{tag}")


def main(argv: list[str]) -> int:
    """Make all pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--account", default="")
    parser.add_argument("--password-file", type=Path)
    parser.add_argument("--quick", action="store_true", help="one size, one language, both looks")
    options = parser.parse_args(argv)
    options.folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    with tempfile.TemporaryDirectory() as spare:
        if options.home is None:
            station, accounts = demo_station(Path(spare) / "home")
            name, password = accounts[0].name, accounts[0].password
        else:
            station = Station.open(options.home)
            name, password = options.account, options.password_file.read_text("utf-8").strip()
        session = station.unlock(name, password)
        try:
            looks: list[tuple[tuple[int, int], bool, Lang]] = list(product(SIZES, (False, True), LANGS))
            if options.quick:
                looks = [(SIZES[0], is_dark, LANGS[0]) for is_dark in (False, True)]
            for size, is_dark, lang in looks:
                i18n.set_lang(lang)
                theme.apply(app, Theme(is_dark=is_dark))
                tag = f"{size[0]}-{'dark' if is_dark else 'light'}-{lang}"
                unlock = UnlockPage(InlineJobs(), _Door(station), Path(spare))
                unlock.resize(*size)
                unlock.begin()
                unlock.show()
                shoot(unlock, options.folder, f"unlock-{tag}")
                unlock.stop()
                unlock.close()
                with window_of(session, Path(spare), size) as window:
                    shoot_pages(window, options.folder, tag)
                    shoot_steps(window, options.folder, tag)
        finally:
            session.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
