"""Media over the line: cut anywhere, resumed with one part; completed twice; ranges."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.hq.direct import DirectLine
from core.kernel.errors import Trouble
from core.remote.line import HttpLine
from core.sync import blobs
from core.sync.blobs import fetch_blob, part, part_count, send_blob
from core.sync.ports import Line
from core.sync.wire import PART_BYTES, PartsAnswer
from tests.helpers.headquarters import Author, Headquarters
from tests.helpers.hq_door import Door, cut_wire, open_door

PICTURE = bytes(range(251)) * 2600
NAME = hashlib.sha256(PICTURE).hexdigest()
PARTS = part_count(len(PICTURE))
NEAR = 1
"""Bytes before and after a border at which the line is cut too."""

SMALL_PART, SMALL = 32, 100
# Where media lie has nothing to do with the database.
pytestmark = pytest.mark.on("sqlite")


@pytest.fixture
def door(hq: Headquarters) -> Iterator[Door]:
    """Give the front door of the headquarters."""
    with open_door(hq) as found:
        yield found


def send(line: HttpLine) -> None:
    """Send what headquarters lacks of the picture."""
    there = line.parts(NAME)
    if there.is_whole:
        return
    for number in range(PARTS):
        if number not in there.parts:
            line.put_part(NAME, number, part(PICTURE, number))
    line.complete(NAME, len(PICTURE))


def borders() -> list[int]:
    """Return every border of the parts with the bytes near it, and the middle of each part."""
    near = {at * PART_BYTES + off for at in range(PARTS + 1) for off in range(-NEAR, NEAR + 1)}
    middles = {at * PART_BYTES + PART_BYTES // 2 for at in range(PARTS)}
    return sorted(at for at in near | middles | {len(PICTURE) - 1, len(PICTURE)} if 0 <= at <= len(PICTURE))


@pytest.fixture
def named(door: Door, author: Author) -> Callable[[], None]:
    """Give a function that forgets the picture's bytes; an entry names it throughout."""
    author.answer(1, blobs=(NAME,))
    door.hq.push(author)

    def forget() -> None:
        door.hq.blobs.waiting.clear()
        door.hq.blobs.whole.clear()

    return forget


def test_f17_a_cut_anywhere_near_a_border_sends_at_most_one_part_again(
    door: Door, author: Author, named: Callable[[], None]
) -> None:
    for at in borders():
        if at >= len(PICTURE):
            continue
        named()
        cut, first = cut_wire(door, author, at=at)
        with pytest.raises(Trouble) as trouble:
            send(first)
        assert trouble.value.code == "sync.line_broken"
        whole, second = cut_wire(door, author, at=1 << 30)
        _resume_without_completing(second)
        again = cut.carried + whole.carried - len(PICTURE)
        assert 0 <= again <= PART_BYTES
        assert door.hq.blobs.parts(NAME) == tuple(range(PARTS))


class CuttingLine(DirectLine):
    """A line that breaks for good once so many bytes of parts went up; with `is_heard` off, when they arrived."""

    def __init__(self, hq: Headquarters, device: str, *, at: int, is_heard: bool = True) -> None:
        super().__init__(hq.desk, device)
        self._left = at
        self._is_heard = is_heard
        self.carried = 0

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        went = min(self._left, len(content))
        self._left -= went
        self.carried += went
        if went == len(content):
            super().put_part(sha256, number, content)
        if went < len(content) or (self._left == 0 and not self._is_heard):
            raise Trouble("sync.line_broken")


@pytest.mark.parametrize("is_heard", [True, False])
def test_f17_a_cut_at_every_byte_sends_at_most_one_part_again(
    hq: Headquarters, author: Author, monkeypatch: pytest.MonkeyPatch, is_heard: bool
) -> None:
    monkeypatch.setattr(blobs, "PART_BYTES", SMALL_PART)
    # One picture for every place at which the line is cut.
    pictures = {hashlib.sha256(bytes([at] * SMALL)).hexdigest(): bytes([at] * SMALL) for at in range(SMALL)}
    author.answer(1, blobs=tuple(pictures))
    hq.push(author)
    again: list[int] = []
    for at, (name, picture) in enumerate(pictures.items()):
        first = CuttingLine(hq, author.device, at=at, is_heard=is_heard)
        with pytest.raises(Trouble):
            send_blob(first, name, picture, watch=lambda _: None)
        second = CuttingLine(hq, author.device, at=1 << 30)
        send_blob(second, name, picture, watch=lambda _: None)
        again.append(first.carried + second.carried - SMALL)
    assert hq.blobs.whole == pictures
    assert (min(again), max(again)) == (0, SMALL_PART - 1)


class CountedParts:
    """A far end that only remembers which parts came whole, and breaks the line at a byte (core.sync.ports.Line)."""

    def __init__(self, *, at: int) -> None:
        self.left, self.carried, self.here = at, 0, set[int]()

    def parts(self, sha256: str) -> PartsAnswer:
        return PartsAnswer(sha256=sha256, parts=tuple(sorted(self.here)))

    def put_part(self, sha256: str, number: int, content: bytes) -> None:
        went = min(self.left, len(content))
        self.left, self.carried = self.left - went, self.carried + went
        if went < len(content):
            raise Trouble("sync.line_broken")
        self.here.add(number)

    def complete(self, sha256: str, size: int) -> None:
        assert self.here == set(range(part_count(size)))


@settings(max_examples=25)
@given(size=st.integers(1, 20 * PART_BYTES), share=st.floats(0, 1, exclude_max=True))
def test_f17_of_a_large_upload_at_most_256_kib_go_again_wherever_it_was_cut(size: int, share: float) -> None:
    line, content = CountedParts(at=int(size * share)), bytes(size)
    with pytest.raises(Trouble):
        send_blob(cast("Line", line), "0" * 64, content, watch=lambda _: None)
    line.left = 1 << 40
    send_blob(cast("Line", line), "0" * 64, content, watch=lambda _: None)
    assert 0 <= line.carried - size < PART_BYTES == 256 << 10


def _resume_without_completing(line: HttpLine) -> None:
    there = line.parts(NAME)
    for number in range(PARTS):
        if number not in there.parts:
            line.put_part(NAME, number, part(PICTURE, number))


@pytest.mark.on("sqlite", "postgresql")
def test_f18_two_devices_complete_one_blob(door: Door, author: Author, named: Callable[[], None]) -> None:
    other = Author("d-2", clock=door.hq.clock)
    door.hq.admit(other)
    ours, theirs = door.line(author), door.line(other)
    send(ours)
    theirs.complete(NAME, len(PICTURE))
    ours.complete(NAME, len(PICTURE))
    assert theirs.parts(NAME).is_whole
    assert door.hq.blobs.whole == {NAME: PICTURE}


def test_a_blob_comes_down_in_pieces(door: Door, author: Author, named: Callable[[], None]) -> None:
    line = door.line(author)
    send(line)
    assert fetch_blob(line, NAME, size=len(PICTURE)) == PICTURE
    assert line.blob(NAME) == PICTURE
    assert line.blob(NAME, start=5, limit=0) == b""
    assert line.blob(NAME, start=len(PICTURE)) == b""
    assert line.blob(NAME, start=len(PICTURE) - 3, limit=10) == PICTURE[-3:]
