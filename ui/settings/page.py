"""设置: language, look and size; the account; the station itself: what is only here, backup, the log."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from core.kernel.changes import Topic
from core.kernel.errors import Refusal
from ui.desk import Desk
from ui.i18n import lang, t, term
from ui.jobs import Lane
from ui.sync.rounds import MINUTES_CHOICES, MINUTES_KEY, every_minutes
from ui.theme import ZOOMS_PERCENT, Tone, current, px
from ui.widgets.basic import Card, box, button, clear, label, mark, row, scrolled
from ui.widgets.form import choice, field, line
from ui.widgets.lines import ProgressLine
from ui.widgets.page import Page
from ui.window_idle import IDLE_CHOICES_MINUTES, IDLE_LOCK_MINUTES

BAD_SHOWN = 20


class SettingsPage(Page):
    """The page of the rail."""

    name: ClassVar[str] = "settings"
    icon: ClassVar[str] = "settings"
    topics: ClassVar[frozenset[Topic]] = frozenset(Topic)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        content = QWidget()
        content.setMaximumWidth(px(900))
        body = QVBoxLayout(content)
        body.setContentsMargins(0, 0, px(8), px(16))
        body.setSpacing(px(12))
        self.station_card = self._station_card()
        for card in (self._look_card(), self._account_card(), self.station_card):
            body.addWidget(card)
        body.addStretch(1)
        self.area: QScrollArea = scrolled(content)
        self.frame.addWidget(self.area, 1)

    def _look_card(self) -> Card:
        memory = self.desk.memory
        self.language = choice([("中文", "zh"), ("English", "en")], lang())
        self.look = choice([(t("ui.settings.light"), "light"), (t("ui.settings.dark"), "dark")])
        self.look.setCurrentIndex(1 if current().is_dark else 0)
        self.zoom = choice([(f"{zoom} %", zoom) for zoom in ZOOMS_PERCENT], current().zoom_percent)
        self.idle = choice([(t("ui.settings.minutes", count=count), str(count)) for count in IDLE_CHOICES_MINUTES])
        self.idle.setCurrentIndex(max(0, self.idle.findData(memory.text("idle_minutes", str(IDLE_LOCK_MINUTES)))))
        self.sync_every = choice([(minutes_words(count), str(count)) for count in MINUTES_CHOICES])
        self.sync_every.setCurrentIndex(max(0, self.sync_every.findData(str(every_minutes(self.desk)))))
        self.apply_button = button(t("ui.settings.apply"), self._on_apply_clicked, role="main")
        card = Card(label(t("ui.settings.look"), "section"))
        card.add(
            box(
                row(
                    field(t("ui.settings.language"), self.language),
                    field(t("ui.settings.theme"), self.look),
                    field(t("ui.settings.zoom"), self.zoom),
                    field(t("ui.settings.idle"), self.idle),
                    spacing=12,
                )
            )
        )
        card.add(field(t("ui.settings.sync_every"), self.sync_every, hint=t("ui.settings.sync_hint")))
        card.add(box(row(self.apply_button, label(t("ui.settings.apply_hint"), "muted"), None)))
        return card

    def _account_card(self) -> Card:
        account = self.desk.session.account
        roles = "、".join(term("role", one) for one in account.roles)
        card = Card(label(t("ui.settings.account"), "section"))
        card.add(label(f"{account.shown_name} · {account.subject} · {roles}", wrap=True))
        self.old, self.new, self.again = secret(), secret(), secret()
        self.password_button = button(t("ui.settings.change_password"), self._on_password_clicked)
        card.add(
            box(
                row(
                    field(t("ui.settings.old_password"), self.old),
                    field(t("ui.settings.new_password"), self.new),
                    field(t("ui.settings.again_password"), self.again),
                    spacing=12,
                )
            )
        )
        card.add(box(row(self.password_button, label(t("ui.settings.password_hint"), "muted"), None)))
        return card

    def _station_card(self) -> Card:
        self.facts = QVBoxLayout()
        self.backup_button = button(t("ui.settings.backup"), self._on_backup_clicked, role="main", icon="hard-drive")
        self.verify_button = button(t("ui.settings.verify"), self._on_verify_clicked, icon="shield-check")
        self.head = line(placeholder=t("ui.settings.head_hint"))
        self.head.setAccessibleName(t("ui.settings.head_hint"))
        self.progress = ProgressLine()
        self.verdict = QVBoxLayout()
        card = Card(label(t("ui.settings.station"), "section"))
        card.body.addLayout(self.facts)
        card.add(box(row(self.backup_button, label(t("ui.settings.backup_hint"), "muted", wrap=True), None)))
        inner = row(self.verify_button, self.head)
        inner.setStretch(1, 1)
        card.add(box(inner))
        card.add(self.progress)
        card.body.addLayout(self.verdict)
        return card

    def read(self) -> None:
        self.desk.jobs.run(
            self.desk.session.station_info, self._on_read, self.on_failed, lane=Lane.READ, key="station_info"
        )

    def open(self, argument: Any) -> None:
        """Scroll to the card of that name."""
        if argument == "station":
            self.area.ensureWidgetVisible(self.station_card)
            self.backup_button.setFocus()

    def _on_read(self, info: Any) -> None:
        clear(self.facts)
        lines = (
            t("ui.settings.home", home=info.home),
            t("ui.settings.ids", station=info.station, device=info.device),
            t("ui.settings.entries", entries=f"{info.entries:,}", unsynced=f"{info.unsynced:,}"),
            t("ui.settings.head", head=info.head[:32]),
            t("ui.settings.fingerprint", fingerprint=info.fingerprint),
        )
        for words in lines:
            self.facts.addWidget(label(words, "muted", wrap=True))

    @Slot()
    def _on_apply_clicked(self) -> None:
        memory = self.desk.memory
        memory.keep("lang", str(self.language.currentData()))
        memory.keep("look", str(self.look.currentData()))
        memory.keep("zoom", str(self.zoom.currentData()))
        memory.keep("idle_minutes", str(self.idle.currentData()))
        memory.keep(MINUTES_KEY, str(self.sync_every.currentData()))
        memory.save()
        self.desk.messages.go("dress")

    @Slot()
    def _on_password_clicked(self) -> None:
        if self.new.text() != self.again.text():
            self.on_failed(Refusal("ui.settings.passwords_differ"))
            return
        call = partial(self._change_password, self.old.text(), self.new.text())
        self.desk.jobs.run(call, self._on_password_changed, self.on_failed)

    def _change_password(self, old: str, new: str) -> None:
        from core.station import Station

        Station.open(self.desk.home).change_password(self.desk.session.account.name, old, new)

    def _on_password_changed(self, _: None) -> None:
        self.fault_line.hide()
        for one in (self.old, self.new, self.again):
            one.clear()
        self.desk.messages.tell(t("ui.settings.password_changed"))

    @Slot()
    def _on_backup_clicked(self) -> None:
        name = f"mingjian-{self.desk.session.clock.now():%Y%m%d-%H%M}.mjbackup"
        path, _ = QFileDialog.getSaveFileName(self, t("ui.settings.backup"), name)
        if path:
            self.backup_to(Path(path))

    def backup_to(self, path: Path) -> None:
        """Write a backup to a file."""
        watch = self.desk.jobs.watch(
            partial(self._backup, path), self._on_backed_up, self._on_backup_failed, self.progress.end
        )
        self.progress.follow(watch, t("ui.settings.backing_up"))

    def _backup(self, path: Path, watch: Any) -> str:
        self.desk.session.backup(path, progress=watch)
        return path.name

    def _on_backed_up(self, name: str) -> None:
        self.progress.end()
        self.desk.messages.tell(t("ui.settings.backed_up", file=name))

    def _on_backup_failed(self, fault: Any) -> None:
        self.progress.end()
        self.on_failed(fault)

    @Slot()
    def _on_verify_clicked(self) -> None:
        self.verify_button.setEnabled(False)
        call = partial(self.desk.session.verify_log, expected_head=self.head.text().strip())
        self.desk.jobs.run(call, self._on_verified, self._on_verify_failed, lane=Lane.ERRAND)

    def _on_verified(self, report: Any) -> None:
        self.verify_button.setEnabled(True)
        clear(self.verdict)
        if not report.bad:
            words = t("ui.settings.verified", entries=f"{report.entries:,}")
            self.verdict.addWidget(mark(Tone.PASS, words))
            return
        self.verdict.addWidget(mark(Tone.BLOCK, t("ui.settings.broken", count=len(report.bad))))
        for one in report.bad[:BAD_SHOWN]:
            self.verdict.addWidget(label(str(one), "muted", wrap=True))

    def _on_verify_failed(self, fault: Any) -> None:
        self.verify_button.setEnabled(True)
        self.on_failed(fault)


def minutes_words(count: int) -> str:
    """Return an interval of sync in words; 0 is by hand."""
    return t("ui.settings.minutes", count=count) if count else t("ui.settings.sync_by_hand")


def secret() -> QLineEdit:
    """Return a field whose letters are not shown."""
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    return made
