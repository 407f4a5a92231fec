"""Step 5, 裁量: for each finding the proposal in one sentence, its conditions, what is missing, what would change."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from core.domain.findings import Determined, Finding
from ui.desk import Desk, Session
from ui.i18n import t
from ui.jobs import Lane
from ui.visits.determination_card import DeterminationCard
from ui.visits.reading import Case
from ui.visits.step import Step
from ui.widgets.basic import EmptyState, clear


def read_previews(
    session: Session, findings: tuple[Finding, ...]
) -> tuple[dict[str, Any], dict[str, Determined | None], dict[str, Any]]:
    """Return by finding the proposal as of now and the kept determination, and the questions of the rules by name."""
    from core.services.rule_packages import shipped_package

    questions = {one.var: one for one in shipped_package().variables}
    previews = {one.id: session.determinations.preview(one.id) for one in findings}
    kept = {one.id: session.determinations.newest(one.id) for one in findings}
    return previews, kept, questions


class DetermineStep(Step):
    """A card a finding."""

    name = "determine"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.cards: list[DeterminationCard] = []
        self._open: set[str] = set()
        self.list = QVBoxLayout()
        self.list.setSpacing(12)
        self.body.addLayout(self.list)
        self.body.addStretch(1)

    def show_case(self, case: Case) -> None:
        super().show_case(case)
        if not case.findings:
            clear(self.list)
            self.cards = []
            self.list.addWidget(EmptyState(t("ui.det.empty"), icon="scale"))
            return
        call = partial(read_previews, self.desk.session, case.findings)
        self.desk.jobs.run(call, self._on_previews, self.on_failed, lane=Lane.READ, key="previews")

    def _on_previews(self, answer: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]) -> None:
        previews, kept, questions = answer
        if self.case is None:
            return
        clear(self.list)
        self.cards = []
        for finding in self.case.findings:
            if finding.id not in previews:
                continue
            card = DeterminationCard(finding, previews[finding.id], kept[finding.id], questions)
            card.told.connect(self._on_told)
            card.keep.connect(self._on_keep)
            card.overruled.connect(self._on_overruled)
            self.cards.append(card)
            self.list.addWidget(card)

    @Slot(str, str, object)
    def _on_told(self, finding_id: str, var: str, value: Any) -> None:
        self.do(partial(self.desk.session.findings.set_fact, finding_id, var, value))

    @Slot(str)
    def _on_keep(self, finding_id: str) -> None:
        self.do(partial(self.desk.session.determinations.determine, finding_id))

    @Slot(str, str, str)
    def _on_overruled(self, determined_id: str, chosen: str, reason: str) -> None:
        self.do(partial(self.desk.session.determinations.choose, determined_id, chosen=chosen, reason=reason))
