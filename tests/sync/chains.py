"""Sealed chains for the tests of the protocol, made without a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from core.crypto import signing
from core.sync.entries import CHAIN_START, Entry, encode, next_chain, next_hlc, seal_text
from core.sync.runs import Run, RunHeader
from core.sync.streams import STREAM_START, Page, stream_heads

NOW = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)
STREAM = "org/某局"


class Author:
    """A device that writes entries and seals them."""

    def __init__(self, device: str = "d-1") -> None:
        self.device = device
        self.private = bytes([len(device)]) * 31 + device.encode()[-1:]
        self.public = signing.public_key_of(self.private)
        self.lines: list[bytes] = []
        self.chains: list[bytes] = [CHAIN_START]
        self.hlc = ""

    def write(self, count: int, *, fam: str = "answer", parents: tuple[str, ...] = (), **body: Any) -> None:
        """Append that many entries."""
        for _ in range(count):
            n = len(self.lines) + 1
            now = NOW + timedelta(seconds=n)
            self.hlc = next_hlc(self.hlc, now)
            entry = Entry(
                id=f"{self.device}-{n}",
                n=n,
                hlc=self.hlc,
                fam=fam,
                ent=str(body.get("id", f"a-{n}")),
                parents=parents,
                actor="o-1",
                at=now,
                body=body,
            )
            self.lines.append(encode(entry))
            self.chains.append(next_chain(self.chains[-1], self.lines[-1]))

    def run(self, first: int = 1, last: int | None = None, *, stream: str = STREAM) -> Run:
        """Return the sealed run first … last."""
        last = len(self.lines) if last is None else last
        header = RunHeader(
            device=self.device,
            stream=stream,
            first=first,
            count=last - first + 1,
            prev=self.chains[first - 1],
            head=self.chains[last],
            seal=signing.sign(self.private, seal_text(self.device, last, self.chains[last])),
        )
        return Run(header=header, lines=tuple(self.lines[first - 1 : last]))


def page(*runs: Run, first: int = 1, prev: bytes = STREAM_START, epoch: str = "e-1", more: bool = False) -> Page:
    """Return the page of the runs' stream that holds them, one behind the other."""
    head, seq = prev, first
    for run in runs:
        head = stream_heads(head, seq, run.header.device, run.header.first, run.lines)[-1]
        seq += run.header.count
    return Page(
        stream=runs[0].header.stream,
        epoch=epoch,
        first=first,
        prev=prev,
        head=head,
        more=more,
        runs=tuple(run.header for run in runs),
        lines=tuple(line for run in runs for line in run.lines),
    )
