"""The first card: whether all is at headquarters, what waits, the last success, the next attempt, and the buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.shared_state import StationDevice
from core.kernel.errors import Fault
from ui.faults import words_of
from ui.i18n import moment, t
from ui.sync.facts import Facts
from ui.sync.rounds import Rounds
from ui.sync.words import age, doing, reason, when
from ui.theme import Tone
from ui.widgets.basic import Card, box, button, clear, label, mark, row, set_tone
from ui.widgets.flow import Flow
from ui.widgets.lines import ProgressLine

OLD_AFTER_DAYS = 1
"""Work that is here alone for longer than this is shown in amber."""
LEASE_NEAR = timedelta(days=7)


def is_old(oldest: datetime | None, now: datetime) -> bool:
    """Tell whether the oldest work that exists only here is older than a day."""
    return oldest is not None and (now - oldest).days >= OLD_AFTER_DAYS


def verdict(status: Any, statement: Any, now: datetime) -> tuple[Tone, str]:
    """Return in one line how this station stands towards headquarters. Green only where both ends were equal."""
    if status.status in ("retired", "lost"):
        return Tone.BLOCK, t(f"ui.sync.is_{status.status}")
    if status.is_forked:
        return Tone.BLOCK, t("ui.sync.is_forked")
    if statement is not None and statement.differences:
        return Tone.BLOCK, t("ui.sync.is_unequal", count=len(statement.differences))
    if status.unconfirmed:
        tone = Tone.WARN if is_old(status.oldest_unsynced_at, now) or status.last_error else Tone.ACCENT
        return tone, t("ui.sync.is_waiting", count=f"{status.unconfirmed:,}")
    if statement is None:
        return Tone.UNKNOWN, t("ui.sync.is_unstated")
    if not statement.equal:
        return Tone.BLOCK, t("ui.sync.is_unequal_roots")
    if status.blobs_waiting:
        return Tone.WARN, t("ui.sync.is_media_waiting", count=f"{status.blobs_waiting:,}")
    return Tone.PASS, t("ui.sync.is_even")


class StateCard(Card):
    """Signals are the wishes of the person."""

    sync_wanted = Signal()
    enrol_wanted = Signal()
    export_wanted = Signal()
    import_wanted = Signal()
    peer_wanted = Signal()
    relay_wanted = Signal()
    backup_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.head = QVBoxLayout()
        self.facts = Facts()
        self.progress = ProgressLine()
        self.sync_button = button(
            t("ui.sync.now"), self.sync_wanted.emit, role="main", icon="refresh-cw", key="Ctrl+Shift+S"
        )
        self.export_button = button(t("ui.sync.export"), self.export_wanted.emit, icon="upload")
        self.import_button = button(t("ui.sync.import"), self.import_wanted.emit, icon="download")
        self.peer_button = button(t("ui.sync.peer"), self.peer_wanted.emit, icon="user")
        self.relay_button = button(t("ui.sync.relay"), self.relay_wanted.emit, icon="arrow-right")
        self.enrol_button = button(t("ui.sync.enrol_again"), self.enrol_wanted.emit, icon="shield-check")
        self.buttons = QWidget()
        flow = Flow(self.buttons)
        by_file = (self.export_button, self.import_button, self.relay_button)
        for one in (self.sync_button, *by_file, self.peer_button, self.enrol_button):
            flow.addWidget(one)
        self.body.addLayout(self.head)
        self.add(self.facts)
        self.add(self.buttons)
        self.add(self.progress)

    def show_state(
        self, status: Any, statement: Any, rounds: Rounds, now: datetime, forked: Sequence[StationDevice] = ()
    ) -> None:
        """Show how things stand."""
        clear(self.head)
        self.buttons.setVisible(status.is_enrolled)
        if not status.is_enrolled:
            self._show_not_enrolled(status)
            return
        tone, words = verdict(status, statement, now)
        set_tone(self, tone if tone in (Tone.PASS, Tone.WARN, Tone.BLOCK) else None)
        self.head.addWidget(mark(tone, words))
        self.enrol_button.setVisible(status.is_forked)
        self.sync_button.setEnabled(rounds.may_run and not rounds.is_running)
        self.facts.show_facts(
            (t("ui.sync.waits"), *self._waiting(status, now)),
            (t("ui.sync.last_success"), self._last(status.last_success_at, now), None),
            (t("ui.sync.last_trouble"), *self._trouble(status, rounds.last_fault, now)),
            (t("ui.sync.next"), self._next(rounds, now), None),
            (t("ui.sync.lease"), *self._lease(status, now)),
            (t("ui.sync.later_program"), t("ui.sync.pending", count=status.pending) if status.pending else "", None),
            (t("ui.sync.forked_devices"), "、".join(one.officer for one in forked), Tone.WARN),
            (t("ui.sync.hq"), f"{status.url}   {status.subject}", None),
            (t("ui.sync.device"), status.device, None),
        )

    def show_progress(self, rounds: Rounds) -> None:
        """Follow the session that runs, or stop following."""
        self.sync_button.setEnabled(rounds.may_run and not rounds.is_running)
        if rounds.watch is None:
            self.progress.end()
        elif self.progress.isHidden():
            self.progress.follow(rounds.watch, t("ui.sync.running"), doing)

    def _show_not_enrolled(self, status: Any) -> None:
        set_tone(self, None)
        self.facts.show_facts()
        self.head.addWidget(label(t("ui.sync.not_enrolled"), "section", wrap=True))
        for step in ("ui.sync.first_1", "ui.sync.first_2", "ui.sync.first_3"):
            self.head.addWidget(label(t(step), wrap=True))
        count = f"{status.unconfirmed:,}"
        self.head.addWidget(label(t("ui.sync.not_enrolled_count", count=count), "muted", wrap=True))
        first = button(t("ui.sync.enrol"), self.enrol_wanted.emit, role="main", icon="shield-check")
        backup = button(t("ui.today.backup"), self.backup_wanted.emit, role="link")
        self.head.addWidget(box(row(first, backup, None)))

    def _waiting(self, status: Any, now: datetime) -> tuple[str, Tone | None]:
        if not status.unconfirmed and not status.blobs_waiting:
            return t("ui.sync.nothing_waits"), None
        words = t("ui.sync.waiting", entries=f"{status.unconfirmed:,}", blobs=f"{status.blobs_waiting:,}")
        oldest = status.oldest_unsynced_at
        if oldest is None:
            return words, None
        tone = Tone.WARN if is_old(oldest, now) else None
        return f"{words}   {t('ui.sync.oldest', when=when(oldest, now))}", tone

    def _lease(self, status: Any, now: datetime) -> tuple[str, Tone | None]:
        until = status.lease_until
        if until is None:
            return "", None
        if until <= now:
            return t("ui.sync.lease_over", at=moment(until)), Tone.BLOCK
        is_near = until - now <= LEASE_NEAR
        return t("ui.sync.lease_until", at=moment(until)), Tone.WARN if is_near else None

    def _last(self, at: datetime | None, now: datetime) -> str:
        return when(at, now) if at is not None else t("ui.sync.never")

    def _trouble(self, status: Any, fault: Fault | None, now: datetime) -> tuple[str, Tone | None]:
        if fault is not None:
            words = words_of(fault)
            return f"{words.what} {words.todo}", Tone.WARN
        if not status.last_error:
            return "", None
        at = f"   {when(status.last_attempt_at, now)}" if status.last_attempt_at is not None else ""
        return f"{reason(status.last_error)}{at}", Tone.WARN

    def _next(self, rounds: Rounds, now: datetime) -> str:
        if rounds.is_running:
            return t("ui.sync.running")
        if rounds.next_at is None:
            return t("ui.sync.by_hand")
        if rounds.next_at <= now:
            return t("ui.sync.next_soon")
        return t("ui.sync.next_at", at=moment(rounds.next_at), within=age(now, rounds.next_at))
