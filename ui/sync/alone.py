"""A session without a line to headquarters: it is its own authority and says so."""

from __future__ import annotations

from typing import Any, NoReturn

from core.kernel.errors import Refusal
from ui.desk import Session


class _Status:
    """Not enrolled, with the count of what exists only here."""

    def __init__(self, unconfirmed: int) -> None:
        self.unconfirmed = unconfirmed
        self.is_enrolled = self.is_forked = False
        self.url = self.subject = self.device = self.last_error = self.status = ""
        self.last_success_at = self.last_attempt_at = self.oldest_unsynced_at = None
        self.lease_until = None
        self.clash_count = self.blobs_waiting = self.failures = self.pending = 0


class Alone:
    """Answers as a station that is not enrolled, and refuses to enrol."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def status(self) -> _Status:
        return _Status(int(self._session.unsynced_count()))

    def last_statement(self) -> None:
        """There never was one."""

    def history(self, limit: int) -> tuple[Any, ...]:
        return ()

    def clashes(self) -> tuple[Any, ...]:
        return ()

    def conflicts(self) -> tuple[Any, ...]:
        return ()

    def preview(self, url: str, code: str) -> NoReturn:
        """Refuse.  Raises Refusal "ui.sync.no_line"."""
        raise Refusal("ui.sync.no_line")


def sync_of(session: Session) -> Any:
    """Return the facade of sync, or one that stands alone where the session has none."""
    return getattr(session, "sync", None) or Alone(session)
