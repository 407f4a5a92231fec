"""The assistant that carries colleagues' files: theirs to headquarters over this line, the answers back beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from core.kernel.changes import Topic
from ui.desk import Desk
from ui.i18n import t
from ui.jobs import Watch
from ui.sync.assistant import Assistant
from ui.sync.stick import FILES
from ui.sync.words import doing, reason
from ui.theme import Tone
from ui.widgets.basic import Card, button, clear, label, mark


class RelayAssistant(Assistant):
    """Whoever carries the files reads neither them nor the answers."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, t("ui.sync.relay"), parent)
        self.is_done = False
        self.answers = QVBoxLayout()
        self.go_button = button(t("ui.sync.relay_choose"), self._on_go_clicked, role="main", icon="upload")
        self.foot.insertWidget(1, self.go_button)
        self.body.addWidget(label(t("ui.sync.relay_more"), wrap=True))
        self.body.addLayout(self.answers)
        self.body.addStretch(1)
        self.go_button.setFocus()

    def settle(self) -> None:
        self.go_button.setEnabled(True)
        self.go_button.setFocus()

    @Slot()
    def _on_go_clicked(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, t("ui.sync.relay"), "", FILES)
        if names:
            self.carry([Path(name) for name in names])

    def carry(self, paths: Sequence[Path]) -> None:
        """Hand the files over; the answers lie beside the first of them."""
        self.fault_line.hide()
        clear(self.answers)
        self.is_done = False
        self.go_button.setEnabled(False)
        work = partial(self._carry, tuple(paths), paths[0].parent)
        watch = self.desk.jobs.watch(work, self._on_carried, self.on_failed, self.on_cancelled)
        if not self.is_done and self.fault_line.isHidden():
            self.progress.follow(watch, t("ui.sync.relaying"), doing)

    def _carry(self, paths: tuple[Path, ...], folder: Path, watch: Watch) -> Any:
        return self.desk.session.sync.carry(paths, folder, progress=watch)

    def _on_carried(self, carried: tuple[Any, ...]) -> None:
        self.is_done = True
        self.progress.end()
        self.settle()
        for one in carried:
            self.answers.addWidget(self._card(one))
        self.desk.bus.changed.emit(frozenset({Topic.SYNC}))

    @staticmethod
    def _card(one: Any) -> Card:
        if not one.sender:
            card = Card(mark(Tone.BLOCK, t("ui.sync.relay_refused", file=one.file)), tone=Tone.BLOCK)
            card.add(label(reason(one.fault), wrap=True))
            return card
        card = Card(mark(Tone.PASS, t("ui.sync.relay_taken", file=one.file)), tone=Tone.PASS)
        card.add(label(t("ui.sync.peer_runs", count=f"{one.runs:,}", blobs=f"{one.blobs:,}"), wrap=True))
        for bad in one.bad:
            words = t("ui.sync.set_aside", part=bad.about or bad.name, why=reason(bad.why))
            card.add(label(f"! {words}", tone=Tone.WARN, wrap=True))
        if one.answer:
            card.add(label(t("ui.sync.relay_answer", file=Path(one.answer).name), "muted", wrap=True))
        else:
            card.add(label(f"! {reason(one.fault)}", tone=Tone.WARN, wrap=True))
        return card
