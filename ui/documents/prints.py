"""打印记录: what was printed, when, by whom, how many of each, and which were copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.domain.print_log import PrintedPaper, PrintRun
from ui.desk import Desk, reading
from ui.documents.part import Part
from ui.i18n import moment, t
from ui.jobs import Lane
from ui.models.table import Column
from ui.theme import Tone
from ui.widgets.basic import EmptyState
from ui.widgets.table import FilteredTable


@dataclass(frozen=True)
class PrintLine:
    """One paper of one run; `id` keeps the chosen row."""

    id: str
    run: PrintRun
    paper: PrintedPaper
    by: str


def print_columns() -> list[Column]:
    """Return the columns of the print log."""
    return [
        Column("at", t("ui.prints.at"), lambda one: moment(one.run.at), 150, is_code=True),
        Column("by", t("ui.prints.by"), lambda one: one.by, 120),
        Column("number", t("ui.papers.number"), lambda one: one.paper.number or "—", 230, is_code=True),
        Column("title", t("ui.papers.title"), lambda one: one.paper.title, 180),
        Column("copies", t("ui.prints.copies"), lambda one: str(one.paper.copies), 80, is_number=True),
        Column(
            "copy",
            t("ui.prints.kind"),
            lambda one: t("ui.prints.copy") if one.paper.is_copy else t("ui.prints.first"),
            120,
            tone=lambda one: Tone.WARN if one.paper.is_copy else None,
        ),
    ]


def read_prints(session: Any) -> tuple[PrintLine, ...]:
    """Return a line a paper, the latest run first."""
    runs: tuple[PrintRun, ...] = session.batch.print_log()
    return tuple(
        PrintLine(id=f"{run.id}:{place}", run=run, paper=paper, by=_name(session, run.by))
        for run in runs
        for place, paper in enumerate(run.papers)
    )


def _name(session: Any, officer: str) -> str:
    account = session.account
    return account.shown_name if account.officer == officer else officer


class PrintsPart(Part):
    """One table."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.table = FilteredTable(print_columns(), memory=desk.memory, name="prints")
        self.empty = EmptyState(t("ui.prints.empty"), icon="printer")
        self.empty.hide()
        self.column.addWidget(self.empty)
        self.column.addWidget(self.table, 1)

    def read(self) -> None:
        self.desk.jobs.run(self._lines, self._on_read, self.on_failed, lane=Lane.READ, key="prints")

    def _lines(self) -> tuple[PrintLine, ...]:
        return read_prints(reading(self.desk.session))

    def _on_read(self, lines: tuple[PrintLine, ...]) -> None:
        self.table.fill(lines)
        self.empty.setVisible(not lines)
        self.table.setVisible(bool(lines))
