"""Step 5, 裁量: for each finding the proposal in one sentence, its conditions, what is missing, what would change."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from core.domain.findings import Finding
from core.kernel.errors import Trouble
from ui.desk import Desk, Session, reading
from ui.i18n import lang, t
from ui.jobs import Lane
from ui.visits.determination_card import DeterminationCard
from ui.visits.reading import Case
from ui.visits.step import Step
from ui.widgets.basic import EmptyState, clear


def read_overviews(session: Session, findings: tuple[Finding, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return by finding the proposal as of now with what stands beside it, and the questions of the rules by name."""
    service = reading(session).determinations
    return {one.id: service.overview(one.id) for one in findings}, service.variables()


class DetermineStep(Step):
    """A card a finding."""

    name = "determine"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.cards: list[DeterminationCard] = []
        self._variables: dict[str, Any] = {}
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
        call = partial(read_overviews, self.desk.session, case.findings)
        self.desk.jobs.run(call, self._on_overviews, self.on_failed, lane=Lane.READ, key="previews")

    def _on_overviews(self, answer: tuple[dict[str, Any], dict[str, Any]]) -> None:
        overviews, self._variables = answer
        if self.case is None:
            return
        clear(self.list)
        self.cards = []
        pieces = [one for one in self.case.evidence if one.fact]
        for finding in self.case.findings:
            if finding.id not in overviews:
                continue
            count = Counter(one.fact for one in pieces if one.finding == finding.id)
            card = DeterminationCard(finding, overviews[finding.id], self._variables, count)
            card.told.connect(self._on_told)
            card.keep.connect(self._on_keep)
            card.overruled.connect(self._on_overruled)
            card.attach.connect(self._on_attach)
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

    @Slot(str, str)
    def _on_attach(self, finding_id: str, var: str) -> None:
        path, _ = QFileDialog.getOpenFileName(self, t("ui.det.attach"))
        if path:
            self.do(partial(self._attach_file, finding_id, var, Path(path)))

    def _attach_file(self, finding_id: str, var: str, path: Path) -> Any:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Trouble("ui.file.unreadable", file=path.name) from error
        label = self._variables[var].label
        return self.desk.session.evidence.attach(
            self.visit_id,
            content,
            file_name=path.name,
            finding=finding_id,
            fact=var,
            proves=label.zh if lang() == "zh" else label.en,
        )
