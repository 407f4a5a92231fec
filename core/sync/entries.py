"""The entry: one immutable change, the chain that links entries, and the seal of a chain position.

Bytes are written once and never re-serialised: `raw` is the truth. Source: sync.md 3.2 and 3.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from core.kernel.records import Record

SEAL_DOMAIN = b"seal1"
CHAIN_START = bytes(32)
"""The chain value before the first entry of a device."""

Op = Literal["put", "void", "cmd"]
Sign = Callable[[bytes], bytes]


class Entry(Record):
    """The envelope of one change. `body` is the plain form of the record, or the reason of a void."""

    id: str
    n: int
    hlc: str
    fam: str
    ent: str
    visit: str = ""
    op: Op = "put"
    parents: tuple[str, ...] = ()
    schema: int = 1
    actor: str
    at: datetime
    """The device's own claim of the time, UTC; no protocol decision reads it (sync.md 3.14)."""
    lists: dict[str, int] = {}
    blobs: tuple[str, ...] = ()
    seen: str = ""
    """The newest place of headquarters' order that the author had read: `<stream>@<number>#<hash, 16 digits>`. The
    entry was written after what stands there; empty before the first read (sync.md 3.2, 3.14)."""
    body: dict[str, Any]


class Link(Record):
    """One stored entry with its place in the chain."""

    n: int
    raw: bytes
    chain: bytes


class Break(Record):
    """A place where the chain does not hold: the entry's number and why."""

    n: int
    entry: str
    why: str


def encode(entry: Entry) -> bytes:
    """Return the bytes of the entry: one line of JSON, without the line end."""
    return msgspec.json.encode(entry)


def decode(raw: bytes) -> Entry:
    """Return the entry of the bytes.  Raises msgspec.DecodeError for bytes that are no entry."""
    return msgspec.json.decode(raw, type=Entry)


def next_chain(chain: bytes, raw: bytes) -> bytes:
    """Return SHA-256 of the chain value before, followed by the raw bytes of the entry."""
    return hashlib.sha256(chain + raw).digest()


def seal_text(device: str, n: int, chain: bytes) -> bytes:
    """Return what a seal signs: the domain, the device, the position (8 bytes, big-endian) and the chain value."""
    return SEAL_DOMAIN + device.encode() + n.to_bytes(8, "big") + chain


def next_hlc(last: str, now: datetime) -> str:
    """Return the next hybrid logical clock value: 48-bit milliseconds and a 16-bit counter, in hex."""
    wall = int(now.timestamp() * 1000)
    last_ms, last_count = (int(part, 16) for part in last.split("-")) if last else (0, 0)
    if wall > last_ms:
        return f"{wall:012x}-0000"
    if last_count < 0xFFFF:
        return f"{last_ms:012x}-{last_count + 1:04x}"
    return f"{last_ms + 1:012x}-0000"


def walk(links: Iterable[Link], *, start: bytes = CHAIN_START, first: int = 1) -> Iterable[Break | Link]:
    """Go over the chain and yield each link, preceded by a Break where it does not follow from the one before.

    After a break the walk goes on from the stored chain value, so that every later break is named too.
    """
    chain, expected = start, first
    for link in links:
        if link.n != expected:
            yield Break(n=link.n, entry=_entry_id(link.raw), why="missing" if link.n > expected else "order")
        elif next_chain(chain, link.raw) != link.chain:
            yield Break(n=link.n, entry=_entry_id(link.raw), why="changed")
        elif _entry_number(link.raw) != link.n:
            yield Break(n=link.n, entry=_entry_id(link.raw), why="order")
        yield link
        chain, expected = link.chain, link.n + 1


def _entry_id(raw: bytes) -> str:
    try:
        return decode(raw).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _entry_number(raw: bytes) -> int:
    try:
        return decode(raw).n
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0
