"""The enrolment assistant: address and code, fingerprints read to each other, what will be sent, and then the step."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QWidget

from core.kernel.changes import Topic
from ui.desk import Desk
from ui.i18n import t
from ui.jobs import Lane, Watch
from ui.sync.assistant import Assistant
from ui.sync.facts import Facts
from ui.sync.words import doing
from ui.theme import Tone
from ui.widgets.basic import Card, button, label, mark
from ui.widgets.form import field, line


class EnrolAssistant(Assistant):
    """`enrolled` is emitted when headquarters took the station in."""

    enrolled = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, t("ui.sync.enrol"), parent)
        self.url = line(placeholder="https://")
        self.code = line(placeholder=t("ui.sync.code_hint"))
        self.facts, self.sent = Facts(), label("", wrap=True)
        self.compared = QCheckBox(t("ui.sync.compared"))
        self.look_button = button(t("ui.sync.look"), self._on_look_clicked, role="main")
        self.enrol_button = button(t("ui.sync.enrol_do"), self._on_enrol_clicked, role="main")
        self.foot.insertWidget(1, self.look_button)
        self.foot.insertWidget(2, self.enrol_button)
        self._fill()
        self.url.textChanged.connect(self._on_typed)
        self.code.textChanged.connect(self._on_typed)
        self.code.returnPressed.connect(self._on_look_clicked)
        self.compared.toggled.connect(self._on_compared)
        self._on_typed()
        self.url.setFocus()

    def _fill(self) -> None:
        self.body.addWidget(label(t("ui.sync.enrol_more"), wrap=True))
        self.body.addWidget(field(t("ui.sync.url"), self.url))
        self.body.addWidget(field(t("ui.sync.code"), self.code))
        self.compare_card = Card(label(t("ui.sync.compare"), "strong"), label(t("ui.sync.compare_more"), wrap=True))
        self.compare_card.add(self.facts)
        self.compare_card.add(self.compared)
        self.compare_card.add(self.sent)
        self.done_card = Card(tone=Tone.PASS)
        self.done_facts = Facts()
        self.done_card.add(mark(Tone.PASS, t("ui.sync.enrolled")))
        self.done_card.add(self.done_facts)
        self.done_card.add(label(t("ui.sync.enrolled_more"), wrap=True))
        self.done_card.hide()
        self.body.addWidget(self.compare_card)
        self.body.addWidget(self.done_card)
        self.body.addStretch(1)

    def settle(self) -> None:
        self.look_button.setEnabled(bool(self.url.text().strip() and self.code.text().strip()))
        self.enrol_button.setEnabled(self.compared.isChecked())

    @Slot()
    def _on_typed(self) -> None:
        # Another address or code is another headquarters: what was compared no longer counts.
        self.compare_card.hide()
        self.compared.setChecked(False)
        self.look_button.show()
        self.enrol_button.hide()
        self.settle()

    @Slot()
    def _on_compared(self) -> None:
        self.settle()

    @Slot()
    def _on_look_clicked(self) -> None:
        if not self.look_button.isEnabled():
            return
        self.fault_line.hide()
        self.look_button.setEnabled(False)
        call = partial(self.desk.session.sync.preview, self.url.text().strip(), self.code.text().strip())
        self.desk.jobs.run(call, self._on_looked, self.on_failed, lane=Lane.ERRAND)

    def _on_looked(self, preview: Any) -> None:
        self.facts.show_facts(
            (t("ui.sync.hq_print"), preview.hq_fingerprint, None),
            (t("ui.sync.root_print"), preview.root_fingerprint, None),
            (t("ui.sync.own_print"), preview.own_fingerprint, None),
        )
        count = f"{self.desk.session.unsynced_count():,}"
        self.sent.setText(t("ui.sync.will_be_sent", count=count))
        self.compare_card.show()
        self.look_button.hide()
        self.enrol_button.show()
        self.settle()
        self.stand_on(self.compared)

    @Slot()
    def _on_enrol_clicked(self) -> None:
        self.fault_line.hide()
        self.enrol_button.setEnabled(False)
        watch = self.desk.jobs.watch(
            partial(self._enrol, self.url.text().strip(), self.code.text().strip()),
            self._on_enrolled,
            self.on_failed,
            self.on_cancelled,
        )
        if self.done_card.isHidden():
            self.progress.follow(watch, t("ui.sync.enrolling"), doing)

    def _enrol(self, url: str, code: str, watch: Watch) -> Any:
        return self.desk.session.sync.enrol(url, code, progress=watch)

    def _on_enrolled(self, enrolled: Any) -> None:
        self.progress.end()
        for part in (self.compare_card, self.enrol_button, self.look_button):
            part.hide()
        for part in (self.url, self.code):
            part.setReadOnly(True)
        self.done_facts.show_facts(
            (t("ui.sync.body"), enrolled.subject, None),
            (t("ui.sync.device"), enrolled.device, None),
            (t("ui.sync.own_print"), enrolled.own_fingerprint, None),
            (t("ui.sync.hq_print"), enrolled.hq_fingerprint, None),
        )
        self.done_card.show()
        self.close_button.setFocus()
        self.desk.bus.changed.emit(frozenset({Topic.SYNC, Topic.SETTINGS, Topic.NUMBERS}))
        self.enrolled.emit()
