"""Everybody in one stream at once: who finds no room comes again, nothing is lost, each chain keeps its order."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from core.crypto import signing
from core.hq.limits import Running
from core.hq.service import Service
from core.hq.verify import verify
from core.kernel.errors import Trouble
from core.remote.line import HttpLine
from core.sync.runs import Run
from core.sync.wire import PushAnswer
from tests.helpers.headquarters import Author, Headquarters, lines_of
from tests.helpers.hq_door import open_door

STATIONS, RUNS, ROOM = 8, 3, 2


def with_little_room(service: Service) -> None:
    """Let a worker serve two requests at once."""
    service.running = Running(ROOM)


def test_f30_everybody_pushes_into_one_stream_at_once(hq: Headquarters) -> None:
    authors = [Author(f"d-{number}", clock=hq.clock) for number in range(STATIONS)]
    for author in authors:
        hq.admit(author)
        author.answers(2 * RUNS)
    turned_away, waits = threading.Event(), list[object]()
    whole = hq.desk.push

    def push(run: Run) -> PushAnswer:
        # Whoever is inside stays until somebody found no room: the queue is full on every machine.
        turned_away.wait(60)
        return whole(run)

    def work(author: Author, line: HttpLine) -> None:
        for run in range(RUNS):
            while True:
                try:
                    said = line.push(author.run(2 * run + 1, 2))
                    break
                except Trouble as trouble:
                    waits.append(trouble.params.get("retry_after_s"))
                    turned_away.set()
            assert (said.verdict, said.have) == ("taken", 2 * run + 2)

    hq.desk.push = push
    with open_door(hq, change=with_little_room) as door, ThreadPoolExecutor(STATIONS) as pool:
        for done in [pool.submit(work, author, door.line(author)) for author in authors]:
            done.result(100)
    assert waits
    assert set(waits) == {2}
    log = hq.log()
    assert sorted(log[STATIONS:]) == sorted(lines_of(*authors))
    for author in authors:
        assert [line for line in log if line in set(author.lines)] == author.lines
    assert verify(hq.store, signing.verify, watch=lambda *_: None).bad == ()
