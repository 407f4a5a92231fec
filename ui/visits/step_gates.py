"""Step 1, 核验: every gate as one line, and exactly the ways that are open now."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from core.domain.gate_lines import Decision
from core.domain.visits import EntryPath
from core.domain.visits import VisitState as S
from core.kernel.errors import Trouble
from ui.camera.panel import ScanPanel
from ui.desk import Desk
from ui.i18n import moment, t, term
from ui.theme import Tone
from ui.visits.gate_line import GateRow
from ui.visits.reading import Case
from ui.visits.step import Step
from ui.widgets.basic import box, button, clear, label, mark
from ui.widgets.flow import Flow
from ui.widgets.form import ask_reason

EMERGENCY = ("gas_leak", "fire_risk", "evidence_may_vanish", "public_safety", "other")
NO_CODE = ("no_code_yet", "code_damaged", "refuses_to_show", "other")
LATE = ("no_network", "system_down", "device_failed", "other")
BEFORE_ENTRY = (S.DRAFT, S.APPROVED, S.NOTIFIED, S.APPROVAL_PENDING_MAKEUP)


def reasons(family: str, codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return reason codes with their words."""
    return [(term(family, code), code) for code in codes]


class GatesStep(Step):
    """The verdict lines and the ways in."""

    name = "gates"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.summary = QVBoxLayout()
        self.ways = QWidget()
        self.ways_flow = Flow(self.ways)
        self.prompt = QVBoxLayout()
        self.scan = ScanPanel(desk.jobs, desk.session.decode_pixels)
        self.scan.scanned.connect(self._on_scanned)
        self.lines = QVBoxLayout()
        for layout in (self.summary,):
            self.body.addLayout(layout)
        self.body.addWidget(self.ways)
        self.body.addLayout(self.prompt)
        self.body.addWidget(self.scan)
        self.body.addLayout(self.lines)
        self.body.addStretch(1)

    def show_case(self, case: Case) -> None:
        super().show_case(case)
        clear(self.summary)
        self.summary.addWidget(self._decision(case))
        state = case.visit.state
        owes_scan = state is S.LATE_SCAN_PENDING
        self.scan.setVisible(state is S.ARRIVED or owes_scan)
        self._show_ways(case)
        clear(self.lines)
        order = {"block": 0, "unknown": 1, "warn": 2, "pass": 3}
        for line in sorted(case.gates, key=lambda one: order[str(one.verdict)]):
            made = GateRow(line, case.visit.overrides, wants_reason=line.gate in case.need_reason)
            made.reason_given.connect(self._on_reason_given)
            self.lines.addWidget(made)

    def _decision(self, case: Case) -> QWidget:
        if case.visit.scan is not None and case.visit.state not in BEFORE_ENTRY:
            scan = case.visit.scan
            words = t("ui.gates.scanned", at=moment(scan.scanned_at), source=term("scan_source", scan.source))
            return mark(Tone.PASS, words)
        if case.decision == Decision.OPEN:
            return mark(Tone.PASS, t("ui.gates.open"))
        if case.decision == Decision.BLOCKED:
            blocked = sum(1 for line in case.gates if line.verdict == "block")
            return mark(Tone.BLOCK, t("ui.gates.blocked", count=blocked))
        return mark(Tone.WARN, t("ui.gates.reason", count=len(case.need_reason)))

    def _show_ways(self, case: Case) -> None:
        clear(self.ways_flow)
        ways: dict[S, tuple[tuple[str, Any, str], ...]] = {
            S.DRAFT: (
                ("approve", self._on_approve_clicked, "main"),
                ("export_scheme", self._on_export_clicked, ""),
                ("import_approval", self._on_import_clicked, ""),
                ("emergency", self._on_emergency_clicked, ""),
            ),
            S.APPROVED: (("notify", self._on_notify_clicked, "main"),),
            S.NOTIFIED: (("arrive", self._on_arrive_clicked, "main"),),
            S.APPROVAL_PENDING_MAKEUP: (
                ("arrive", self._on_arrive_clicked, "main"),
                ("import_approval", self._on_import_clicked, ""),
            ),
            S.ARRIVED: (
                ("no_code", self._on_no_code_clicked, ""),
                ("late_scan", self._on_late_clicked, ""),
                ("refuse", self._on_refuse_clicked, "danger"),
            ),
            S.SCANNED: (("network_down", self._on_network_clicked, ""),),
        }
        parts: list[tuple[str, Any, str]] = list(ways.get(case.visit.state, ()))
        if case.visit.state in BEFORE_ENTRY:
            parts.append(("abort", self._on_abort_clicked, "danger"))
        for name, slot, role in parts:
            made = button(t(f"ui.gates.{name}"), slot, role=role)
            made.setObjectName(name)
            self.ways_flow.addWidget(made)
        if case.visit.state is S.DRAFT:
            self.ways_flow.addWidget(box_of_hint(t("ui.gates.approve_hint")))

    def take_scan(self, raw: str, source: str) -> None:
        self._on_scanned(raw, source)

    @Slot(str, str)
    def _on_scanned(self, raw: str, source: str) -> None:
        visits = self.desk.session.visits
        assert self.case is not None
        call = visits.late_scan if self.case.visit.state is S.LATE_SCAN_PENDING else visits.scan
        self.do(partial(call, self.visit_id, raw, source))

    @Slot(str, str)
    def _on_reason_given(self, gate: str, reason: str) -> None:
        self.do(partial(self.desk.session.visits.open, self.visit_id, {gate: reason}))

    @Slot()
    def _on_approve_clicked(self) -> None:
        self.do(self._approve_here)

    def _approve_here(self) -> Any:
        """A head at this very laptop: the same signed package as from another one (the service checks the role)."""
        approvals = self.desk.session.approvals
        return approvals.import_package(approvals.approve(approvals.export_scheme(self.visit_id)))

    @Slot()
    def _on_export_clicked(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, t("ui.gates.export_scheme"), "scheme.mjscheme")
        if path:
            self.do(partial(self._export_to, Path(path)))

    def _export_to(self, path: Path) -> None:
        content = self.desk.session.approvals.export_scheme(self.visit_id)
        write_file(path, content)
        self.desk.messages.tell(t("ui.gates.exported", file=path.name))

    @Slot()
    def _on_import_clicked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, t("ui.gates.import_approval"))
        if path:
            self.do(partial(self._import_from, Path(path)))

    def _import_from(self, path: Path) -> Any:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Trouble("ui.file.unreadable", file=path.name) from error
        return self.desk.session.approvals.import_package(content)

    @Slot()
    def _on_notify_clicked(self) -> None:
        self.do(partial(self.desk.session.visits.notify, self.visit_id))

    @Slot()
    def _on_arrive_clicked(self) -> None:
        self.do(self._enter)

    def _enter(self) -> Any:
        """Judge and pin the lists, then arrive: two use cases that the service keeps apart for planning ahead."""
        self.desk.session.visits.open(self.visit_id)
        return self.desk.session.visits.arrive(self.visit_id)

    @Slot()
    def _on_emergency_clicked(self) -> None:
        ask_reason(
            self.prompt,
            t("ui.gates.emergency_ask"),
            reasons("emergency", EMERGENCY),
            t("ui.gates.emergency"),
            self._on_emergency_given,
            needs_words=True,
        )

    def _on_emergency_given(self, code: str, leader: str) -> None:
        self.do(partial(self.desk.session.visits.approve_orally, self.visit_id, leader=leader, reason_code=code))

    @Slot()
    def _on_no_code_clicked(self) -> None:
        ask_reason(
            self.prompt,
            t("ui.gates.no_code_ask"),
            reasons("no_code", NO_CODE),
            t("ui.gates.no_code"),
            self._on_no_code_given,
        )

    def _on_no_code_given(self, code: str, note: str) -> None:
        self.do(partial(self.desk.session.visits.no_code, self.visit_id, reason_code=code, note=note))

    @Slot()
    def _on_late_clicked(self) -> None:
        ask_reason(
            self.prompt,
            t("ui.gates.late_ask"),
            reasons("late_scan", LATE),
            t("ui.gates.late_scan"),
            self._on_late_given,
        )

    def _on_late_given(self, code: str, note: str) -> None:
        assert self.case is not None
        is_emergency = self.case.visit.oral_report is not None
        path = EntryPath.EMERGENCY if is_emergency else EntryPath.NETWORK_DOWN
        self.do(partial(self.desk.session.visits.scan_later, self.visit_id, path=path, reason_code=code, note=note))

    @Slot()
    def _on_network_clicked(self) -> None:
        ask_reason(
            self.prompt,
            t("ui.gates.network_ask"),
            reasons("late_scan", LATE),
            t("ui.gates.network_down"),
            self._on_network_given,
        )

    def _on_network_given(self, code: str, note: str) -> None:
        self.do(partial(self.desk.session.visits.network_down, self.visit_id, reason_code=code, note=note))

    @Slot()
    def _on_refuse_clicked(self) -> None:
        ask_reason(
            self.prompt,
            t("ui.gates.refuse_ask"),
            reasons("refusal", ("justified", "not_justified")),
            t("ui.gates.refuse"),
            self._on_refuse_given,
            needs_words=True,
        )

    def _on_refuse_given(self, code: str, note: str) -> None:
        call = partial(
            self.desk.session.visits.refuse,
            self.visit_id,
            reason_code=code,
            is_justified=code == "justified",
            note=note,
        )
        self.do(call)

    @Slot()
    def _on_abort_clicked(self) -> None:
        ask_reason(
            self.prompt, t("ui.gates.abort_ask"), [], t("ui.gates.abort"), self._on_abort_given, needs_words=True
        )

    def _on_abort_given(self, _code: str, reason: str) -> None:
        self.do(partial(self.desk.session.visits.abort, self.visit_id, reason=reason))


def box_of_hint(words: str) -> QWidget:
    """Return a hint as a widget of its own, for a wrapping row."""
    flow = QVBoxLayout()
    flow.setContentsMargins(0, 8, 0, 0)
    flow.addWidget(label(words, "muted"))
    return box(flow)


def write_file(path: Path, content: bytes) -> None:
    """Write a file outside the station.  Raises Trouble "ui.print.not_saved", params file."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Trouble("ui.print.not_saved", file=path.name) from error
