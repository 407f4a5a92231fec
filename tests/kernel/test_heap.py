"""The collector is asked to look rarely for a while, and looks as before afterwards, however the whiles overlap."""

from __future__ import annotations

import gc

import pytest

from core.kernel.heap import YOUNG_MAX, heap_at_rest


def test_the_collector_is_as_it_was_after_the_last_of_several() -> None:
    usual = gc.get_threshold()
    with heap_at_rest():
        with heap_at_rest():
            assert gc.get_threshold()[0] == YOUNG_MAX
        assert gc.get_threshold()[0] == YOUNG_MAX
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_it_is_as_it_was_after_a_failure() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ValueError, match="inside"), heap_at_rest():
        raise ValueError("inside")
    assert gc.get_threshold() == usual
