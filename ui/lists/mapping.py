"""The columns of one sheet as understood: letter, heading, field; each can be corrected."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from core.domain.list_rows import field_names
from core.domain.lists import ListKind, SheetMapping
from core.kernel.records import changed
from ui.i18n import t, term, words_or_code
from ui.theme import px
from ui.widgets.basic import Card, label
from ui.widgets.form import choice

COLUMNS_A_ROW = 3


class MappingCard(Card):
    """`corrected` carries the mapping of the sheet as the person left it."""

    corrected = Signal(object)

    def __init__(self, mapping: SheetMapping) -> None:
        super().__init__()
        self._mapping = mapping
        kind = mapping.kind
        title = mapping.sheet or t("ui.import.only_sheet")
        words = term("list_kind", kind) if kind is not None else t("ui.import.not_a_list")
        self.add(label(f"{title} · {words}", "strong"))
        if kind is None:
            return
        self.add(label(t("ui.import.header_row", row=mapping.header_row), "muted"))
        grid = QGridLayout()
        grid.setSpacing(px(8))
        for place, column in enumerate(mapping.columns):
            at_row, at_column = divmod(place, COLUMNS_A_ROW)
            heading = label(f"{column.letter}  {column.heading}")
            heading.setToolTip(column.heading)
            heading.setMaximumWidth(px(200))
            grid.addWidget(heading, at_row, at_column * 2)
            grid.addWidget(self._field_choice(kind, place, column.field), at_row, at_column * 2 + 1)
        for at in range(COLUMNS_A_ROW):
            grid.setColumnStretch(at * 2 + 1, 1)
        inner = QWidget()
        inner.setLayout(grid)
        self.add(inner)

    def _field_choice(self, kind: ListKind, place: int, chosen: str) -> QComboBox:
        names = field_names(kind)
        made = choice(
            [(t("ui.import.skip_column"), ""), *((words_or_code("lists.field", name), name) for name in names)]
        )
        made.setCurrentIndex(max(0, made.findData(chosen)))
        made.setObjectName(str(place))
        made.setMinimumContentsLength(8)
        made.setAccessibleName(t("ui.import.column_is", letter=self._mapping.columns[place].letter))
        made.currentIndexChanged.connect(self._on_field_chosen)
        return made

    @Slot()
    def _on_field_chosen(self) -> None:
        box = self.sender()
        assert isinstance(box, QComboBox)
        place = int(box.objectName())
        columns = list(self._mapping.columns)
        columns[place] = changed(columns[place], field=str(box.currentData() or ""))
        self._mapping = changed(self._mapping, columns=tuple(columns))
        self.corrected.emit(self._mapping)
