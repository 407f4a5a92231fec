"""A run: consecutive entries of one device's chain under one seal. What is pushed, pulled, bundled and witnessed.

On the wire a run is a header line and its entry lines, as they were written, compressed with zstd. The check is the
same everywhere: at headquarters, at a station that pulls, at a bundle's intake. Source: sync.md 3.3, 3.6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import zstandard

from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.sync.entries import Entry, next_chain, seal_text

SUITE = 1
"""SHA-256, Ed25519, X25519/age. Suite 2 is kept free for SM2/SM3/SM4 (sync.md 3.3)."""
ENTRIES_MAX = 500
"""Entries in a run that is pushed. Source: sync.md 3.11."""
RAW_BYTES_MAX = 1 << 20
"""Bytes of the lines of a run, unless one line alone is longer."""
FRAME_BYTES_MAX = 16 << 20
"""Bytes that a compressed body may open into: more is a bomb, not a day's work. Source: sync.md 3.7."""
NAME_CHARACTERS_MAX = 120
"""Characters of an id, a family or an entity: longer ones no pen writes and no index takes."""
NUMBER_MAX = 1 << 48
"""No chain is longer: a number beyond it is an attack on somebody's integers."""
WINDOW_BYTES_MAX = 16 << 20
"""Window that a compressed body may ask for: opening takes that much memory before the first byte comes out."""
ZSTD_LEVEL = 3

Verify = Callable[[bytes, bytes, bytes], bool]
"""(public key, message, signature) to whether the signature is good."""


class RunHeader(Record):
    """What stands before the lines of a run. `prev` is the chain value before `first`, `head` the one after the last.

    The seal signs device, last number and head (core.sync.entries.seal_text): a run may be cut at its front, never at
    its end.
    """

    device: str
    stream: str
    first: int
    count: int
    prev: bytes
    head: bytes
    seal: bytes
    suite: int = SUITE

    @property
    def last(self) -> int:
        """Number of the last entry."""
        return self.first + self.count - 1


class Run(Record):
    """A header and its lines."""

    header: RunHeader
    lines: tuple[bytes, ...]


class CheckedRun(Record):
    """A run whose chain, numbers and seal hold, with its entries and the chain value after each."""

    header: RunHeader
    lines: tuple[bytes, ...]
    entries: tuple[Entry, ...]
    chains: tuple[bytes, ...]


def check_run(run: Run, public: bytes, verify: Verify) -> CheckedRun:
    """Return the run decoded, if everything about it holds.

    Raises:
        Refusal: "sync.suite_unknown"; "sync.run_damaged", params device, n, why; "sync.seal_forged", params device, n.
    """
    header = run.header
    if header.suite != SUITE:
        raise Refusal("sync.suite_unknown", suite=header.suite)
    if header.count != len(run.lines) or header.count < 1 or not 1 <= header.first <= NUMBER_MAX:
        raise _damaged(header, header.first, "count")
    entries = _entries(header, run.lines)
    chains: list[bytes] = []
    chain = header.prev
    for line in run.lines:
        chain = next_chain(chain, line)
        chains.append(chain)
    if chain != header.head:
        raise _damaged(header, header.last, "chain")
    if not verify(public, seal_text(header.device, header.last, header.head), header.seal):
        raise Refusal("sync.seal_forged", device=header.device, n=header.last)
    return CheckedRun(header=header, lines=run.lines, entries=entries, chains=tuple(chains))


def cut_front(run: CheckedRun, known: int) -> CheckedRun:
    """Return the run without its first `known` entries; the seal still covers it."""
    assert 0 < known < run.header.count
    header = msgspec.structs.replace(
        run.header, first=run.header.first + known, count=run.header.count - known, prev=run.chains[known - 1]
    )
    return CheckedRun(header=header, lines=run.lines[known:], entries=run.entries[known:], chains=run.chains[known:])


def _entries(header: RunHeader, lines: Sequence[bytes]) -> tuple[Entry, ...]:
    """Return the entries of the lines; they are looked at together, and one by one where anything is wrong."""
    text = b"\n".join(lines)
    decode = _DECODER.decode
    try:
        # The decoder does not look into fields that it passes over; every line must be text as a whole.
        text.decode()
        entries = tuple([decode(line) for line in lines])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        entries = ()
    is_plain = len(entries) == len(lines) == text.count(b"\n") + 1 and not _may_hold_zero(text)
    if is_plain and all(map(_is_placed, entries, range(header.first, header.last + 1))):
        return entries
    return tuple(_entry(header, n, line) for n, line in enumerate(lines, header.first))


def _may_hold_zero(text: bytes) -> bool:
    return b"\\u0000" in text or b"\0" in text


def _is_placed(entry: Entry, n: int) -> bool:
    """Tell whether an entry has its number and names of a good length; zero characters are looked for elsewhere."""
    return (
        entry.n == n
        and len(entry.id) <= NAME_CHARACTERS_MAX
        and len(entry.ent) <= NAME_CHARACTERS_MAX
        and len(entry.fam) <= NAME_CHARACTERS_MAX
        and len(entry.visit) <= NAME_CHARACTERS_MAX
        and (not entry.parents or max(map(len, entry.parents)) <= NAME_CHARACTERS_MAX)
    )


def _entry(header: RunHeader, n: int, line: bytes) -> Entry:
    if b"\n" in line:
        raise _damaged(header, n, "line")
    try:
        # The decoder does not look into fields that it passes over; the whole line must be text.
        line.decode()
        entry = _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(header, n, "line") from error
    if entry.n != n:
        raise _damaged(header, n, "number")
    if not _is_storable(entry):
        raise _damaged(header, n, "envelope")
    return entry


def _is_storable(entry: Entry) -> bool:
    """Tell whether the names in an envelope are such as any database keeps and finds again."""
    longest = max(len(entry.id), len(entry.fam), len(entry.ent), len(entry.visit), *map(len, entry.parents), 0)
    names = f"{entry.id}{entry.fam}{entry.ent}{entry.visit}{''.join(entry.parents)}"
    return longest <= NAME_CHARACTERS_MAX and "\0" not in names


def _damaged(header: RunHeader, n: int, why: str) -> Refusal:
    return Refusal("sync.run_damaged", device=header.device, n=n, why=why)


_DECODER = msgspec.json.Decoder(Entry)


def encode_frame(header: Record, lines: Sequence[bytes]) -> bytes:
    """Return a header and lines as one compressed body."""
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(b"\n".join((msgspec.json.encode(header), *lines)))


def open_frame(body: bytes, *, bytes_max: int = FRAME_BYTES_MAX) -> list[bytes]:
    """Return the header line and the lines of a body.

    Raises:
        Refusal: "sync.body_damaged", "sync.body_too_large" (params bytes_max); nothing was opened beyond the limit.
    """
    try:
        opener = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
        with opener.stream_reader(body, read_across_frames=False) as reader:
            plain = reader.read(bytes_max + 1)
    except zstandard.ZstdError as error:
        raise Refusal("sync.body_damaged", why="zstd") from error
    if len(plain) > bytes_max:
        raise Refusal("sync.body_too_large", bytes_max=bytes_max)
    if not plain:
        raise Refusal("sync.body_damaged", why="empty")
    return plain.split(b"\n")


def encode_run(run: Run) -> bytes:
    """Return the body of a push."""
    return encode_frame(run.header, run.lines)


def decode_run(body: bytes) -> Run:
    """Return the run of a body; nothing about it is checked yet.

    Raises:
        Refusal: "sync.body_damaged", "sync.body_too_large".
    """
    head, *lines = open_frame(body)
    try:
        header = msgspec.json.decode(head, type=RunHeader)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("sync.body_damaged", why="header") from error
    return Run(header=header, lines=tuple(lines))
