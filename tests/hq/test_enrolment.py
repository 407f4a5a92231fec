"""Taking stations in: codes for the first key, the same answer again, an entry for each, nobody else's past."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from core.crypto import signing
from core.domain.shared_state import DeviceStatus, StationDevice
from core.hq.enrolment import CODE_HOURS
from core.hq.limits import DOORS
from core.kernel.errors import Refusal, Trouble
from core.kernel.records import changed, from_plain
from core.remote.line import HttpLine
from core.remote.tokens import Caller
from core.sync.entries import decode
from core.sync.streams import Cursor
from core.sync.wire import DeviceKeys, EnrolAnswer, EnrolRequest, PullRequest
from tests.helpers.headquarters import STREAM, SUBJECT, Author, Headquarters
from tests.helpers.hq_door import KEYS, ROOT_PUBLIC, Door, open_door


@pytest.fixture
def door(hq: Headquarters) -> Iterator[Door]:
    """Give the front door of the headquarters."""
    with open_door(hq) as found:
        yield found


@pytest.fixture
def code(door: Door) -> str:
    """Give a fresh code for one officer of the body."""
    return door.service.enrolment.issue(subject=SUBJECT, officer="o-7", streets=("橘子洲",), by="管理员").code


def keys_of(author: Author) -> DeviceKeys:
    """Return the public halves of a device."""
    return DeviceKeys(device=author.device, public=author.public, seal_recipient="age1")


def request_of(author: Author, code: str, *past: Author) -> EnrolRequest:
    """Return the request of a station."""
    return EnrolRequest(code=code, station="s-1", keys=keys_of(author), past=tuple(keys_of(one) for one in past))


def enrol(door: Door, author: Author, code: str, *past: Author) -> EnrolAnswer:
    """Enrol a device over the line; nothing is pinned yet."""
    sign = partial(signing.sign, author.private)
    caller = Caller(device=author.device, public=author.public, sign=sign, now=lambda: 0.0)
    line = HttpLine(door.client, caller=caller, verify=signing.verify)
    return line.enrol(request_of(author, code, *past))


def refused(door: Door, author: Author, code: str, *past: Author) -> str:
    """Return the code with which an enrolment is refused."""
    with pytest.raises(Refusal) as refusal:
        enrol(door, author, code, *past)
    return refusal.value.code


def told(hq: Headquarters) -> list[StationDevice]:
    """Return what the stations of the body hear of devices."""
    return [from_plain(StationDevice, entry.body) for line in hq.log() if (entry := decode(line)).fam]


def test_a_station_comes_in_with_a_code(door: Door, code: str) -> None:
    new = Author("d-new")
    said = enrol(door, new, code)
    assert (said.device, said.home_stream, said.streams[0], said.streets) == ("d-new", STREAM, STREAM, ("橘子洲",))
    assert (said.hq_public, said.root_public, said.hq_recipient) == (KEYS.public, ROOT_PUBLIC, KEYS.recipient)
    assert signing.verify(said.root_public, b"hq-key1" + said.hq_public, said.root_signature)
    assert "ref/enterprises" in said.streams


def test_every_enrolment_is_an_entry_of_the_body_by_a_named_person(door: Door, code: str) -> None:
    enrol(door, Author("d-new"), code)
    entry = decode(door.hq.log()[-1])
    assert (entry.fam, entry.ent, entry.actor) == ("station_device", "d-new", "管理员")
    assert told(door.hq)[-1].officer == "o-7"


def test_the_same_code_and_key_give_the_same_answer(door: Door, code: str) -> None:
    new = Author("d-new")
    first = enrol(door, new, code)
    door.hq.clock.advance(hours=CODE_HOURS + 1)
    assert enrol(door, new, code) == first
    assert len(told(door.hq)) == 1


def test_a_code_is_for_one_key(door: Door, code: str) -> None:
    enrol(door, Author("d-new"), code)
    assert refused(door, Author("d-other"), code) == "hq.code_used"


def test_a_code_is_typed_as_people_type(door: Door, code: str) -> None:
    assert enrol(door, Author("d-new"), f" {code.lower().replace('-', ' ')} ").device == "d-new"


def test_a_code_expires(door: Door, code: str) -> None:
    door.hq.clock.advance(hours=CODE_HOURS, seconds=1)
    assert refused(door, Author("d-new"), code) == "hq.code_expired"


@pytest.mark.on("postgresql")
@pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA-AAAA", "😀" * 40])
def test_a_code_that_nobody_gave_out_is_refused(door: Door, code: str) -> None:
    assert refused(door, Author("d-new"), code) == "hq.code_unknown"


@pytest.mark.on("sqlite")
def test_codes_are_not_guessed(door: Door) -> None:
    def guess() -> None:
        for number in range(DOORS.burst + 1):
            assert refused(door, Author("d-new"), f"GUESS-{number}") == "hq.code_unknown"

    with pytest.raises(Trouble) as busy:
        guess()
    assert busy.value.code == "sync.busy"


def test_a_known_device_does_not_come_in_again(door: Door, code: str, author: Author) -> None:
    assert refused(door, author, code) == "hq.device_known"


def test_the_key_must_be_held_by_whoever_brings_it(door: Door, code: str) -> None:
    new, other = Author("d-new"), Author("d-other")
    sign = partial(signing.sign, other.private)
    caller = Caller(device="d-new", public=other.public, sign=sign, now=lambda: 0.0)
    line = HttpLine(door.client, caller=caller, verify=signing.verify)
    with pytest.raises(Refusal) as refusal:
        line.enrol(request_of(new, code))
    assert (refusal.value.code, refusal.value.params) == ("sync.proof_bad", {"why": "key"})


def test_what_the_station_was_comes_with_it(door: Door, code: str) -> None:
    new, old = Author("d-new"), Author("d-old")
    enrol(door, new, code, old)
    old.answers(2)
    assert door.line(new).push(old.run()).have == 2
    assert door.line(new).chain("d-old").have == 2


def test_nobody_takes_another_stations_past(door: Door, code: str, author: Author) -> None:
    assert refused(door, Author("d-new"), code, author) == "hq.device_known"
    assert door.hq.store.directory.find("d-new") is None


@pytest.mark.on("postgresql")
@pytest.mark.parametrize(
    "change",
    [
        {"station": ""},
        {"station": "a/b"},
        {"station": "x" * 300},
        {"keys": DeviceKeys(device="hq/org", public=Author("d-new").public, seal_recipient="age1")},
        {"past": (DeviceKeys(device="d-new", public=bytes(32), seal_recipient=""),)},
        {"past": tuple(DeviceKeys(device=f"p-{n}", public=bytes(32), seal_recipient="") for n in range(21))},
        {"past": (DeviceKeys(device="p-1", public=b"short", seal_recipient=""),)},
    ],
)
def test_a_senseless_request_is_refused(door: Door, code: str, change: dict[str, object]) -> None:
    new = Author("d-new")
    request = changed(request_of(new, code), **change)
    with pytest.raises(Refusal) as refusal:
        door.service.enrolment.enrol(request, proven=new.public)
    assert refusal.value.code == "hq.enrol_senseless"
    assert door.hq.log() == ()


def test_a_retired_station_is_told_to_its_body(door: Door, code: str) -> None:
    new = Author("d-new")
    enrol(door, new, code)
    door.service.enrolment.retire("d-new", DeviceStatus.LOST, reason="stolen", by="管理员")
    assert (told(door.hq)[-1].status, told(door.hq)[-1].status_reason) == (DeviceStatus.LOST, "stolen")
    with pytest.raises(Refusal):
        door.line(new).pull(PullRequest(cursors=(Cursor(stream=STREAM),)))
    door.service.enrolment.retire("d-new", DeviceStatus.ACTIVE, reason="found", by="管理员")
    assert door.line(new).pull(PullRequest(cursors=(Cursor(stream=STREAM),)))


def test_codes_are_listed_without_the_codes(door: Door, code: str) -> None:
    (listed,) = door.service.enrolment.codes()
    assert (listed.officer, listed.issued_by, listed.device) == ("o-7", "管理员", "")
    assert code not in str(listed)


@pytest.mark.on("postgresql")
@pytest.mark.parametrize("subject", ["", "a/b", "x\n", "x" * 201])
def test_a_code_for_a_senseless_body_is_refused(door: Door, subject: str) -> None:
    with pytest.raises(Refusal) as refusal:
        door.service.enrolment.issue(subject=subject, officer="o-7", by="管理员")
    assert refusal.value.code == "hq.enrol_senseless"
