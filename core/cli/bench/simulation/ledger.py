"""What was said and seen in a town, to hold both ends to their word. Knows the log only by reading it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from core.cli.bench.simulation.ends import Broken, CentreEnd
from core.domain.shared_state import Outcome
from core.kernel.errors import Refusal
from core.kernel.records import from_plain
from core.sync.entries import decode
from core.sync.ports import ReadHq
from core.sync.runs import Run
from core.sync.streams import STREAM_START, Page, Reset, is_hq, runs_of, stream_heads
from core.sync.wire import ChainAnswer, PushAnswer

Number = tuple[str, str, int, int]
"""Body, kind of document, year, number."""


def read_log(read: ReadHq, stream: str) -> tuple[Run, ...]:
    """Return the runs of a whole stream as headquarters gives them out."""
    end = read.stream_head(stream)
    if end is None or end.seq == 0:
        return ()
    headers, lines = read.page(stream, 0, limit=end.seq)
    runs: list[Run] = []
    at = 0
    for header in headers:
        runs.append(Run(header=header, lines=lines[at : at + header.count]))
        at += header.count
    if at != end.seq or at != len(lines):
        raise Broken(6, f"{stream} ends at {end.seq} and gives {len(lines)} lines")
    return tuple(runs)


class Ledger:
    """Remembers what headquarters told anybody."""

    def __init__(self, centre: CentreEnd, streams: Sequence[str]) -> None:
        self._centre = centre
        self.streams = tuple(streams)
        self._heads: dict[tuple[str, str, int], bytes] = {}
        """(stream, epoch, number) to the stream's hash there, as some reader was told it."""
        self.numbers: dict[Number, str] = {}
        """Number to the command for which it was given out; never forgotten, whatever is restored."""

    def gave(self, device: str) -> None:
        """Invariant 15: headquarters gives a retired or lost laptop nothing to read."""
        said = self.chain_of(device)
        if said is not None and said.status in ("retired", "lost"):
            raise Broken(15, f"{device} is {said.status} and was given a page")

    def told(self, call: str, answer: object) -> None:
        """Note an answer at the moment at which headquarters gives it."""
        if call == "push":
            device, said = cast("tuple[str, PushAnswer]", answer)
            if not is_hq(device):
                self._have_is_committed(device, said)
        else:
            for one in cast("Sequence[Page | Reset]", answer):
                if isinstance(one, Page):
                    self.page(one)

    def chain_of(self, device: str) -> ChainAnswer | None:
        """Return what headquarters holds of a chain, asked at the other worker; None for a device it does not know."""
        try:
            return self._centre.desks[-1].chain(device)
        except Refusal:
            return None

    def _have_is_committed(self, device: str, said: PushAnswer) -> None:
        """Invariant 5, at the moment of the answer: the other worker sees what this one says that it has."""
        held = self.chain_of(device)
        if held is None or held.have < said.have or (held.have == said.have and held.head != said.head):
            raise Broken(5, f"{device}: said {said.have}, the disk holds {held.have if held else None}")

    def page(self, page: Page) -> None:
        """Invariant 6: within an epoch nobody is ever told another past. Also notes the numbers given out."""
        head, seq = page.prev, page.first
        self._note_head(page, seq - 1, head)
        for run in runs_of(page):
            heads = stream_heads(head, seq, run.header.device, run.header.first, run.lines)
            for one in heads:
                self._note_head(page, seq, one)
                seq += 1
            head = heads[-1]
            if is_hq(run.header.device):
                self._note_numbers(run)
        if head != page.head:
            raise Broken(12, f"{page.stream} from {page.first} does not give its hash")

    def _note_head(self, page: Page, seq: int, head: bytes) -> None:
        if self._heads.setdefault((page.stream, page.epoch, seq), head) != head or (seq == 0 and head != STREAM_START):
            raise Broken(6, f"{page.stream} {page.epoch} told two pasts at {seq}")

    def _note_numbers(self, run: Run) -> None:
        for line in run.lines:
            entry = decode(line)
            if entry.fam != "outcome":
                continue
            outcome = from_plain(Outcome, entry.body)
            if not outcome.accepted or outcome.document_kind is None:
                continue
            for number in range(outcome.first, outcome.last + 1):
                place = (outcome.body, outcome.document_kind.value, outcome.year, number)
                # One command may have been answered in two lives of headquarters, with two blocks: never one with two.
                if self.numbers.setdefault(place, entry.id) != entry.id:
                    raise Broken(11, f"number {place} was given out twice: {self.numbers[place]} and {entry.id}")
