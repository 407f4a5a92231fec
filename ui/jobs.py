"""Background work: three lanes, and answers that come back in the thread of the window.

The write lane has one thread, so that writes keep the order of the gestures. The read lane answers searches, where a
newer question of the same kind makes the older worthless. The errand lane takes papers, decoding and imports.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from core.kernel.errors import Cancelled, Fault

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

OnDone = Callable[[Any], None]
OnFailed = Callable[[Fault], None]
STEP_EVERY_S = 0.05


class Lane(StrEnum):
    """Where a piece of work queues."""

    WRITE = "write"
    READ = "read"
    ERRAND = "errand"


class Watch(QObject):
    """Progress of one long piece of work, as a service sees it, and its stop button."""

    stepped = Signal(int, int, str)

    def __init__(self) -> None:
        super().__init__()
        self._stop = threading.Event()
        self._told_at = 0.0

    def cancel(self) -> None:
        """Ask the work to stop; it raises Cancelled at its next step."""
        self._stop.set()

    def step(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell how far the work is; a total that is not known goes out as 0.  Raises Cancelled."""
        if self._stop.is_set():
            raise Cancelled
        now = time.monotonic()
        # A million rows must not become a million events in the window.
        if now - self._told_at >= STEP_EVERY_S or done == total:
            self._told_at = now
            self.stepped.emit(done, total or 0, note)


class Jobs(Protocol):
    """What pages ask for. Receivers are bound methods."""

    def run(
        self, call: Callable[[], Any], on_done: OnDone, on_failed: OnFailed, *, lane: Lane = Lane.WRITE, key: str = ""
    ) -> None:
        """Run the call in a lane; then exactly one receiver is called in the window's thread.

        With a key (read lane) an answer is dropped if a newer call with the same key was asked meanwhile.
        """
        ...

    def watch(
        self, call: Callable[[Watch], Any], on_done: OnDone, on_failed: OnFailed, on_cancelled: Callable[[], None]
    ) -> Watch:
        """Run long work in the errand lane with progress; the Watch's cancel() stops it."""
        ...

    def shut(self) -> None:
        """Stop long work, let started work end, and join the threads."""
        ...


@dataclass(frozen=True)
class _Answer:
    """What came out of a call, on its way to the window's thread."""

    on_done: OnDone
    on_failed: OnFailed
    on_cancelled: Callable[[], None] | None
    value: Any
    error: BaseException | None
    key: str
    generation: int


def _ignore_nothing() -> None:
    """Stand in for a receiver of cancellation where nobody waits for one."""


def deliver(answer: _Answer) -> None:
    """Hand an answer to its receiver. A receiver whose widget is gone gets nothing; a defect is raised here."""
    receiver = getattr(answer.on_done, "__self__", None)
    if isinstance(receiver, QObject) and not isValid(receiver):
        return
    if answer.error is None:
        answer.on_done(answer.value)
    elif isinstance(answer.error, Cancelled):
        (answer.on_cancelled or _ignore_nothing)()
    elif isinstance(answer.error, Fault):
        answer.on_failed(answer.error)
    else:
        raise answer.error


class LaneJobs(QObject):
    """The real lanes."""

    _arrived = Signal(object)

    def __init__(self, *, interrupt_reads: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._interrupt_reads = interrupt_reads
        self._generations: dict[str, int] = {}
        self._queued: dict[str, Future[None]] = {}
        self._watches: set[Watch] = set()
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @cached_property
    def _pools(self) -> dict[Lane, ThreadPoolExecutor]:
        # Made with the first piece of work, after the first paint.
        from concurrent.futures import ThreadPoolExecutor

        threads = {Lane.WRITE: 1, Lane.READ: 1, Lane.ERRAND: 2}
        return {lane: ThreadPoolExecutor(count, thread_name_prefix=lane) for lane, count in threads.items()}

    def run(
        self, call: Callable[[], Any], on_done: OnDone, on_failed: OnFailed, *, lane: Lane = Lane.WRITE, key: str = ""
    ) -> None:
        generation = 0
        if key:
            generation = self._generations[key] = self._generations.get(key, 0) + 1
            older = self._queued.get(key)
            if older is not None and not older.cancel() and not older.done() and self._interrupt_reads is not None:
                self._interrupt_reads()
        future = self._pools[lane].submit(self._work, call, on_done, on_failed, None, key, generation)
        if key:
            self._queued[key] = future

    def watch(
        self, call: Callable[[Watch], Any], on_done: OnDone, on_failed: OnFailed, on_cancelled: Callable[[], None]
    ) -> Watch:
        watch = Watch()
        self._watches.add(watch)

        def watched() -> Any:
            return call(watch)

        future = self._pools[Lane.ERRAND].submit(self._work, watched, on_done, on_failed, on_cancelled, "", 0)
        future.add_done_callback(lambda _: self._watches.discard(watch))
        return watch

    def shut(self) -> None:
        """Stop long work, let started work end, and join the threads."""
        for watch in tuple(self._watches):
            watch.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _work(
        self,
        call: Callable[[], Any],
        on_done: OnDone,
        on_failed: OnFailed,
        on_cancelled: Callable[[], None] | None,
        key: str,
        generation: int,
    ) -> None:
        value: Any = None
        error: BaseException | None = None
        try:
            value = call()
        except BaseException as raised:  # noqa: BLE001 - every error travels to the window's thread and is judged there
            error = raised
        self._arrived.emit(_Answer(on_done, on_failed, on_cancelled, value, error, key, generation))

    @Slot(object)
    def _on_arrived(self, answer: _Answer) -> None:
        if answer.key and answer.generation != self._generations.get(answer.key):
            return
        deliver(answer)


class InlineJobs:
    """Runs everything on the spot; for tests and screenshots."""

    def run(
        self, call: Callable[[], Any], on_done: OnDone, on_failed: OnFailed, *, lane: Lane = Lane.WRITE, key: str = ""
    ) -> None:
        self._answer(call, on_done, on_failed, None)

    def watch(
        self, call: Callable[[Watch], Any], on_done: OnDone, on_failed: OnFailed, on_cancelled: Callable[[], None]
    ) -> Watch:
        watch = Watch()
        self._answer(lambda: call(watch), on_done, on_failed, on_cancelled)
        return watch

    def shut(self) -> None:
        """Nothing waits here."""

    def _answer(
        self,
        call: Callable[[], Any],
        on_done: OnDone,
        on_failed: OnFailed,
        on_cancelled: Callable[[], None] | None,
    ) -> None:
        try:
            value = call()
        except (Fault, Cancelled) as error:
            deliver(_Answer(on_done, on_failed, on_cancelled, None, error, "", 0))
        else:
            on_done(value)
