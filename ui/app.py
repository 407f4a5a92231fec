"""Composition root of the window: application, theme, language, unlock page, then the main window.

Only Qt and the kernel are imported up to the first paint; core.station comes in on the write lane while the person
types the password.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMessageBox, QStackedWidget

from core.kernel.errors import Refusal
from core.kernel.words import Lang
from ui import i18n, theme
from ui.bus import Bus
from ui.desk import Desk, Memory
from ui.faults import CrashFiles, DefectWatch
from ui.i18n import t
from ui.jobs import Jobs, LaneJobs, Watch
from ui.messages import Messages
from ui.theme import Theme
from ui.unlock import UnlockPage

HOME_DEFAULT = Path("~/.local/share/mingjian")
BEGIN_AFTER_MS = 50
"""After the first paint: until then the rooms that are brought in would hold up the first key."""


class StationDoor:
    """The way into core.station; every method is called in a lane, never in the window's thread."""

    def open(self, home: Path) -> Any:
        """Return the locked station, or None if there is none in the home yet."""
        from core.station import Station

        try:
            return Station.open(home)
        except Refusal as refusal:
            if refusal.code == "station.missing":
                return None
            raise

    def make_demo(self, home: Path, watch: Watch) -> Any:
        """Make the demo station; returns its accounts with their passwords."""
        from core.kernel.records import settle_records
        from core.station import demo_station

        # The pages may be coming in on another lane; both prepare the same records, one after the other.
        settle_records()
        _, accounts = demo_station(home, progress=watch)
        return accounts


def bring_in_pages() -> None:
    """Import what comes after the unlock page; called on the write lane while the person types the password."""
    for room in ("core.station.sync", "ui.pages", "ui.window"):
        import_module(room)
    from core.kernel.records import settle_records
    from core.kernel.words import catalogue

    settle_records()
    # Whoever looks for a word that no file has reads them all.
    len(catalogue())


class Application(QObject):
    """Holds the window and passes between locked and unlocked."""

    def __init__(self, app: QApplication, home: Path, *, jobs: Jobs, door: Any, lang: Lang | None = None) -> None:
        super().__init__()
        self.app, self.home, self.jobs, self.door = app, home, jobs, door
        self.memory = Memory(home)
        self.stack = QStackedWidget()
        self.window: Any = None
        self.desk: Desk | None = None
        kept: Lang = "en" if self.memory.text("lang") == "en" else "zh"
        i18n.set_lang(lang or kept)
        self.wear()
        self.unlock: UnlockPage | None = None

    def wear(self) -> None:
        """Put on the remembered look."""
        zoom = int(self.memory.text("zoom", "100") or "100")
        theme.apply(self.app, Theme(is_dark=self.memory.text("look") == "dark", zoom_percent=zoom))

    def start(self) -> None:
        """Show the unlock page, and bring the heavy rooms in after it is painted."""
        self.stack.setWindowTitle(t("ui.app.window"))
        self.stack.resize(theme.px(1280), theme.px(800))
        self._show_unlock()
        self.stack.show()

    def _show_unlock(self, note: str = "") -> None:
        self.unlock = UnlockPage(self.jobs, self.door, self.home)
        self.unlock.unlocked.connect(self._on_unlocked)
        self.unlock.wanted_account = self.memory.text("account")
        if note:
            self.unlock.tell(note)
        self._put(self.unlock)
        self.unlock.password.setFocus()
        QTimer.singleShot(BEGIN_AFTER_MS, self._begin)

    @Slot()
    def _begin(self) -> None:
        if self.unlock is not None:
            self.unlock.begin()
            self.jobs.run(bring_in_pages, self._on_pages_here, self.unlock.on_open_failed)

    def _on_pages_here(self, _: None) -> None:
        """Nothing waits for it: unlocking imports what is still missing."""

    def _put(self, widget: Any) -> None:
        while self.stack.count():
            old = self.stack.widget(0)
            if old is not None:
                self.stack.removeWidget(old)
                old.deleteLater()
        self.stack.addWidget(widget)
        self.stack.setCurrentWidget(widget)

    @Slot(object)
    def _on_unlocked(self, session: Any) -> None:
        self.unlock = None
        self.memory.keep("account", session.account.name)
        self.desk = Desk(session, self.jobs, Bus(), Messages(), self.memory, self.home)
        self.desk.messages.goes.connect(self._on_goes)
        self._show_main()

    def _show_main(self, page: str = "") -> None:
        from ui.pages import PAGES
        from ui.window import MainWindow

        assert self.desk is not None
        self.window = MainWindow(self.desk, PAGES)
        self.window.locked.connect(self._on_locked)
        self._put(self.window)
        if page:
            self.window.show_page(page)

    @Slot(str, object)
    def _on_goes(self, name: str, argument: object) -> None:
        # A new look, size or language is put on by building the window again; everything typed is in the store.
        if name == "dress":
            self.window.leave()
            self.wear()
            i18n.set_lang("en" if self.memory.text("lang") == "en" else "zh")
            QTimer.singleShot(0, self._dress)

    @Slot()
    def _dress(self) -> None:
        if self.desk is not None:
            self.desk.bus, messages = Bus(), Messages()
            self.desk.messages = messages
            messages.goes.connect(self._on_goes)
            self._show_main("settings")

    @Slot(bool)
    def _on_locked(self, by_clock: bool) -> None:
        self.close_session()
        self._show_unlock(t("ui.bar.locked_idle") if by_clock else "")

    def close_session(self) -> None:
        """Let the store and its key go: at once, or when a sync that runs has stopped at its next step."""
        self.memory.save()
        desk, self.desk = self.desk, None
        window, self.window = self.window, None
        if window is not None and desk is not None:
            window.leave(desk.session.close)
        elif desk is not None:
            desk.session.close()

    def leave(self) -> None:
        """End: lanes first, so that nothing asks a closed store."""
        if self.unlock is not None:
            self.unlock.stop()
        self.jobs.shut()
        desk = self.desk
        self.close_session()
        if desk is not None:
            # The lanes are down: nothing runs any more, whatever the last sync had still to tell.
            desk.session.close()


def prepare_input_methods() -> None:
    """Let Chinese typing work on desktops with fcitx: the wheel has no plugin for it, ibus's portal speaks to it."""
    asked = os.environ.get("QT_IM_MODULE", "")
    if asked == "fcitx" or "fcitx" in os.environ.get("XMODIFIERS", ""):
        os.environ["QT_IM_MODULE"] = "ibus"
        os.environ["IBUS_USE_PORTAL"] = "1"


def main(argv: list[str]) -> int:
    """Open the window; returns the exit code."""
    parser = argparse.ArgumentParser(prog="mingjian")
    parser.add_argument("--home", type=Path, default=HOME_DEFAULT)
    parser.add_argument("--lang", choices=("zh", "en"), default=None)
    options = parser.parse_args(argv)
    prepare_input_methods()
    app = QApplication([sys.argv[0], *theme.STYLE])
    app.setApplicationName("mingjian")
    home = options.home.expanduser()
    crashes = CrashFiles(home / "logs")
    watch = DefectWatch(crashes)
    watch.install()
    jobs = LaneJobs()
    application = Application(app, home, jobs=jobs, door=StationDoor(), lang=options.lang)
    application.start()
    offered = offer_reports(crashes, application)
    code = app.exec()
    application.leave()
    watch.remove()
    del offered
    return code


def offer_reports(crashes: CrashFiles, application: Application) -> QMessageBox | None:
    """Tell about the reports of the last run, once."""
    unseen = crashes.unseen()
    if not unseen:
        return None
    box = QMessageBox(application.stack)
    box.setWindowTitle(t("ui.fault.defect_title"))
    box.setText(t("ui.fault.last_time", count=len(unseen), path=unseen[0].parent))
    box.open()
    crashes.mark_seen()
    return box
