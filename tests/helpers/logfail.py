"""A log line of warning level or above fails the test, unless the test said that it will come."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass


@dataclass
class Expected:
    """A log line that a test waits for: logger name (with its children) and a pattern found in the message."""

    logger: str
    pattern: re.Pattern[str]
    seen: int = 0

    def fits(self, record: logging.LogRecord) -> bool:
        in_tree = not self.logger or record.name == self.logger or record.name.startswith(f"{self.logger}.")
        return in_tree and self.pattern.search(record.getMessage()) is not None


class LogGuard(logging.Handler):
    """Listens at the root logger and sorts lines into expected and unexpected ones."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.unexpected: list[str] = []
        self.awaited: list[Expected] = []

    def expect(self, pattern: str, logger: str = "") -> Expected:
        """Allow lines that match, and demand at least one before the test ends."""
        awaited = Expected(logger, re.compile(pattern))
        self.awaited.append(awaited)
        return awaited

    def emit(self, record: logging.LogRecord) -> None:
        for awaited in self.awaited:
            if awaited.fits(record):
                awaited.seen += 1
                return
        self.unexpected.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def complaints(self) -> list[str]:
        """Return what is wrong so far, each complaint once."""
        found = [f"unexpected log line: {line}" for line in self.unexpected]
        found += [f"log line never came: {a.pattern.pattern!r}" for a in self.awaited if not a.seen]
        self.unexpected, self.awaited = [], [a for a in self.awaited if a.seen]
        return found
