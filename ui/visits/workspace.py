"""The workspace of one visit: the band on top, the rail of steps, the step, and what still blocks closing."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.domain.visits import Visit, VisitState
from core.kernel.errors import Fault
from ui.desk import Desk
from ui.i18n import duration, t, term
from ui.jobs import Lane
from ui.theme import Tone, px
from ui.visits import progress
from ui.visits.reading import Case, read_case
from ui.visits.step import Step
from ui.visits.steps import STEPS
from ui.widgets.basic import SIGNS, button, clear, label, mark, row, scrolled
from ui.widgets.flow import Flow
from ui.widgets.lines import FaultLine

RUNNING = {VisitState.ARRIVED, VisitState.SCANNED, VisitState.LATE_SCAN_PENDING, VisitState.INSPECTING}
STEP_RAIL_WIDTH = 148
BLOCKERS_SHOWN = 4


class Workspace(QWidget):
    """`left` is emitted when the person goes back to the list."""

    left = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.visit_id = ""
        self.case: Case | None = None
        self._foot_told: tuple[Any, ...] = ()
        self.fault_line = FaultLine()
        self.steps: list[Step] = [kind(desk) for kind in STEPS]
        self._buttons: list[QPushButton] = []
        self._build()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._show_elapsed)

    def _build(self) -> None:
        self.back_button = button("", self.left.emit, role="link", icon="chevron-left", name=t("ui.visits.back"))
        self.name = label("", "section")
        self.facts = label("", "muted")
        # At 200 % the facts give way; the whole of them stands in the tooltip.
        self.facts.setMinimumWidth(1)
        self.elapsed = label("", "strong")
        band = QFrame()
        band.setProperty("role", "band")
        band.setLayout(row(self.back_button, self.name, self.facts, None, self.elapsed, margins=(16, 6, 24, 6)))
        self.stack = QStackedWidget()
        right = QVBoxLayout()
        right.setContentsMargins(px(24), px(12), px(24), px(8))
        right.setSpacing(px(8))
        right.addWidget(self.fault_line)
        right.addWidget(self.stack, 1)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        rail = self._step_rail()
        # At 200 % eight steps are taller than a small screen: the rail scrolls rather than squeezing them.
        rail_area = scrolled(rail)
        rail.setProperty("role", "rail")
        rail_area.setFixedWidth(px(STEP_RAIL_WIDTH))
        middle.addWidget(rail_area)
        middle.addLayout(right, 1)
        self.foot = QFrame()
        self.foot.setProperty("role", "foot")
        self.foot_row = Flow(self.foot, margin=px(8), gap=px(8))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(band)
        layout.addLayout(middle, 1)
        layout.addWidget(self.foot)
        for step in self.steps:
            self.stack.addWidget(step)
            step.changed.connect(self.read)
            step.failed.connect(self.fault_line.tell)
            step.goes.connect(self.show_step)

    def _step_rail(self) -> QFrame:
        rail = QFrame()
        rail.setProperty("role", "rail")
        rail.setAccessibleName(t("ui.visits.steps"))
        layout = QVBoxLayout(rail)
        layout.setContentsMargins(px(8), px(8), px(8), px(8))
        layout.setSpacing(px(2))
        group = QButtonGroup(rail)
        for place, step in enumerate(self.steps, start=1):
            made = button("", self._on_step_clicked, role="rail")
            made.setCheckable(True)
            made.setObjectName(step.name)
            group.addButton(made)
            layout.addWidget(made)
            self._buttons.append(made)
            shortcut = QShortcut(QKeySequence(f"Alt+{place}"), self)
            shortcut.setObjectName(step.name)
            shortcut.activated.connect(self._on_step_clicked)
        layout.addStretch(1)
        return rail

    def show_visit(self, visit_id: str) -> None:
        """Show a visit at the step where it was left."""
        is_other = visit_id != self.visit_id
        self.visit_id = visit_id
        self.fault_line.hide()
        if is_other:
            self.case = None
        self.read()
        self._clock.start()

    def stop(self) -> None:
        """Stop the clock of the band and the steps' cameras."""
        self._clock.stop()

    @Slot()
    def read(self) -> None:
        """Read the case again and show it."""
        call = partial(read_case, self.desk.session, self.visit_id)
        self.desk.jobs.run(call, self._on_read, self.on_failed, lane=Lane.READ, key="case")

    def _on_read(self, case: Case) -> None:
        is_first = self.case is None
        self.case = case
        visit = case.visit
        self.name.setText(visit.enterprise_name)
        people = " · ".join(officer.name for officer in case.officers)
        parts = (visit.uscc, visit.number, term("visit_kind", visit.kind), people, term("visit_state", visit.state))
        self.facts.setText("   ".join(part for part in parts if part))
        self.facts.setToolTip(self.facts.text())
        for step, made in zip(self.steps, self._buttons, strict=True):
            tone = progress.of(step.name, case)
            sign = "…" if tone is Tone.ACCENT else SIGNS.get(tone, "") if tone is not None else ""
            place = self.steps.index(step) + 1
            made.setText(f"{place}  {t(f'ui.step.{step.name}')}  {sign}".rstrip())
            made.setAccessibleName(made.text())
        if is_first:
            self.show_step(progress.where(case))
        current = self.stack.currentWidget()
        assert isinstance(current, Step)
        current.show_case(case)
        self._show_elapsed()
        self._show_foot(case)

    @Slot(str)
    def show_step(self, name: str) -> None:
        """Bring a step to the front; any step can be looked at, in any order."""
        for step, made in zip(self.steps, self._buttons, strict=True):
            if step.name == name:
                made.setChecked(True)
                self.stack.setCurrentWidget(step)
                if self.case is not None:
                    step.show_case(self.case)
                step.take_keys()

    def current_step(self) -> Step:
        """Return the step in front."""
        step = self.stack.currentWidget()
        assert isinstance(step, Step)
        return step

    def take_scan(self, raw: str, source: str) -> None:
        """A code was read while this visit was open: it belongs to the first step."""
        self.show_step("gates")
        self.current_step().take_scan(raw, source)

    def _show_foot(self, case: Case) -> None:
        told = (case.visit.state, tuple(case.blockers))
        if told == self._foot_told:
            return
        self._foot_told = told
        clear(self.foot_row)
        if case.visit.state in (VisitState.CLOSED, VisitState.ARCHIVED, VisitState.ABORTED):
            self.foot_row.addWidget(mark(Tone.PASS, term("visit_state", case.visit.state)))
            return
        if not case.blockers:
            self.foot_row.addWidget(mark(Tone.PASS, t("ui.visits.can_close")))
            return
        self._add_foot_words(t("ui.visits.blocks"))
        for blocker in case.blockers[:BLOCKERS_SHOWN]:
            made = button(progress.blocker_words(blocker), self._on_blocker_clicked, role="link")
            made.setObjectName(progress.blocker_step(blocker))
            self.foot_row.addWidget(made)
        more = len(case.blockers) - BLOCKERS_SHOWN
        if more > 0:
            self.foot_row.addWidget(label(t("ui.visits.more_blocks", count=more), "muted"))

    def _add_foot_words(self, words: str) -> None:
        made = label(words, "hint")
        made.setMinimumHeight(px(34))
        self.foot_row.addWidget(made)

    @Slot()
    def _show_elapsed(self) -> None:
        if self.case is None:
            return
        visit: Visit = self.case.visit
        if visit.arrived_at is None:
            self.elapsed.setText("")
            return
        end = visit.recorded_at or self.desk.session.clock.now()
        self.elapsed.setText(duration(end - visit.arrived_at))

    @Slot()
    def _on_step_clicked(self) -> None:
        self.show_step(self.sender().objectName())

    @Slot()
    def _on_blocker_clicked(self) -> None:
        self.show_step(self.sender().objectName())

    @Slot(object)
    def on_failed(self, fault: Fault) -> None:
        self.fault_line.tell(fault)

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
