"""A new visit: whom, what, who goes, when. It becomes a draft; every gate is judged on the draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import QDateTime, Qt, Signal, Slot
from PySide6.QtWidgets import QDateTimeEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.domain.visits import TriggerKind, VisitKind
from core.kernel.changes import Done
from core.kernel.clock import BEIJING, local
from core.kernel.errors import Fault
from core.kernel.words import text
from ui.desk import Desk
from ui.i18n import t, term
from ui.jobs import Lane
from ui.theme import px
from ui.visits.reading import Choices, read_choices
from ui.widgets.basic import Card, box, button, label, row, scrolled
from ui.widgets.form import choice, field, line
from ui.widgets.lines import FaultLine

ID = int(Qt.ItemDataRole.UserRole)
HOURS_SHOWN = 3
LIST_HEIGHT = 200
PLAN_LETTERS = 32
HITS = 8


class NewVisit(QWidget):
    """`made` carries the id of the draft; `given_up` that the person went back."""

    made = Signal(str)
    given_up = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._choices: Choices | None = None
        self._enterprise = ""
        self.fault_line = FaultLine()
        content = QWidget()
        body = QVBoxLayout(content)
        body.setContentsMargins(0, 0, px(8), px(16))
        body.setSpacing(px(12))
        back = button(t("ui.visits.back"), self.given_up.emit, role="link", icon="chevron-left")
        body.addWidget(back)
        body.addWidget(self.fault_line)
        body.addWidget(self._enterprise_card())
        body.addWidget(self._kind_card())
        body.addWidget(self._people_card())
        self.make_button = button(t("ui.new.make"), self._on_make_clicked, role="main", icon="check")
        body.addWidget(box(row(self.make_button, label(t("ui.new.make_hint"), "muted"), None)))
        body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(content))

    def _enterprise_card(self) -> Card:
        self.search = line(placeholder=t("ui.enterprises.search"))
        self.search.setAccessibleName(t("ui.enterprises.search"))
        self.search.textChanged.connect(self._on_search_typed)
        self.hits = QListWidget()
        self.hits.setAccessibleName(t("ui.new.enterprise"))
        self.hits.setMaximumHeight(px(LIST_HEIGHT))
        self.hits.itemClicked.connect(self._on_hit_chosen)
        self.hits.itemActivated.connect(self._on_hit_chosen)
        self.hits.hide()
        self.enterprise = label(t("ui.new.no_enterprise"), "hint", wrap=True)
        card = Card(label(t("ui.new.enterprise"), "section"))
        card.add(self.search)
        card.add(self.hits)
        card.add(self.enterprise)
        return card

    def _kind_card(self) -> Card:
        self.kind = choice([(term("visit_kind", kind), kind) for kind in VisitKind])
        self.kind.currentIndexChanged.connect(self._on_kind_chosen)
        self.plan = choice([])
        self.plan.setMinimumContentsLength(PLAN_LETTERS)
        self.trigger = choice([(term("trigger_kind", kind), kind) for kind in TriggerKind])
        self.trigger_no = line()
        self.items = QListWidget()
        self.items.setAccessibleName(t("ui.new.items"))
        self.items.setFixedHeight(px(LIST_HEIGHT))
        self.items.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.item_filter = line(placeholder=t("ui.table.filter"))
        self.item_filter.setAccessibleName(t("ui.table.filter"))
        self.item_filter.textChanged.connect(self._on_item_filter_typed)
        self.plan_field = field(t("ui.new.plan"), self.plan)
        self.trigger_row = box(
            row(field(t("ui.new.trigger"), self.trigger), field(t("ui.new.trigger_no"), self.trigger_no), spacing=12)
        )
        card = Card(label(t("ui.new.what"), "section"))
        card.add(box(row(field(t("ui.new.kind"), self.kind), self.plan_field, None, spacing=12)))
        card.add(self.trigger_row)
        card.add(field(t("ui.new.items"), self.items, wide=True))
        card.body.insertWidget(3, self.item_filter)
        self.trigger_row.hide()
        return card

    def _people_card(self) -> Card:
        self.officers = QListWidget()
        self.officers.setFixedHeight(px(LIST_HEIGHT * 0.7))
        now = local(self.desk.session.clock.now()).replace(second=0, microsecond=0)
        self.begin = moment_field(now)
        self.end = moment_field(now + timedelta(hours=HOURS_SHOWN))
        # Papers print it, and papers are Chinese in either language of the window.
        self.method = line(text("ui.new.method_usual", "zh"))
        card = Card(label(t("ui.new.who"), "section"))
        card.add(field(t("ui.new.officers"), self.officers, hint=t("ui.new.officers_hint")))
        card.add(box(row(field(t("ui.new.from"), self.begin), field(t("ui.new.to"), self.end), None, spacing=12)))
        card.add(field(t("ui.new.method"), self.method))
        return card

    def begin_with(self, enterprise: str = "", words: str = "") -> None:
        """Begin anew, with an enterprise already chosen or with words to search for."""
        self.fault_line.hide()
        self._enterprise = ""
        self.enterprise.setText(t("ui.new.no_enterprise"))
        self.desk.jobs.run(
            partial(read_choices, self.desk.session), self._on_choices, self._on_failed, lane=Lane.READ, key="choices"
        )
        if enterprise:
            self.desk.jobs.run(
                partial(self.desk.session.enterprises.get, enterprise),
                self._on_enterprise_read,
                self._on_failed,
                lane=Lane.READ,
            )
        self.search.setText(words)
        self.search.setFocus()

    def _on_choices(self, choices: Choices) -> None:
        self._choices = choices
        self.items.clear()
        for item in choices.items:
            shown = QListWidgetItem(item.name)
            shown.setData(ID, item.id)
            shown.setToolTip("\n".join((item.name, item.content, *item.legal_basis)))
            shown.setCheckState(Qt.CheckState.Unchecked)
            self.items.addItem(shown)
        self.officers.clear()
        for officer in choices.officers:
            shown = QListWidgetItem(f"{officer.name}   {officer.cert_no}")
            shown.setData(ID, officer.id)
            mine = officer.id == self.desk.session.account.officer
            shown.setCheckState(Qt.CheckState.Checked if mine else Qt.CheckState.Unchecked)
            self.officers.addItem(shown)
        self.plan.clear()
        self.plan.addItem(t("ui.new.no_plan"), "")
        for plan in choices.plans:
            self.plan.addItem(f"{plan.title} · {plan.item_name}", plan.id)
        self.plan.currentIndexChanged.connect(self._on_plan_chosen)

    @Slot()
    def _on_plan_chosen(self) -> None:
        if self._choices is None:
            return
        plan = next((one for one in self._choices.plans if one.id == self.plan.currentData()), None)
        if plan is None:
            return
        for place in range(self.items.count()):
            # A plan names its item in words: the item of that name is ticked, everything else is the person's.
            if self.items.item(place).text() == plan.item_name:
                self.items.item(place).setCheckState(Qt.CheckState.Checked)
                self.items.scrollToItem(self.items.item(place))

    @Slot()
    def _on_kind_chosen(self) -> None:
        kind = VisitKind(self.kind.currentData())
        self.trigger_row.setVisible(kind is VisitKind.CASE)
        self.plan_field.setVisible(kind in (VisitKind.ROUTINE, VisitKind.SPECIAL))

    @Slot(str)
    def _on_item_filter_typed(self, words: str) -> None:
        for place in range(self.items.count()):
            item = self.items.item(place)
            is_checked = item.checkState() is Qt.CheckState.Checked
            item.setHidden(not is_checked and words.casefold() not in item.text().casefold())

    @Slot(str)
    def _on_search_typed(self, words: str) -> None:
        if not words.strip():
            self.hits.hide()
            return
        call = partial(self.desk.session.enterprises.search, words.strip(), limit=HITS)
        self.desk.jobs.run(call, self._on_found, self._on_failed, lane=Lane.READ, key="new_visit")

    def _on_found(self, hits: Sequence[Any]) -> None:
        self.hits.clear()
        for hit in hits:
            item = QListWidgetItem(f"{hit.name}   {hit.uscc}   {hit.street}")
            item.setData(ID, hit.id)
            self.hits.addItem(item)
        self.hits.setVisible(bool(hits))
        if len(hits) == 1:
            self._on_hit_chosen(self.hits.item(0))

    @Slot(QListWidgetItem)
    def _on_hit_chosen(self, item: QListWidgetItem) -> None:
        self._enterprise = item.data(ID)
        self.enterprise.setText(item.text())
        self.hits.hide()

    def _on_enterprise_read(self, row_: Any) -> None:
        self._enterprise = row_.id
        self.enterprise.setText(f"{row_.name}   {row_.uscc}   {row_.address}")

    @Slot()
    def _on_make_clicked(self) -> None:
        kind = VisitKind(self.kind.currentData())
        is_case = kind is VisitKind.CASE
        call = partial(
            self.desk.session.visits.plan,
            kind=kind,
            enterprise=self._enterprise,
            items=chosen_ids(self.items),
            officers=chosen_ids(self.officers),
            planned_from=instant_of(self.begin),
            planned_to=instant_of(self.end),
            plan=str(self.plan.currentData() or "") if kind in (VisitKind.ROUTINE, VisitKind.SPECIAL) else "",
            trigger_kind=TriggerKind(self.trigger.currentData()) if is_case else None,
            trigger_no=self.trigger_no.text().strip() if is_case else "",
            method=self.method.text().strip(),
        )
        self.make_button.setEnabled(False)
        self.desk.jobs.run(call, self._on_made, self._on_failed)

    def _on_made(self, done: Done[Any]) -> None:
        self.make_button.setEnabled(True)
        self.desk.bus.changed.emit(done.changed)
        self.made.emit(done.value.id)

    def _on_failed(self, fault: Fault) -> None:
        self.make_button.setEnabled(True)
        self.fault_line.tell(fault)


def chosen_ids(widget: QListWidget) -> tuple[str, ...]:
    """Return the ids of the ticked lines."""
    items = (widget.item(place) for place in range(widget.count()))
    return tuple(item.data(ID) for item in items if item.checkState() is Qt.CheckState.Checked)


def moment_field(at: datetime) -> QDateTimeEdit:
    """Return a field for a Beijing date and time."""
    made = QDateTimeEdit(QDateTime(at.year, at.month, at.day, at.hour, at.minute, 0))  # pyright: ignore[reportCallIssue] - stubs
    made.setDisplayFormat("yyyy-MM-dd HH:mm")
    made.setCalendarPopup(True)
    made.setMinimumWidth(px(190))
    return made


def instant_of(control: QDateTimeEdit) -> datetime:
    """Return what was chosen, as an aware instant; the field shows Beijing time wherever the laptop is."""
    chosen: Any = control.dateTime().toPython()
    return chosen.replace(tzinfo=BEIJING)
