"""The unlock page: the first thing that is painted, before any heavy room of core is imported."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from core.kernel.errors import Fault
from ui import icons
from ui.i18n import t, term
from ui.jobs import Jobs
from ui.theme import Tone, px
from ui.widgets.basic import Card, button, clear, label, row
from ui.widgets.lines import FaultLine, ProgressLine

WIDTH = 420


class UnlockPage(QWidget):
    """`unlocked` carries the session. `door` opens, unlocks and makes stations; it is asked in the lanes only."""

    unlocked = Signal(object)

    def __init__(self, jobs: Jobs, door: Any, home: Path) -> None:
        super().__init__()
        self._jobs, self._door, self._home = jobs, door, home
        self._station: Any = None
        self._pending = False
        self._wait_s = 0
        self.wanted_account = ""
        self.setAccessibleName(t("ui.unlock.title"))
        self.card = Card()
        self.card.setFixedWidth(px(WIDTH))
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.fault_line = FaultLine()
        self.progress = ProgressLine()
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._on_second)
        self._build()

    def _build(self) -> None:
        self.account = QComboBox()
        self.account.setAccessibleName(t("ui.unlock.account"))
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName(t("ui.unlock.password"))
        self.password.returnPressed.connect(self._on_unlock_clicked)
        self.password.installEventFilter(self)
        self.caps = label(t("ui.unlock.caps"), tone=Tone.WARN)
        self.caps.hide()
        self.note = label("", "muted", wrap=True)
        self.note.hide()
        self.unlock_button = button(t("ui.unlock.go"), self._on_unlock_clicked, role="main")
        picture = QLabel()
        picture.setPixmap(icons.pixmap("shield-check", Tone.ACCENT, 36))
        for part in (
            picture,
            label(t("ui.app.name"), "title"),
            label(t("ui.unlock.title"), "hint"),
            self.fault_line,
            label(t("ui.unlock.account"), "muted"),
            self.account,
            label(t("ui.unlock.password"), "muted"),
            self.password,
            self.caps,
            self.note,
            self.unlock_button,
            label(t("ui.unlock.safe"), "muted", wrap=True),
        ):
            self.card.add(part)
        self.account.setEnabled(False)
        self.setFocusProxy(self.password)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.password and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            letter = event.text()
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if letter.isalpha() and letter.isascii():
                # A capital without Shift, or a small letter with it, can only come from Caps Lock.
                self.caps.setVisible(letter.isupper() != shifted)
        return False

    def begin(self) -> None:
        """Ask the door for the station; called after the first paint."""
        self._jobs.run(partial(self._door.open, self._home), self._on_opened, self.on_open_failed)

    def _on_opened(self, station: Any) -> None:
        if station is None:
            self._show_no_station()
            return
        self._station = station
        self.account.clear()
        for name in station.accounts():
            self.account.addItem(name)
        self.account.setEnabled(self.account.count() > 1)
        # Who unlocked last most likely unlocks again.
        self.account.setCurrentIndex(max(0, self.account.findText(self.wanted_account)))
        self.password.setFocus()
        if self._pending:
            self._pending = False
            self._on_unlock_clicked()

    def on_open_failed(self, fault: Fault) -> None:
        self.fault_line.tell(fault)

    @Slot()
    def _on_unlock_clicked(self) -> None:
        if self._station is None:
            # The rooms are still being brought in; the password is not asked for twice.
            self._pending = True
            return
        if self._wait_s > 0:
            return
        self.fault_line.hide()
        self.unlock_button.setEnabled(False)
        self.unlock_button.setText(t("ui.unlock.working"))
        call: Callable[[], Any] = partial(self._station.unlock, self.account.currentText(), self.password.text())
        self._jobs.run(call, self._on_unlocked, self._on_refused)

    def _on_unlocked(self, session: Any) -> None:
        self._ready_again()
        self.password.clear()
        self.unlocked.emit(session)

    def _on_refused(self, fault: Fault) -> None:
        self._ready_again()
        self.password.selectAll()
        self.password.setFocus()
        seconds = fault.params.get("seconds")
        if fault.code == "unlock.wait" and isinstance(seconds, int | float):
            self._wait_s = max(1, round(seconds))
            self.unlock_button.setEnabled(False)
            self._timer.start()
            self._show_wait()
            return
        self.fault_line.tell(fault)

    def _ready_again(self) -> None:
        self.unlock_button.setEnabled(True)
        self.unlock_button.setText(t("ui.unlock.go"))

    def _show_wait(self) -> None:
        self.note.setText(t("ui.unlock.wait", seconds=self._wait_s))
        self.note.setVisible(self._wait_s > 0)

    @Slot()
    def _on_second(self) -> None:
        self._wait_s -= 1
        self._show_wait()
        if self._wait_s <= 0:
            self._timer.stop()
            self.unlock_button.setEnabled(True)

    def tell(self, words: str) -> None:
        """Show a sentence above the button, for example why the window was locked."""
        self.note.setText(words)
        self.note.show()

    def stop(self) -> None:
        """Stop the clock of the page."""
        self._timer.stop()

    def _show_no_station(self) -> None:
        self._clear_card()
        self.fault_line, self.progress = FaultLine(), ProgressLine()
        self.make_button = button(t("ui.unlock.make_demo"), self._on_make_clicked, role="main")
        for part in (
            label(t("ui.app.name"), "title"),
            label(t("ui.unlock.no_station"), "section"),
            label(t("ui.unlock.no_station_more", home=self._home), wrap=True),
            self.fault_line,
            self.make_button,
            self.progress,
        ):
            self.card.add(part)

    def _clear_card(self) -> None:
        clear(self.card.body)

    @Slot()
    def _on_make_clicked(self) -> None:
        self.make_button.setEnabled(False)
        watch = self._jobs.watch(
            partial(self._door.make_demo, self._home), self._on_made, self._on_make_failed, self._on_make_cancelled
        )
        self.progress.follow(watch, t("ui.unlock.making"))

    def _on_make_failed(self, fault: Fault) -> None:
        self._on_make_cancelled()
        self.fault_line.tell(fault)

    def _on_make_cancelled(self) -> None:
        self.progress.end()
        self.make_button.setEnabled(True)

    def _on_made(self, accounts: Any) -> None:
        self._clear_card()
        self.card.add(label(t("ui.unlock.demo_made"), "section", wrap=True))
        for one in accounts:
            role = term("role", one.role)
            line = label(t("ui.unlock.demo_account", name=one.name, role=role, password=one.password))
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.card.add(line)
        self.go_on_button = button(t("ui.unlock.go_on"), self._on_go_on_clicked, role="main")
        self.card.body.addLayout(row(self.go_on_button, None))

    @Slot()
    def _on_go_on_clicked(self) -> None:
        self._clear_card()
        self.fault_line = FaultLine()
        self._build()
        self.begin()
