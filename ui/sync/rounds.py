"""Sync by itself: at unlock, on wake, every so many minutes and before lock, in the background and never in the way.

The timer lives here; when the next attempt is due is judged by core.sync.schedule. No attempt is made or left out
because a machine calls itself online: an attempt is made, and its outcome is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.kernel.changes import Topic
from core.kernel.errors import Fault
from core.sync.schedule import EVERY_MIN_DEFAULT, next_attempt, woke_up
from ui.desk import Desk, Session
from ui.i18n import t
from ui.jobs import Lane, Watch

TICK = timedelta(seconds=15)
LOCK_WAIT = timedelta(seconds=4)
"""Locking waits this long for a last sync and no longer."""
MINUTES_KEY = "sync_minutes"
MINUTES_CHOICES = (5, 15, 30, 60, 0)
"""0: by hand."""

_SYNC_ONLY = frozenset({Topic.SYNC})


def every_minutes(desk: Desk) -> int:
    """Return the minutes between syncs that this window was told to keep; 0 is by hand."""
    kept = desk.memory.text(MINUTES_KEY, str(EVERY_MIN_DEFAULT))
    return int(kept) if kept.isdigit() else EVERY_MIN_DEFAULT


def _ms(length: timedelta) -> int:
    return int(length / timedelta(milliseconds=1))


def _nobody_waits() -> None:
    """Stand in where nothing waits for the end of a session."""


def _sync(session: Session, watch: Watch) -> Any:
    return session.sync.run(progress=watch)


class Rounds(QObject):
    """`changed` is emitted when a session begins or ends, and when the next attempt moved; `failed` with its fault.

    Args:
        is_typing: Tells whether the person is in the middle of a field; what came in is told to the pages afterwards.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk, is_typing: Callable[[], bool]) -> None:
        super().__init__()
        self._desk = desk
        self._is_typing = is_typing
        self.watch: Watch | None = None
        """The session that runs, with its progress."""
        self.is_running = False
        self.may_run = False
        """Enrolled, and under the identity that headquarters knows."""
        self.next_at: datetime | None = None
        self.last_fault: Fault | None = None
        self.last_report: Any = None
        self._device = ""
        self._last_end: datetime | None = None
        self._failures = 0
        self._owed: frozenset[Topic] = frozenset()
        self._on_idle: Callable[[], None] = _nobody_waits
        self._ticked_at = desk.session.clock.now()
        self._timer = QTimer(self)
        self._timer.setInterval(_ms(TICK))
        self._timer.timeout.connect(self._on_tick)
        self._lock_timer = QTimer(self)
        self._lock_timer.setSingleShot(True)
        self._lock_timer.timeout.connect(self._on_lock_waited)
        self._then: Callable[[], None] | None = None

    def begin(self) -> None:
        """The station was unlocked: look whether it is enrolled, and sync at once if so."""
        self._timer.start()
        self.look(self._on_first_look)

    def look(self, then: Callable[[Any], None] | None = None) -> None:
        """Ask the station again whether it is enrolled and as what."""
        self._desk.jobs.run(
            self._desk.session.sync.status,
            then or self._on_looked,
            self._on_look_failed,
            lane=Lane.READ,
            key="sync",
        )

    def run(self) -> bool:
        """Begin a session now unless one runs; tells whether one runs afterwards or ran at once."""
        if self.is_running or not self.may_run:
            return self.is_running
        self.is_running = True
        watch = self._desk.jobs.watch(
            partial(_sync, self._desk.session), self._on_done, self._on_run_failed, self._on_cancelled
        )
        if self.is_running:
            self.watch = watch
        self.changed.emit()
        return True

    def cancel(self) -> None:
        """Stop the session at its next step; what was sent and taken in stays so."""
        if self.watch is not None:
            self.watch.cancel()

    def replan(self) -> None:
        """The interval was changed, or a session ended: work out the next attempt."""
        now = self._desk.session.clock.now()
        self.next_at = None
        if self.may_run:
            self.next_at = next_attempt(
                self._last_end,
                now=now,
                every_min=every_minutes(self._desk),
                failures=self._failures,
                seed=self._device,
                retry_after_s=self._retry_after_s(),
            )
        self.changed.emit()

    def before_lock(self, then: Callable[[], None]) -> bool:
        """Sync once more and call `then` at its end, or after LOCK_WAIT; tells whether it still waits."""
        wanted = self.may_run and every_minutes(self._desk) > 0 and self._failures == 0
        if not wanted or not self.run() or not self.is_running:
            then()
            return False
        self._then = then
        self._lock_timer.start(_ms(LOCK_WAIT))
        return True

    def lock_now(self) -> None:
        """Somebody does not want to wait."""
        self._lock_timer.stop()
        self._on_lock_waited()

    def stop(self, on_idle: Callable[[], None] = _nobody_waits) -> None:
        """End: no more attempts; a session that runs is told to stop. `on_idle` is called once nothing runs."""
        self._timer.stop()
        self._lock_timer.stop()
        self._then = None
        if self.is_running:
            self._on_idle = on_idle
            self.cancel()
        else:
            on_idle()

    def _retry_after_s(self) -> int | None:
        asked = self.last_fault.params.get("retry_after_s") if self.last_fault is not None else None
        return int(asked) if isinstance(asked, int | float) else None

    def _on_first_look(self, status: Any) -> None:
        self._on_looked(status)
        if self.may_run and every_minutes(self._desk) > 0:
            self.run()

    def _on_looked(self, status: Any) -> None:
        self.may_run = bool(status.is_enrolled and not status.is_forked)
        self._device = str(status.device)
        if self._last_end is None:
            # The back-off goes on where the last start of the program left it.
            self._last_end, self._failures = status.last_attempt_at, int(status.failures)
        self.replan()

    def _on_look_failed(self, fault: Fault) -> None:
        self.failed.emit(fault)

    @Slot()
    def _on_tick(self) -> None:
        now = self._desk.session.clock.now()
        woke, self._ticked_at = woke_up(self._ticked_at, now, tick=TICK), now
        self._tell_owed()
        if not self.may_run or every_minutes(self._desk) == 0:
            return
        if woke:
            # The network of before the sleep says nothing about the one of now.
            self._failures = 0
        if woke or (self.next_at is not None and now >= self.next_at):
            self.run()

    def _on_done(self, report: Any) -> None:
        self.last_report, self.last_fault, self._failures = report, None, 0
        if report.is_erased:
            # The order for a lost laptop: whoever sits here must hear it before the lock closes for good.
            self._desk.messages.tell(t("ui.sync.is_lost"))
        came_in = bool(report.pulled or report.own_confirmed or report.lists_taken)
        self._owed |= frozenset(Topic) if came_in else _SYNC_ONLY
        self._ended()

    def _on_run_failed(self, fault: Fault) -> None:
        self.last_fault = fault
        self._failures += 1
        # What came in before the line broke is kept, so the pages read again all the same.
        self._owed |= frozenset(Topic)
        self._ended()
        self.failed.emit(fault)

    def _on_cancelled(self) -> None:
        self._owed |= frozenset(Topic)
        self._ended()

    def _ended(self) -> None:
        self.is_running, self.watch = False, None
        self._last_end = self._desk.session.clock.now()
        then, on_idle, self._on_idle = self._then, self._on_idle, _nobody_waits
        if then is not None:
            self.lock_now()
        elif self._timer.isActive():
            self._tell_owed()
            self.look()
        on_idle()

    def _tell_owed(self) -> None:
        owed = self._owed
        if not owed:
            return
        if self._is_typing():
            # A page that reads again while somebody types would take the words away; told at a later tick.
            return
        self._owed = frozenset()
        self._desk.bus.changed.emit(owed)

    @Slot()
    def _on_lock_waited(self) -> None:
        then, self._then = self._then, None
        self._lock_timer.stop()
        if then is not None:
            then()
