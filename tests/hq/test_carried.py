"""Files for headquarters that somebody else carries over a line, the answers back, and the checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.crypto import boxes, signing
from core.hq.checkpoints import is_signed, make_checkpoint
from core.kernel.errors import Cancelled, Refusal
from core.kernel.progress import Stoppable, Unwatched
from core.remote import transport
from core.sync.bundle import FORMAT, HQ, BundleReader, BundleWriter, Manifest, MemberKind
from core.sync.runs import encode_run
from core.sync.streams import Cursor
from tests.helpers.headquarters import STREAM, Author, Headquarters
from tests.helpers.hq_door import KEYS, Door, open_door

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


def written(author: Author, path: Path, *, sender: str = "") -> Path:
    """Write what a device without a line has for headquarters."""
    with BundleWriter(path, partial(boxes.seal_to, RECIPIENT)) as writer:
        writer.add(MemberKind.RUN, f"{author.device}:1", encode_run(author.run()))
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
    from core.hq import routes_bundles
    from core.remote import line as lines

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


def test_the_person_may_stop_while_a_file_goes_out(tmp_path: Path) -> None:
    path = tmp_path / "long.isb"
    path.write_bytes(bytes(transport.FILE_CHUNK_BYTES + 1))
    stopped = Stoppable()
    body = iter(transport.FileBody(path, stopped))
    assert len(next(body)) == transport.FILE_CHUNK_BYTES
    stopped.stop = True
    with pytest.raises(Cancelled):
        next(body)


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
