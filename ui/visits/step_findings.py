"""Step 4, 问题: what was found, classified, with what is ordered about it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.findings import Finding
from core.domain.visits import VisitState as S
from ui.desk import Desk
from ui.i18n import lang, t
from ui.jobs import Lane
from ui.theme import Tone
from ui.visits.reading import Case
from ui.visits.step import Step
from ui.widgets.basic import Card, EmptyState, box, button, clear, label, mark, row
from ui.widgets.form import ask_reason, choice, field, line, text_area

ENDED = (S.CLOSED, S.ARCHIVED, S.ABORTED)


def words_in_language(text: Any) -> str:
    """Return a label of the rules in the language of the window."""
    return str(getattr(text, lang()))


class FindingCard(Card):
    """One finding. `edited` carries its id and the changed fields, `voided` its id."""

    edited = Signal(str, object)
    voided = Signal(str)

    def __init__(self, place: int, finding: Finding, violations: tuple[Any, ...], *, is_open: bool) -> None:
        super().__init__()
        self._finding = finding
        self.words = line(finding.text)
        self.words.setMaximumWidth(16777215)
        self.breached = line(finding.breached)
        options = [(t("ui.find.unclassified"), ""), *((words_in_language(one.title), one.id) for one in violations)]
        self.violation = choice(options, finding.violation)
        self.violation.setMinimumContentsLength(28)
        self.requirement = line(finding.requirement)
        answers = [(t("ui.find.unknown"), None), (t("ui.find.yes"), True), (t("ui.find.no"), False)]
        self.corrected = choice(answers)
        self.corrected.setCurrentIndex([None, True, False].index(finding.corrected_on_spot))
        self.add(box(row(label(str(place), "section"), mark(Tone.BLOCK, t("ui.find.finding")), None)))
        self.add(field(t("ui.find.text"), self.words))
        self.add(
            box(
                row(
                    field(t("ui.find.violation"), self.violation),
                    field(t("ui.find.corrected"), self.corrected),
                    spacing=12,
                )
            )
        )
        self.add(
            box(
                row(
                    field(t("ui.find.breached"), self.breached),
                    field(t("ui.find.requirement"), self.requirement),
                    spacing=12,
                )
            )
        )
        self.void_button = button(t("ui.find.void"), self._on_void_clicked, role="link")
        self.add(box(row(None, self.void_button)))
        for control in (self.words, self.breached, self.requirement):
            control.editingFinished.connect(self._on_changed)
        self.violation.activated.connect(self._on_changed)
        self.corrected.activated.connect(self._on_changed)
        for control in (self.words, self.breached, self.requirement, self.violation, self.corrected, self.void_button):
            control.setEnabled(is_open)

    @Slot()
    def _on_changed(self) -> None:
        now: dict[str, Any] = {
            "text": self.words.text().strip(),
            "breached": self.breached.text().strip(),
            "requirement": self.requirement.text().strip(),
            "violation": str(self.violation.currentData() or ""),
            "corrected_on_spot": self.corrected.currentData(),
        }
        different = {name: value for name, value in now.items() if value != getattr(self._finding, name)}
        if different:
            self.edited.emit(self._finding.id, different)

    @Slot()
    def _on_void_clicked(self) -> None:
        self.voided.emit(self._finding.id)


class FindingsStep(Step):
    """The findings of the visit, and a new one that no question asked for."""

    name = "findings"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._violations: tuple[Any, ...] = ()
        self._shown: tuple[Finding, ...] | None = None
        self._voiding = ""
        self.prompt = QVBoxLayout()
        self.list = QVBoxLayout()
        self.body.addLayout(self.prompt)
        self.body.addLayout(self.list)
        self.body.addWidget(self._new_card())
        self.body.addStretch(1)

    def _new_card(self) -> QWidget:
        self.new_text = text_area(rows=2)
        self.new_item = choice([])
        self.add_button = button(t("ui.find.add"), self._on_add_clicked, icon="plus")
        self.new_card = Card(label(t("ui.find.new"), "section"))
        self.new_card.add(field(t("ui.find.text"), self.new_text))
        self.new_card.add(field(t("ui.new.items"), self.new_item))
        self.new_card.add(box(row(self.add_button, None)))
        return self.new_card

    def show_case(self, case: Case) -> None:
        super().show_case(case)
        self.new_card.setVisible(case.visit.state not in (*ENDED, S.DRAFT, S.APPROVED, S.NOTIFIED))
        if self.new_item.count() != len(case.items):
            self.new_item.clear()
            for item in case.items:
                self.new_item.addItem(item.name, item.id)
        if not self._violations:
            call = self.desk.session.determinations.violations
            self.desk.jobs.run(call, self._on_violations, self.on_failed, lane=Lane.READ, key="violations")
        elif case.findings != self._shown:
            self._build(case)

    def _on_violations(self, violations: tuple[Any, ...]) -> None:
        self._violations = violations
        if self.case is not None:
            self._build(self.case)

    def _build(self, case: Case) -> None:
        self._shown = case.findings
        clear(self.list)
        if not case.findings:
            self.list.addWidget(EmptyState(t("ui.find.empty"), icon="flag"))
        for place, finding in enumerate(case.findings, start=1):
            card = FindingCard(place, finding, self._violations, is_open=case.visit.state not in ENDED)
            card.edited.connect(self._on_edited)
            card.voided.connect(self._on_void_wanted)
            self.list.addWidget(card)

    @Slot(str, object)
    def _on_edited(self, finding_id: str, fields: dict[str, Any]) -> None:
        self.do(partial(self.desk.session.findings.edit, finding_id, **fields))

    @Slot(str)
    def _on_void_wanted(self, finding_id: str) -> None:
        self._voiding = finding_id
        ask_reason(self.prompt, t("ui.find.void_ask"), [], t("ui.find.void"), self._on_void_given, needs_words=True)

    def _on_void_given(self, _code: str, reason: str) -> None:
        self.do(partial(self.desk.session.findings.void, self._voiding, reason=reason))

    @Slot()
    def _on_add_clicked(self) -> None:
        call = partial(
            self.desk.session.findings.add,
            self.visit_id,
            item=str(self.new_item.currentData() or ""),
            text=self.new_text.toPlainText(),
        )
        self.new_text.clear()
        self.do(call)
