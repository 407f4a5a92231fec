"""The print log: who printed which papers, when and how many of each; a reprint is a copy and says so."""

from __future__ import annotations

from datetime import date, datetime

from core.kernel.records import Record


class PrintedPaper(Record):
    """One paper of a print run. `copies` counts sheets; `is_copy`: it was printed before, the paper says 副本."""

    document: str
    number: str = ""
    title: str = ""
    copies: int = 1
    is_copy: bool = False


class PrintRun(Record):
    """One print run. `week_of` is the local Monday of the week whose notices it held, None for other papers."""

    id: str
    at: datetime
    by: str
    papers: tuple[PrintedPaper, ...]
    week_of: date | None = None
    is_demo: bool = False
