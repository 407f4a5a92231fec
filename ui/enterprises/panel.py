"""The panel beside the search: one enterprise and its visits.

Its parts are made once and filled anew: typing on moves the choice at every key, and making them took 40 ms.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.domain.enterprises import Enterprise
from core.domain.visits import Visit
from ui.i18n import day, moment, t, term
from ui.theme import px
from ui.widgets.basic import box, button, clear, label, row

NAME_WIDTH = 120
TEXTS = ("uscc", "street", "address", "industry", "entity_type", "size_class", "grade", "legal_rep", "phone", "status")
ESTABLISHED = "established_on"


class EnterprisePanel(QWidget):
    """`visit_wanted` asks for a new visit to the enterprise shown; `opened` carries the id of one of its visits."""

    visit_wanted = Signal()
    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.name = label("", "section", wrap=True)
        self.visit_button = button(t("ui.enterprises.visit"), self._on_visit_clicked, role="main", icon="plus")
        self.facts = {name: Fact(t(f"ui.enterprises.{name}")) for name in (*TEXTS, ESTABLISHED)}
        self.count = label("", "section")
        self.none = label(t("ui.enterprises.no_history"), "hint", wrap=True)
        self.history = QVBoxLayout()
        body = QVBoxLayout(self)
        for part in (self.name, box(row(self.visit_button, None)), *self.facts.values(), self.count, self.none):
            body.addWidget(part)
        body.addLayout(self.history)
        body.addStretch(1)
        self._shown: tuple[Visit, ...] = ()

    def show_enterprise(self, enterprise: Enterprise, visits: Sequence[Visit]) -> None:
        """Show an enterprise and the visits to it, in the order given."""
        self.name.setText(enterprise.name)
        for name in TEXTS:
            self.facts[name].tell(str(getattr(enterprise, name) or ""))
        established = enterprise.established_on
        self.facts[ESTABLISHED].tell(day(established) if established is not None else "")
        self.count.setText(t("ui.enterprises.history", count=len(visits)))
        self.none.setVisible(not visits)
        if tuple(visits) != self._shown:
            self._shown = tuple(visits)
            clear(self.history)
            for visit in visits:
                self._add_visit(visit)

    def _add_visit(self, visit: Visit) -> None:
        words = f"{moment(visit.planned_from)}  {term('visit_kind', visit.kind)}"
        made = button(words, self._on_history_clicked, role="link")
        made.setObjectName(visit.id)
        self.history.addWidget(made)
        self.history.addWidget(label(f"{term('visit_state', visit.state)} · {visit.subject}", "muted", wrap=True))

    @Slot()
    def _on_history_clicked(self) -> None:
        self.opened.emit(self.sender().objectName())

    @Slot()
    def _on_visit_clicked(self) -> None:
        self.visit_wanted.emit()


class Fact(QWidget):
    """One fact with its name before it; out of sight while there is nothing to tell."""

    def __init__(self, name: str) -> None:
        super().__init__()
        left = label(name, "muted", wrap=True)
        left.setFixedWidth(px(NAME_WIDTH))
        self.value: QLabel = label("", wrap=True)
        inner = row(left, self.value, spacing=8)
        inner.setStretch(1, 1)
        self.setLayout(inner)

    def tell(self, value: str) -> None:
        """Show the value."""
        self.value.setText(value)
        self.setVisible(bool(value))
