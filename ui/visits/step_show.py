"""Step 2, 亮证告知: certificates shown, whom the officers met, rights told, then the inspection begins."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QVBoxLayout

from core.domain.visits import PersonMet
from core.domain.visits import VisitState as S
from ui.desk import Desk
from ui.i18n import day, moment, t, term
from ui.visits.reading import Case
from ui.visits.step import Step
from ui.widgets.basic import Card, box, button, clear, label, row
from ui.widgets.form import ask_reason, choice, field, line

RELATIONS = ("legal_representative", "person_in_charge", "employee", "other")
RIGHTS = ("recusal", "statement", "refusal", "complaint", "conduct")


class ShowStep(Step):
    """Person met, rights, begin."""

    name = "show"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown_for = ""
        self.certificates = Card(label(t("ui.show.certificates"), "section"))
        self.certificate_lines = QVBoxLayout()
        self.certificates.body.addLayout(self.certificate_lines)
        self.body.addWidget(self.certificates)
        self.body.addWidget(self._person_card())
        self.body.addWidget(self._rights_card())
        self.prompt = QVBoxLayout()
        self.body.addLayout(self.prompt)
        self.begin_button = button(t("ui.show.begin"), self._on_begin_clicked, role="main", icon="clipboard-check")
        self.refuse_button = button(t("ui.gates.refuse"), self._on_refuse_clicked, role="danger")
        self.body.addWidget(box(row(self.begin_button, self.refuse_button, None)))
        self.body.addStretch(1)

    def _person_card(self) -> Card:
        self.person_name = line()
        self.person_post = line()
        self.person_phone = line()
        self.relation = choice([(term("relation", one), one) for one in RELATIONS])
        self.person_save = button(t("ui.show.save_person"), self._on_person_saved)
        self.person_state = label("", "muted")
        for one in (self.person_name, self.person_post, self.person_phone):
            one.returnPressed.connect(self._on_person_saved)
        card = Card(label(t("ui.show.person"), "section"), label(t("ui.show.person_hint"), "muted", wrap=True))
        card.add(
            box(
                row(
                    field(t("ui.show.name"), self.person_name),
                    field(t("ui.show.post"), self.person_post),
                    field(t("ui.show.relation"), self.relation),
                    field(t("ui.show.phone"), self.person_phone),
                    spacing=12,
                )
            )
        )
        card.add(box(row(self.person_save, self.person_state, None)))
        return card

    def _rights_card(self) -> Card:
        card = Card(label(t("ui.show.rights"), "section"))
        for one in RIGHTS:
            card.add(label(f"· {t(f'ui.show.right_{one}')}", wrap=True))
        self.recusal = QCheckBox(t("ui.show.recusal_asked"))
        self.told_button = button(t("ui.show.told"), self._on_told_clicked)
        self.told_state = label("", "muted")
        card.add(self.recusal)
        card.add(box(row(self.told_button, self.told_state, None)))
        return card

    def show_case(self, case: Case) -> None:
        super().show_case(case)
        visit = case.visit
        clear(self.certificate_lines)
        for officer in case.officers:
            until = day(officer.cert_to) if officer.cert_to else t("ui.word.none")
            words = t("ui.show.certificate", name=officer.name, number=officer.cert_no, until=until)
            self.certificate_lines.addWidget(label(words))
        if self._shown_for != visit.id:
            # What is being typed stays; only another visit brings other words into the fields.
            self._shown_for = visit.id
            met = visit.person_met
            self.person_name.setText(met.name if met else "")
            self.person_post.setText(met.post if met else "")
            self.person_phone.setText(met.phone if met else "")
            self.recusal.setChecked(bool(visit.recusal_asked))
        on_site = visit.state in (S.ARRIVED, S.SCANNED, S.LATE_SCAN_PENDING, S.INSPECTING)
        for one in (self.person_save, self.told_button, self.recusal):
            one.setEnabled(on_site)
        met_at = t("ui.show.saved", at=moment(visit.identified_at)) if visit.identified_at else ""
        self.person_state.setText(met_at)
        told_at = visit.rights_told_at
        self.told_state.setText(t("ui.show.told_at", at=moment(told_at)) if told_at else "")
        can_begin = visit.state in (S.SCANNED, S.LATE_SCAN_PENDING)
        self.begin_button.setVisible(can_begin)
        self.refuse_button.setVisible(on_site)

    def take_keys(self) -> None:
        self.person_name.setFocus()

    @Slot()
    def _on_person_saved(self) -> None:
        person = PersonMet(
            name=self.person_name.text().strip(),
            post=self.person_post.text().strip(),
            relation=str(self.relation.currentData()),
            phone=self.person_phone.text().strip(),
        )
        self.do(partial(self.desk.session.visits.identify, self.visit_id, person))

    @Slot()
    def _on_told_clicked(self) -> None:
        asked = self.recusal.isChecked()
        assert self.case is not None
        officers = self.case.visit.officers if asked else ()
        self.do(
            partial(self.desk.session.visits.tell_rights, self.visit_id, recusal_asked=asked, recusal_officers=officers)
        )

    @Slot()
    def _on_begin_clicked(self) -> None:
        self.do(partial(self.desk.session.visits.begin, self.visit_id))
        self.goes.emit("checklist")

    @Slot()
    def _on_refuse_clicked(self) -> None:
        ask_reason(
            self.prompt,
            t("ui.gates.refuse_ask"),
            [(term("refusal", one), one) for one in ("justified", "not_justified")],
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
