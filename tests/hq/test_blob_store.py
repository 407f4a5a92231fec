"""The store of media on a folder and on an S3 server: parts, whole blobs created once, ranges, orphans."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.hq import blob_store
from core.hq.blob_store import ORPHAN_DAYS, ObjectBlobs, open_blobs
from core.kernel.errors import Refusal, Trouble
from core.sync.blobs import part, part_count
from core.sync.wire import PART_BYTES
from tests.helpers.bad_line import BadLine

T = TypeVar("T")

BUCKET = "mingjian"
PICTURE = bytes(range(256)) * 2400
NAME = hashlib.sha256(PICTURE).hexdigest()
BLOB_PARTS = part_count(len(PICTURE))
_NUMBERS = count()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """Give the address of an S3 server in this process, on this machine alone."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


# Sockets are opened to this machine alone, and only where the store is one behind a socket.
_LOCAL = (pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"]))


@pytest.fixture(params=["folder", pytest.param("s3", marks=_LOCAL)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectBlobs:
    """Give an empty store of either kind."""
    if request.param == "folder":
        return open_blobs(str(tmp_path / "blobs"))
    return _bucket(request)


def _bucket(request: pytest.FixtureRequest, *, seen_at: str = "") -> ObjectBlobs:
    """Give an empty bucket; `seen_at`: the address under which the store itself is reached."""
    patch = request.getfixturevalue("monkeypatch")
    address: str = request.getfixturevalue("s3_server")
    patch.setenv("AWS_ACCESS_KEY_ID", "test")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    name = f"{BUCKET}-{next(_NUMBERS)}"
    connection = HTTPConnection(urlsplit(address).netloc)
    connection.request("PUT", f"/{name}")
    assert connection.getresponse().status == 200
    connection.close()
    return open_blobs(f"s3://{name}/media?endpoint={seen_at or address}")


def fill(store: ObjectBlobs, content: bytes = PICTURE, *, name: str = NAME) -> None:
    """Put every part of a blob."""
    for number in range(part_count(len(content))):
        store.put_part(name, number, part(content, number))


def test_a_blob_comes_out_as_its_parts_went_in(store: ObjectBlobs) -> None:
    fill(store)
    assert store.parts(NAME) == tuple(range(BLOB_PARTS))
    store.complete(NAME, len(PICTURE))
    assert store.read(NAME, 0, None) == PICTURE
    assert (store.size(NAME), store.parts(NAME), list(store.names())) == (len(PICTURE), (), [NAME])


def test_parts_in_any_order_and_twice_are_the_same(store: ObjectBlobs) -> None:
    for number in (*reversed(range(BLOB_PARTS)), 0):
        store.put_part(NAME, number, part(PICTURE, number))
    store.complete(NAME, len(PICTURE))
    assert store.read(NAME, 0, None) == PICTURE


def test_f18_completing_twice_changes_nothing(store: ObjectBlobs) -> None:
    fill(store)
    store.complete(NAME, len(PICTURE))
    store.complete(NAME, len(PICTURE))
    fill(store)
    store.complete(NAME, len(PICTURE))
    assert store.read(NAME, 0, None) == PICTURE
    assert store.parts(NAME) == ()


def test_f18_two_workers_complete_at_once(store: ObjectBlobs) -> None:
    fill(store)
    faults: list[Exception] = []

    def complete() -> None:
        try:
            store.complete(NAME, len(PICTURE))
        except Refusal as refusal:
            faults.append(refusal)

    threads = [threading.Thread(target=complete) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert store.read(NAME, 0, None) == PICTURE


def test_f17_what_is_missing_is_named_and_enough(store: ObjectBlobs) -> None:
    store.put_part(NAME, 0, part(PICTURE, 0))
    with pytest.raises(Refusal) as refused:
        store.complete(NAME, len(PICTURE))
    assert refused.value.code == "hq.parts_missing"
    for number in set(range(BLOB_PARTS)) - set(store.parts(NAME)):
        store.put_part(NAME, number, part(PICTURE, number))
    store.complete(NAME, len(PICTURE))
    assert store.read(NAME, 0, None) == PICTURE


def test_inv14_other_bytes_never_get_the_name(store: ObjectBlobs) -> None:
    fill(store)
    store.put_part(NAME, 1, bytes(PART_BYTES))
    with pytest.raises(Refusal) as refused:
        store.complete(NAME, len(PICTURE))
    assert refused.value.code == "hq.blob_differs"
    assert (store.size(NAME), store.parts(NAME)) == (None, ())


def test_inv14_a_longer_or_shorter_blob_is_another_one(store: ObjectBlobs) -> None:
    fill(store)
    with pytest.raises(Refusal) as refused:
        store.complete(NAME, len(PICTURE) - 1)
    assert refused.value.code == "hq.blob_differs"


def test_f17_parts_of_a_carried_file_become_a_file_and_nothing_else(store: ObjectBlobs, tmp_path: Path) -> None:
    name, content = "c" * 64, bytes(PART_BYTES) + b"end"
    store.put_part(name, 1, b"end")
    with pytest.raises(Refusal) as refused:
        store.gather(name, len(content), tmp_path / "one")
    assert refused.value.code == "hq.parts_missing"
    store.put_part(name, 0, bytes(PART_BYTES))
    assert store.gather(name, len(content), tmp_path / "one") == hashlib.sha256(content).hexdigest()
    assert (tmp_path / "one").read_bytes() == content
    assert list(store.names()) == []
    with pytest.raises(Trouble) as full:
        store.gather(name, len(content), tmp_path / "away" / "one")
    assert full.value.code == "hq.disk_failed"
    store.drop_parts(name)
    assert store.parts(name) == ()


def test_an_empty_blob_is_one(store: ObjectBlobs) -> None:
    name = hashlib.sha256(b"").hexdigest()
    store.complete(name, 0)
    assert (store.size(name), store.read(name, 0, None)) == (0, b"")


def test_ranges_end_where_the_blob_ends(store: ObjectBlobs) -> None:
    name = store.put_whole(PICTURE)
    assert store.read(name, 10, 20) == PICTURE[10:30]
    assert store.read(name, len(PICTURE) - 5, 100) == PICTURE[-5:]
    assert store.read(name, len(PICTURE), 100) == b""


def test_a_blob_that_is_not_here_is_refused(store: ObjectBlobs) -> None:
    with pytest.raises(Refusal) as refused:
        store.read(NAME, 0, None)
    assert refused.value.code == "hq.blob_missing"


def _again(step: Callable[[], T]) -> T:
    """Do a step as a station does that is told to come again."""
    for _ in range(9):
        try:
            return step()
        except Trouble:
            continue
    return step()


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize("seed", [1])
def test_f19_nodes_of_the_object_store_that_die_cost_a_repeat(
    request: pytest.FixtureRequest, s3_server: str, seed: int
) -> None:
    port = urlsplit(s3_server).port
    assert port is not None
    # A node that dies: connections are refused, or end before the answer is through.
    line = BadLine(port, seed=seed, kinds=("none", "refused", "reset_down"))
    store = _bucket(request, seen_at=f"http://127.0.0.1:{line.port}")
    for number in range(BLOB_PARTS):
        _again(lambda number=number: store.put_part(NAME, number, part(PICTURE, number)))
    _again(lambda: store.complete(NAME, len(PICTURE)))
    assert _again(lambda: store.read(NAME, 0, None)) == PICTURE
    assert _again(lambda: list(store.names())) == [NAME]
    assert line.counts.total() - line.counts["none"] > 0
    line.close()


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_f19_while_the_object_store_is_away_it_is_told_soon_and_nothing_is_lost(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, s3_server: str
) -> None:
    port = urlsplit(s3_server).port
    assert port is not None
    monkeypatch.setattr(blob_store, "RETRIES", {"max_retries": 1, "retry_timeout": timedelta(seconds=1)})
    line = BadLine(port, seed=0, kinds=("refused",))
    store = _bucket(request, seen_at=f"http://127.0.0.1:{line.port}")
    with pytest.raises(Trouble) as trouble:
        store.put_part(NAME, 0, part(PICTURE, 0))
    assert trouble.value.code == "hq.blobs_unreachable"
    line.is_good = True
    fill(store)
    store.complete(NAME, len(PICTURE))
    assert store.read(NAME, 0, None) == PICTURE
    line.close()


def test_f20_orphans_are_listed_at_once_and_removed_after_ninety_days(store: ObjectBlobs) -> None:
    wanted = store.put_whole(b"named by an entry")
    lost = store.put_whole(b"its entry never came")
    store.put_part(NAME, 0, part(PICTURE, 0))
    listed = store.orphans([wanted], datetime.now(UTC))
    assert {(one.sha256, one.is_whole, one.is_due) for one in listed} == {(lost, True, False), (NAME, False, False)}
    due = store.orphans([wanted], datetime.now(UTC) + timedelta(days=ORPHAN_DAYS, hours=1))
    for one in due:
        assert one.is_due
        store.remove(one)
    assert (list(store.names()), store.parts(NAME)) == ([wanted], ())


def test_an_orphan_that_is_not_due_is_never_removed(store: ObjectBlobs) -> None:
    store.put_whole(b"young")
    (young,) = store.orphans([], datetime.now(UTC))
    with pytest.raises(AssertionError):
        store.remove(young)


def test_a_store_that_does_not_answer_is_a_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Trouble) as trouble:
        open_blobs(str(tmp_path / "file" / "blobs"))
    assert trouble.value.code == "hq.blobs_unreachable"


@pytest.mark.parametrize(
    "url", ["s3://", "s3://key:secret@bucket", "s3://bucket?secret=x", "ftp://host/x", "http://host/bucket"]
)
def test_a_senseless_address_is_refused_and_no_secret_repeated(url: str) -> None:
    with pytest.raises(Refusal) as refused:
        open_blobs(url)
    assert refused.value.code == "hq.blob_url_senseless"
    assert "secret" not in str(refused.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(content=st.binary(max_size=3000), start=st.integers(0, 4000), limit=st.integers(0, 4000))
def test_any_range_is_the_slice(tmp_path: Path, content: bytes, start: int, limit: int) -> None:
    store = open_blobs(f"file://{tmp_path}")
    assert store.read(store.put_whole(content), start, limit) == content[start : start + limit]
