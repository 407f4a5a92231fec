"""The USB assistant: to headquarters or to a colleague, where to, what goes, and what came back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QFileDialog, QVBoxLayout, QWidget

from core.domain.shared_state import StationDevice
from core.kernel.changes import Topic
from ui.desk import Desk
from ui.i18n import size, t
from ui.jobs import Lane, Watch
from ui.sync.assistant import Assistant
from ui.sync.reading import colleagues
from ui.sync.words import doing, reason
from ui.theme import Tone
from ui.widgets.basic import Card, button, clear, label, mark
from ui.widgets.form import choice, field

HQ = "hq"
FILES = "Mingjian (*.mjbundle);;* (*)"
SUFFIX = ".mjbundle"


class StickAssistant(Assistant):
    """Writes a file for a stick, or reads one; both may be done any number of times."""

    def __init__(self, desk: Desk, kind: str, parent: QWidget | None = None) -> None:
        is_export = kind == "export"
        super().__init__(desk, t("ui.sync.export") if is_export else t("ui.sync.import"), parent)
        self.is_export = is_export
        self.is_done = False
        self.answers = QVBoxLayout()
        self.to = choice([(t("ui.sync.to_hq"), HQ)])
        self.with_media = QCheckBox(t("ui.sync.with_media"))
        self.with_media.setChecked(True)
        self.go_button = button(
            t("ui.sync.write_stick") if is_export else t("ui.sync.read_stick"),
            self._on_go_clicked,
            role="main",
            icon="hard-drive",
        )
        self.foot.insertWidget(1, self.go_button)
        if is_export:
            self._fill_export()
        else:
            self.body.addWidget(label(t("ui.sync.import_more"), wrap=True))
        self.body.addLayout(self.answers)
        self.body.addStretch(1)
        self.go_button.setFocus()

    def _fill_export(self) -> None:
        self.body.addWidget(label(t("ui.sync.export_more"), wrap=True))
        self.body.addWidget(field(t("ui.sync.to"), self.to, hint=t("ui.sync.to_hint")))
        self.body.addWidget(self.with_media)
        self.goes = label("", "muted", wrap=True)
        self.body.addWidget(self.goes)
        self.to.currentIndexChanged.connect(self._on_to_changed)
        session = self.desk.session
        self.desk.jobs.run(
            partial(colleagues, session), self._on_colleagues, self.on_failed, lane=Lane.READ, key="colleagues"
        )
        self.desk.jobs.run(session.sync.status, self._on_status, self.on_failed, lane=Lane.READ, key="stick")

    def _on_colleagues(self, devices: tuple[StationDevice, ...]) -> None:
        for one in devices:
            self.to.addItem(t("ui.sync.to_colleague", officer=one.officer, subject=one.subject), one.id)

    @Slot()
    def _on_to_changed(self) -> None:
        # How much a colleague lacks is known only when the file is written.
        self.goes.setVisible(self.to.currentData() == HQ)

    def _on_status(self, status: Any) -> None:
        words = t("ui.sync.waiting", entries=f"{status.unconfirmed:,}", blobs=f"{status.blobs_waiting:,}")
        self.goes.setText(t("ui.sync.goes", what=words))

    def settle(self) -> None:
        self.go_button.setEnabled(True)
        self.go_button.setFocus()

    @Slot()
    def _on_go_clicked(self) -> None:
        if self.is_export:
            name = f"mingjian-{self.desk.session.clock.now():%Y%m%d-%H%M}{SUFFIX}"
            # The facade refuses a name that is taken; a question here would promise to write over it.
            plain = QFileDialog.Option.DontConfirmOverwrite
            path, _ = QFileDialog.getSaveFileName(self, t("ui.sync.export"), name, FILES, options=plain)
        else:
            path, _ = QFileDialog.getOpenFileName(self, t("ui.sync.import"), "", FILES)
        if path:
            self.carry(Path(path))

    def carry(self, path: Path) -> None:
        """Write to the file, or read it."""
        self.fault_line.hide()
        clear(self.answers)
        self.is_done = False
        self.go_button.setEnabled(False)
        to, with_media = str(self.to.currentData()), self.with_media.isChecked()
        work = partial(self._export, path, to, with_media) if self.is_export else partial(self._import, path)
        on_done = self._on_written if self.is_export else self._on_taken
        watch = self.desk.jobs.watch(work, on_done, self.on_failed, self.on_cancelled)
        if not self.is_done and self.fault_line.isHidden():
            self.progress.follow(watch, t("ui.sync.writing") if self.is_export else t("ui.sync.reading"), doing)

    def _export(self, path: Path, to: str, with_media: bool, watch: Watch) -> tuple[Path, int, Any]:
        report = self.desk.session.sync.export_bundle(path, to=to, with_media=with_media, progress=watch)
        return path, path.stat().st_size, report

    def _import(self, path: Path, watch: Watch) -> tuple[str, Any]:
        return path.name, self.desk.session.sync.import_bundle(path, progress=watch)

    def _on_written(self, written: tuple[Path, int, Any]) -> None:
        path, length, report = written
        self._ended()
        card = Card(mark(Tone.PASS, t("ui.sync.written", file=path.name)), tone=Tone.PASS)
        counts = t(
            "ui.sync.written_more",
            runs=f"{report.runs:,}",
            blobs=f"{report.blobs:,}",
            size=size(length),
            number=report.sequence,
        )
        card.add(label(counts, wrap=True))
        after = t("ui.sync.written_next") if report.recipient == HQ else t("ui.sync.written_next_peer")
        card.add(label(after, "muted", wrap=True))
        self.answers.addWidget(card)

    def _on_taken(self, taken: tuple[str, Any]) -> None:
        name, report = taken
        self._ended()
        is_new = bool(not report.is_repeat or report.pulled.entries)
        tone = Tone.PASS if is_new else Tone.MUTED
        words = t("ui.sync.taken", file=name) if is_new else t("ui.sync.taken_twice", file=name)
        card = Card(mark(tone, words), tone=Tone.PASS if is_new else None)
        sender = t("ui.sync.to_hq") if report.sender == HQ else report.sender
        counts = t(
            "ui.sync.taken_more",
            sender=sender,
            entries=f"{report.pulled.entries:,}",
            confirmed=f"{report.confirmed + report.pulled.own_confirmed:,}",
            blobs=f"{report.blobs:,}",
        )
        card.add(label(counts, wrap=True))
        for one in report.bad:
            words = t("ui.sync.set_aside", part=one.about or one.name, why=reason(one.why))
            card.add(label(f"! {words}", tone=Tone.WARN, wrap=True))
        if report.statement is not None:
            equal = report.statement.equal
            card.add(mark(Tone.PASS, t("ui.sync.equal")) if equal else mark(Tone.BLOCK, t("ui.sync.unequal")))
        self.answers.addWidget(card)
        self.desk.bus.changed.emit(frozenset(Topic))

    def _ended(self) -> None:
        self.is_done = True
        self.progress.end()
        self.settle()
