"""Sync by itself: when it begins, what it never holds up, and what the badge says meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit

from core.kernel.changes import Topic
from core.kernel.errors import Trouble
from tests.ui.fakes import FakeSession
from tests.ui.sync_fakes import NOW, FakeStatus, FakeSync, not_enrolled
from ui.desk import Desk
from ui.i18n import t
from ui.jobs import InlineJobs, OnDone, OnFailed, Watch
from ui.settings.page import SettingsPage
from ui.sync.page import SyncPage
from ui.sync.rounds import MINUTES_KEY, TICK, Rounds
from ui.theme import Tone
from ui.today.page import TodayPage
from ui.window import MainWindow


class HeldJobs(InlineJobs):
    """Does everything on the spot but long work, which a test lets go on when it wants."""

    def __init__(self) -> None:
        self.held: list[Callable[[], None]] = []

    def watch(
        self, call: Callable[[Watch], Any], on_done: OnDone, on_failed: OnFailed, on_cancelled: Callable[[], None]
    ) -> Watch:
        watch = Watch()

        def go_on() -> None:
            self._answer(lambda: call(watch), on_done, on_failed, on_cancelled)

        self.held.append(go_on)
        return watch

    def release(self) -> None:
        """Let the long work that waits be done."""
        waiting, self.held = self.held, []
        for go_on in waiting:
            go_on()


@pytest.fixture
def held(desk: Desk) -> HeldJobs:
    """The jobs of the desk, with long work held back."""
    jobs = HeldJobs()
    desk.jobs = jobs
    return jobs


@pytest.fixture
def rounds(desk: Desk, session: FakeSession) -> Iterator[Rounds]:
    """Rounds of an enrolled station, not yet begun."""
    session.sync = FakeSync(now=FakeStatus())
    made = Rounds(desk, lambda: False)
    yield made
    made.stop()


def runs(rounds_of: FakeSession) -> int:
    return rounds_of.sync.asked.count(("run",))


def tick(rounds: Rounds) -> None:
    rounds._on_tick()  # pyright: ignore[reportPrivateUsage] - a test does not wait for real seconds


def pass_time(session: FakeSession, rounds: Rounds, **units: float) -> None:
    """Let time go by in ticks, as on a machine that is awake."""
    end = session.clock.now() + timedelta(**units)
    while session.clock.now() + TICK <= end:
        session.clock.advance(seconds=TICK.total_seconds())
        tick(rounds)


def test_an_enrolled_station_syncs_at_unlock(rounds: Rounds, session: FakeSession) -> None:
    rounds.begin()
    assert runs(session) == 1
    assert rounds.next_at is not None
    assert NOW + timedelta(minutes=12) <= rounds.next_at <= NOW + timedelta(minutes=18)


def test_a_station_that_is_not_enrolled_never_tries(rounds: Rounds, session: FakeSession) -> None:
    session.sync.now = not_enrolled()
    rounds.begin()
    pass_time(session, rounds, hours=2)
    assert (runs(session), rounds.next_at) == (0, None)


def test_it_syncs_again_after_the_interval(rounds: Rounds, session: FakeSession) -> None:
    rounds.begin()
    pass_time(session, rounds, minutes=19)
    assert runs(session) == 2


def test_by_hand_means_by_hand(rounds: Rounds, session: FakeSession, desk: Desk) -> None:
    desk.memory.keep(MINUTES_KEY, "0")
    rounds.begin()
    pass_time(session, rounds, hours=2)
    by_itself = runs(session)
    rounds.run()
    assert (by_itself, runs(session)) == (0, 1)


def test_after_a_wake_it_does_not_wait_for_the_interval(rounds: Rounds, session: FakeSession, desk: Desk) -> None:
    desk.memory.keep(MINUTES_KEY, "60")
    rounds.begin()
    session.clock.advance(minutes=5)
    tick(rounds)
    assert runs(session) == 2


def test_a_clock_that_was_set_back_tries_at_once(rounds: Rounds, session: FakeSession) -> None:
    rounds.begin()
    session.clock.advance(days=-400)
    tick(rounds)
    assert runs(session) == 2


def test_failures_back_off_and_never_beyond_fifteen_minutes(rounds: Rounds, session: FakeSession) -> None:
    session.sync.fault = Trouble("sync.unreachable", url="https://hq.example")
    rounds.begin()
    pass_time(session, rounds, hours=12)
    assert rounds.next_at is not None
    assert rounds.next_at - session.clock.now() <= timedelta(minutes=15)
    assert 12 * 4 <= runs(session) <= 12 * 240


def test_headquarters_wish_for_a_pause_is_kept(rounds: Rounds, session: FakeSession) -> None:
    session.sync.fault = Trouble("sync.busy", retry_after_s=600)
    rounds.begin()
    assert rounds.next_at is not None
    assert rounds.next_at >= NOW + timedelta(seconds=600)


def test_what_came_in_is_told_to_every_page(qtbot: Any, rounds: Rounds, session: FakeSession, desk: Desk) -> None:
    session.sync.pulled = 12
    with qtbot.waitSignal(desk.bus.changed) as told:
        rounds.begin()
    assert told.args == [frozenset(Topic)]


def test_the_order_for_a_lost_laptop_is_told(qtbot: Any, rounds: Rounds, session: FakeSession, desk: Desk) -> None:
    session.sync.is_erased = True
    with qtbot.waitSignal(desk.messages.told) as told:
        rounds.begin()
    assert told.args == [t("ui.sync.is_lost"), None]


def test_nobody_who_types_has_the_page_read_under_the_hands(desk: Desk, session: FakeSession) -> None:
    told: list[frozenset[Topic]] = []
    typing = [True]
    session.sync = FakeSync(now=FakeStatus(), pulled=3)
    rounds = Rounds(desk, lambda: typing[0])
    desk.bus.changed.connect(told.append)
    rounds.begin()
    tick(rounds)
    while_typing = list(told)
    typing[0] = False
    tick(rounds)
    rounds.stop()
    assert (while_typing, told) == ([], [frozenset(Topic)])


def test_two_never_run_at_once(held: HeldJobs, rounds: Rounds, session: FakeSession) -> None:
    rounds.begin()
    rounds.run()
    pass_time(session, rounds, hours=1)
    assert (len(held.held), rounds.is_running) == (1, True)
    held.release()
    assert not rounds.is_running


def test_cancelling_keeps_what_was_done_and_says_so(held: HeldJobs, rounds: Rounds, session: FakeSession) -> None:
    rounds.begin()
    rounds.cancel()
    held.release()
    assert (rounds.is_running, rounds.last_fault) == (False, None)


@pytest.fixture
def window(qtbot: Any, desk: Desk, session: FakeSession, held: HeldJobs) -> Iterator[MainWindow]:
    """The window of an enrolled station whose sync is held back."""
    session.sync = FakeSync(now=FakeStatus(unconfirmed=3, oldest_unsynced_at=NOW - timedelta(hours=2)))
    made = MainWindow(desk, (TodayPage, SyncPage, SettingsPage))
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    yield made
    made.leave()


def test_locking_waits_for_a_last_sync_behind_a_cover(qtbot: Any, window: MainWindow, held: HeldJobs) -> None:
    held.release()
    window.lock_button.click()
    assert (window.whole.isHidden(), window.cover.isHidden()) == (True, False)
    with qtbot.waitSignal(window.locked) as told:
        held.release()
    assert told.args == [False]


def test_locking_never_waits_longer_than_its_bound(qtbot: Any, window: MainWindow, held: HeldJobs) -> None:
    held.release()
    window.lock_button.click()
    with qtbot.waitSignal(window.locked) as told:
        window.rounds._lock_timer.timeout.emit()  # pyright: ignore[reportPrivateUsage] - a test does not wait seconds
    assert told.args == [False]


def test_who_does_not_want_to_wait_locks_at_once(qtbot: Any, window: MainWindow, held: HeldJobs) -> None:
    held.release()
    window.lock_button.click()
    with qtbot.waitSignal(window.locked):
        window.cover.now_button.click()
    assert len(held.held) == 1


def test_without_a_line_the_lock_does_not_wait(qtbot: Any, window: MainWindow, held: HeldJobs, session: Any) -> None:
    session.sync.fault = Trouble("sync.unreachable", url="https://hq.example")
    held.release()
    with qtbot.waitSignal(window.locked):
        window.lock_button.click()
    assert window.cover.isHidden()


def test_the_store_is_let_go_only_when_the_sync_has_stopped(window: MainWindow, held: HeldJobs) -> None:
    closed: list[bool] = []
    window.leave(lambda: closed.append(True))
    before = list(closed)
    held.release()
    assert (before, closed) == ([], [True])


def test_a_session_is_shown_with_progress_and_a_stop(window: MainWindow, held: HeldJobs) -> None:
    window.show_page("sync")
    page = window.page("sync")
    assert isinstance(page, SyncPage)
    assert not page.state.progress.isHidden()
    assert not page.state.sync_button.isEnabled()
    page.state.progress.cancel_button.click()
    held.release()
    assert page.state.progress.isHidden()
    assert page.state.sync_button.isEnabled()


def test_the_badge_is_plain_while_the_work_is_young(window: MainWindow) -> None:
    assert window.unsynced.text() == t("ui.bar.unsynced", count=3)
    assert not window.unsynced.property("tone")


def test_the_badge_is_amber_with_a_sign_when_the_oldest_is_older_than_a_day(
    window: MainWindow, session: FakeSession
) -> None:
    session.sync.now.oldest_unsynced_at = NOW - timedelta(days=2)
    window.desk.bus.changed.emit(frozenset({Topic.SYNC}))
    assert window.unsynced.property("tone") == Tone.WARN.value
    assert window.unsynced.text().startswith("! ")
    assert t("ui.sync.days", count=2) in window.unsynced.text()


def test_the_badge_opens_the_statement_from_any_page(window: MainWindow) -> None:
    window.show_page("settings")
    window.unsynced.click()
    page = window.page("sync")
    assert window.stack.currentWidget() is page
    assert isinstance(page, SyncPage)
    assert page.tabs["statement"].isChecked()


def test_clashes_are_counted_on_the_rail(window: MainWindow, session: FakeSession) -> None:
    session.sync.now.clash_count = 4
    window.desk.bus.changed.emit(frozenset({Topic.SYNC}))
    assert window.rail.count("sync") == 4


def test_typing_is_noticed_only_in_a_field_with_words(window: MainWindow) -> None:
    window.show_page("settings")
    page = window.page("settings")
    assert isinstance(page, SettingsPage)
    window.activateWindow()
    field: QLineEdit = page.head
    field.setFocus()
    QApplication.processEvents()
    empty = window.is_typing()
    field.setText("ab")
    assert (empty, window.is_typing()) == (False, True)


def test_the_interval_is_chosen_in_the_settings(window: MainWindow) -> None:
    window.show_page("settings")
    page = window.page("settings")
    assert isinstance(page, SettingsPage)
    page.sync_every.setCurrentIndex(page.sync_every.findData("0"))
    page.apply_button.click()
    assert window.desk.memory.text(MINUTES_KEY) == "0"
