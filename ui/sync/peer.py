"""The cable assistant: wait or call, who is at the other end, two people who agree, and what both hold afterwards."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from core.kernel.changes import Topic
from ui.desk import Desk
from ui.i18n import t
from ui.jobs import Watch
from ui.sync.assistant import Assistant
from ui.sync.facts import Facts
from ui.sync.words import doing, reason
from ui.theme import Tone
from ui.widgets.basic import Card, button, clear, label, mark, row
from ui.widgets.form import field, line


class PeerAssistant(Assistant):
    """Nothing moves before both people have agreed; closing it hangs up."""

    told = Signal(object)
    """The addresses at which this laptop waits; told from the thread that waits."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, t("ui.sync.peer"), parent)
        self.meeting: Any = None
        self.is_done = False
        self.own = Facts()
        self.wait_button = button(t("ui.sync.peer_wait"), self._on_wait_clicked, role="main", icon="arrow-right")
        self.address = line(placeholder="192.168.1.5:47613")
        self.call_button = button(t("ui.sync.peer_call"), self._on_call_clicked)
        self.begin = Card(label(t("ui.sync.peer_begin"), "strong"), label(t("ui.sync.peer_begin_more"), wrap=True))
        self.waiting = Card(label(t("ui.sync.peer_type_there"), "strong"))
        self.addresses = label("", "section", wrap=True)
        self.other = Card(label(t("ui.sync.peer_is_it"), "strong"), label(t("ui.sync.peer_is_it_more"), wrap=True))
        self.other_facts = Facts()
        self.compared = QCheckBox(t("ui.sync.peer_compared"))
        self.answers = QVBoxLayout()
        self.agree_button = button(t("ui.sync.peer_agree"), self._on_agree_clicked, role="main")
        self.decline_button = button(t("ui.sync.peer_decline"), self._on_decline_clicked)
        self._fill()
        self.told.connect(self._on_told)
        self.address.textChanged.connect(self._on_typed)
        self.address.returnPressed.connect(self._on_call_clicked)
        self.compared.toggled.connect(self._on_compared)
        self._show(self.begin)
        self.wait_button.setFocus()

    def _fill(self) -> None:
        self.body.addWidget(label(t("ui.sync.peer_more"), wrap=True))
        self.own.show_facts((t("ui.sync.own_print"), self.desk.session.sync.own_fingerprint(), None))
        self.body.addWidget(self.own)
        self.begin.body.addLayout(row(self.wait_button, None))
        calling = row(field(t("ui.sync.peer_address"), self.address), self.call_button, spacing=12)
        calling.setStretch(0, 1)
        calling.setAlignment(self.call_button, Qt.AlignmentFlag.AlignBottom)
        self.begin.body.addLayout(calling)
        self.waiting.add(self.addresses)
        self.waiting.add(label(t("ui.sync.peer_type_more"), "muted", wrap=True))
        self.other.add(self.other_facts)
        self.other.add(self.compared)
        for part in (self.begin, self.waiting, self.other):
            self.body.addWidget(part)
        self.body.addLayout(self.answers)
        self.body.addStretch(1)
        self.foot.insertWidget(1, self.decline_button)
        self.foot.insertWidget(2, self.agree_button)

    def _show(self, card: Card | None) -> None:
        for one in (self.begin, self.waiting, self.other):
            one.setVisible(one is card)
        self.agree_button.setVisible(card is self.other)
        self.decline_button.setVisible(card is self.other)
        self._settle_buttons()

    def _settle_buttons(self) -> None:
        self.wait_button.setEnabled(True)
        self.call_button.setEnabled(bool(self.address.text().strip()))
        self.agree_button.setEnabled(self.compared.isChecked())
        self.decline_button.setEnabled(True)

    def settle(self) -> None:
        # A step that failed or was stopped has hung up: begin again.
        self.meeting = None
        self._show(self.begin)

    @Slot()
    def _on_typed(self) -> None:
        self._settle_buttons()

    @Slot()
    def _on_compared(self) -> None:
        self._settle_buttons()

    @Slot()
    def _on_wait_clicked(self) -> None:
        self._meet(self._wait, t("ui.sync.peer_waiting"))

    @Slot()
    def _on_call_clicked(self) -> None:
        if self.call_button.isEnabled():
            self._meet(partial(self._call, self.address.text()), t("ui.sync.peer_calling"))

    def _meet(self, work: Any, words: str) -> None:
        self.fault_line.hide()
        clear(self.answers)
        self.compared.setChecked(False)
        for one in (self.wait_button, self.call_button):
            one.setEnabled(False)
        watch = self.desk.jobs.watch(work, self._on_met, self.on_failed, self.on_cancelled)
        if self.meeting is None and self.fault_line.isHidden():
            self.progress.follow(watch, words, doing)

    def _wait(self, watch: Watch) -> Any:
        return self.desk.session.sync.wait_for_peer(told=self.told.emit, progress=watch)

    def _call(self, address: str, watch: Watch) -> Any:
        return self.desk.session.sync.call_peer(address, progress=watch)

    @Slot(object)
    def _on_told(self, addresses: tuple[str, ...]) -> None:
        # Told from another thread: the other laptop may have come meanwhile.
        if self.meeting is None:
            self.addresses.setText("\n".join(addresses) or t("ui.sync.peer_no_address"))
            self._show(self.waiting)

    def _on_met(self, meeting: Any) -> None:
        self.progress.end()
        self.meeting = meeting
        other = meeting.other
        self.other_facts.show_facts(
            (t("ui.sync.officer"), other.officer, None),
            (t("ui.sync.body"), other.subject, None),
            (t("ui.sync.peer_print"), other.fingerprint, None),
        )
        self._show(self.other)
        self.stand_on(self.compared)

    @Slot()
    def _on_decline_clicked(self) -> None:
        self._hang_up()
        self._show(self.begin)

    def _hang_up(self) -> None:
        if self.meeting is not None:
            self.meeting.decline()
            self.meeting = None

    @Slot()
    def _on_agree_clicked(self) -> None:
        self.fault_line.hide()
        self.agree_button.setEnabled(False)
        self.decline_button.setEnabled(False)
        meeting, self.meeting = self.meeting, None
        self.is_done = False
        watch = self.desk.jobs.watch(
            partial(self._exchange, meeting), self._on_exchanged, self.on_failed, self.on_cancelled
        )
        if not self.is_done and self.fault_line.isHidden():
            self.progress.follow(watch, t("ui.sync.peer_agreeing"), doing)

    @staticmethod
    def _exchange(meeting: Any, watch: Watch) -> Any:
        return meeting.exchange(progress=watch)

    def _on_exchanged(self, report: Any) -> None:
        self.is_done = True
        self.progress.end()
        self._show(None)
        tone = Tone.PASS if report.equal else Tone.BLOCK
        words = t("ui.sync.peer_equal") if report.equal else t("ui.sync.peer_unequal")
        card = Card(mark(tone, words), tone=tone)
        facts = Facts()
        facts.show_facts(
            (t("ui.sync.peer_with"), f"{report.other.officer}   {report.other.subject}", None),
            (t("ui.sync.peer_given"), self._moved(report.sent.runs, report.sent.blobs, "ui.sync.peer_runs"), None),
            (
                t("ui.sync.peer_got"),
                self._moved(report.taken.pulled.entries, report.taken.blobs, "ui.sync.peer_entries"),
                None,
            ),
            *self._chains(report),
        )
        card.add(facts)
        for one in report.taken.bad:
            aside = t("ui.sync.set_aside", part=one.about or one.name, why=reason(one.why))
            card.add(label(f"! {aside}", tone=Tone.WARN, wrap=True))
        card.add(label(t("ui.sync.peer_next"), "muted", wrap=True))
        self.answers.addWidget(card)
        self.close_button.setFocus()
        self.desk.bus.changed.emit(frozenset(Topic))

    @staticmethod
    def _moved(count: int, blobs: int, key: str) -> str:
        return t(key, count=f"{count:,}", blobs=f"{blobs:,}")

    def _chains(self, report: Any) -> list[tuple[str, str, Tone | None]]:
        names = (t("ui.sync.peer_own_chain"), t("ui.sync.peer_other_chain"))
        return [
            (
                name,
                t("ui.sync.peer_held", here=f"{chain.here:,}", there=f"{chain.there:,}"),
                None if chain.equal else Tone.BLOCK,
            )
            for name, chain in zip(names, report.chains, strict=True)
        ]

    def reject(self) -> None:
        """Close; who waits at the other end is told."""
        self._hang_up()
        super().reject()
