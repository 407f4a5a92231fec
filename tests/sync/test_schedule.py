"""When the next attempt is due."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.sync.schedule import BACK_OFF_MOST, next_attempt, woke_up
from tests.sync.chains import NOW


def test_by_hand_means_never_by_itself() -> None:
    assert next_attempt(NOW, now=NOW, every_min=0, failures=0, seed="d-1") is None


def test_the_first_attempt_is_due_at_once() -> None:
    assert next_attempt(None, now=NOW, every_min=15, failures=0, seed="d-1") == NOW


def test_f25_a_clock_set_back_by_years_does_not_put_the_next_attempt_years_away() -> None:
    assert next_attempt(NOW + timedelta(days=4000), now=NOW, every_min=15, failures=0, seed="d-1") == NOW


@given(st.integers(1, 600), st.text(min_size=1, max_size=8))
def test_after_a_success_the_wait_is_the_interval_give_or_take_a_fifth(every: int, seed: str) -> None:
    due = next_attempt(NOW, now=NOW, every_min=every, failures=0, seed=seed)
    assert due is not None
    assert timedelta(minutes=every) * 0.8 <= due - NOW <= timedelta(minutes=every) * 1.2


@given(st.integers(1, 1000), st.text(min_size=1, max_size=8))
def test_after_failures_the_wait_grows_and_never_passes_a_quarter_of_an_hour(failures: int, seed: str) -> None:
    due = next_attempt(NOW, now=NOW, every_min=15, failures=failures, seed=seed)
    assert due is not None
    assert timedelta(0) <= due - NOW <= min(BACK_OFF_MOST, timedelta(seconds=2.0 ** min(failures, 30)))


def test_two_stations_do_not_come_at_the_same_moment() -> None:
    dues = {next_attempt(NOW, now=NOW, every_min=15, failures=0, seed=f"d-{number}") for number in range(50)}
    assert len(dues) == 50


def test_the_wait_that_headquarters_asked_for_is_kept() -> None:
    due = next_attempt(NOW, now=NOW, every_min=15, failures=1, seed="d-1", retry_after_s=120)
    assert due == NOW + timedelta(seconds=120)


def test_a_gap_between_ticks_or_a_clock_set_back_is_a_waking() -> None:
    tick = timedelta(seconds=10)
    assert woke_up(NOW, NOW + timedelta(minutes=5), tick=tick)
    assert woke_up(NOW, NOW - timedelta(seconds=1), tick=tick)
    assert not woke_up(NOW, NOW + timedelta(seconds=12), tick=tick)
