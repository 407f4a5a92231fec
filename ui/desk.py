"""What every page is given: the unlocked session, the lanes, the bus, the messages and what the window remembers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

from ui.bus import Bus
from ui.jobs import Jobs
from ui.messages import Messages

# The session is core.station.Session; it is named here only, so that no page imports the heavy room before first paint.
Session = Any


class Memory:
    """What the window remembers between starts: look, language, columns, hints already read. No case data."""

    def __init__(self, home: Path) -> None:
        self._settings = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)

    def text(self, key: str, default: str = "") -> str:
        value = self._settings.value(key, default)
        return value if isinstance(value, str) else default

    def keep(self, key: str, value: str) -> None:
        self._settings.setValue(key, value)

    def save(self) -> None:
        """Write the file now rather than when Qt finds the time."""
        self._settings.sync()


@dataclass
class Desk:
    """One person at work."""

    session: Session
    jobs: Jobs
    bus: Bus
    messages: Messages
    memory: Memory
    home: Path
    rounds: Any = None
    """ui.sync.rounds.Rounds, sync by itself; the window that is open makes it."""


def reading(session: Session) -> Any:
    """Return the session's reading twin, whose services never wait for a writer; the session itself without one."""
    return getattr(session, "reading", session)
