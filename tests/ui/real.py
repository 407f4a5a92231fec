"""A window over a real demo station: one station is made a run, and every test works on a copy of its own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.station import Session, Station
from ui.bus import Bus
from ui.desk import Desk, Memory
from ui.jobs import InlineJobs
from ui.messages import Messages
from ui.pages import PAGES
from ui.window import MainWindow


@dataclass
class Office:
    """A copy of the demo station on disk and the passwords of its accounts."""

    home: Path
    passwords: dict[str, str]

    @contextmanager
    def unlocked(self, account: str) -> Generator[Session]:
        """Give a session of an account and lock again."""
        session = Station.open(self.home).unlock(account, self.passwords[account])
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def window(self, account: str) -> Generator[MainWindow]:
        """Give the window of an account, with jobs that are done on the spot."""
        with self.unlocked(account) as session:
            desk = Desk(session, InlineJobs(), Bus(), Messages(), Memory(self.home), self.home)
            window = MainWindow(desk, PAGES)
            window.resize(1280, 800)
            window.show()
            try:
                yield window
            finally:
                window.leave()
                window.close()
                window.deleteLater()
