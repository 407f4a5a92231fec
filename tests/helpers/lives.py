"""Stations and a headquarters as processes of their own, which may be killed at a chosen write, or at any moment.

They are forked from a server that has the program loaded already, so that a life costs a tenth of a start.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from core.crypto import signing
from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.domain.checklists import Answer
from core.hq import engine, serving, store
from core.hq.headquarters import Headquarters, HqSettings, begin
from core.hq.verify import verify
from core.kernel.clock import SystemClock
from core.kernel.errors import Fault
from core.kernel.ids import new_id
from core.kernel.records import changed
from core.station import Session, Station
from core.storage.engine import tell_of_writes
from core.sync.streams import home_stream
from tests.helpers.bad_line import BadLine
from tests.helpers.station_town import BODY
from tests.helpers.stations import PASSWORD, small_station
from tests.helpers.stores import answer

PATIENCE_S = 60
SESSIONS_MAX = 60
"""Attempts to sync in one life of a station before it gives up."""
_context = multiprocessing.get_context("forkserver")
# What a process would import when it first needs it.
_LATE = (
    "core.domain.shared_doubts",
    "core.hq.app",
    "core.services.determinations",
    "core.services.doubts",
    "core.services.gate_loading",
    "core.services.rule_packages",
    "core.station.deciding",
    "core.station.following",
    "core.station.lines",
    "core.station.publishing_in",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)
_context.set_forkserver_preload(["tests.helpers.lives", *_LATE])


class Hq:
    """A headquarters in a folder, served by a child process on a port that stays the same."""

    def __init__(self, folder: Path, *, database: str = "") -> None:
        self.folder = folder
        opened, _ = begin(folder, settings=HqSettings(database=database), cost=CHEAP_COST_FOR_TESTS)
        self.root = opened.keys.root_public
        opened.close()
        self.port = 0
        self._process: BaseProcess | None = None

    def serve(self, *, die_at: int = 0) -> None:
        """Serve; `die_at`: kill the process at that write of its database, 0 never."""
        near, far = _context.Pipe()
        self._process = _context.Process(target=serve_hq, args=(str(self.folder), self.port, die_at, far))
        self._process.start()
        far.close()
        assert near.poll(PATIENCE_S), "headquarters does not come up"
        self.port = near.recv()
        near.close()

    def is_alive(self) -> bool:
        """Tell whether it serves."""
        return self._process is not None and self._process.is_alive()

    def kill(self) -> None:
        """Kill it, as the end of a machine does."""
        if self._process is not None:
            self._process.kill()
            self._process.join(PATIENCE_S)
            self._process = None

    @contextmanager
    def opened(self) -> Generator[Headquarters]:
        """Open it in this process, beside the one that serves."""
        found = Headquarters(self.folder)
        try:
            yield found
        finally:
            found.close()

    def code(self) -> str:
        """Return a one-time code."""
        with self.opened() as found:
            return found.enrolment.issue(subject=BODY, officer="o-zhangmin", by="admin").code


class Laptop:
    """A station whose lives are processes. `ledger` is a file: every answer of which it said that it is saved."""

    def __init__(self, folder: Path, name: str) -> None:
        self.home, self.name = folder / name, name
        self.ledger = folder / f"{name}.saved"
        self.ledger.write_bytes(b"")
        small_station(self.home, clock=SystemClock())

    def said(self) -> dict[str, str]:
        """Return what it said to be saved, with its text."""
        lines = self.ledger.read_text("utf-8").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def live(self, url: str, *, code: str = "", answers: int, die_at: int = 0) -> BaseProcess:
        """Begin a life: enrol, if it has a code; then write and sync in turn, and end when headquarters has all."""
        process = _context.Process(
            target=live_station, args=(str(self.home), self.name, str(self.ledger), url, code, answers, die_at)
        )
        process.start()
        return process

    def opened(self) -> Session:
        """Unlock it in this process."""
        return Station.open(self.home, clock=SystemClock()).unlock("zhangmin", PASSWORD)


# What the processes do.


def serve_hq(folder: str, port: int, die_at: int, told: Any) -> None:
    """Be `hq serve`."""
    os.environ[serving.FOLDER] = folder
    whole: Callable[..., Any] = engine.open_engines

    def open_engines(*args: Any, **named: Any) -> Any:
        engines = whole(*args, **named)
        die_at_write(engines.writer, die_at)
        return engines

    store.open_engines = open_engines
    os.dup2(os.open(Path(folder, "log"), os.O_CREAT | os.O_APPEND | os.O_WRONLY), sys.stdout.fileno())

    def announce(_: str, bound: int) -> None:
        told.send(bound)
        told.close()

    serving.serve("127.0.0.1", port, workers=1, certificate=None, key=None, announce=announce)


def live_station(home: str, name: str, ledger: str, url: str, code: str, answers: int, die_at: int) -> None:
    """Be a station: write answers and sync after each, whatever the line says, until nothing exists only here."""
    session = Station.open(Path(home), clock=SystemClock()).unlock("zhangmin", PASSWORD)
    die_at_write(session.store.writer, die_at)
    if code and not session.sync.status().is_enrolled:
        _until_done(lambda: session.sync.enrol(url, code))
    for _ in range(answers):
        made = changed(answer(0), id=new_id(), point=new_id(), note=f"{name} 写的")
        with session.open_work() as work:
            work.table(Answer).put(made)
        with Path(ledger).open("a") as said:
            said.write(f"{made.id} {made.note}\n")
        _until_done(lambda: session.sync.run(), attempts=1)
    _until_done(lambda: session.sync.run())
    session.close()


def _until_done(step: Callable[[], object], *, attempts: int = SESSIONS_MAX) -> None:
    for _ in range(attempts):
        try:
            step()
        except Fault as fault:
            if fault.code == "sync.enrol_again":
                raise
            continue
        return


def die_at_write(engine: Any, at: int) -> None:
    """Have this process killed at the write of that number, 0 never."""
    left = at

    def told(what: str) -> None:
        nonlocal left
        if what in ("insert", "update", "delete", "commit"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if at:
        tell_of_writes(engine, told)


# After the storm.


def differences(hq: Hq, laptops: list[Laptop]) -> list[str]:
    """Let every station sync over a good line, and return whatever is not as it must be."""
    found: list[str] = []
    sessions = [laptop.opened() for laptop in laptops]
    try:
        for session in (*sessions, *sessions):
            report = session.sync.run()
            if report.statement is None or not report.statement.equal:
                found.append(f"{session.device_id} is not equal: {report.statement}")
        with hq.opened() as opened:
            found += _of_the_log(opened, laptops)
        for session in sessions:
            found += [str(bad) for bad in session.verify_log().bad]
    finally:
        for session in sessions:
            session.close()
    return found


def _of_the_log(opened: Headquarters, laptops: list[Laptop]) -> list[str]:
    stream = home_stream(BODY)
    end = opened.store.read.stream_head(stream)
    assert end is not None
    _, lines = opened.store.read.page(stream, 0, limit=end.seq)
    answers = [json.loads(line) for line in lines]
    there = [one["ent"] for one in answers if one["fam"] == "answer"]
    notes = {one["ent"]: one["body"]["note"] for one in answers if one["fam"] == "answer"}
    said = {entity: note for laptop in laptops for entity, note in laptop.said().items()}
    found = [f"{entity} was said to be saved and is not there" for entity in said if notes.get(entity) != said[entity]]
    found += [f"{entity} is there twice" for entity in notes if there.count(entity) != 1]
    return found + [str(bad) for bad in verify(opened.store, signing.verify, watch=lambda *_: None).bad]


@contextmanager
def bad_line(hq: Hq, seed: int) -> Generator[BadLine]:
    """Give a bad line before a headquarters that serves."""
    line = BadLine(hq.port, seed=seed)
    try:
        yield line
    finally:
        line.close()
