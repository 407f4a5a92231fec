"""Lines in a page: a fault with its three sentences, a toast with undo, progress with cancel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from core.kernel.errors import Fault, Refusal
from ui import icons
from ui.faults import words_of
from ui.i18n import t
from ui.jobs import Watch
from ui.theme import Tone, px
from ui.widgets.basic import button, column, label, row

TOAST_MS = 8000


class FaultLine(QFrame):
    """What happened, what is safe, what to do. Hidden while there is nothing to tell."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QLabel()
        self.what = label("", "strong", wrap=True)
        self.more = label("", wrap=True)
        for part in (self.what, self.more):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = button("", self.hide, role="link", icon="x", name=t("ui.action.dismiss"))
        words = QWidget()
        words.setLayout(column(self.what, self.more, spacing=4))
        layout = row(self._picture, words, self.close_button, margins=(12, 8, 8, 8), spacing=12)
        layout.setStretch(1, 1)
        layout.setAlignment(self._picture, Qt.AlignmentFlag.AlignTop)
        layout.setAlignment(self.close_button, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay as high as the three sentences need at this width: a centred card would cut the last of them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        layout = self.layout()
        if layout is not None:
            self.setMinimumHeight(max(0, layout.totalHeightForWidth(self.width())))

    def tell(self, fault: Fault) -> None:
        """Show the fault: amber where a rule says no, red where something failed."""
        is_refusal = isinstance(fault, Refusal)
        words = words_of(fault)
        self.setProperty("role", "refusal" if is_refusal else "fault")
        self.style().unpolish(self)
        self.style().polish(self)
        tone = Tone.WARN if is_refusal else Tone.BLOCK
        self._picture.setPixmap(icons.pixmap("triangle-alert" if is_refusal else "circle-x", tone))
        self.what.setText(words.what)
        self.more.setText(f"{words.safe} {words.todo}".strip())
        self.setAccessibleName(str(words))
        self.show()
        self._fit()


class Toast(QFrame):
    """One short line at the foot of the window that goes by itself, with undo where there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "toast")
        self._undo: Callable[[], None] | None = None
        self.words = label("", wrap=True)
        self.undo_button = button(t("ui.action.undo"), self._on_undo_clicked, role="link", icon="undo-2")
        self.close_button = button("", self.hide, role="link", icon="x", name=t("ui.action.dismiss"))
        layout = row(self.words, self.undo_button, self.close_button, margins=(16, 4, 8, 4))
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def tell(self, sentence: str, undo: Callable[[], None] | None = None) -> None:
        """Show the sentence for some seconds."""
        self.words.setText(sentence)
        self.setAccessibleName(sentence)
        self._undo = undo
        self.undo_button.setVisible(undo is not None)
        self.show()
        self._timer.start(TOAST_MS)

    def hideEvent(self, event: QHideEvent) -> None:
        """Whichever way it goes, nothing is left to wait for."""
        super().hideEvent(event)
        self._timer.stop()

    @Slot()
    def _on_undo_clicked(self) -> None:
        undo, self._undo = self._undo, None
        self.hide()
        if undo is not None:
            undo()


class ProgressLine(QFrame):
    """How far long work is, with a button that stops it."""

    def __init__(self) -> None:
        super().__init__()
        self._watch: Watch | None = None
        self._say: Callable[[str], str] = str
        self.words = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel_button = button(t("ui.action.cancel"), self._on_cancel_clicked)
        layout: QHBoxLayout = row(self.words, self.bar, self.cancel_button, margins=(0, 4, 0, 4), spacing=12)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.bar.setMinimumWidth(px(160))
        self.hide()

    def follow(self, watch: Watch, words: str, say: Callable[[str], str] = str) -> None:
        """Show the progress of a watch until `end`; `say` gives the words of a note."""
        self._watch, self._say = watch, say
        self.words.setText(words)
        self.bar.setRange(0, 0)
        self.cancel_button.setEnabled(True)
        watch.stepped.connect(self._on_stepped)
        self.show()

    def end(self) -> None:
        """The work is over, whichever way."""
        self._watch = None
        self.hide()

    @Slot(int, int, str)
    def _on_stepped(self, done: int, total: int, note: str) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        count = f"{done:,} / {total:,}" if total else f"{done:,}"
        self.words.setText(f"{self._say(note)} {count}".strip())

    @Slot()
    def _on_cancel_clicked(self) -> None:
        self.cancel_button.setEnabled(False)
        if self._watch is not None:
            self._watch.cancel()
