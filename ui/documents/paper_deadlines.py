"""The deadlines of one paper, beside it: until when, how long still, whose, and by which article."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.deadline_book import DeadlineLine, LineState
from core.domain.documents import Document
from core.kernel.errors import Fault
from ui.desk import Desk, reading
from ui.i18n import day, moment, t, term
from ui.jobs import Lane
from ui.theme import Tone, px
from ui.widgets.basic import SIGNS, clear, label

TONES: dict[LineState, Tone | None] = {
    LineState.RUNNING: None,
    LineState.DUE_TODAY: Tone.WARN,
    LineState.OVERDUE: Tone.BLOCK,
    LineState.EXPIRED: None,
    LineState.WAITING: None,
    LineState.UNKNOWN: Tone.UNKNOWN,
}


class PaperDeadlines(QWidget):
    """`failed` carries a Fault."""

    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setAccessibleName(t("ui.papers.deadlines"))
        self.lines = QVBoxLayout(self)
        self.lines.setContentsMargins(0, 0, 0, 0)
        self.lines.setSpacing(px(2))
        self.hide()

    def show_document(self, document: Document) -> None:
        """Read the lines of a paper and show them; a paper that starts none shows nothing."""
        call = partial(reading(self.desk.session).deadline_book.of_document, document.id)
        self.desk.jobs.run(call, self._on_read, self._on_failed, lane=Lane.READ, key="paper_deadlines")

    def _on_read(self, found: tuple[DeadlineLine, ...]) -> None:
        clear(self.lines)
        for line in found:
            tone = TONES[line.state]
            words = f"{SIGNS.get(tone, '·') if tone is not None else '·'} {line_words(line)}  {basis_words(line)}"
            # The paper itself needs the room: one line each, in plain weight.
            self.lines.addWidget(label(words, "muted" if tone is None else "", tone=tone, wrap=True))
        self.setVisible(bool(found))

    @Slot(object)
    def _on_failed(self, fault: Fault) -> None:
        self.failed.emit(fault)


def line_words(line: DeadlineLine) -> str:
    """Return what is due, until when and how long still."""
    parts = [term("deadline_rule", line.rule), t(f"deadlines.state.{line.state.value}")]
    if line.due_at is not None:
        parts.append(moment(line.due_at))
    elif line.due_on is not None:
        parts.append(day(line.due_on))
    if line.state is LineState.RUNNING and line.days_left is not None:
        parts.append(t("ui.deadlines.left", count=line.days_left))
    if line.state is LineState.OVERDUE and line.days_left:
        parts.append(t("ui.deadlines.late", count=-line.days_left))
    return "  ".join(parts)


def basis_words(line: DeadlineLine) -> str:
    """Return who has to act and by which article; what a calendar moved since the paper was printed is told."""
    said = [t(f"ui.papers.whose_{line.whose.value}"), line.citation]
    if not line.is_verified:
        said.append(t("ui.word.unverified"))
    if line.printed_on is not None:
        said.append(t("ui.papers.printed_day", day=day(line.printed_on)))
    return "  ".join(said)
