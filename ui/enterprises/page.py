"""企业: search as you type, and a panel with the enterprise and its visits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QScrollArea, QSplitter, QVBoxLayout, QWidget

from core.domain.enterprises import Enterprise
from core.domain.visits import Visit
from core.kernel.changes import Topic
from ui.desk import Desk, Session, reading
from ui.enterprises.panel import EnterprisePanel
from ui.i18n import t
from ui.jobs import Lane
from ui.models.table import Column
from ui.theme import px
from ui.widgets.basic import EmptyState, scrolled
from ui.widgets.page import Page
from ui.widgets.table import FilteredTable

HITS = 60
"""Three screens of them: who does not see the one that is meant types one letter more."""
PANEL_WIDTH = 380


def enterprise_columns() -> list[Column]:
    """Return the columns of an answer to a search."""
    return [
        Column("name", t("ui.enterprises.name"), lambda hit: hit.name, 270),
        Column("uscc", t("ui.enterprises.uscc"), lambda hit: hit.uscc, 215, is_code=True),
        Column("grade", t("ui.enterprises.grade"), lambda hit: hit.grade, 70),
        Column("street", t("ui.enterprises.street"), lambda hit: hit.street, 120),
        Column("address", t("ui.enterprises.address"), lambda hit: hit.address, 260),
    ]


class EnterprisesPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "enterprises"
    icon: ClassVar[str] = "building-2"
    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.ENTERPRISES, Topic.VISITS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted = ""
        self.search = QLineEdit()
        self.search.setPlaceholderText(t("ui.enterprises.search"))
        self.search.setAccessibleName(t("ui.enterprises.search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_typed)
        self.table = FilteredTable(enterprise_columns(), memory=desk.memory, name="enterprises")
        self.table.filter.hide()
        self.table.chosen.connect(self._on_chosen)
        self.empty = EmptyState(t("ui.enterprises.empty"), icon="search")
        self.panel = EnterprisePanel()
        self.panel.visit_wanted.connect(self._on_visit_wanted)
        self.panel.opened.connect(self._on_visit_opened)
        self.panel_area: QScrollArea = scrolled(self.panel)
        self.panel_area.setMinimumWidth(px(PANEL_WIDTH * 0.8))
        self.panel_area.hide()
        split = QSplitter()
        left = QWidget()
        inner = QVBoxLayout(left)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.empty)
        inner.addWidget(self.table, 1)
        split.addWidget(left)
        split.addWidget(self.panel_area)
        split.setStretchFactor(0, 1)
        split.setSizes([px(800), px(PANEL_WIDTH)])
        split.setChildrenCollapsible(False)
        self.frame.addWidget(self.search)
        self.frame.addWidget(split, 1)
        self.table.hide()

    def shown(self) -> None:
        super().shown()
        self.search.setFocus()

    def read(self) -> None:
        self._wanted = ""
        self._on_typed(self.search.text())

    def open(self, argument: Any) -> None:
        """Show the enterprise with that id."""
        self._read_one(str(argument))

    def take_scan(self, raw: str, source: str) -> bool:
        self.desk.messages.go("visits", ("scan", raw, source))
        return True

    @Slot(str)
    def _on_typed(self, words: str) -> None:
        if not words.strip():
            self.table.hide()
            self.empty.words.setText(t("ui.enterprises.empty"))
            self.empty.show()
            return
        call = partial(self.desk.session.enterprises.search, words.strip(), limit=HITS)
        self.desk.jobs.run(call, self._on_found, self.on_failed, lane=Lane.READ, key="enterprises")

    def _on_found(self, hits: Sequence[Any]) -> None:
        self.fault_line.hide()
        self.table.fill(hits)
        self.table.setVisible(bool(hits))
        self.empty.words.setText(t("ui.enterprises.none"))
        self.empty.setVisible(not hits)
        if len(hits) == 1:
            self.table.view.selectRow(0)

    @Slot(object)
    def _on_chosen(self, hit: Any) -> None:
        # The chosen row stays chosen while a person types on; its panel is there already.
        if hit is not None and hit.id != self._wanted:
            self._read_one(hit.id)

    def _read_one(self, identifier: str) -> None:
        self._wanted = identifier
        call = partial(read_enterprise, self.desk.session, identifier)
        self.desk.jobs.run(call, self._on_one_read, self.on_failed, lane=Lane.READ, key="enterprise")

    def _on_one_read(self, found: tuple[Enterprise, tuple[Visit, ...]]) -> None:
        self.panel.show_enterprise(*found)
        self.panel_area.show()

    @Slot(str)
    def _on_visit_opened(self, visit: str) -> None:
        self.desk.messages.go("visits", visit)

    @Slot()
    def _on_visit_wanted(self) -> None:
        self.desk.messages.go("visits", ("new", self._wanted))


def read_enterprise(session: Session, identifier: str) -> tuple[Enterprise, tuple[Visit, ...]]:
    """Return an enterprise and the visits to it, the newest first."""
    enterprise = session.enterprises.get(identifier)
    return enterprise, tuple(reading(session).visits.of_enterprise(identifier))
