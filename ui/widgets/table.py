"""A table with a filter line above it and, where asked, a side panel for the chosen row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QByteArray, QItemSelection, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTableView, QVBoxLayout, QWidget

from ui.desk import Memory
from ui.i18n import t
from ui.models.table import RECORD_ROLE, Column, RecordTable
from ui.theme import ROW_HEIGHT, px
from ui.widgets.basic import label, row
from ui.widgets.cells import RecordCells


class FilteredTable(QWidget):
    """`chosen` carries the record of the row that the person stands on; `opened` that of a double click or Enter."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, columns: Sequence[Column], *, memory: Memory | None = None, name: str = "") -> None:
        super().__init__()
        self._memory, self._name = memory, name
        self.model = RecordTable(columns)
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(self.model)
        self.proxy.setFilterKeyColumn(-1)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(t("ui.table.filter"))
        self.filter.setAccessibleName(t("ui.table.filter"))
        self.filter.setClearButtonEnabled(True)
        self.count = label("", "muted")
        self.view = self._table_view(columns, name)
        self.bar = row(self.filter, self.count, None)
        self.filter.setMinimumWidth(px(280))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(8))
        layout.addLayout(self.bar)
        layout.addWidget(self.view, 1)
        self.filter.textChanged.connect(self._on_filter_typed)
        self.view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.view.doubleClicked.connect(self._on_activated)
        self.view.activated.connect(self._on_activated)

    def _table_view(self, columns: Sequence[Column], name: str) -> QTableView:
        view = QTableView()
        view.setModel(self.proxy)
        view.setItemDelegate(RecordCells(self.model.columns, view))
        view.setAccessibleName(name or t("ui.table.name"))
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(px(ROW_HEIGHT))
        header = view.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for place, column in enumerate(columns):
            view.setColumnWidth(place, px(column.width))
        kept = self._memory.text(f"columns/{self._name}") if self._memory is not None and self._name else ""
        if kept:
            header.restoreState(QByteArray.fromBase64(kept.encode()))
        header.sectionMoved.connect(self._on_columns_changed)
        header.sectionResized.connect(self._on_columns_changed)
        return view

    def fill(self, records: Sequence[Any]) -> None:
        """Show these records; the chosen row stays chosen if its record is still there."""
        before = getattr(self.current(), "id", None)
        self.model.fill(records)
        self._tell_count()
        if before is not None:
            self.choose(str(before))

    def choose(self, identifier: str) -> bool:
        """Stand on the record with that id; tell whether it is there."""
        for place in range(self.proxy.rowCount()):
            if getattr(self.proxy.index(place, 0).data(RECORD_ROLE), "id", None) == identifier:
                self.view.selectRow(place)
                return True
        return False

    def current(self) -> Any:
        """Return the record that is chosen, or None."""
        rows = self.view.selectionModel().selectedRows()
        return rows[0].data(RECORD_ROLE) if rows else None

    def _tell_count(self) -> None:
        shown, every = self.proxy.rowCount(), self.model.rowCount()
        self.count.setText(
            t("ui.table.count", count=f"{every:,}")
            if shown == every
            else t("ui.table.count_of", shown=f"{shown:,}", count=f"{every:,}")
        )

    @Slot(str)
    def _on_filter_typed(self, words: str) -> None:
        self.proxy.setFilterFixedString(words)
        self._tell_count()

    @Slot()
    def _on_columns_changed(self) -> None:
        if self._memory is not None and self._name:
            state = self.view.horizontalHeader().saveState().toBase64()
            self._memory.keep(f"columns/{self._name}", bytes(state.data()).decode())

    @Slot()
    def _on_selection_changed(self, _now: QItemSelection, _before: QItemSelection) -> None:
        self.chosen.emit(self.current())

    @Slot()
    def _on_activated(self) -> None:
        record = self.current()
        if record is not None:
            self.opened.emit(record)
