"""Devices that write without end: each makes its sealed chain as it goes and pushes it to whichever worker answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.crypto import signing
from core.kernel.errors import Fault
from core.kernel.ids import new_id
from core.sync.entries import CHAIN_START, Entry, encode, next_chain, next_hlc, seal_text
from core.sync.ports import Line
from core.sync.runs import Run, RunHeader

BATCH = 200
PAUSE_S = 0.3


@dataclass
class Counts:
    """What one device saw. `repeated`: runs that had been taken though their answer was lost."""

    acknowledged: int = 0
    failed: int = 0
    repeated: int = 0
    longest_stall_s: float = 0.0
    codes: dict[str, int] = field(default_factory=dict[str, int])


class Writer:
    """One device under load."""

    def __init__(self, device: str, stream: str, lines: Sequence[Callable[[], Line]]) -> None:
        self.device, self.stream = device, stream
        self.private = signing.new_signing_key()
        self.counts = Counts()
        self.chain = CHAIN_START
        self.last_run: Run
        """The last run that was acknowledged."""
        self._lines = lines
        self._n, self._hlc = 0, ""
        self._thread = threading.Thread(target=self._work, name=device)
        self._stop = threading.Event()

    @property
    def public(self) -> bytes:
        """The key that checks its seals."""
        return signing.public_key_of(self.private)

    def start(self) -> None:
        """Begin to push."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the run in hand and end."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        turn = 0
        line = self._lines[turn % len(self._lines)]()
        while not self._stop.is_set():
            run = self._next_run()
            began, tries = time.monotonic(), 0
            while True:
                try:
                    said = line.push(run)
                    break
                except Fault as fault:
                    self.counts.failed += 1
                    self.counts.codes[fault.code] = self.counts.codes.get(fault.code, 0) + 1
                    tries += 1
                    turn += 1
                    time.sleep(PAUSE_S)
                    line = self._lines[turn % len(self._lines)]()
            if (said.verdict, said.have, said.head) != ("taken", run.header.last, run.header.head):
                raise AssertionError(f"{self.device}: {said.verdict} {said.have}, sent up to {run.header.last}")
            self.counts.repeated += tries > 0
            self.counts.acknowledged = said.have
            self.last_run = run
            self.counts.longest_stall_s = max(self.counts.longest_stall_s, time.monotonic() - began)

    def _next_run(self) -> Run:
        prev, first, lines = self.chain, self._n + 1, list[bytes]()
        for _ in range(BATCH):
            self._n += 1
            now = datetime.now(UTC)
            self._hlc = next_hlc(self._hlc, now)
            entry = Entry(
                id=new_id(),
                n=self._n,
                hlc=self._hlc,
                fam="answer",
                ent=f"{self.device}-{self._n}",
                visit=f"v-{self._n // 50}",
                actor="o-1",
                at=now,
                body={
                    "id": f"{self.device}-{self._n}",
                    "visit": f"v-{self._n // 50}",
                    "item": "消防安全检查",
                    "point": f"p-{self._n % 38}",
                    "verdict": "pass",
                    "note": "疏散通道畅通,安全出口标识完好",
                    "answered_at": "2026-03-17T01:00:00Z",
                    "answered_by": "o-1",
                },
            )
            lines.append(encode(entry))
            self.chain = next_chain(self.chain, lines[-1])
        seal = signing.sign(self.private, seal_text(self.device, self._n, self.chain))
        header = RunHeader(
            device=self.device,
            stream=self.stream,
            first=first,
            count=len(lines),
            prev=prev,
            head=self.chain,
            seal=seal,
        )
        return Run(header=header, lines=tuple(lines))
