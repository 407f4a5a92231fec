"""What Python's collector of garbage looks at while much is taken in at once."""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator
from contextlib import contextmanager

YOUNG_MAX = 100_000
"""Objects that come before the collector looks at them; a page of a stream is some 30,000."""

_lock = threading.Lock()
_inside = 0
_usual = gc.get_threshold()


@contextmanager
def heap_at_rest() -> Generator[None]:
    """Have the collector look rarely, and not at what is there already, while the context lasts.

    Thousands of records that all stay until they are written make it look at them, and at the whole program, again and
    again. What turns to garbage inside is collected as ever, only later.
    """
    global _inside, _usual
    with _lock:
        if not _inside:
            _usual = gc.get_threshold()
            gc.freeze()
            gc.set_threshold(YOUNG_MAX, *_usual[1:])
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                gc.set_threshold(*_usual)
                gc.unfreeze()


def rest_for_good() -> None:
    """Leave all that is there now out of every later collection: a server has loaded what it will ever load."""
    gc.collect()
    gc.freeze()
