"""The fields of one kind of paper: what the visit knows is filled in, what is missing is marked."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import QDate, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDateEdit, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from core.domain.documents import DocumentKind
from core.domain.prepared_papers import PreparedPaper
from core.domain.visits import Visit
from core.kernel.clock import local_date
from core.kernel.errors import Fault, Refusal
from ui.desk import Desk
from ui.i18n import t, term
from ui.jobs import Lane
from ui.theme import Tone, px
from ui.widgets.basic import box, button, clear, label, row, scrolled
from ui.widgets.form import field, line, text_area

FORM_HEIGHT_MIN = 160
FINES = (DocumentKind.SUMMARY_PENALTY, DocumentKind.PENALTY_DECISION)
DUE_DAYS_SHOWN = 15


class PaperForm(QWidget):
    """`issue_wanted`: the person wants this paper, numbered; `hand_over_wanted`: the clerk shall make it.

    `failed` carries a Fault.
    """

    issue_wanted = Signal()
    hand_over_wanted = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._kind = DocumentKind.SCENE_RECORD
        self._visit: Visit | None = None
        self.inputs: dict[str, QLineEdit | QPlainTextEdit] = {}
        self._known: dict[str, Any] = {}
        self._typed: dict[str, Any] = {}
        self.title = label("", "section")
        self.returned = label("", wrap=True, tone=Tone.WARN)
        self.returned.hide()
        self.source = label("", "muted", wrap=True)
        self.missing = label("", wrap=True, tone=Tone.WARN)
        self.fields = QVBoxLayout()
        self.fields.setContentsMargins(0, 0, px(8), 0)
        content = QWidget()
        content.setLayout(self.fields)
        self.area = scrolled(content)
        self.area.setMinimumHeight(px(FORM_HEIGHT_MIN))
        self.amount = line(placeholder=t("ui.papers.amount_hint"))
        self.amount.setAccessibleName(t("ui.papers.amount"))
        self.has_due = QCheckBox(t("ui.papers.due"))
        self.due = QDateEdit()
        self.due.setCalendarPopup(True)
        self.due.setDisplayFormat("yyyy-MM-dd")
        self.due.setAccessibleName(t("ui.papers.due"))
        self.issue_button = button(t("ui.papers.issue"), self.issue_wanted.emit, role="main", icon="stamp")
        self.issue_hint = label(t("ui.papers.issue_hint"), "muted")
        self.hand_button = button(t("ui.prepared.hand_over"), self.hand_over_wanted.emit, icon="upload")
        self.note = line(placeholder=t("ui.prepared.note"))
        self.note.setAccessibleName(t("ui.prepared.note"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.title, self.returned, self.source, self.missing, self.area):
            layout.addWidget(part)
        layout.addWidget(box(row(self.amount, self.has_due, self.due, None, self.issue_hint)))
        self.button_row = row(self.issue_button, self.hand_button, self.note)
        self.button_row.setStretch(2, 1)
        layout.addWidget(box(self.button_row))

    def show_kind(self, kind: DocumentKind, visit: Visit, returned: PreparedPaper | None = None) -> None:
        """Show the fields of a kind for a visit; what was typed for the same kind stays.

        Args:
            returned: The paper of this kind that the clerk sent back: why, and what was typed then.
        """
        self.returned.setVisible(returned is not None)
        self.returned.setText(t("ui.prepared.returned", reason=returned.reason) if returned is not None else "")
        if kind is self._kind and self._visit is not None and self._visit.id == visit.id and self.inputs:
            self._visit = visit
            return
        self._kind, self._visit = kind, visit
        self._typed = {one.field: one.value() for one in returned.entered} if returned is not None else {}
        self.title.setText(term("kind", kind))
        today = local_date(self.desk.session.clock.now())
        self.due.setDate(QDate(today.year, today.month, today.day).addDays(DUE_DAYS_SHOWN))
        self.has_due.setChecked(kind is DocumentKind.ORDER_TO_CORRECT)
        self.amount.setVisible(kind in FINES)
        call = partial(self._read, kind, visit)
        self.desk.jobs.run(call, self._on_read, self._on_failed, lane=Lane.READ, key="paper_form")

    def _read(self, kind: DocumentKind, visit: Visit) -> tuple[Any, dict[str, Any], tuple[Any, ...]]:
        documents = self.desk.session.documents
        form = documents.form(kind, visit.subject)
        return form, documents.values(kind, visit.id), documents.missing(kind, visit.id)

    def _on_read(self, answer: tuple[Any, dict[str, Any], tuple[Any, ...]]) -> None:
        form, values, missing = answer
        clear(self.fields)
        self.inputs, self._known = {}, values
        doubt = "" if form.confidence == "certain" else f"({t('ui.word.unverified')})"
        self.source.setText(f"{form.note} {doubt}".strip())
        names = {one.id for one in missing}
        # Missing ones first: they are what stands between the person and the paper.
        for one in sorted(form.fields, key=lambda each: each.id not in names):
            value = values.get(one.id, "")
            if not isinstance(value, str):
                continue
            typed = self._typed.get(one.id, value)
            shown = typed if isinstance(typed, str) else value
            control = text_area(shown, rows=2) if one.is_long else line(shown)
            self.inputs[one.id] = control
            words = f"! {one.label}" if one.id in names else one.label
            self.fields.addWidget(field(words, control, hint=one.article if one.id in names else ""))
        self.fields.addStretch(1)
        self.missing.setVisible(bool(missing))
        self.missing.setText(t("ui.papers.missing", fields="、".join(one.label for one in missing)))

    def given(self) -> tuple[DocumentKind, dict[str, Any], int | None, date | None]:
        """Return kind, the values that differ from what the visit knows, the fine in fen, and the day.

        Raises:
            Refusal: "ui.papers.bad_amount".
        """
        entered: dict[str, Any] = {}
        for name, control in self.inputs.items():
            words = control.text() if isinstance(control, QLineEdit) else control.toPlainText()
            if words.strip() != str(self._known.get(name, "")).strip():
                entered[name] = words.strip()
        due: Any = self.due.date().toPython() if self.has_due.isChecked() else None
        return self._kind, entered, self._cents(), due

    def _cents(self) -> int | None:
        typed = self.amount.text().strip() if self._kind in FINES else ""
        if not typed:
            return None
        whole, _, part = typed.partition(".")
        if not (whole.isdecimal() and len(part) <= 2 and (not part or part.isdecimal())):
            raise Refusal("ui.papers.bad_amount", typed=typed)
        return int(whole) * 100 + int(part.ljust(2, "0") or 0)

    @Slot(object)
    def _on_failed(self, fault: Fault) -> None:
        self.failed.emit(fault)
