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
from ui.i18n import day, moment, t, term
from ui.jobs import Lane
from ui.models.table import Column
from ui.theme import px
from ui.widgets.basic import EmptyState, box, button, clear, label, row, scrolled
from ui.widgets.page import Page
from ui.widgets.table import FilteredTable

HITS = 60
"""Three screens of them: who does not see the one that is meant types one letter more."""
PANEL_WIDTH = 380
NAME_WIDTH = 120
FACTS = ("uscc", "street", "address", "industry", "entity_type", "size_class", "grade", "legal_rep", "phone", "status")


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
        self.panel = QWidget()
        self.panel_body = QVBoxLayout(self.panel)
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
        enterprise, visits = found
        clear(self.panel_body)
        self.panel_body.addWidget(label(enterprise.name, "section", wrap=True))
        self.visit_button = button(t("ui.enterprises.visit"), self._on_visit_clicked, role="main", icon="plus")
        self.panel_body.addWidget(box(row(self.visit_button, None)))
        for name in FACTS:
            value = getattr(enterprise, name)
            if value:
                self.panel_body.addWidget(fact_row(t(f"ui.enterprises.{name}"), str(value)))
        if enterprise.established_on is not None:
            self.panel_body.addWidget(fact_row(t("ui.enterprises.established_on"), day(enterprise.established_on)))
        self.panel_body.addWidget(label(t("ui.enterprises.history", count=len(visits)), "section"))
        if not visits:
            self.panel_body.addWidget(label(t("ui.enterprises.no_history"), "hint", wrap=True))
        for visit in visits:
            self._add_visit(visit)
        self.panel_body.addStretch(1)
        self.panel_area.show()

    def _add_visit(self, visit: Visit) -> None:
        words = f"{moment(visit.planned_from)}  {term('visit_kind', visit.kind)}"
        made = button(words, self._on_history_clicked, role="link")
        made.setObjectName(visit.id)
        self.panel_body.addWidget(made)
        self.panel_body.addWidget(label(f"{term('visit_state', visit.state)} · {visit.subject}", "muted", wrap=True))

    @Slot()
    def _on_history_clicked(self) -> None:
        self.desk.messages.go("visits", self.sender().objectName())

    @Slot()
    def _on_visit_clicked(self) -> None:
        self.desk.messages.go("visits", ("new", self._wanted))


def fact_row(name: str, value: str) -> QWidget:
    """Return one fact with its name before it."""
    left = label(name, "muted", wrap=True)
    left.setFixedWidth(px(NAME_WIDTH))
    inner = row(left, label(value, wrap=True), spacing=8)
    inner.setStretch(1, 1)
    return box(inner)


def read_enterprise(session: Session, identifier: str) -> tuple[Enterprise, tuple[Visit, ...]]:
    """Return an enterprise and the visits to it, the newest first."""
    enterprise = session.enterprises.get(identifier)
    return enterprise, tuple(reading(session).visits.of_enterprise(identifier))
