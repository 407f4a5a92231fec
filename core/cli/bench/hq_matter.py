"""A headquarters to measure with: its own PostgreSQL, one worker in a process of its own, and stations' chains.

Everything lies in temporary folders and listens on this machine only; leaving the context ends it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from core.cli.bench.past_visits import VisitMaker
from core.cli.bench.postgres import own_server
from core.crypto import signing
from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.domain.families import BY_RECORD
from core.domain.shared_state import StationDevice
from core.domain.visits import Visit
from core.hq.device_rows import new_row
from core.hq.directory import admit
from core.hq.headquarters import Headquarters, HqSettings, begin
from core.hq.serving import BLOBS, DATABASE, FACTORY, FOLDER
from core.kernel.errors import Trouble
from core.kernel.ids import new_id
from core.kernel.records import to_plain
from core.sync.entries import CHAIN_START, Entry, encode, next_chain, next_hlc, seal_text
from core.sync.hq_pen import HqPen
from core.sync.runs import ENTRIES_MAX, Run, RunHeader, encode_run
from core.sync.streams import home_stream

START_S = 60
LOOK_S = 0.05
ENTERPRISES = 10_000
OFFICER = "o-1"


class Chain:
    """One station's key and what it wrote."""

    def __init__(self, device: str, subject: str) -> None:
        self.device, self.subject, self.stream = device, subject, home_stream(subject)
        self.private = signing.new_signing_key()
        self.public = signing.public_key_of(self.private)
        self.lines: list[bytes] = []
        self.chains: list[bytes] = [CHAIN_START]
        self._maker = VisitMaker(subject, (OFFICER, "o-2"))
        self._hlc = ""

    def write_visit(self, number: int, *, answers: int) -> None:
        """Append a finished visit and its answers."""
        now = datetime.now(UTC)
        for record in self._maker.records(number, ENTERPRISES, answers=answers):
            family = BY_RECORD[type(record)]
            self._hlc = next_hlc(self._hlc, now)
            entry = Entry(
                id=new_id(),
                n=len(self.lines) + 1,
                hlc=self._hlc,
                fam=family.name,
                ent=record.id,
                visit=record.id if isinstance(record, Visit) else record.visit,
                schema=family.schema,
                actor=OFFICER,
                at=now,
                body=to_plain(record),
            )
            self.lines.append(encode(entry))
            self.chains.append(next_chain(self.chains[-1], self.lines[-1]))

    def bodies(self, size: int = ENTRIES_MAX) -> Iterator[bytes]:
        """Yield the whole chain as bodies of pushes."""
        for first in range(1, len(self.lines) + 1, size):
            yield encode_run(self.run(first, min(size, len(self.lines) - first + 1)))

    def run(self, first: int, count: int) -> Run:
        """Return a sealed run."""
        last = first + count - 1
        seal = signing.sign(self.private, seal_text(self.device, last, self.chains[last]))
        header = RunHeader(
            device=self.device,
            stream=self.stream,
            first=first,
            count=count,
            prev=self.chains[first - 1],
            head=self.chains[last],
            seal=seal,
        )
        return Run(header=header, lines=tuple(self.lines[first - 1 : last]))


@dataclass(frozen=True)
class BenchHq:
    """A headquarters that serves."""

    url: str
    database: str
    headquarters: Headquarters

    def admit(self, device: str, subject: str, public: bytes, *, station: str = "") -> None:
        """Take a station's key in, as an enrolment would."""
        told = StationDevice(
            id=device,
            station=station or f"s-{device}",
            subject=subject,
            public=public.hex(),
            seal_recipient="age1",
            officer=OFFICER,
            enrolled_at=self.headquarters.clock.now(),
        )
        signer = self.headquarters.keys.signer()
        pen = HqPen(signer.sign, self.headquarters.clock.now)
        row = new_row(told, reads=())
        self.headquarters.store.run(row.home_stream, lambda work: admit(work, pen, row))

    def admit_all(self, chains: Sequence[Chain]) -> None:
        """Take several chains' keys in."""
        for chain in chains:
            self.admit(chain.device, chain.subject, chain.public)


@contextmanager
def serving_hq() -> Generator[BenchHq]:
    """Give a headquarters on PostgreSQL behind HTTP.

    Raises:
        Trouble: "bench.no_postgresql", "bench.hq_silent".
    """
    with own_server() as database, TemporaryDirectory(prefix="mingjian-hq-") as name:
        folder = Path(name)
        headquarters, _ = begin(folder, settings=HqSettings(database=database), cost=CHEAP_COST_FOR_TESTS)
        try:
            with _worker(folder, database) as url:
                yield BenchHq(url, database, headquarters)
        finally:
            headquarters.close()


@contextmanager
def _worker(folder: Path, database: str) -> Generator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "uvicorn", FACTORY, "--factory", "--host", "127.0.0.1", "--port", str(port)]
    words += ["--no-access-log", "--log-level", "warning"]
    environment = os.environ | {FOLDER: str(folder), DATABASE: database, BLOBS: str(folder / "blobs")}
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(words, env=environment, stdout=log, stderr=log, cwd=_root())
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url, worker)
        yield url
    finally:
        worker.terminate()
        worker.wait(START_S)


def _root() -> Path:
    """Return the folder in which the program can be imported."""
    return Path(__file__).resolve().parents[3]


def _await(url: str, worker: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and worker.poll() is None:
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            time.sleep(LOOK_S)
        else:
            return
    raise Trouble("bench.hq_silent", url=url)
