"""Streams: headquarters' order of the entries of one scope, its hash, cursors and pages.

`org/<code>` holds what the stations of one body wrote and what headquarters answers; `ref/<kind>` what headquarters
publishes. Numbers are gapless. Every puller computes the hash again, so nothing in the past of a stream can change
unseen. Source: sync.md 2, 3.1, 3.3, 3.6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from core.kernel.errors import Refusal
from core.kernel.records import Record
from core.sync.entries import next_chain
from core.sync.runs import Run, RunHeader, encode_frame, open_frame

STREAM_START = bytes(32)
"""The hash of a stream before its first entry."""
HQ_PREFIX = "hq/"
PAGE_BYTES_MAX = 64 << 20
"""Bytes that one page may open into."""


class Cursor(Record):
    """How far a stream was read: within which epoch, up to which number, and the hash there."""

    stream: str
    epoch: str = ""
    """Empty: nothing was read yet."""
    seq: int = 0
    head: bytes = STREAM_START


class Page(Record):
    """Consecutive entries of a stream, as whole runs. `first` is the number of the first line; `prev` and `head`
    are the stream's hash before and after."""

    stream: str
    epoch: str
    first: int
    prev: bytes
    head: bytes
    more: bool
    runs: tuple[RunHeader, ...]
    lines: tuple[bytes, ...] = ()

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.first + len(self.lines) - 1


class Reset(Record):
    """Headquarters does not know the cursor: it was restored, or is another one. The puller reads from the start."""

    stream: str
    epoch: str
    why: str
    """epoch, head_mismatch or ahead."""


def hq_device(stream: str) -> str:
    """Return the name under which headquarters writes its own chain in a stream."""
    return HQ_PREFIX + stream


def is_hq(device: str) -> bool:
    """Tell whether a chain is headquarters' own."""
    return device.startswith(HQ_PREFIX)


def home_stream(subject: str) -> str:
    """Return the stream of one body."""
    return f"org/{subject}"


def reference_stream(kind: str) -> str:
    """Return the stream in which headquarters publishes one kind of list."""
    return f"ref/{kind}"


def next_stream(head: bytes, seq: int, device: str, n: int, line: bytes) -> bytes:
    """Return the stream's hash after an entry: SHA-256 of the hash before, number, device, its number, entry hash."""
    place = b"%d|%s|%d|" % (seq, device.encode(), n)
    return hashlib.sha256(head + place + hashlib.sha256(line).digest()).digest()


def stream_heads(head: bytes, first_seq: int, device: str, first: int, lines: Sequence[bytes]) -> list[bytes]:
    """Return the stream's hash after each line of a run."""
    heads: list[bytes] = []
    for offset, line in enumerate(lines):
        head = next_stream(head, first_seq + offset, device, first + offset, line)
        heads.append(head)
    return heads


def runs_of(page: Page) -> tuple[Run, ...]:
    """Return the runs of a page with their lines.  Raises Refusal "sync.page_damaged" where the counts do not fit."""
    runs: list[Run] = []
    at = 0
    for header in page.runs:
        if header.count < 1 or header.stream != page.stream:
            raise Refusal("sync.page_damaged", stream=page.stream, seq=page.first + at, why="run")
        runs.append(Run(header=header, lines=page.lines[at : at + header.count]))
        at += header.count
    if at != len(page.lines):
        raise Refusal("sync.page_damaged", stream=page.stream, seq=page.first, why="count")
    return tuple(runs)


def check_page(page: Page, cursor: Cursor) -> None:
    """Check that a page follows the cursor and that its hash comes out.

    Raises:
        Refusal: "sync.page_damaged", params stream, seq, why; the cursor stays where it was.
    """
    if page.stream != cursor.stream or page.first != cursor.seq + 1 or page.prev != cursor.head:
        raise Refusal("sync.page_damaged", stream=page.stream, seq=page.first, why="does_not_follow")
    if cursor.epoch not in ("", page.epoch):
        raise Refusal("sync.page_damaged", stream=page.stream, seq=page.first, why="epoch")
    head, seq = cursor.head, page.first
    for run in runs_of(page):
        heads = stream_heads(head, seq, run.header.device, run.header.first, run.lines)
        head, seq = heads[-1], seq + len(heads)
    if head != page.head:
        raise Refusal("sync.page_damaged", stream=page.stream, seq=page.last, why="hash")


def cut_page(page: Page, cursor: Cursor) -> Page | None:
    """Return what of a page lies behind the cursor, or None where it holds nothing new; for pages that came on a stick.

    Raises:
        Refusal: "sync.page_damaged", where the page tells another past than the cursor knows, or does not reach it.
    """
    if page.epoch == cursor.epoch and page.last <= cursor.seq:
        return None
    known = cursor.seq - page.first + 1
    if known <= 0 or cursor.epoch != page.epoch:
        return page
    head, left = page.prev, known
    headers: list[RunHeader] = []
    seq = page.first
    for run in runs_of(page):
        if not left:
            headers.append(run.header)
            continue
        passed = run.lines[:left]
        head = stream_heads(head, seq, run.header.device, run.header.first, passed)[-1]
        left -= len(passed)
        seq += len(passed)
        if len(passed) < run.header.count:
            headers.append(_cut_header(run, len(passed)))
    if head != cursor.head:
        raise Refusal("sync.page_damaged", stream=page.stream, seq=cursor.seq, why="does_not_follow")
    return msgspec.structs.replace(
        page, first=cursor.seq + 1, prev=cursor.head, runs=tuple(headers), lines=page.lines[known:]
    )


def _cut_header(run: Run, known: int) -> RunHeader:
    prev = run.header.prev
    for line in run.lines[:known]:
        prev = next_chain(prev, line)
    return msgspec.structs.replace(
        run.header, first=run.header.first + known, count=run.header.count - known, prev=prev
    )


def cursor_after(page: Page) -> Cursor:
    """Return the cursor behind a page."""
    return Cursor(stream=page.stream, epoch=page.epoch, seq=page.last, head=page.head)


class _Header(Record):
    """The header line of an encoded page."""

    page: Page | None = None
    reset: Reset | None = None


def encode_page(answer: Page | Reset) -> bytes:
    """Return the body of one answer to a pull."""
    if isinstance(answer, Reset):
        return encode_frame(_Header(reset=answer), ())
    return encode_frame(_Header(page=msgspec.structs.replace(answer, lines=())), answer.lines)


def decode_page(body: bytes) -> Page | Reset:
    """Return the page of a body; check_page judges it.

    Raises:
        Refusal: "sync.body_damaged", "sync.body_too_large".
    """
    head, *lines = open_frame(body, bytes_max=PAGE_BYTES_MAX)
    try:
        header = msgspec.json.decode(head, type=_Header)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("sync.body_damaged", why="header") from error
    if header.reset is not None:
        return header.reset
    if header.page is None:
        raise Refusal("sync.body_damaged", why="header")
    return msgspec.structs.replace(header.page, lines=tuple(lines))
