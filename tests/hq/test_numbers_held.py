"""Leases never reach into numbers that a station holds: own ones of before it enrolled, and those of other streams."""

from __future__ import annotations

from core.domain.documents import DocumentKind
from core.domain.numbers import NumberBlock, new_block
from core.domain.shared_state import DeviceStatus
from core.hq import numbers
from core.kernel.records import to_plain
from core.sync.streams import home_stream
from tests.helpers.headquarters import STREAM, Author, Headquarters
from tests.hq.test_commands import outcome
from tests.hq.town import ask

BODY = "某局"


def hold(author: Author, first: int, size: int, *, source: str = "own", identifier: str = "") -> NumberBlock:
    """Append a block that a station holds."""
    block = new_block(
        identifier or f"b-{first}",
        body=BODY,
        kind=DocumentKind.PRIOR_NOTICE,
        year=2026,
        station=author.device,
        first=first,
        size=size,
        at=author.clock.now(),
        source=source,
    )
    author.write("number_block", block.id, to_plain(block))
    return block


def leased(hq: Headquarters, command: str) -> tuple[object, object]:
    found = outcome(hq, command)
    return found["first"], found["last"]


def gaps(hq: Headquarters) -> list[tuple[int, int, str]]:
    with hq.store.read.reading() as connection:
        return [(one.first, one.last, one.why) for one in numbers.skipped(connection)]


def test_what_a_station_numbered_before_it_enrolled_is_never_leased(hq: Headquarters, author: Author) -> None:
    hold(author, 1, 200)
    ask(author, "c-1", size=50)
    hq.push(author)
    assert leased(hq, "c-1") == (201, 250)
    assert gaps(hq) == [(1, 200, "own")]


def test_a_station_that_comes_later_moves_the_series_past_its_own_numbers(hq: Headquarters, author: Author) -> None:
    ask(author, "c-1", size=50)
    hq.push(author)
    late = Author("d-2", clock=hq.clock)
    hq.admit(late)
    hold(late, 1, 200)
    ask(late, "c-2", size=50)
    hq.push(late)
    assert (leased(hq, "c-1"), leased(hq, "c-2")) == ((1, 50), (201, 250))
    assert gaps(hq) == [(51, 200, "own")]


def test_the_same_block_told_again_moves_nothing(hq: Headquarters, author: Author) -> None:
    ask(author, "c-1", size=50)
    hq.push(author)
    hold(author, 1, 50, source="hq", identifier="c-1")
    hold(author, 1, 50, source="hq", identifier="c-1")
    ask(author, "c-2", size=50)
    hq.push(author)
    assert leased(hq, "c-2") == (51, 100)
    assert gaps(hq) == []


def test_one_bodys_numbers_come_from_one_stream(hq: Headquarters, author: Author) -> None:
    far = Author("d-3", clock=hq.clock, stream=home_stream("430104"))
    hq.admit(far)
    ask(author, "c-1", size=50)
    hq.push(author)
    ask(far, "c-2", size=50)
    ask(far, "c-3", size=50, body="另一局")
    hq.push(far)
    with hq.store.open_work(far.stream) as work:
        refused, given = work.find("outcome", "c-2"), work.find("outcome", "c-3")
    assert refused is not None
    assert (refused.body["accepted"], refused.body["reason"]) == (False, "body_of_another")
    assert given is not None
    assert given.body["first"] == 1


def test_f15_the_body_of_a_device_whose_chain_parted_is_told(hq: Headquarters, author: Author) -> None:
    author.answers(2)
    twin = author.copy()
    author.answer(8)
    twin.answer(9)
    hq.push(author)
    assert hq.push(twin, 3).verdict == "fork"
    with hq.store.open_work(STREAM) as work:
        told = work.find("station_device", author.device)
    assert told is not None
    assert told.body["status"] == DeviceStatus.FORKED.value
    before = hq.store.read.digest(STREAM)
    assert hq.push(twin, 3).verdict == "fork"
    assert hq.store.read.digest(STREAM) == before
