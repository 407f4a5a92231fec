"""A table model over records: columns are functions of the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from ui.theme import Tone, current

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
RECORD_ROLE = int(Qt.ItemDataRole.UserRole)
# Plain numbers: a view asks for eight roles of every cell in sight, most of them in vain.
_WORDS = frozenset({int(Qt.ItemDataRole.DisplayRole), int(Qt.ItemDataRole.ToolTipRole)})
_COLOUR, _SIDE = int(Qt.ItemDataRole.ForegroundRole), int(Qt.ItemDataRole.TextAlignmentRole)
_ANSWERED = _WORDS | {RECORD_ROLE, _COLOUR, _SIDE}


@dataclass(frozen=True)
class Column:
    """One column. `shown` gives the words of a cell; `tone` its colour, None for ink; `is_code` is never cut."""

    key: str
    title: str
    shown: Callable[[Any], str]
    width: int = 160
    tone: Callable[[Any], Tone | None] | None = None
    is_code: bool = False
    is_number: bool = False


class RecordTable(QAbstractTableModel):
    """Rows are records of one kind, in the order in which they were given."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._records: tuple[Any, ...] = ()

    def fill(self, records: Sequence[Any]) -> None:
        """Show these records."""
        self.beginResetModel()
        self._records = tuple(records)
        self.endResetModel()

    def record(self, row: int) -> Any:
        """Return the record of a row."""
        return self._records[row]

    def records(self) -> tuple[Any, ...]:
        """Return every record in order."""
        return self._records

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._records)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ANSWERED or not index.isValid():
            return None
        column, record = self.columns[index.column()], self._records[index.row()]
        if role in _WORDS:
            return column.shown(record)
        if role == RECORD_ROLE:
            return record
        if role == _COLOUR and column.tone is not None:
            tone = column.tone(record)
            return None if tone is None else current().colour(tone)
        if role == _SIDE and column.is_number:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.columns[section].is_number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None
