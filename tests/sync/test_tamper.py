"""Every changed, removed, added or moved byte of a run or a page is found, and bombs of any kind are refused."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from core.crypto import signing
from core.kernel.errors import Refusal
from core.kernel.records import Record, changed
from core.sync import wire
from core.sync.entries import Entry, next_chain
from core.sync.runs import FRAME_BYTES_MAX, Run, RunHeader, check_run, decode_run, encode_frame, encode_run, open_frame
from core.sync.streams import Cursor, Page, check_page, decode_page, encode_page
from tests.sync.chains import STREAM, Author, page

MESSAGES: tuple[type[Record], ...] = (
    wire.EnrolRequest,
    wire.EnrolAnswer,
    wire.ChainAnswer,
    wire.PushAnswer,
    wire.PullRequest,
    wire.DigestRequest,
    wire.DigestAnswer,
    wire.PartsAnswer,
    wire.CompleteRequest,
)


@pytest.fixture(scope="module")
def author() -> Author:
    one = Author()
    one.write(5, value="甲")
    return one


def refusal_of(run: Run, author: Author) -> Refusal:
    """Return how a run that must not hold is refused."""
    with pytest.raises(Refusal) as caught:
        check_run(run, author.public, signing.verify)
    return caught.value


@given(st.data())
def test_inv12_any_flipped_bit_of_a_run_is_found(author: Author, data: st.DataObject) -> None:
    run = author.run()
    at = data.draw(st.integers(0, len(run.lines) - 1))
    byte = data.draw(st.integers(0, len(run.lines[at]) - 1))
    line = bytearray(run.lines[at])
    line[byte] ^= 1 << data.draw(st.integers(0, 7))
    lines = (*run.lines[:at], bytes(line), *run.lines[at + 1 :])
    refusal = refusal_of(changed(run, lines=lines), author)
    assert refusal.code == "sync.run_damaged"
    # A line that cannot be read is named itself; one that can breaks the chain, which is judged at its end.
    assert refusal.params["n"] in (at + 1, run.header.last)


@pytest.mark.parametrize("at", range(5))
def test_inv12_a_removed_an_added_and_a_moved_line_are_found(author: Author, at: int) -> None:
    run = author.run()
    without = (*run.lines[:at], *run.lines[at + 1 :])
    added = (*run.lines[:at], run.lines[at], *run.lines[at:])
    moved = (*without[:1], run.lines[at], *without[1:]) if at != 1 else (*without, run.lines[at])
    for lines in (without, added, moved):
        for count in (run.header.count, len(lines)):
            bent = Run(header=changed(run.header, count=count), lines=lines)
            refusal = refusal_of(bent, author)
            assert refusal.code == "sync.run_damaged"
            assert isinstance(refusal.params["n"], int)
            assert 1 <= refusal.params["n"] <= 6


@pytest.mark.parametrize(
    ("field", "value"),
    [("device", "d-2"), ("first", 2), ("prev", b"x" * 32), ("head", b"x" * 32), ("seal", bytes(64)), ("seal", b"")],
)
def test_inv12_a_changed_header_is_found(author: Author, field: str, value: Any) -> None:
    run = author.run()
    assert refusal_of(changed(run, header=changed(run.header, **{field: value})), author).code in (
        "sync.run_damaged",
        "sync.seal_forged",
    )


def test_a_suite_that_is_not_known_is_refused_before_anything_is_believed(author: Author) -> None:
    run = author.run()
    assert refusal_of(changed(run, header=changed(run.header, suite=2)), author).code == "sync.suite_unknown"


def test_inv12_a_seal_of_another_key_is_forged(author: Author) -> None:
    other = Author("d-2")
    with pytest.raises(Refusal) as caught:
        check_run(author.run(), other.public, signing.verify)
    assert caught.value.code == "sync.seal_forged"


@given(st.data())
def test_inv12_any_flipped_bit_of_a_page_is_found(author: Author, data: st.DataObject) -> None:
    whole = page(author.run(1, 2), author.run(3, 5))
    at = data.draw(st.integers(0, len(whole.lines) - 1))
    line = bytearray(whole.lines[at])
    line[data.draw(st.integers(0, len(line) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    bent = changed(whole, lines=(*whole.lines[:at], bytes(line), *whole.lines[at + 1 :]))
    with pytest.raises(Refusal) as caught:
        check_page(bent, Cursor(stream=STREAM))
    assert caught.value.code == "sync.page_damaged"


@pytest.mark.parametrize("field", ["stream", "first", "prev", "head", "runs", "lines"])
def test_inv12_a_page_that_tells_something_else_is_found(author: Author, field: str) -> None:
    whole = page(author.run(1, 2), author.run(3, 5))
    others: dict[str, Any] = {
        "stream": "org/other",
        "first": 2,
        "prev": b"x" * 32,
        "head": b"x" * 32,
        "runs": whole.runs[::-1],
        "lines": whole.lines[::-1],
    }
    with pytest.raises(Refusal):
        check_page(changed(whole, **{field: others[field]}), Cursor(stream=STREAM))


# Bodies of strangers: nothing but a refusal comes out of them, and no more memory than a body may take.


def check_taken(body: bytes) -> None:
    """Let every decoder of the protocol have a body; only faults with words may come out."""
    decoders = [lambda: decode_run(body), lambda: decode_page(body)]
    decoders += [lambda kind=kind: wire.decode(kind, body) for kind in MESSAGES]
    for decode in decoders:
        found = None
        # Anything but a fault with words would come out here.
        with suppress(Refusal):
            found = decode()
        if isinstance(found, Run):
            with pytest.raises(Refusal):
                check_run(found, b"k" * 32, signing.verify)
        if isinstance(found, Page):
            with pytest.raises(Refusal):
                check_page(found, Cursor(stream=STREAM))


@given(st.binary(max_size=300))
def test_inv20_any_bytes_are_refused_with_a_reason(body: bytes) -> None:
    check_taken(body)
    check_taken(zstandard.ZstdCompressor().compress(body))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)
        if (
            FIELDS := ["device", "stream", "first", "count", "prev", "head", "seal", "page", "runs", "cursors", "limit"]
        )
        else st.nothing()
    ),
    max_leaves=12,
)


@given(_JSON, st.lists(st.binary(max_size=20), max_size=3))
def test_inv20_any_json_is_refused_with_a_reason(header: object, lines: list[bytes]) -> None:
    plain = msgspec.json.encode(header)
    check_taken(plain)
    check_taken(zstandard.ZstdCompressor().compress(b"\n".join((plain, *lines))))


@given(st.data())
def test_inv20_a_good_body_with_some_bytes_changed_is_refused_or_whole(author: Author, data: st.DataObject) -> None:
    body = bytearray(encode_run(author.run()))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Refusal):
        assert check_run(decode_run(bytes(body)), author.public, signing.verify).lines == author.run().lines


@pytest.mark.parametrize("cut", [0.0, 0.3, 0.7, 0.99])
def test_f11_a_truncated_body_is_refused(author: Author, cut: float) -> None:
    for body in (encode_run(author.run()), encode_page(page(author.run()))):
        check_taken(body[: int(len(body) * cut)])


def bomb(size: int) -> bytes:
    """Return a small body that opens into so many bytes."""
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    piece = bytes(1 << 20)
    return b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()


def test_inv20_a_bomb_is_refused_within_bounded_memory() -> None:
    body = bomb(1 << 30)
    assert len(body) < 1 << 17
    tracemalloc.start()
    for decode in (decode_run, decode_page):
        with pytest.raises(Refusal) as caught:
            decode(body)
        assert caught.value.code == "sync.body_too_large"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 160 << 20


def test_inv20_a_frame_that_wants_a_huge_window_is_refused() -> None:
    settings = zstandard.ZstdCompressionParameters(window_log=27, compression_level=3, write_content_size=False)
    body = zstandard.ZstdCompressor(compression_params=settings).compressobj()
    packed = body.compress(b"{}") + body.flush()
    with pytest.raises(Refusal) as caught:
        open_frame(packed)
    assert caught.value.code == "sync.body_damaged"


@pytest.mark.parametrize("text", [b"[" * 200_000, b'{"page":' * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000])
def test_inv20_deep_json_is_refused(text: bytes) -> None:
    check_taken(zstandard.ZstdCompressor().compress(text))
    check_taken(text)


def test_inv20_a_deep_entry_is_refused(author: Author) -> None:
    run = author.run(1, 1)
    deep = run.lines[0].replace(b'"value":"', b'"value":' + b"[" * 100_000 + b'"', 1)
    assert refusal_of(changed(run, lines=(deep,)), author).params["why"] == "line"


@pytest.mark.parametrize("count", [-1, 0, 10**12, 2**63])
def test_inv20_a_huge_count_costs_nothing(author: Author, count: int) -> None:
    run = author.run()
    header = msgspec.json.decode(msgspec.json.encode(run.header)) | {"count": count}
    body = encode_frame(_Plain(header=header), run.lines)
    check_taken(body)


@pytest.mark.parametrize("first", [2**48 + 1, 2**63, 2**64, 2**200])
def test_inv20_a_number_beyond_any_integer_is_refused(author: Author, first: int) -> None:
    run = author.run(1, 1)
    line = run.lines[0].replace(b'"n":1,', b'"n":%d,' % first)
    header = changed(run.header, first=first, head=next_chain(run.header.prev, line))
    assert refusal_of(Run(header=header, lines=(line,)), author).code == "sync.run_damaged"


def test_inv20_a_name_that_no_database_can_hold_is_refused(author: Author) -> None:
    run = author.run(1, 1)
    line = run.lines[0].replace(b'"ent":"a-1"', b'"ent":"a\\u0000"')
    assert refusal_of(changed(run, lines=(line,)), author).params["why"] == "envelope"


class _Plain(Record):
    """A header whose fields are written as they are."""

    header: dict[str, Any]


def test_inv20_a_body_of_the_largest_size_is_taken() -> None:
    lines = open_frame(bomb(FRAME_BYTES_MAX))
    assert len(lines[0]) == FRAME_BYTES_MAX


def test_entries_and_headers_are_what_travels() -> None:
    assert {"id", "n", "hlc", "fam", "ent", "parents"} <= set(Entry.__struct_fields__)
    assert {"device", "first", "count", "prev", "head", "seal"} <= set(RunHeader.__struct_fields__)
