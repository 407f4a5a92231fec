"""Pulling streams: what headquarters gives for a cursor, and how the station takes a page in.

A page that does not follow, whose hash or seals do not hold, is not applied at all; the cursor moves with the data in
one transaction. Source: sync.md 3.6; invariants 6, 7, 12, 15, 17.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.sync.directory import keys_in
from core.sync.ports import Line, ReadHq, StationStore
from core.sync.runs import CheckedRun, RunHeader, Verify, check_run
from core.sync.streams import STREAM_START, Cursor, Page, Reset, check_page, runs_of
from core.sync.wire import PAGE_ENTRIES, PullRequest

Watch = Callable[[int], None]


class Pulled(Record):
    """What pulling came to."""

    entries: int = 0
    own_confirmed: int = 0
    touched: tuple[tuple[str, str], ...] = ()
    clashes: int = 0
    pending: int = 0
    resets: tuple[str, ...] = ()
    """Streams that were begun anew, because headquarters went back."""

    def plus(self, other: Pulled) -> Pulled:
        """Return the two together."""
        return Pulled(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})


# Headquarters' half.


def give(read: ReadHq, request: PullRequest, allowed: Collection[str]) -> tuple[Page | Reset, ...]:
    """Return what follows each cursor; streams without news are left out.

    Raises:
        Refusal: "sync.stream_forbidden", params stream: the device does not read it (invariant 15).
    """
    limit = max(1, min(request.limit, PAGE_ENTRIES))
    answers: list[Page | Reset] = []
    for cursor in request.cursors:
        if cursor.stream not in allowed:
            raise Refusal("sync.stream_forbidden", stream=cursor.stream)
        answer = _after(read, cursor, limit)
        if answer is not None:
            answers.append(answer)
    return tuple(answers)


def _after(read: ReadHq, cursor: Cursor, limit: int) -> Page | Reset | None:
    end = read.stream_head(cursor.stream)
    if end is None:
        return None
    if cursor.seq > end.seq:
        return Reset(stream=cursor.stream, epoch=end.epoch, why="ahead")
    if cursor.epoch not in ("", end.epoch):
        return Reset(stream=cursor.stream, epoch=end.epoch, why="epoch")
    before = STREAM_START if cursor.seq == 0 else read.head_at(cursor.stream, cursor.seq)
    if before != cursor.head:
        return Reset(stream=cursor.stream, epoch=end.epoch, why="head_mismatch")
    if cursor.seq == end.seq:
        return None
    runs, lines = read.page(cursor.stream, cursor.seq, limit=limit)
    last = cursor.seq + len(lines)
    head = read.head_at(cursor.stream, last)
    assert head is not None, "a stream knows its hash at every entry it gives out"
    return Page(
        stream=cursor.stream,
        epoch=end.epoch,
        first=cursor.seq + 1,
        prev=cursor.head,
        head=head,
        more=last < end.seq,
        runs=runs,
        lines=lines,
    )


# The station's half.


def pull_all(store: StationStore, line: Line, verify: Verify, *, watch: Watch, limit: int = PAGE_ENTRIES) -> Pulled:
    """Read every stream to its end.

    Args:
        watch: Told after every page how many entries came; may raise Cancelled, what was applied stays.

    Raises:
        Refusal: "sync.page_damaged", "sync.seal_forged", "sync.run_damaged", "sync.device_unknown".
        Trouble: as core.sync.ports.Line.
    """
    total = Pulled()
    waiting = {cursor.stream for cursor in store.cursors()}
    while waiting:
        cursors = tuple(cursor for cursor in store.cursors() if cursor.stream in waiting)
        answers = line.pull(PullRequest(cursors=cursors, limit=limit))
        waiting = set()
        for answer in answers:
            cursor = next((one for one in cursors if one.stream == answer.stream), None)
            if cursor is None:
                raise Refusal("sync.page_damaged", stream=answer.stream, seq=0, why="not_asked")
            total = take_answer(store, answer, cursor, verify, total)
            if isinstance(answer, Reset) or answer.more:
                waiting.add(answer.stream)
            watch(total.entries)
    return total


def take_answer(store: StationStore, answer: Page | Reset, cursor: Cursor, verify: Verify, total: Pulled) -> Pulled:
    """Take in one answer of headquarters and return the total with it; raises as pull_all."""
    if isinstance(answer, Reset):
        if cursor.seq == 0 and cursor.epoch in ("", answer.epoch):
            # Restored once more before anything was read is sense; back to where we stand already is not.
            raise Refusal("sync.answer_senseless", what="reset")
        store.restart_stream(answer)
        return total.plus(Pulled(resets=(answer.stream,)))
    if not answer.lines:
        raise Refusal("sync.answer_senseless", what="page")
    applied = store.apply_page(answer, checked_runs(store, answer, cursor, verify))
    return total.plus(
        Pulled(
            entries=applied.entries,
            own_confirmed=applied.own_confirmed,
            touched=applied.touched,
            clashes=applied.clashes,
            pending=applied.pending,
        )
    )


def checked_runs(store: StationStore, page: Page, cursor: Cursor, verify: Verify) -> tuple[CheckedRun, ...]:
    """Return the runs of a page after everything about them was checked; raises as pull_all.

    Keys that the page itself tells of (headquarters' entries about stations) count for the runs behind them.
    """
    check_page(page, cursor)
    checked: list[CheckedRun] = []
    told: dict[str, bytes] = {}
    for run in runs_of(page):
        public = told.get(run.header.device) or store.public_of(run.header.device)
        if public is None:
            raise Refusal("sync.device_unknown", device=run.header.device)
        good = check_run(run, public, verify)
        checked.append(good)
        told |= keys_in(good)
    return tuple(checked)


_BEFORE_ALL = frozenset({"sync.device_unknown", "sync.run_gap"})
"""Why headquarters takes no later run of a chain either."""


class Witnessed(Record):
    """What handing back the work of others came to."""

    entries: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    """Device and code: headquarters does not know the device, or lacks what lies before."""
    beside: tuple[RunHeader, ...] = ()
    """Runs that headquarters keeps beside their chains; what it takes in of them comes with the stream."""

    def plus(self, other: Witnessed) -> Witnessed:
        """Return the two together."""
        return Witnessed(
            entries=self.entries + other.entries,
            refused=self.refused + other.refused,
            beside=self.beside + other.beside,
        )


def witness(store: StationStore, line: Line, *, watch: Watch) -> Witnessed:
    """Hand headquarters the runs of others that it does not hold.

    After headquarters lost something, what any laptop still holds comes back (invariant 17, F14). A colleague whom
    headquarters does not know yet stops nobody: his runs stay here and are offered again. A run that is refused for
    itself does not stop the ones behind it.

    Raises:
        Trouble: as core.sync.ports.Line.
    """
    entries = 0
    refused: dict[str, str] = {}
    beside: list[RunHeader] = []
    for run in store.held_elsewhere():
        device = run.header.device
        if refused.get(device) in _BEFORE_ALL:
            continue
        try:
            said = line.push(run)
        except Refusal as refusal:
            refused[device] = refusal.code
            continue
        if said.verdict == "gap":
            refused[device] = "sync.run_gap"
            continue
        if said.verdict == "fork":
            beside.append(run.header)
        entries += run.header.count
        watch(entries)
    return Witnessed(entries=entries, refused=tuple(refused.items()), beside=tuple(beside))
