"""Files for headquarters that somebody else carries over a line, the answers back, and the checkpoints."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.crypto import boxes, signing
from core.hq import routes_bundles
from core.hq.checkpoints import is_signed, make_checkpoint
from core.kernel.errors import Cancelled, Refusal, Trouble
from core.kernel.progress import Stoppable, Unwatched
from core.remote import line as lines
from core.remote.door import CARRIED_BYTES_MAX
from core.sync.bundle import FORMAT, HQ, BundleReader, BundleWriter, Manifest, MemberKind
from core.sync.runs import encode_run
from core.sync.streams import Cursor
from core.sync.wire import PART_BYTES
from tests.helpers.headquarters import STREAM, Author, Headquarters
from tests.helpers.hq_door import KEYS, Door, cut_wire, open_door

RECIPIENT = boxes.recipient_of(KEYS.age_identity)


@pytest.fixture
def door(hq: Headquarters) -> Iterator[Door]:
    with open_door(hq) as found:
        yield found


@pytest.fixture
def carrier(hq: Headquarters) -> Author:
    """A colleague who has a line."""
    one = Author("d-carrier", clock=hq.clock)
    hq.admit(one)
    return one


def written(author: Author, path: Path, *, sender: str = "", media: Mapping[str, bytes] | None = None) -> Path:
    """Write what a device without a line has for headquarters."""
    with BundleWriter(path, partial(boxes.seal_to, RECIPIENT)) as writer:
        writer.add(MemberKind.RUN, f"{author.device}:1", encode_run(author.run()))
        for name, content in (media or {}).items():
            writer.add(MemberKind.BLOB, name, content)
        manifest = Manifest(
            format=FORMAT,
            id="b-1",
            sender=sender or author.device,
            recipient=HQ,
            sequence=1,
            made_at=author.clock.now(),
            epoch="",
            members=(),
            cursors=(Cursor(stream=STREAM),),
        )
        writer.close(manifest, partial(signing.sign, author.private))
    return path


def test_a_colleague_carries_a_file_there_and_the_answer_back(
    door: Door, author: Author, carrier: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Sealed to a key of this test, so that the answer can be read.
    identity = boxes.new_identity()
    monkeypatch.setattr(boxes, "seal_to", _sealing(boxes.seal_to, author, boxes.recipient_of(identity)))
    author.answers(3)
    line = door.line(carrier)
    report = line.carry(written(author, tmp_path / "one.isb"), progress=Unwatched())
    assert (report.sender, report.runs, report.bad) == (author.device, 1, ())
    assert door.hq.desk.chain(author.device).have == 3
    again = line.carry(tmp_path / "one.isb", progress=Unwatched())
    assert (again.runs, door.hq.desk.chain(author.device).have) == (1, 3)
    back = tmp_path / "back.isb"
    back.write_bytes(line.answer_for(author.device))
    with BundleReader(
        back,
        unseal=partial(boxes.open_box, identity),
        verify=signing.verify,
        public_of=lambda sender: KEYS.public if sender == HQ else None,
        recipient=author.device,
    ) as reader:
        assert [one.have for one in reader.manifest.chains] == [3]
        assert reader.manifest.digest is not None


def _sealing(seal: Any, author: Author, recipient: str) -> Any:
    """Give every box that goes to a test device, whose recipient is none, to a key that the test holds."""

    def sealed(to: str, content: bytes) -> bytes:
        return seal(to if boxes.is_recipient(to) else recipient, content)

    return sealed


def test_what_is_no_file_of_ours_is_refused_for_good(
    door: Door, author: Author, carrier: Author, tmp_path: Path
) -> None:
    author.answers(1)
    line = door.line(carrier)
    path = tmp_path / "bad.isb"
    path.write_bytes(b"PK" + bytes(500))
    with pytest.raises(Refusal) as refused:
        line.carry(path, progress=Unwatched())
    assert refused.value.code == "bundle.unreadable"
    stranger = Author("d-9", clock=door.hq.clock)
    stranger.answers(1)
    with pytest.raises(Refusal) as refused:
        line.carry(written(stranger, tmp_path / "stranger.isb"), progress=Unwatched())
    assert refused.value.code == "bundle.sender_unknown"
    with pytest.raises(Refusal) as refused:
        line.carry(written(carrier, tmp_path / "forged.isb", sender=author.device), progress=Unwatched())
    assert refused.value.code == "bundle.forged"


def test_whoever_has_no_token_carries_nothing(door: Door) -> None:
    said = door.client.post("/v1/bundles", content=b"x", headers={"Mingjian-Protocol": "1"})
    assert said.status_code == 401


def test_a_file_that_is_too_long_is_not_read(
    door: Door, carrier: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.isb"
    path.write_bytes(bytes(5_000))
    with monkeypatch.context() as small:
        small.setattr(lines, "CARRIED_BYTES_MAX", 4_000)
        with pytest.raises(Refusal) as refused:
            door.line(carrier).carry(path, progress=Unwatched())
        assert refused.value.code == "sync.body_too_large"
    monkeypatch.setattr(routes_bundles, "CARRIED_BYTES_MAX", 4_000)
    with pytest.raises(Refusal) as refused:
        door.line(carrier).carry(path, progress=Unwatched())
    assert refused.value.code == "sync.body_too_large"


@pytest.fixture
def long_file(door: Door, author: Author, tmp_path: Path) -> Path:
    """Give a file of several parts, media in it."""
    photo = random.Random(5).randbytes(2 * PART_BYTES)
    name = hashlib.sha256(photo).hexdigest()
    author.answer(1, blobs=(name,))
    return written(author, tmp_path / "long.isb", media={name: photo})


def test_f17_a_long_file_that_is_cut_goes_on_where_it_stood(
    door: Door, author: Author, carrier: Author, long_file: Path
) -> None:
    size = long_file.stat().st_size
    assert size > 2 * PART_BYTES
    for at in (0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, size - 1):
        door.hq.blobs.waiting.clear()
        cut, first = cut_wire(door, carrier, at=at)
        with pytest.raises(Trouble) as trouble:
            first.carry(long_file, progress=Unwatched())
        assert trouble.value.code == "sync.line_broken"
        whole, second = cut_wire(door, carrier, at=1 << 30)
        report = second.carry(long_file, progress=Unwatched())
        assert (report.runs, report.blobs, report.bad) == (1, 1, ())
        assert 0 <= cut.carried + whole.carried - size <= PART_BYTES
    assert door.hq.desk.chain(author.device).have == 1


def test_an_answer_that_was_lost_is_asked_for_without_sending_the_file_again(
    door: Door, carrier: Author, long_file: Path
) -> None:
    first = door.line(carrier).carry(long_file, progress=Unwatched())
    wire, line = cut_wire(door, carrier, at=1 << 30)
    assert line.carry(long_file, progress=Unwatched()) == first
    assert wire.carried == 0


def test_a_carrier_has_one_file_on_its_way_and_no_part_of_anybody_elses(
    door: Door, author: Author, carrier: Author, long_file: Path
) -> None:
    _, line = cut_wire(door, carrier, at=PART_BYTES)
    with pytest.raises(Trouble):
        line.carry(long_file, progress=Unwatched())
    carried, name = door.service.carried, hashlib.sha256(long_file.read_bytes()).hexdigest()
    assert carried.begin(author.device, name).parts == ()
    assert carried.begin(carrier.device, name).parts == (0,)
    assert carried.begin(carrier.device, "a" * 64).parts == ()
    with pytest.raises(Refusal) as refused:
        carried.put(carrier.device, name, 1, b"late")
    assert refused.value.code == "sync.blob_unnamed"
    assert door.hq.blobs.waiting == {}


def test_parts_that_are_lacking_or_wrong_give_no_file(
    door: Door, carrier: Author, long_file: Path, tmp_path: Path
) -> None:
    carried, name = door.service.carried, hashlib.sha256(long_file.read_bytes()).hexdigest()
    carried.begin(carrier.device, name)
    carried.put(carrier.device, name, 0, b"x" * PART_BYTES)
    with pytest.raises(Refusal) as refused:
        carried.gather(carrier.device, name, PART_BYTES + 1, tmp_path / "out")
    assert refused.value.code == "hq.parts_missing"
    with pytest.raises(Refusal) as refused:
        carried.gather(carrier.device, name, PART_BYTES, tmp_path / "out")
    assert refused.value.code == "hq.blob_differs"
    assert carried.begin(carrier.device, name).parts == ()
    for number in (-1, CARRIED_BYTES_MAX // PART_BYTES):
        with pytest.raises(Refusal) as refused:
            carried.put(carrier.device, name, number, b"x")
        assert refused.value.code == "sync.body_too_large"


def test_a_headquarters_that_has_enough_for_now_is_waited_for(
    door: Door, carrier: Author, long_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[int] = []
    monkeypatch.setattr(lines.time, "sleep", waits.append)
    left = iter((True, True))
    put = door.service.carried.put

    def busy(*args: Any) -> None:
        if next(left, False):
            raise Refusal("hq.too_many_requests", retry_after_s=40)
        put(*args)

    monkeypatch.setattr(door.service.carried, "put", busy)
    assert door.line(carrier).carry(long_file, progress=Unwatched()).runs == 1
    assert waits == [lines.BUSY_WAIT_S_MAX] * 2


def test_the_person_may_stop_while_a_file_goes_out(door: Door, carrier: Author, long_file: Path) -> None:
    stopped = Stoppable()
    stopped.stop = True
    with pytest.raises(Cancelled):
        door.line(carrier).carry(long_file, progress=stopped)
    assert door.hq.blobs.waiting == {}


def test_anybody_may_keep_the_checkpoints_and_compare(door: Door, author: Author) -> None:
    author.answers(1)
    door.hq.push(author)
    made = make_checkpoint(door.hq.store, sign=partial(signing.sign, KEYS.private))
    listed = door.client.get("/v1/checkpoints").json()["checkpoints"]
    assert [one["name"] for one in listed] == [made.name]
    note = door.client.get(f"/v1/checkpoints/{made.name}").text
    assert is_signed(note, public=KEYS.public, verify=signing.verify)
    assert door.client.get("/v1/checkpoints", params={"since": "2999-01-01"}).json() == {"checkpoints": []}
    assert door.client.get("/v1/checkpoints/1999-01-01").status_code == 404
