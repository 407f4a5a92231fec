"""Headquarters' own hand: how it writes entries into a stream, sealed like anybody's.

One chain a stream, named hq/<stream>, so that every transaction stays within one stream. Source: sync.md 3.1, 3.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from core.domain.families import BY_NAME, BY_RECORD
from core.domain.shared_state import KeptEntry
from core.kernel.ids import new_id
from core.kernel.records import Record, to_plain
from core.sync.entries import Entry, encode, next_chain, next_hlc, seal_text
from core.sync.judge import GOOD, judge
from core.sync.ports import HqWork, LogRow
from core.sync.runs import RunHeader
from core.sync.streams import hq_device, stream_heads

ACTOR = "hq"
KEPT = BY_RECORD[KeptEntry].name
"""The family by which headquarters takes in what came beside a chain."""


class Draft(Record):
    """One record that headquarters is about to write, or void."""

    family: str
    body: dict[str, object]
    is_void: bool = False
    parents: tuple[str, ...] = ()
    blobs: tuple[str, ...] = ()


def draft(record: Record, *, parents: tuple[str, ...] = (), blobs: tuple[str, ...] = ()) -> Draft:
    """Return the draft of a record of one of the families."""
    return Draft(family=BY_RECORD[type(record)].name, body=to_plain(record), parents=parents, blobs=blobs)


class HqPen:
    """Writes in headquarters' name.

    Args:
        sign: Signs with headquarters' service key.
        now: UTC.
        actor: The person at headquarters whose act it is; "hq" for what the program does by itself.
    """

    def __init__(self, sign: Callable[[bytes], bytes], now: Callable[[], datetime], *, actor: str = ACTOR) -> None:
        self._sign = sign
        self.now = now
        self._actor = actor

    def kept(self, header: RunHeader, entry: Entry, line: bytes) -> Draft:
        """Return the draft that takes in an entry whose author's chain had parted."""
        return draft(
            KeptEntry(
                id=entry.id,
                device=header.device,
                n=entry.n,
                why="fork",
                line=line.decode(),
                head=header.head.hex(),
                seal=header.seal.hex(),
                last=header.last,
            )
        )

    def write(self, work: HqWork, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Append the drafts as one sealed run of headquarters' chain in the stream of the work; none, nothing."""
        if not drafts:
            return ()
        device = hq_device(work.stream)
        before = work.lock_device(device)
        assert before is not None, "headquarters has a chain in every stream"
        stream = work.lock_stream()
        entries: list[Entry] = []
        lines: list[bytes] = []
        chain, hlc = before.chain, before.hlc
        for n, one in enumerate(drafts, before.n + 1):
            now = self.now()
            hlc = next_hlc(hlc, now)
            entry = self._entry(one, n=n, hlc=hlc, now=now)
            line = encode(entry)
            chain = next_chain(chain, line)
            entries.append(entry)
            lines.append(line)
        last = entries[-1].n
        header = RunHeader(
            device=device,
            stream=work.stream,
            first=entries[0].n,
            count=len(entries),
            prev=before.chain,
            head=chain,
            seal=self._sign(seal_text(device, last, chain)),
        )
        heads = stream_heads(stream.head, stream.seq + 1, device, header.first, lines)
        rows = [
            LogRow(
                seq=stream.seq + 1 + at,
                device=device,
                n=entry.n,
                line=lines[at],
                stream_head=heads[at],
                entry=entry,
                effect=True,
                verdict=GOOD,
            )
            for at, entry in enumerate(entries)
        ]
        assert all(judge(entry, by_hq=True) == GOOD for entry in entries), "headquarters writes what it can read"
        work.append(header, rows, first_seq=rows[0].seq)
        return tuple(entries)

    def _entry(self, one: Draft, *, n: int, hlc: str, now: datetime) -> Entry:
        return Entry(
            id=new_id(),
            n=n,
            hlc=hlc,
            fam=one.family,
            ent=str(one.body[BY_NAME[one.family].key]),
            op="void" if one.is_void else "put",
            parents=one.parents,
            schema=BY_NAME[one.family].schema,
            actor=self._actor,
            at=now,
            blobs=one.blobs,
            body=dict(one.body),
        )
