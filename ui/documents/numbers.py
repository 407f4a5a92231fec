"""文号: what is left in each block, which numbers are void and why, and any that nobody explains."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from core.domain.numbers import BlockReport
from core.kernel.clock import local_date
from ui.desk import Desk, reading
from ui.documents.part import Part
from ui.i18n import moment, t, term
from ui.jobs import Lane
from ui.models.table import Column
from ui.theme import Tone
from ui.widgets.basic import Card, EmptyState, button, clear, label, mark
from ui.widgets.form import ask_reason
from ui.widgets.table import FilteredTable


@dataclass(frozen=True)
class BlockLine:
    """One block; `id` keeps the chosen row, `is_low` looks at all blocks of its body, kind and year."""

    id: str
    report: BlockReport
    is_low: bool


def block_columns() -> list[Column]:
    """Return the columns of the blocks."""
    return [
        Column("kind", t("ui.papers.title"), lambda one: term("kind", one.report.block.kind), 200),
        Column("body", t("ui.numbers.body"), lambda one: one.report.block.body, 260),
        Column("year", t("ui.numbers.year"), lambda one: str(one.report.block.year), 80, is_number=True),
        Column("range", t("ui.numbers.range"), range_words, 110, is_code=True),
        Column(
            "unused",
            t("ui.numbers.unused"),
            unused_words,
            150,
            tone=lambda one: Tone.WARN if one.is_low else None,
        ),
        Column("taken", t("ui.numbers.taken"), lambda one: str(one.report.taken), 80, is_number=True),
        Column("void", t("ui.numbers.void"), lambda one: str(one.report.void), 80, is_number=True),
        Column(
            "gaps",
            t("ui.numbers.gaps"),
            lambda one: f"✕ {len(one.report.gaps)}" if one.report.gaps else "✓ 0",
            100,
            tone=lambda one: Tone.BLOCK if one.report.gaps else Tone.PASS,
        ),
    ]


def range_words(line: BlockLine) -> str:
    """Return first and last number of a block."""
    return f"{line.report.block.first}–{line.report.block.last}"


def unused_words(line: BlockLine) -> str:
    """Return how many are left, with a sign where they run low."""
    if line.report.block.is_burnt:
        return t("ui.numbers.burnt")
    return f"! {t('ui.numbers.low', count=line.report.unused)}" if line.is_low else str(line.report.unused)


def read_blocks(session: Any) -> tuple[BlockLine, ...]:
    """Return every block, the present year first."""
    stock = session.number_stock
    year = local_date(session.clock.now()).year
    low = {one.block.id for one in stock.low(year=year)}
    lines = (BlockLine(id=one.block.id, report=one, is_low=one.block.id in low) for one in stock.reports())
    return tuple(sorted(lines, key=lambda one: (-one.report.block.year, one.report.block.kind.code, one.id)))


class NumbersPart(Part):
    """A table of blocks and what became of the numbers of the chosen one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.summary = QVBoxLayout()
        self.prompt = QVBoxLayout()
        self.table = FilteredTable(block_columns(), memory=desk.memory, name="numbers")
        self.table.chosen.connect(self._on_chosen)
        self.void_button = button(t("ui.numbers.void_next"), self._on_void_clicked, role="danger")
        self.table.bar.addWidget(self.void_button)
        self.uses = Card()
        self.empty = EmptyState(t("ui.numbers.empty"), icon="stamp")
        self.empty.hide()
        self.column.addLayout(self.summary)
        self.column.addLayout(self.prompt)
        self.column.addWidget(self.empty)
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self.uses)

    def read(self) -> None:
        self.desk.jobs.run(self._lines, self._on_read, self.on_failed, lane=Lane.READ, key="numbers")

    def _lines(self) -> tuple[BlockLine, ...]:
        return read_blocks(reading(self.desk.session))

    def _on_read(self, lines: tuple[BlockLine, ...]) -> None:
        clear(self.summary)
        self.empty.setVisible(not lines)
        for part in (self.table, self.uses):
            part.setVisible(bool(lines))
        gaps = sum(len(one.report.gaps) for one in lines)
        if lines:
            tone, key = (Tone.BLOCK, "ui.numbers.some_gaps") if gaps else (Tone.PASS, "ui.numbers.no_gaps")
            self.summary.addWidget(mark(tone, t(key, count=gaps)))
        year = local_date(self.desk.session.clock.now()).year
        if lines and all(one.report.block.year != year for one in lines):
            self.summary.addWidget(mark(Tone.WARN, t("ui.numbers.new_year", year=year)))
        self.table.fill(lines)
        if lines and self.table.current() is None:
            self.table.view.selectRow(0)

    @Slot(object)
    def _on_chosen(self, line: BlockLine | None) -> None:
        clear(self.uses.body)
        if line is None:
            return
        report = line.report
        self.void_button.setEnabled(bool(report.unused))
        self.uses.add(label(t("ui.numbers.notes"), "strong"))
        for use in report.voided:
            self.uses.add(label(f"{use.text}   {t('numbers.state.void')}: {use.reason}   {moment(use.at)}", wrap=True))
        for gap in report.gaps:
            self.uses.add(mark(Tone.BLOCK, f"{gap.seq}   {t(f'numbers.gap.{gap.why}')}"))
        if report.block.is_burnt:
            self.uses.add(label(t("cli.numbers.burnt", reason=report.block.burnt_reason), wrap=True))
        if not (report.voided or report.gaps or report.block.is_burnt):
            self.uses.add(label(t("ui.numbers.nothing"), "muted"))

    @Slot()
    def _on_void_clicked(self) -> None:
        line = self.table.current()
        if line is not None:
            given = partial(self._on_void_given, line.id)
            ask_reason(self.prompt, t("ui.numbers.void_ask"), [], t("ui.numbers.void_next"), given, needs_words=True)

    def _on_void_given(self, block: str, _code: str, reason: str) -> None:
        call = partial(self.desk.session.number_stock.void_next, block, reason)
        self.desk.jobs.run(call, self._on_voided, self.on_failed)

    def _on_voided(self, done: Any) -> None:
        self.done(done)
        self.desk.messages.tell(f"{done.value.text} {t('numbers.state.void')}")
        self.read()
