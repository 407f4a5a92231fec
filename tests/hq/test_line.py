"""The station's client and the application face to face, over a real store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.kernel.errors import Refusal
from core.sync.streams import Cursor, Page
from core.sync.wire import PullRequest
from tests.helpers.headquarters import STREAM, Author, Headquarters
from tests.helpers.hq_door import Door, open_door


@pytest.fixture
def door(hq: Headquarters) -> Iterator[Door]:
    """Give the front door of the headquarters."""
    with open_door(hq) as found:
        yield found


def test_a_run_goes_up_and_comes_down(door: Door, author: Author) -> None:
    author.answers(3)
    line = door.line(author)
    said = line.push(author.run())
    assert (said.verdict, said.have) == ("taken", 3)
    (page,) = line.pull(PullRequest(cursors=(Cursor(stream=STREAM),)))
    assert isinstance(page, Page)
    assert page.lines[1:] == tuple(author.lines)


def test_the_chain_is_told(door: Door, author: Author) -> None:
    author.answers(2)
    line = door.line(author)
    line.push(author.run())
    said = line.chain(author.device)
    assert (said.have, said.head, said.at) == (2, author.chains[-1], door.hq.clock.now())


def test_an_unknown_device_gets_no_token(door: Door) -> None:
    with pytest.raises(Refusal) as refused:
        door.line(Author("d-9")).chain("d-9")
    assert refused.value.code == "sync.token_bad"
