"""同步: whether both ends are equal, what waits for a person, what headquarters gave, and what happened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from core.kernel.changes import Done, Topic
from core.kernel.clock import local_date
from core.kernel.errors import Fault
from ui.desk import Desk
from ui.i18n import t
from ui.jobs import Lane
from ui.sync.decide_panel import DecidePanel
from ui.sync.deciding import answer_as_before, may_be_undone
from ui.sync.history_panel import HistoryPanel
from ui.sync.reading import SyncView, read_sync
from ui.sync.rounds import Rounds
from ui.sync.state_card import StateCard
from ui.sync.statement_card import StatementCard
from ui.sync.supply_panel import SupplyPanel
from ui.theme import CONTENT_WIDTH_MAX, px
from ui.widgets.basic import button, scrolled
from ui.widgets.flow import Flow
from ui.widgets.page import Page

TABS = ("statement", "decide", "supply", "history")


class SyncPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "sync"
    icon: ClassVar[str] = "refresh-cw"
    topics: ClassVar[frozenset[Topic]] = frozenset(Topic)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.view: SyncView | None = None
        self._undo: Callable[[], None] | None = None
        self.state = StateCard()
        self.statement = StatementCard()
        self.decide = DecidePanel()
        self.supply = SupplyPanel()
        self.history = HistoryPanel(desk.memory)
        self.tabs: dict[str, QPushButton] = {}
        self.panels: dict[str, QWidget] = {}
        content = QWidget()
        content.setMaximumWidth(px(CONTENT_WIDTH_MAX))
        body = QVBoxLayout(content)
        body.setContentsMargins(0, 0, px(8), px(16))
        body.setSpacing(px(12))
        body.addWidget(self.state)
        body.addWidget(self._tab_bar())
        # Beside each other in one column, one of them visible: a stack would be as tall and wide as its largest page.
        for panel in self.panels.values():
            body.addWidget(panel)
        body.addStretch(1)
        self.area = scrolled(content)
        self.frame.addWidget(self.area, 1)
        self._connect()
        self.show_tab("statement")

    @property
    def rounds(self) -> Rounds:
        """The background sync of the window."""
        rounds = self.desk.rounds
        assert isinstance(rounds, Rounds)
        return rounds

    def _tab_bar(self) -> QWidget:
        bar = QWidget()
        flow = Flow(bar, gap=px(4))
        group = QButtonGroup(bar)
        for name, panel in zip(TABS, (self.statement, self.decide, self.supply, self.history), strict=True):
            made = button(t(f"ui.sync.tab_{name}"), self._on_tab_clicked, role="tab")
            made.setObjectName(name)
            made.setCheckable(True)
            group.addButton(made)
            self.tabs[name] = made
            flow.addWidget(made)
            self.panels[name] = panel
        return bar

    def _connect(self) -> None:
        self.state.sync_wanted.connect(self._on_sync_clicked)
        self.state.enrol_wanted.connect(self._on_enrol_clicked)
        self.state.export_wanted.connect(self._on_export_clicked)
        self.state.import_wanted.connect(self._on_import_clicked)
        self.state.peer_wanted.connect(self._on_peer_clicked)
        self.state.relay_wanted.connect(self._on_relay_clicked)
        self.state.backup_wanted.connect(self._on_backup_clicked)
        self.decide.decided.connect(self._on_decided)
        self.decide.settled.connect(self._on_settled)
        self.decide.opened.connect(self._on_visit_opened)
        self.decide.enrol_wanted.connect(self._on_enrol_clicked)
        self.supply.numbers_wanted.connect(self._on_numbers_wanted)
        self.rounds.changed.connect(self._on_rounds_changed)
        self.rounds.failed.connect(self._on_sync_failed)

    def read(self) -> None:
        call = partial(read_sync, self.desk.session)
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="sync_page")

    def open(self, argument: Any) -> None:
        """Show the tab of that name."""
        if argument in TABS:
            self.show_tab(str(argument))
            self.area.verticalScrollBar().setValue(0)

    def shown(self) -> None:
        # Ages and the next attempt move by themselves: the page is read whenever somebody looks at it.
        self.is_stale = False
        self.read()

    def show_tab(self, name: str) -> None:
        """Bring a tab to the front."""
        self.tabs[name].setChecked(True)
        for other, panel in self.panels.items():
            panel.setVisible(other == name)

    def _on_read(self, view: SyncView) -> None:
        self.view = view
        now = self.desk.session.clock.now()
        self._show_state()
        self.statement.show_statement(view.statement, int(view.status.unconfirmed))
        report = self.rounds.last_report
        self.decide.show_view(view, tuple(report.quarantined) if report is not None else (), now)
        self.supply.show_view(view, local_date(now).year)
        self.history.show_history(view.history)
        count = view.to_decide
        self.tabs["decide"].setText(f"{t('ui.sync.tab_decide')}  {count}" if count else t("ui.sync.tab_decide"))
        self.tabs["decide"].setAccessibleName(self.tabs["decide"].text())

    def _show_state(self) -> None:
        if self.view is not None:
            now = self.desk.session.clock.now()
            view = self.view
            self.state.show_state(view.status, view.statement, self.rounds, now, view.forked)
            self.state.show_progress(self.rounds)

    @Slot()
    def _on_tab_clicked(self) -> None:
        self.show_tab(self.sender().objectName())

    @Slot()
    def _on_rounds_changed(self) -> None:
        self._show_state()

    @Slot()
    def _on_sync_clicked(self) -> None:
        self.fault_line.hide()
        self.rounds.run()

    @Slot(object)
    def _on_sync_failed(self, _fault: Fault) -> None:
        # The reason stands in the first card; a session in the background covers nothing with a line.
        if self.isVisible():
            self.read()

    @Slot()
    def _on_enrol_clicked(self) -> None:
        self.desk.messages.go("enrol")

    @Slot()
    def _on_export_clicked(self) -> None:
        self.desk.messages.go("stick", "export")

    @Slot()
    def _on_import_clicked(self) -> None:
        self.desk.messages.go("stick", "import")

    @Slot()
    def _on_peer_clicked(self) -> None:
        self.desk.messages.go("peer")

    @Slot()
    def _on_relay_clicked(self) -> None:
        self.desk.messages.go("relay")

    @Slot()
    def _on_backup_clicked(self) -> None:
        self.desk.messages.go("settings", "station")

    @Slot(str)
    def _on_visit_opened(self, visit: str) -> None:
        self.desk.messages.go("visits", visit)

    @Slot(object, object, str)
    def _on_decided(self, clash: Any, chosen: dict[str, str], note: str) -> None:
        self._undo = partial(self._answer_as_before, clash) if may_be_undone(clash) else None
        call = partial(self.desk.session.sync.resolve, clash.family, clash.entity, chosen, note)
        self.desk.jobs.run(call, self._on_resolved, self._on_decision_failed)

    def _on_resolved(self, done: Done[Any]) -> None:
        self.accept(done)
        self.desk.messages.tell(t("ui.sync.decided"), self._undo)

    def _answer_as_before(self, clash: Any) -> None:
        call = partial(answer_as_before, self.desk.session, clash)
        self.desk.jobs.run(call, self._on_undone, self._on_decision_failed)

    def _on_undone(self, done: Done[Any]) -> None:
        self.accept(done)
        self.desk.messages.tell(t("ui.sync.undone"))

    def _on_decision_failed(self, fault: Fault) -> None:
        self.on_failed(fault)
        self.read()

    @Slot(str, str)
    def _on_settled(self, conflict: str, how: str) -> None:
        call = partial(self.desk.session.sync.settle, conflict, how)
        self.desk.jobs.run(call, self._on_settle_done, self._on_decision_failed)

    def _on_settle_done(self, done: Done[Any]) -> None:
        self.accept(done)
        self.desk.messages.tell(t("ui.sync.settled"))

    @Slot(str, object, int, int)
    def _on_numbers_wanted(self, body: str, kind: Any, year: int, count: int) -> None:
        call = partial(self.desk.session.sync.request_numbers, body, kind, year, count)
        self.desk.jobs.run(call, self._on_numbers_asked, self.on_failed)

    def _on_numbers_asked(self, done: Done[Any]) -> None:
        self.accept(done)
        self.desk.messages.tell(t("ui.sync.numbers_asked"))
