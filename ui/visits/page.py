"""入企: the list of visits, a new visit, and the workspace of one."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from core.domain.visits import Visit, VisitState
from core.kernel.changes import Topic
from ui.camera.panel import ScanPanel
from ui.desk import Desk, reading
from ui.i18n import moment, t, term
from ui.jobs import Lane
from ui.models.table import Column
from ui.theme import Tone, px
from ui.visits.new_visit import NewVisit
from ui.visits.reading import read_visits
from ui.visits.workspace import Workspace
from ui.widgets.basic import button
from ui.widgets.older_visits import OlderVisits
from ui.widgets.page import Page
from ui.widgets.table import FilteredTable

STOPPED = (VisitState.REFUSED, VisitState.ABORTED)
OWING = (VisitState.LATE_SCAN_PENDING, VisitState.APPROVAL_PENDING_MAKEUP, VisitState.CORRECTING)
FINISHED = (VisitState.CLOSED, VisitState.ARCHIVED)


def state_tone(visit: Visit) -> Tone | None:
    """Return the colour of a visit's state in lists."""
    if visit.state in STOPPED:
        return Tone.BLOCK
    if visit.state in OWING:
        return Tone.WARN
    return Tone.MUTED if visit.state in FINISHED else None


def visit_columns() -> list[Column]:
    """Return the columns of a list of visits."""
    return [
        Column("when", t("ui.visits.when"), lambda visit: moment(visit.planned_from), 160, is_code=True),
        Column("state", t("ui.visits.state"), lambda visit: term("visit_state", visit.state), 130, tone=state_tone),
        Column("enterprise", t("ui.visits.enterprise"), lambda visit: visit.enterprise_name, 320),
        Column("uscc", t("ui.visits.uscc"), lambda visit: visit.uscc, 215, is_code=True),
        Column("kind", t("ui.visits.kind"), lambda visit: term("visit_kind", visit.kind), 110),
        Column("number", t("ui.visits.number"), lambda visit: visit.number, 130, is_code=True),
        Column("subject", t("ui.visits.subject"), lambda visit: visit.subject, 220),
    ]


class VisitsPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "visits"
    icon: ClassVar[str] = "clipboard-check"
    topics: ClassVar[frozenset[Topic]] = frozenset(
        {Topic.VISITS, Topic.CHECKLISTS, Topic.EVIDENCE, Topic.FINDINGS, Topic.DETERMINATIONS, Topic.DOCUMENTS}
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.frame.setContentsMargins(0, 0, 0, 0)
        self.stack = QStackedWidget()
        self.frame.addWidget(self.stack, 1)
        self.overview = QWidget()
        layout = QVBoxLayout(self.overview)
        layout.setContentsMargins(px(24), px(16), px(24), px(16))
        layout.setSpacing(px(12))
        self.scan = ScanPanel(desk.jobs, desk.session.decode_pixels)
        self.scan.scanned.connect(self._on_scanned)
        self.table = FilteredTable(visit_columns(), memory=desk.memory, name="visits")
        self.new_button = button(t("ui.visits.new"), self._on_new_clicked, role="main", icon="plus", key="Ctrl+N")
        self.table.bar.addWidget(self.new_button)
        self.table.opened.connect(self._on_visit_opened)
        self.older = OlderVisits(desk, self.table, self.on_failed)
        layout.addWidget(self.scan)
        layout.addWidget(self.table, 1)
        self.new_visit = NewVisit(desk)
        self.new_visit.layout().setContentsMargins(px(24), px(16), px(24), px(16))  # pyright: ignore[reportOptionalMemberAccess] - has one
        self.new_visit.made.connect(self._on_draft_made)
        self.new_visit.given_up.connect(self.show_overview)
        self.workspace = Workspace(desk)
        self.workspace.left.connect(self.show_overview)
        for widget in (self.overview, self.new_visit, self.workspace):
            self.stack.addWidget(widget)

    def read(self) -> None:
        # Only what is in sight: the list of a hundred thousand visits must not be read again after each answer.
        if self.stack.currentWidget() is self.workspace:
            self.workspace.read()
            return
        self.desk.jobs.run(
            partial(read_visits, self.desk.session), self._on_read, self.on_failed, lane=Lane.READ, key="visits"
        )

    def _on_read(self, visits: tuple[Visit, ...]) -> None:
        self.older.fill(visits)

    def open(self, argument: Any) -> None:
        """Open a visit by id, begin a new one ("new", enterprise id), or take a scan ("scan", raw, source)."""
        if isinstance(argument, tuple) and argument[0] == "new":
            self._begin_new(enterprise=argument[1])
        elif isinstance(argument, tuple) and argument[0] == "scan":
            self._on_scanned(argument[1], argument[2])
        else:
            self._show_visit(str(argument))

    def take_scan(self, raw: str, source: str) -> bool:
        if self.stack.currentWidget() is self.workspace:
            self.workspace.take_scan(raw, source)
        else:
            self._on_scanned(raw, source)
        return True

    @Slot()
    def show_overview(self) -> None:
        """Go back to the list."""
        self.workspace.stop()
        self.stack.setCurrentWidget(self.overview)
        self.read()

    def _show_visit(self, visit_id: str) -> None:
        self.stack.setCurrentWidget(self.workspace)
        self.workspace.show_visit(visit_id)

    def _begin_new(self, *, enterprise: str = "", words: str = "") -> None:
        self.stack.setCurrentWidget(self.new_visit)
        self.new_visit.begin_with(enterprise, words)

    @Slot(str, str)
    def _on_scanned(self, raw: str, source: str) -> None:
        call = partial(find_by_code, self.desk.session, raw, source)
        self.desk.jobs.run(call, self._on_code_found, self.on_failed, lane=Lane.READ, key="scan")

    def _on_code_found(self, found: tuple[str, str, str]) -> None:
        visit_id, enterprise, words = found
        self.fault_line.hide()
        if visit_id:
            self._show_visit(visit_id)
            return
        self.desk.messages.tell(t("ui.visits.no_visit_today"))
        self._begin_new(enterprise=enterprise, words="" if enterprise else words)

    @Slot()
    def _on_new_clicked(self) -> None:
        self._begin_new()

    @Slot(str)
    def _on_draft_made(self, visit_id: str) -> None:
        self._show_visit(visit_id)

    @Slot(object)
    def _on_visit_opened(self, visit: Visit) -> None:
        self._show_visit(visit.id)


def find_by_code(session: Any, raw: str, source: str) -> tuple[str, str, str]:
    """Return the open visit of the enterprise that a code names, else the enterprise, else words to search for.

    The code is looked at here only to find the way; the visit keeps it exactly as it came.
    """
    from core.domain.codes import read_code

    code = read_code(raw)
    if not code.uscc:
        return "", "", raw if source == "typed" else ""
    waiting = reading(session).visits.waiting_at(code.uscc)
    if waiting is not None:
        return waiting.id, "", ""
    found = session.enterprises.resolve(code).enterprise
    return "", found.id if found is not None else "", code.uscc
