"""Step 8, 结束: conclude, tell the result, correct or open a case, close."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QDate, Slot
from PySide6.QtWidgets import QDateEdit, QVBoxLayout

from core.domain.visits import Visit
from core.domain.visits import VisitState as S
from core.kernel.clock import local_date
from ui.desk import Desk
from ui.i18n import day, moment, t, term
from ui.theme import Tone
from ui.visits.reading import Case
from ui.visits.step import Step
from ui.widgets.basic import Card, box, button, clear, label, mark, row
from ui.widgets.form import ask_reason, field, text_area

CORRECTION_DAYS_SHOWN = 15
MARKS = ("arrived_at", "inspecting_at", "recorded_at", "result_told_at", "closed_at")


class EndStep(Step):
    """The last moves of a visit."""

    name = "end"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown_for = ""
        self.history = Card(label(t("ui.end.course"), "section"))
        self.history_lines = QVBoxLayout()
        self.history.body.addLayout(self.history_lines)
        self.body.addWidget(self._conclusion_card())
        self.prompt = QVBoxLayout()
        self.body.addLayout(self.prompt)
        self.moves = Card(label(t("ui.end.moves"), "section"))
        self.tell_button = button(t("ui.end.tell"), self._on_tell_clicked)
        self.correct_by = QDateEdit()
        self.correct_by.setCalendarPopup(True)
        self.correct_by.setDisplayFormat("yyyy-MM-dd")
        self.correct_by.setAccessibleName(t("ui.end.correct_by"))
        self.order_button = button(t("ui.end.order"), self._on_order_clicked)
        self.corrected_button = button(t("ui.end.corrected"), self._on_corrected_clicked)
        self.case_button = button(t("ui.end.case"), self._on_case_clicked)
        self.close_button = button(t("ui.end.close"), self._on_close_clicked, role="main", icon="check")
        self.archive_button = button(t("ui.end.archive"), self._on_archive_clicked)
        self.order_row = box(row(self.correct_by, self.order_button, None))
        self.moves.add(box(row(self.tell_button, self.corrected_button, self.case_button, self.archive_button, None)))
        self.moves.add(self.order_row)
        self.moves.add(box(row(self.close_button, None)))
        self.body.addWidget(self.moves)
        self.body.addWidget(self.history)
        self.body.addStretch(1)

    def _conclusion_card(self) -> Card:
        self.conclusion = text_area(rows=3)
        self.measures = text_area(rows=2)
        self.opinion = text_area(rows=2)
        self.conclude_button = button(t("ui.end.conclude"), self._on_conclude_clicked, role="main")
        card = Card(label(t("ui.end.conclusion"), "section"))
        card.add(field(t("ui.end.conclusion_words"), self.conclusion))
        card.add(field(t("ui.end.measures"), self.measures))
        card.add(field(t("ui.end.opinion"), self.opinion))
        card.add(box(row(self.conclude_button, None)))
        return card

    def show_case(self, case: Case) -> None:
        super().show_case(case)
        visit = case.visit
        if self._shown_for != visit.id:
            self._shown_for = visit.id
            self.conclusion.setPlainText(visit.conclusion)
            self.measures.setPlainText(visit.measures)
            self.opinion.setPlainText(visit.party_opinion)
            today = local_date(self.desk.session.clock.now())
            self.correct_by.setDate(QDate(today.year, today.month, today.day).addDays(CORRECTION_DAYS_SHOWN))
        inspecting = visit.state is S.INSPECTING
        for one in (self.conclusion, self.measures, self.opinion):
            one.setReadOnly(not inspecting)
        self.conclude_button.setVisible(inspecting)
        self._show_moves(visit)
        self._show_course(visit)

    def _show_moves(self, visit: Visit) -> None:
        self.tell_button.setVisible(visit.state is S.RECORDED)
        self.order_row.setVisible(visit.state is S.RESULT_TOLD)
        self.corrected_button.setVisible(visit.state is S.CORRECTING)
        self.case_button.setVisible(visit.state in (S.RESULT_TOLD, S.CORRECTING, S.CORRECTED))
        self.archive_button.setVisible(visit.state in (S.CLOSED, S.REFUSED, S.ABORTED))
        self.close_button.setVisible(visit.state not in (S.CLOSED, S.ARCHIVED, S.ABORTED))

    def _show_course(self, visit: Visit) -> None:
        clear(self.history_lines)
        self.history_lines.addWidget(mark(Tone.ACCENT, term("visit_state", visit.state)))
        for name in MARKS:
            at: Any = getattr(visit, name)
            if at is not None:
                self.history_lines.addWidget(label(f"{moment(at)}   {t(f'ui.end.{name}')}"))
        if visit.correct_by is not None:
            self.history_lines.addWidget(label(t("ui.end.correct_until", day=day(visit.correct_by))))
        for one in visit.deviations:
            words = f"{moment(one.opened_at)}   {term('entry_path', one.path)}   {one.note}"
            self.history_lines.addWidget(label(words, wrap=True))

    @Slot()
    def _on_conclude_clicked(self) -> None:
        call = partial(
            self.desk.session.visits.conclude,
            self.visit_id,
            conclusion=self.conclusion.toPlainText().strip(),
            measures=self.measures.toPlainText().strip(),
            party_opinion=self.opinion.toPlainText().strip(),
        )
        self.do(call)

    @Slot()
    def _on_tell_clicked(self) -> None:
        self.do(partial(self.desk.session.visits.tell, self.visit_id))

    @Slot()
    def _on_order_clicked(self) -> None:
        chosen = self.correct_by.date()
        by: Any = chosen.toPython()
        self.do(partial(self.desk.session.visits.order_correction, self.visit_id, correct_by=by))

    @Slot()
    def _on_corrected_clicked(self) -> None:
        ask_reason(
            self.prompt,
            t("ui.end.corrected_ask"),
            [],
            t("ui.end.corrected"),
            self._on_corrected_given,
            needs_words=True,
        )

    def _on_corrected_given(self, _code: str, note: str) -> None:
        self.do(partial(self.desk.session.visits.corrected, self.visit_id, note=note))

    @Slot()
    def _on_case_clicked(self) -> None:
        self.do(partial(self.desk.session.visits.open_case, self.visit_id))

    @Slot()
    def _on_close_clicked(self) -> None:
        self.do(partial(self.desk.session.visits.close, self.visit_id))

    @Slot()
    def _on_archive_clicked(self) -> None:
        self.do(partial(self.desk.session.visits.archive, self.visit_id))
