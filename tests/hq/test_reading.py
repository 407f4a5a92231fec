"""Pages of a real store: whole runs, within limits, and right also for a cursor within a run."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from core.crypto import signing
from core.hq.engine import ATTEMPTS, again
from core.kernel.errors import Trouble
from core.sync.pull import give
from core.sync.runs import Run, check_run
from core.sync.streams import Cursor, Page, check_page
from core.sync.wire import PullRequest
from tests.helpers.headquarters import STREAM, Author, Headquarters


def test_a_page_ends_with_the_run_that_reaches_the_limit(hq: Headquarters, author: Author) -> None:
    author.answers(9)
    for first in (1, 4, 7):
        hq.push(author, first, 3)
    runs, lines = hq.store.read.page(STREAM, 1, limit=4)
    assert ([run.first for run in runs], lines) == ([1, 4], tuple(author.lines[:6]))


def test_a_page_ends_before_too_many_bytes_and_holds_one_run_at_least(
    hq: Headquarters, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    author.answers(4)
    hq.push(author, 1, 2)
    hq.push(author, 3, 2)
    monkeypatch.setattr("core.hq.reading.PAGE_BYTES", 10)
    assert [run.first for run in hq.store.read.page(STREAM, 1, limit=100)[0]] == [1]


def test_a_cursor_within_a_run_gets_its_rest_under_the_same_seal(hq: Headquarters, author: Author) -> None:
    author.answers(5)
    hq.push(author)
    head = hq.store.read.head_at(STREAM, 3)
    epoch = hq.store.epoch()
    assert head is not None
    cursor = Cursor(stream=STREAM, epoch=epoch, seq=3, head=head)
    (page,) = give(hq.store.read, PullRequest(cursors=(cursor,)), {STREAM})
    assert isinstance(page, Page)
    check_page(page, cursor)
    assert (page.runs[0].first, page.lines) == (3, tuple(author.lines[2:]))
    assert check_run(Run(header=page.runs[0], lines=page.lines), author.public, signing.verify).header.last == 5


class _Conflict(psycopg.errors.SerializationFailure):
    sqlstate = "40001"


def test_a_transaction_in_conflict_is_run_again_from_the_top() -> None:
    runs: list[int] = []

    def work() -> int:
        runs.append(1)
        if len(runs) < 3:
            raise DBAPIError("UPDATE", {}, _Conflict())
        return len(runs)

    assert again("there", work) == 3


def test_a_conflict_without_end_is_told_as_busy() -> None:
    runs: list[int] = []

    def work() -> int:
        runs.append(1)
        raise DBAPIError("UPDATE", {}, _Conflict())

    with pytest.raises(Trouble) as trouble:
        again("there", work)
    assert (trouble.value.code, len(runs)) == ("hq.database_busy", ATTEMPTS)


def test_a_server_that_is_gone_is_told_as_unreachable() -> None:
    def work() -> int:
        raise DBAPIError("SELECT", {}, psycopg.OperationalError("the connection is lost"))

    with pytest.raises(Trouble) as trouble:
        again("there", work)
    assert trouble.value.code == "hq.database_unreachable"
