"""While a call is under way the station reads on; what it read or asked ahead is used only where it still fits."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.crypto import signing
from core.kernel.errors import Trouble
from core.remote.line import HttpLine
from core.sync.entries import CHAIN_START
from core.sync.pull import pull_all
from core.sync.push import push_chain
from core.sync.runs import Run
from core.sync.streams import STREAM_START, Page, Reset, cursor_after
from core.sync.wire import ChainAnswer, PullRequest, PushAnswer
from tests.helpers.stores import write_answers
from tests.helpers.synced import Synced, writes
from tests.sync.chains import STREAM, Author, page

WAIT_S = 20


@pytest.fixture
def synced(tmp_path: Path) -> Synced:
    return Synced(tmp_path)


class Taking:
    """A line that takes every run; by number of the push it may fail, or tell that headquarters went back."""

    begin_push = HttpLine.begin_push
    begin_pull = HttpLine.begin_pull

    def __init__(self, *, fails_at: int = 0, goes_back_at: int = 0) -> None:
        self.firsts: list[int] = []
        self._fails_at, self._goes_back_at = fails_at, goes_back_at

    def push(self, run: Run) -> PushAnswer:
        self.firsts.append(run.header.first)
        if len(self.firsts) == self._fails_at:
            raise Trouble("sync.line_broken")
        if len(self.firsts) == self._goes_back_at:
            return PushAnswer(verdict="gap", have=0, head=CHAIN_START)
        return PushAnswer(verdict="taken", have=run.header.last, head=run.header.head)

    def pull(self, request: PullRequest) -> Sequence[Page | Reset]:
        raise AssertionError(request)


def pushed(synced: Synced, line: Any) -> int:
    answer = ChainAnswer(device=synced.device)
    return push_chain(synced.sync, line, synced.device, answer, watch=lambda _: None).left


def test_the_next_run_is_read_while_one_is_under_way(synced: Synced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.sync.push.ENTRIES_MAX", 2)
    write_answers(synced.store, 5)
    has_read = threading.Event()
    own_run = synced.sync.own_run

    def read(device: str, first: int, **limits: Any) -> Run | None:
        run = own_run(device, first, **limits)
        if first == 3:
            has_read.set()
        return run

    class Slow(Taking):
        def push(self, run: Run) -> PushAnswer:
            assert has_read.wait(WAIT_S), "the second run is read before the first one is answered"
            return super().push(run)

    monkeypatch.setattr(synced.sync, "own_run", read)
    line = Slow()
    assert pushed(synced, line) == 0
    assert line.firsts == [1, 3, 5]


def test_what_was_read_ahead_is_dropped_where_headquarters_went_back(
    synced: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sync.push.ENTRIES_MAX", 2)
    write_answers(synced.store, 5)
    line = Taking(goes_back_at=2)
    assert pushed(synced, line) == 0
    assert line.firsts == [1, 3, 1, 3, 5]


def test_what_was_taken_before_the_line_broke_is_marked(synced: Synced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.sync.push.ENTRIES_MAX", 2)
    write_answers(synced.store, 7)
    with pytest.raises(Trouble):
        pushed(synced, Taking(fails_at=3))
    assert synced.sync.confirmed(synced.device) == 4


class Giving(Taking):
    """A line to a headquarters that holds two pages, and may be restored before the second one is read."""

    def __init__(self, pages: Sequence[Page], *, is_restored: bool) -> None:
        super().__init__()
        self.asked: list[tuple[str, int]] = []
        self._is_restored = is_restored
        self._pages = pages

    def pull(self, request: PullRequest) -> Sequence[Page | Reset]:
        (cursor,) = request.cursors
        self.asked.append((cursor.epoch, cursor.seq))
        if self._is_restored and (cursor.epoch, cursor.seq) == ("e-1", self._pages[0].last):
            return (Reset(stream=STREAM, epoch="e-2", why="epoch"),)
        return tuple(one for one in self._pages if one.prev == cursor.head)


def two_pages(synced: Synced) -> list[Page]:
    author = Author("d-2")
    synced.introduce(author)
    writes(author, 1)
    writes(author, 2)
    first = synced.next_page(author.run(1, 1), more=True)
    second = page(author.run(2, 2), first=first.last + 1, prev=first.head)
    return [first, second]


def test_the_next_page_is_asked_for_once_while_one_is_taken_in(synced: Synced) -> None:
    pages = two_pages(synced)
    line: Any = Giving(pages, is_restored=False)
    assert pull_all(synced.sync, line, signing.verify, watch=lambda _: None).entries == 2
    assert line.asked == [("e-1", 1), ("e-1", 2)]
    assert synced.sync.cursors() == (cursor_after(pages[1]),)


def test_a_restore_behind_a_page_is_heard_in_what_was_asked_ahead(synced: Synced) -> None:
    line: Any = Giving(two_pages(synced), is_restored=True)
    told = pull_all(synced.sync, line, signing.verify, watch=lambda _: None)
    assert told.resets == (STREAM,)
    assert [(one.epoch, one.seq, one.head) for one in synced.sync.cursors()] == [("e-2", 0, STREAM_START)]
    assert line.asked == [("e-1", 1), ("e-1", 2), ("e-2", 0)]
