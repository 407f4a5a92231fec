"""The main window of an unlocked station: rail, top bar, pages, toast; Ctrl+K, the wedge scanner, the idle lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QInputEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.kernel.changes import Topic
from core.kernel.errors import Fault
from ui import icons
from ui.camera.wedge import Wedge
from ui.desk import Desk
from ui.i18n import t
from ui.jobs import Lane
from ui.palette import PaletteDialog
from ui.sync.assistant import Assistant
from ui.sync.badge import make_badge, show_badge
from ui.sync.cover import LockCover
from ui.sync.enrol import EnrolAssistant
from ui.sync.peer import PeerAssistant
from ui.sync.relay import RelayAssistant
from ui.sync.rounds import Rounds
from ui.sync.stick import StickAssistant
from ui.theme import FOLD_UNDER_WIDTH, RAIL_WIDTH, RAIL_WIDTH_FOLDED, Tone, px
from ui.waiting import waiting_counts
from ui.widgets.basic import box, button, column, label, row
from ui.widgets.lines import Toast
from ui.widgets.page import Page
from ui.widgets.rail import Rail
from ui.window_idle import IDLE_LOCK_MINUTES

TOLD_BY_PERSON = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
}

ASSISTANTS: dict[str, Callable[[Desk, Any, QWidget], Assistant]] = {
    "enrol": lambda desk, _, window: EnrolAssistant(desk, window),
    "stick": lambda desk, path, window: StickAssistant(desk, str(path), window),
    "peer": lambda desk, _, window: PeerAssistant(desk, window),
    "relay": lambda desk, _, window: RelayAssistant(desk, window),
}


def _nobody_waits() -> None:
    """Stand in where nothing waits for the last sync to stop."""


class MainWindow(QWidget):
    """`locked` is emitted when the person or the idle clock locks; True if it was the clock."""

    locked = Signal(bool)

    def __init__(self, desk: Desk, pages: Sequence[type[Page]]) -> None:
        super().__init__()
        self.desk = desk
        self.rounds = desk.rounds = Rounds(desk, self.is_typing)
        self.setWindowTitle(t("ui.app.window"))
        self._kinds = {kind.name: kind for kind in pages}
        self._pages: dict[str, Page] = {}
        self._counts_waiting = True
        self.rail = Rail([(kind.name, kind.icon) for kind in pages])
        self.stack = QStackedWidget()
        # A page that is wider than the screen scrolls; it must not push the window over the edge.
        self.stack.setMinimumSize(1, 1)
        self.toast = Toast()
        self.title = label("", "title")
        self.cover = LockCover()
        self._status: Any = None
        self._locks_by_clock = False
        self._has_left = False
        self._build()
        self._connect()
        self.show_page(pages[0].name)
        self._read_counts()
        self.rounds.begin()

    def _build(self) -> None:
        session = self.desk.session
        self.search_button = button(t("ui.bar.search") + "  Ctrl+K", self._on_search, icon="search", key="Ctrl+K")
        self.search_button.setAccessibleName(t("ui.bar.search_name"))
        self.unsynced = make_badge()
        person = QLabel()
        person.setPixmap(icons.pixmap("user", Tone.MUTED))
        self.person = label(session.account.shown_name)
        self.lock_button = button(t("ui.bar.lock"), self._on_lock_clicked, icon="lock", key="Ctrl+L")
        bar = QFrame()
        bar.setProperty("role", "bar")
        bar.setLayout(
            row(
                self.title,
                None,
                self.search_button,
                self.unsynced,
                person,
                self.person,
                self.lock_button,
                margins=(24, 8, 16, 8),
                spacing=12,
            )
        )
        self.demo_band = QFrame()
        self.demo_band.setProperty("role", "demo")
        self.demo_band.setLayout(row(label(f"! {t('ui.demo.band')}", "muted", tone=Tone.WARN), margins=(24, 2, 24, 2)))
        if not session.is_demo:
            self.demo_band.hide()
        right = column(bar, self.demo_band, spacing=0)
        right.addWidget(self.stack, 1)
        right.addWidget(box(row(self.toast, margins=(24, 0, 24, 0))))
        whole = row(self.rail, spacing=0)
        side = QWidget()
        side.setLayout(right)
        whole.addWidget(side, 1)
        self.whole = box(whole)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.whole)
        outer.addWidget(self.cover)

    def _connect(self) -> None:
        desk = self.desk
        self.rail.wanted.connect(self.show_page)
        desk.bus.changed.connect(self._on_changed)
        desk.messages.told.connect(self._on_told)
        desk.messages.failed.connect(self._on_failed)
        desk.messages.goes.connect(self._on_goes)
        self.unsynced.clicked.connect(self._on_unsynced_clicked)
        self.cover.impatient.connect(self.rounds.lock_now)
        self.rounds.changed.connect(self._on_rounds_changed)
        self.rounds.failed.connect(self._on_rounds_changed)
        for place, name in enumerate(self._kinds, start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{place}"), self)
            shortcut.setObjectName(name)
            shortcut.activated.connect(self._on_page_key)
        self._wedge = Wedge()
        self._wedge.scanned.connect(self._on_wedge)
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self._wedge)
        app.installEventFilter(self)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        minutes = int(desk.memory.text("idle_minutes", str(IDLE_LOCK_MINUTES)) or IDLE_LOCK_MINUTES)
        self._idle.setInterval(int(timedelta(minutes=minutes) / timedelta(milliseconds=1)))
        self._idle.timeout.connect(self._on_idle)
        self._idle.start()

    def leave(self, on_idle: Callable[[], None] | None = None) -> None:
        """Take the filters off the application; the window is about to go.

        Args:
            on_idle: Called once no sync uses the session any more: at once, or when the running one has stopped.
        """
        app = QApplication.instance()
        assert app is not None
        app.removeEventFilter(self._wedge)
        app.removeEventFilter(self)
        self._idle.stop()
        self.toast.hide()
        # What a last sync tells comes when the lanes of the work may be closed already.
        self._has_left = True
        self.rounds.stop(on_idle or _nobody_waits)

    def is_typing(self) -> bool:
        """Tell whether somebody is in the middle of a field of the page in front."""
        field = self.stack.focusWidget()
        if not isinstance(field, QLineEdit | QPlainTextEdit) or not field.hasFocus() or field.isReadOnly():
            return False
        return bool(field.text() if isinstance(field, QLineEdit) else field.toPlainText())

    def page(self, name: str) -> Page:
        """Return a page, made when it is first wanted."""
        if name not in self._pages:
            made = self._pages[name] = self._kinds[name](self.desk)
            self.stack.addWidget(made)
        return self._pages[name]

    @Slot(str, object)
    def show_page(self, name: str, argument: Any = None) -> None:
        """Bring a page to the front, and on it the thing it was asked for."""
        page = self.page(name)
        self.stack.setCurrentWidget(page)
        self.title.setText(t(f"ui.page.{name}"))
        self.rail.choose(name)
        page.shown()
        if argument is not None:
            page.open(argument)

    @Slot(str, object)
    def _on_goes(self, name: str, argument: Any) -> None:
        # Some wishes are the application's, not a page's: a new look builds this window again.
        if name in self._kinds:
            self.show_page(name, argument)
        elif name in ASSISTANTS:
            self._show_assistant(name, argument)
        elif name == "sync_now":
            self.rounds.run()

    def _show_assistant(self, name: str, argument: Any) -> None:
        # Over the page, not instead of it: whoever works on a visit keeps what is typed there.
        made = ASSISTANTS[name](self.desk, argument, self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if isinstance(made, EnrolAssistant):
            made.enrolled.connect(self._on_enrolled)
        made.open()

    @Slot()
    def _on_enrolled(self) -> None:
        self.rounds.begin()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Some three hundred events pass at every key; asking one for its kind costs more than its class.
        if isinstance(event, QInputEvent) and event.type() in TOLD_BY_PERSON:
            self._idle.start()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        folded = self.width() < px(FOLD_UNDER_WIDTH)
        self.rail.fold(folded)
        self.rail.setFixedWidth(px(RAIL_WIDTH_FOLDED if folded else RAIL_WIDTH))
        self.person.setVisible(not folded)

    def _read_counts(self) -> None:
        self.desk.jobs.run(self._counts, self._on_counts, self._on_failed, lane=Lane.READ, key="counts")

    def _counts(self) -> tuple[Any, dict[str, int]]:
        session = self.desk.session
        waiting = waiting_counts(session) if self._counts_waiting else {}
        return session.sync.status(), waiting

    def _on_counts(self, counts: tuple[Any, dict[str, int]]) -> None:
        self._status, waiting = counts
        self._show_badge()
        for name, waits in (*waiting.items(), ("sync", int(self._status.clash_count))):
            if name in self._kinds:
                self.rail.set_count(name, waits)

    def _show_badge(self) -> None:
        if self._status is not None:
            now = self.desk.session.clock.now()
            show_badge(self.unsynced, self._status, now, is_running=self.rounds.is_running)

    @Slot()
    def _on_rounds_changed(self) -> None:
        if self._has_left:
            return
        self._show_badge()
        if not self.rounds.is_running:
            self._read_counts()

    @Slot(object)
    def _on_changed(self, changed: frozenset[Topic]) -> None:
        for page in self._pages.values():
            page.mark_changed(changed)
        # An answer on a checklist moves no date: counting again at every key would hold up the saving.
        self._counts_waiting = not (changed & {Topic.CHECKLISTS, Topic.EVIDENCE})
        self._read_counts()

    @Slot(str, object)
    def _on_told(self, sentence: str, undo: Any) -> None:
        self.toast.tell(sentence, undo)

    @Slot(object)
    def _on_failed(self, fault: Fault) -> None:
        page = self.stack.currentWidget()
        assert isinstance(page, Page)
        page.fault_line.tell(fault)

    @Slot(str)
    def _on_wedge(self, raw: str) -> None:
        page = self.stack.currentWidget()
        taken = isinstance(page, Page) and page.take_scan(raw, "wedge")
        if not taken:
            self.show_page("visits", ("scan", raw, "wedge"))

    @Slot()
    def _on_page_key(self) -> None:
        self.show_page(self.sender().objectName())

    @Slot()
    def _on_search(self) -> None:
        dialog = PaletteDialog(self.desk, list(self._kinds), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._on_goes)
        dialog.open()

    @Slot()
    def _on_unsynced_clicked(self) -> None:
        self.show_page("sync", "statement")

    @Slot()
    def _on_lock_clicked(self) -> None:
        self._lock(by_clock=False)

    @Slot()
    def _on_idle(self) -> None:
        self._lock(by_clock=True)

    def _lock(self, *, by_clock: bool) -> None:
        """Lock after a last sync, or after seconds without one; the pages are out of sight at once."""
        if not self.cover.isHidden():
            return
        self._locks_by_clock = by_clock
        if self.rounds.before_lock(self._on_ready_to_lock):
            self.whole.hide()
            self.cover.show()
            self.cover.now_button.setFocus()

    def _on_ready_to_lock(self) -> None:
        self.locked.emit(self._locks_by_clock)
