"""What only a person can decide: clashes, doubts, quarantined entries, a parted chain, refused requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.shared_state import Command, CommandKind, Conflict
from ui.i18n import t, term, words_or_code
from ui.sync.clash_card import ClashCard
from ui.sync.reading import Ask, SyncView
from ui.sync.words import when
from ui.theme import Tone, px
from ui.widgets.basic import SIGNS, Card, EmptyState, box, button, clear, column, label, mark, row
from ui.widgets.form import ask_reason

QUARANTINED_SHOWN = 10


class ConflictCard(Card):
    """A doubt about a visit or determination. `settled` carries its id and how; `opened` the visit."""

    settled = Signal(str, str)
    opened = Signal(str)

    def __init__(self, conflict: Conflict, now: datetime) -> None:
        super().__init__(tone=Tone.WARN)
        self.conflict = conflict
        kind = conflict.kind.value
        self.add(
            box(row(mark(Tone.WARN, t(f"ui.sync.doubt_{kind}")), label(when(conflict.found_at, now), "muted"), None))
        )
        more = t(f"ui.sync.doubt_{kind}_more", count=len(conflict.others))
        self.add(label(more, wrap=True))
        self.settle_button = button(t("ui.sync.settle"), self._on_settle_clicked)
        self.open_button = button(t("ui.sync.to_visit"), self._on_open_clicked, role="link", icon="arrow-right")
        self.place = QVBoxLayout()
        self.body.addLayout(self.place)
        self.add(box(row(self.settle_button, self.open_button, None)))

    @Slot()
    def _on_settle_clicked(self) -> None:
        clear(self.place)
        ask_reason(self.place, t("ui.sync.settle_how"), (), t("ui.sync.settle_do"), self._on_given, needs_words=True)

    def _on_given(self, _code: str, words: str) -> None:
        self.settled.emit(self.conflict.id, words)

    @Slot()
    def _on_open_clicked(self) -> None:
        self.opened.emit(self.conflict.visit)


def ask_words(command: Command) -> str:
    """Return what was asked of headquarters."""
    if command.kind is CommandKind.LEASE_NUMBERS:
        kind = term("kind", command.document_kind) if command.document_kind is not None else ""
        return t("ui.sync.ask_numbers", kind=kind, year=command.year, size=command.size)
    if command.kind is CommandKind.MOVE_TASK:
        return t("ui.sync.ask_task", state=term("task_state", command.to_state))
    return t("ui.sync.ask_suggest", text=command.text)


def answer_words(ask: Ask) -> tuple[Tone, str]:
    """Return what became of a request."""
    outcome = ask.outcome
    if outcome is None:
        return Tone.MUTED, t("ui.sync.ask_waits")
    if not outcome.accepted:
        return Tone.BLOCK, t("ui.sync.ask_refused", why=words_or_code("sync.outcome", outcome.reason))
    if outcome.kind is CommandKind.LEASE_NUMBERS:
        return Tone.PASS, t("ui.sync.ask_leased", first=outcome.first, last=outcome.last)
    return Tone.PASS, t("ui.sync.ask_accepted")


class DecidePanel(QWidget):
    """Signals are those of its cards."""

    decided = Signal(object, object, str)
    settled = Signal(str, str)
    opened = Signal(str)
    enrol_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.cards = QVBoxLayout(self)
        self.cards.setContentsMargins(0, 0, 0, 0)
        self.cards.setSpacing(px(12))
        self.clashes: list[ClashCard] = []
        self.doubts: list[ConflictCard] = []

    def show_view(self, view: SyncView, quarantined: Sequence[tuple[str, str]], now: datetime) -> None:
        """Show everything that waits for a person, the gravest first; then the requests."""
        clear(self.cards)
        if view.status.is_forked:
            self.cards.addWidget(self._fork_card())
        if quarantined:
            self.cards.addWidget(self._quarantine_card(quarantined))
        self.clashes = [ClashCard(one, view.questions.get(one.entity, ""), now) for one in view.clashes]
        for card in self.clashes:
            card.decided.connect(self.decided)
            card.opened.connect(self.opened)
            self.cards.addWidget(card)
        self.doubts = [ConflictCard(one, now) for one in view.conflicts]
        for doubt in self.doubts:
            doubt.settled.connect(self.settled)
            doubt.opened.connect(self.opened)
            self.cards.addWidget(doubt)
        if not (view.status.is_forked or quarantined or view.to_decide):
            self.cards.addWidget(EmptyState(t("ui.sync.nothing_to_decide"), icon="circle-check"))
        self.cards.addWidget(self._asks_card(view.asks, now))
        self.cards.addStretch(1)

    def _fork_card(self) -> Card:
        card = Card(mark(Tone.BLOCK, t("ui.sync.is_forked")), tone=Tone.BLOCK)
        card.add(label(t("ui.sync.forked_more"), wrap=True))
        again = button(t("ui.sync.enrol_again"), self._on_enrol_clicked, role="main", icon="shield-check")
        card.add(box(row(again, None)))
        return card

    def _quarantine_card(self, quarantined: Sequence[tuple[str, str]]) -> Card:
        card = Card(mark(Tone.WARN, t("ui.sync.quarantined", count=len(quarantined))), tone=Tone.WARN)
        card.add(label(t("ui.sync.quarantined_more"), "muted", wrap=True))
        for identifier, why in quarantined[:QUARANTINED_SHOWN]:
            card.add(label(f"{identifier}   {words_or_code('sync.verdict', why)}", wrap=True))
        return card

    def _asks_card(self, asks: Sequence[Ask], now: datetime) -> Card:
        card = Card(label(t("ui.sync.asks"), "section"))
        if not asks:
            card.add(label(t("ui.sync.no_asks"), "hint", wrap=True))
        for ask in asks:
            tone, words = answer_words(ask)
            at = when(ask.outcome.at if ask.outcome is not None else ask.command.at, now)
            said = label(f"{SIGNS.get(tone, '·')} {words}", "strong", tone=tone, wrap=True)
            card.add(box(column(said, label(f"{ask_words(ask.command)}   {at}", "muted", wrap=True), spacing=2)))
        return card

    @Slot()
    def _on_enrol_clicked(self) -> None:
        self.enrol_wanted.emit()
