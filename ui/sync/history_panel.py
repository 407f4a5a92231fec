"""What happened: every session with its result, what went each way, and why one failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.desk import Memory
from ui.i18n import duration, moment, size, t
from ui.models.table import Column
from ui.sync.words import reason
from ui.theme import Tone, px
from ui.widgets.basic import SIGNS, EmptyState
from ui.widgets.table import FilteredTable


def tone_of(note: Any) -> Tone:
    """Return the colour of a session's result."""
    return Tone.PASS if note.ok else Tone.BLOCK


def result_words(note: Any) -> str:
    """Return the result of a session with its reason, in words."""
    sign = SIGNS[tone_of(note)]
    return f"{sign} {t('ui.sync.went_well')}" if note.ok else f"{sign} {reason(note.error)}"


def length_words(note: Any) -> str:
    """Return how long a session took; a dash for one that never came to its end."""
    return duration(note.ended_at - note.at) if note.ended_at is not None else "—"


def history_columns() -> list[Column]:
    """Return the columns of the sessions."""
    return [
        Column("at", t("ui.sync.at"), lambda note: moment(note.at), 160, is_code=True),
        Column("pushed", t("ui.sync.sent"), lambda note: f"{note.pushed:,}", 100, is_number=True),
        Column("pulled", t("ui.sync.received"), lambda note: f"{note.pulled:,}", 100, is_number=True),
        Column("out", t("ui.sync.bytes_out"), lambda note: size(note.bytes_sent), 110, is_number=True),
        Column("in", t("ui.sync.bytes_in"), lambda note: size(note.bytes_received), 110, is_number=True),
        Column("length", t("ui.sync.length"), length_words, 100, is_number=True),
        Column("result", t("ui.sync.result"), result_words, 300, tone=tone_of),
    ]


class HistoryPanel(QWidget):
    """The sessions of this station, the newest first."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.empty = EmptyState(t("ui.sync.no_history"), icon="history")
        self.table = FilteredTable(history_columns(), memory=memory, name="sync_history")
        self.table.view.setAccessibleName(t("ui.sync.history"))
        self.table.view.setMinimumHeight(px(360))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.empty)
        layout.addWidget(self.table, 1)

    def show_history(self, history: Sequence[Any]) -> None:
        """Show the sessions."""
        self.empty.setVisible(not history)
        self.table.setVisible(bool(history))
        self.table.fill(history)
