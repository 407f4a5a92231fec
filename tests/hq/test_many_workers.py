"""Several workers on one PostgreSQL: numbers of a stream without holes, chains in order, nothing missed by readers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.sync.pull import give
from core.sync.streams import Cursor, Page, check_page, cursor_after
from core.sync.wire import PullRequest
from tests.helpers.headquarters import STREAM, Author, Headquarters, lines_of


@pytest.fixture
def workers(postgres_url: str) -> Callable[[], Headquarters]:
    """Give headquarters' workers, each with connections of its own on one database."""
    Headquarters(postgres_url).close()

    def another() -> Headquarters:
        return Headquarters(postgres_url)

    return another


def test_inv06_a_reader_that_polls_misses_nothing_while_many_write(workers: Callable[[], Headquarters]) -> None:
    first, second = workers(), workers()
    authors = [Author(f"d-{number}") for number in range(4)]
    for author in authors:
        first.admit(author)
        author.answers(24)
    done = threading.Event()
    read: list[bytes] = []

    def write(number: int) -> None:
        for start in range(1, 25, 2):
            (first, second)[number % 2].push(authors[number], start, 2)

    def poll(hq: Headquarters) -> int:
        cursor, polls = Cursor(stream=STREAM), 0
        while True:
            is_last = done.is_set()
            for page in give(hq.store.read, PullRequest(cursors=(cursor,), limit=7), {STREAM}):
                assert isinstance(page, Page)
                check_page(page, cursor)
                cursor = cursor_after(page)
                read.extend(page.lines)
            polls += 1
            end = hq.store.read.stream_head(STREAM)
            if is_last and end is not None and cursor.seq == end.seq:
                return polls

    third = workers()
    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(poll, third)
        for writer in [pool.submit(write, number) for number in range(4)]:
            writer.result(60)
        done.set()
        assert reader.result(60) > 0
    assert sorted(read) == sorted([*first.log()[:4], *lines_of(*authors)])
    assert [line for line in read if line in set(authors[0].lines)] == authors[0].lines
    for hq in (first, second, third):
        hq.close()


def test_f09_two_workers_that_push_one_chain_at_once_append_it_once(workers: Callable[[], Headquarters]) -> None:
    first, second = workers(), workers()
    author = Author("d-1")
    first.admit(author)
    author.answers(30)
    gate = threading.Barrier(2)

    def push(hq: Headquarters) -> list[int]:
        have: list[int] = []
        for start in range(1, 31, 3):
            gate.wait(60)
            have.append(hq.push(author, start, 3).have)
        return have

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(push, hq) for hq in (first, second)]
        assert [answer.result(60) for answer in answers] == [list(range(3, 31, 3))] * 2
    assert first.log()[1:] == tuple(author.lines)
    first.close()
    second.close()


def test_inv03_one_id_under_two_chains_at_once_has_effect_once(workers: Callable[[], Headquarters]) -> None:
    first, second = workers(), workers()
    one, other = Author("d-1"), Author("d-2")
    for author in (one, other):
        first.admit(author)
        for number in range(20):
            author.answer(number, identifier=f"e-{number}", note=author.device)
    gate = threading.Barrier(2)

    def push(hq: Headquarters, author: Author) -> None:
        for start in range(1, 21):
            gate.wait(60)
            hq.push(author, start, 1)

    with ThreadPoolExecutor(2) as pool:
        for pushed in [pool.submit(push, first, one), pool.submit(push, second, other)]:
            pushed.result(60)
    digest = first.store.read.digest(STREAM)
    assert digest.families["answer"] == 20
    assert digest.seq == 42
    first.close()
    second.close()


def test_numbers_are_leased_once_by_many_workers(workers: Callable[[], Headquarters]) -> None:
    first, second = workers(), workers()

    def lease(hq: Headquarters) -> list[tuple[int, int] | None]:
        return [
            hq.store.run(
                STREAM, lambda work: work.lease(body="b", kind="prior_notice", year=2026, size=5, station="s-1")
            )
            for _ in range(20)
        ]

    with ThreadPoolExecutor(2) as pool:
        blocks = [block for done in [pool.submit(lease, hq) for hq in (first, second)] for block in done.result(60)]
    assert sorted(block for block in blocks if block) == [(start, start + 4) for start in range(1, 200, 5)]
    first.close()
    second.close()
