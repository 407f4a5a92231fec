"""Hostile requests: refused with a reason, and nothing half-applied. Invariants 12, 15, 20."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import msgspec
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.crypto import signing
from core.hq import front
from core.hq.limits import BY_DEVICE, Rate
from core.hq.routes_sync import PUSH_BYTES_MAX
from core.kernel.errors import Refusal
from core.remote.door import DIGEST_HEADER, NONCE_HEADER, PROTOCOL_HEADER, content_digest
from core.remote.tokens import Caller, Proofs
from core.sync.runs import FRAME_BYTES_MAX, Run, encode_run
from core.sync.streams import Cursor
from core.sync.wire import JSON_BYTES_MAX, PART_BYTES, PullRequest, encode
from tests.helpers.headquarters import STREAM, Author, Headquarters
from tests.helpers.hq_door import Door, open_door

URL = "http://testserver.local"
BOTH = pytest.mark.on("sqlite", "postgresql")
# What is refused before anything is asked of a database is refused before either.
pytestmark = pytest.mark.on("sqlite")
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25)


@pytest.fixture
def door(hq: Headquarters) -> Iterator[Door]:
    """Give the front door of the headquarters."""
    with open_door(hq) as found:
        yield found


def push(door: Door, body: bytes) -> httpx.Response:
    """Push any bytes."""
    return door.client.post("/v1/push", content=body)


def code_of(answer: httpx.Response) -> str:
    """Return the code of a refusal."""
    assert answer.status_code < 500, answer.text
    return str(answer.json().get("code", ""))


def with_proof(door: Door, author: Author, method: str, path: str, **more: Any) -> httpx.Response:
    """Send a request as a device, with a token got by the line."""
    line = door.line(author)
    line.chain(author.device)
    sign = partial(signing.sign, author.private)
    proofs = Proofs(Caller(device=author.device, public=author.public, sign=sign, now=lambda: 0.0))
    proofs.nonce = door.client.get("/health").headers[NONCE_HEADER]
    form = proofs.assertion()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = door.client.post("/v1/token", data=form, headers=proofs.headers("POST", f"{URL}/v1/token") | kind)
    proofs.token = answer.json()["access_token"]
    headers = proofs.headers(method, URL + path) | dict(more.pop("headers", {}))
    return door.client.request(method, path, headers=headers, **more)


# Records.


def test_inv12_a_truncated_run_changes_nothing(door: Door, author: Author) -> None:
    author.answers(3)
    body = encode_run(author.run())
    before = door.hq.log()
    for at in range(0, len(body), 7):
        assert code_of(push(door, body[:at])) in ("sync.body_damaged", "sync.run_damaged")
    assert door.hq.log() == before


def test_inv12_a_changed_byte_changes_nothing(door: Door, author: Author) -> None:
    author.answers(2)
    run = author.run()
    before = door.hq.log()
    for number, line in enumerate(run.lines):
        changed = line.replace(b"pass", b"fail") if b"pass" in line else line[:-2] + b" }"
        lines = (*run.lines[:number], changed, *run.lines[number + 1 :])
        answer = push(door, encode_run(Run(header=run.header, lines=lines)))
        assert code_of(answer) == "sync.run_damaged"
    assert door.hq.log() == before


def test_a_run_sealed_by_another_key_is_refused(door: Door, author: Author) -> None:
    author.answers(2)
    thief = author.copy()
    thief.private = Author("d-thief").private
    assert code_of(push(door, encode_run(thief.run()))) == "sync.seal_forged"
    assert door.hq.desk.chain(author.device).have == 0


def test_inv20_a_bomb_is_not_opened(door: Door, author: Author) -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(FRAME_BYTES_MAX + 1))
    assert len(bomb) < 10_000
    assert code_of(push(door, bomb)) == "sync.body_too_large"


def test_inv20_too_long_a_body_is_not_read(door: Door) -> None:
    answer = push(door, bytes(PUSH_BYTES_MAX + 1))
    assert (answer.status_code, code_of(answer)) == (413, "sync.body_too_large")


def test_inv20_a_body_without_length_is_read_to_the_bound(door: Door) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield bytes(1 << 20)

    answer = door.client.post("/v1/push", content=endless())
    assert (answer.status_code, code_of(answer)) == (413, "sync.body_too_large")


@pytest.mark.parametrize("depth", [2_000, 200_000])
def test_inv20_deep_json_is_refused(door: Door, author: Author, depth: int) -> None:
    deep = b"[" * depth
    author.answers(1)
    header = msgspec.json.encode(author.run().header)
    body = zstandard.ZstdCompressor().compress(header + b"\n" + deep)
    assert code_of(push(door, body)) in ("sync.body_damaged", "sync.run_damaged")
    answer = door.client.post("/v1/digest", content=b'{"streams":' + deep)
    assert (answer.status_code, code_of(answer)) in ((400, "sync.body_damaged"), (413, "sync.body_too_large"))


def test_inv20_json_that_is_too_long_is_refused(door: Door) -> None:
    answer = door.client.post("/v1/pull", content=b" " * (JSON_BYTES_MAX + 1))
    assert code_of(answer) == "sync.body_too_large"


def test_a_run_for_a_foreign_stream_is_refused(door: Door, author: Author) -> None:
    author.stream = "org/other"
    author.answers(1)
    assert code_of(push(door, encode_run(author.run()))) == "sync.stream_foreign"


# Scope.


@BOTH
def test_inv15_a_stream_of_another_body_is_not_given(door: Door, author: Author) -> None:
    other = Author("d-2", clock=door.hq.clock, stream="org/440301")
    door.hq.admit(other)
    other.answers(2)
    door.hq.push(other)
    with pytest.raises(Refusal) as refused:
        door.line(author).pull(PullRequest(cursors=(Cursor(stream="org/440301"),)))
    assert refused.value.code == "sync.stream_forbidden"
    with pytest.raises(Refusal) as refused:
        door.line(author).digest(("org/440301",))
    assert refused.value.code == "sync.stream_forbidden"


@BOTH
def test_inv15_one_forbidden_cursor_among_good_ones_gives_nothing(door: Door, author: Author) -> None:
    other = Author("d-2", clock=door.hq.clock, stream="org/440301")
    door.hq.admit(other)
    cursors = (Cursor(stream=STREAM), Cursor(stream="org/440301"))
    with pytest.raises(Refusal):
        door.line(author).pull(PullRequest(cursors=cursors))


@BOTH
def test_inv15_a_blob_of_another_body_is_not_given(door: Door, author: Author) -> None:
    other = Author("d-2", clock=door.hq.clock, stream="org/440301")
    door.hq.admit(other)
    picture = b"a picture of another body"
    name = hashlib.sha256(picture).hexdigest()
    other.answer(1, blobs=(name,))
    door.hq.push(other)
    theirs = door.line(other)
    theirs.put_part(name, 0, picture)
    theirs.complete(name, len(picture))
    assert theirs.blob(name) == picture
    for ask in (door.line(author).blob, door.line(author).parts):
        with pytest.raises(Refusal) as refused:
            ask(name)
        assert refused.value.code == "sync.blob_unnamed"


# Names and paths.


@pytest.mark.parametrize(
    "name",
    [
        "..%2F..%2Fservice.key",
        "%2e%2e",
        "A" * 64,
        "0" * 63,
        "0" * 65,
        "g" * 64,
        "0" * 63 + "%00",
        "0" * 32 + "%2F" + "0" * 31,
        "..;/" + "0" * 60,
        "%E2%80%AE" + "0" * 63,
    ],
)
def test_no_path_is_made_of_what_a_caller_says(door: Door, author: Author, name: str) -> None:
    for method, path in (
        ("GET", f"/v1/blobs/{name}"),
        ("GET", f"/v1/blobs/{name}/parts"),
        ("PUT", f"/v1/blobs/{name}/parts/0"),
        ("POST", f"/v1/blobs/{name}/complete"),
    ):
        answer = door.client.request(method, path, content=b'{"size":1}')
        assert code_of(answer) in ("sync.token_bad", "hq.not_found", "sync.blob_missing")
    assert door.hq.blobs.waiting == {}


@BOTH
def test_a_name_that_is_none_is_refused_to_a_device_too(door: Door, author: Author) -> None:
    answer = with_proof(door, author, "GET", "/v1/blobs/" + "A" * 64)
    assert code_of(answer) == "sync.blob_missing"


@pytest.mark.parametrize("number", ["-1", "9" * 30, "1e3", "x", "1/2"])
def test_part_numbers_are_numbers(door: Door, author: Author, number: str) -> None:
    name = hashlib.sha256(b"x").hexdigest()
    author.answer(1, blobs=(name,))
    door.hq.push(author)
    headers = {DIGEST_HEADER: content_digest(b"x")}
    answer = with_proof(door, author, "PUT", f"/v1/blobs/{name}/parts/{number}", content=b"x", headers=headers)
    assert 400 <= answer.status_code < 500
    assert door.hq.blobs.waiting == {}


def test_a_part_with_another_digest_or_too_long_is_refused(door: Door, author: Author) -> None:
    name = hashlib.sha256(b"x").hexdigest()
    author.answer(1, blobs=(name,))
    door.hq.push(author)
    path = f"/v1/blobs/{name}/parts/0"
    wrong = with_proof(door, author, "PUT", path, content=b"x", headers={DIGEST_HEADER: content_digest(b"y")})
    assert code_of(wrong) == "sync.body_damaged"
    long = bytes(PART_BYTES + 1)
    answer = with_proof(door, author, "PUT", path, content=long, headers={DIGEST_HEADER: content_digest(long)})
    assert (answer.status_code, code_of(answer)) == (413, "sync.body_too_large")
    assert door.hq.blobs.waiting == {}


@pytest.mark.parametrize(
    "said", ["bytes=5-1", "bytes=-5", "bytes=0-1,3-4", "items=0-1", "bytes=x-", "bytes=" + "9" * 40]
)
def test_ranges_that_are_none_are_refused(door: Door, author: Author, said: str) -> None:
    name = hashlib.sha256(b"x").hexdigest()
    answer = with_proof(door, author, "GET", f"/v1/blobs/{name}", headers={"Range": said})
    assert code_of(answer) == "sync.body_damaged"


# Too much.


def test_too_many_requests_of_one_device_are_told_to_wait(door: Door, author: Author) -> None:
    for _ in range(BY_DEVICE.burst):
        door.service.by_device.take(author.device)
    answer = with_proof_refused(door, author)
    assert (answer.status_code, code_of(answer)) == (429, "hq.too_many_requests")
    assert int(answer.headers["Retry-After"]) >= 1


def with_proof_refused(door: Door, author: Author) -> httpx.Response:
    """Ask for the chain by hand, without asking for it first."""
    sign = partial(signing.sign, author.private)
    proofs = Proofs(Caller(device=author.device, public=author.public, sign=sign, now=lambda: 0.0))
    proofs.nonce = door.client.get("/health").headers[NONCE_HEADER]
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    headers = proofs.headers("POST", f"{URL}/v1/token") | kind
    proofs.token = door.client.post("/v1/token", data=proofs.assertion(), headers=headers).json()["access_token"]
    return door.client.get("/v1/chain?device=d-1", headers=proofs.headers("GET", f"{URL}/v1/chain"))


def test_too_many_requests_of_one_address_are_told_to_wait(hq: Headquarters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "BY_ADDRESS", Rate(burst=5, per_s=1.0))
    with open_door(hq) as door:
        assert [door.client.get("/v1").status_code for _ in range(6)] == [200] * 5 + [429]
        assert door.client.get("/health").status_code == 200


def test_a_full_worker_tells_to_come_again(door: Door) -> None:
    door.service.running.count = door.service.running.bound
    answer = door.client.get("/v1")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "sync.busy", "2")
    assert door.client.get("/metrics").status_code == 200
    door.service.running.count = 0
    assert door.client.get("/v1").status_code == 200


@pytest.mark.parametrize(("said", "status"), [("0", 426), ("1", 401), ("4", 401), ("5", 426), ("x", 400), ("-1", 400)])
def test_a_station_too_many_releases_away_hands_over_and_reads_nothing(
    door: Door, author: Author, said: str, status: int
) -> None:
    author.answers(1)
    headers = {PROTOCOL_HEADER: said}
    body = encode(PullRequest(cursors=()))
    assert door.client.post("/v1/pull", content=body, headers=headers).status_code == status
    assert door.client.post("/v1/push", content=encode_run(author.run()), headers=headers).status_code == 200


# Anything.

_PATHS = st.sampled_from(["/v1/push", "/v1/pull", "/v1/digest", "/v1/enrol", "/v1/token", "/v1/chain", "/login", "/"])


# The stricter of the two: it takes no text with a zero in it.
@pytest.mark.on("postgresql")
@QUIET
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
    path=_PATHS,
    body=st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
            max_leaves=8,
        ).map(msgspec.json.encode),
        st.binary(max_size=300).map(zstandard.ZstdCompressor().compress),
    ),
)
def test_any_request_is_answered_in_words(door: Door, method: str, path: str, body: bytes) -> None:
    door.hq.clock.advance(minutes=5)
    before = door.hq.log()
    answer = door.client.request(method, path, content=body)
    assert answer.status_code < 500
    assert answer.headers[PROTOCOL_HEADER] == "1"
    assert door.hq.log() == before


@QUIET
@given(at=st.integers(0, 10_000), value=st.integers(1, 255))
def test_inv12_any_changed_byte_of_a_push_changes_nothing(door: Door, author: Author, at: int, value: int) -> None:
    if not author.lines:
        author.answers(3)
    body = encode_run(author.run())
    at %= len(body)
    before = door.hq.log()
    answer = push(door, body[:at] + bytes([body[at] ^ value]) + body[at + 1 :])
    # A byte of the frame that carries nothing may change; then the run is as it was.
    assert code_of(answer) or answer.json()["have"] == 3
    assert door.hq.log() in (before, (*before[:1], *author.lines))
