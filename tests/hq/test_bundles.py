"""A stick at headquarters: taken in any number of times, bad members named, answered to its sender alone."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from core.crypto import boxes, signing
from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.domain.lists import ListKind
from core.domain.publications import Publication
from core.hq.headquarters import Headquarters, HqSettings, begin
from core.kernel.clock import FixedClock
from core.kernel.errors import Fault
from core.kernel.progress import Unwatched
from core.storage import ref_delta
from core.sync.bundle import FORMAT, HQ, BadMember, BundleReader, BundleReport, BundleWriter, Manifest, MemberKind
from core.sync.runs import encode_run
from core.sync.streams import Cursor, Page, decode_page, home_stream
from core.sync.wire import DeviceKeys, EnrolRequest
from tests.helpers.headquarters import SUBJECT, Author

STREAM = home_stream(SUBJECT)
PICTURE = b"a picture on a stick"
NAME = hashlib.sha256(PICTURE).hexdigest()


class Sender:
    """A station that has nothing but a stick."""

    def __init__(self, hq: Headquarters, device: str, subject: str = SUBJECT) -> None:
        self.identity = boxes.new_identity()
        self.author = Author(device, clock=FixedClock(hq.clock.now()), stream=home_stream(subject))
        self.recipient = hq.keys.recipient
        code = hq.enrolment.issue(subject=subject, officer="o-1", by="甲").code
        keys = DeviceKeys(device=device, public=self.author.public, seal_recipient=boxes.recipient_of(self.identity))
        request = EnrolRequest(code=code, station=f"s-{device}", keys=keys)
        self.said = hq.enrolment.enrol(request, proven=self.author.public)

    def bundle(
        self,
        path: Path,
        *,
        first: int = 1,
        recipient: str = HQ,
        cursors: tuple[Cursor, ...] = (),
        lists: dict[str, tuple[int, ...]] | None = None,
    ) -> Path:
        """Write a bundle for headquarters."""
        writer = BundleWriter(path, partial(boxes.seal_to, self.recipient))
        if self.author.lines:
            writer.add(MemberKind.RUN, f"{self.author.device}:{first}", encode_run(self.author.run(first)))
        writer.add(MemberKind.BLOB, NAME, PICTURE)
        manifest = Manifest(
            format=FORMAT,
            id="b-1",
            sender=self.author.device,
            recipient=recipient,
            sequence=1,
            made_at=self.author.clock.now(),
            epoch="",
            members=(),
            cursors=cursors,
            lists=lists or {},
        )
        writer.close(manifest, partial(signing.sign, self.author.private))
        return path

    def pages(self, path: Path, hq: Headquarters) -> tuple[Manifest, list[Page]]:
        """Read headquarters' answer."""
        unseal = partial(boxes.open_box, self.identity)
        public = hq.keys.public
        with BundleReader(
            path,
            unseal=unseal,
            verify=signing.verify,
            public_of=lambda sender: public if sender == HQ else None,
            recipient=self.author.device,
        ) as reader:
            items = list(reader.members())
        assert not any(isinstance(item, BadMember) for item in items)
        pages = [item for item in items if not isinstance(item, BadMember) and item[0].kind is MemberKind.PAGE]
        found = [decode_page(content) for _, content in pages]
        return reader.manifest, [page for page in found if isinstance(page, Page)]


@pytest.fixture
def hq(tmp_path: Path, database: str, clock: FixedClock) -> Iterator[Headquarters]:
    """Give a headquarters in a folder of its own, over either database."""
    settings = HqSettings(database=database)
    headquarters, _ = begin(tmp_path / "hq", settings=settings, clock=clock, cost=CHEAP_COST_FOR_TESTS)
    yield headquarters
    headquarters.close()


@pytest.fixture
def sender(hq: Headquarters) -> Sender:
    """Give an enrolled station that wrote three entries, one with a picture."""
    one = Sender(hq, "d-1")
    one.author.answers(2)
    one.author.answer(9, blobs=(NAME,))
    return one


def take(hq: Headquarters, path: Path) -> BundleReport:
    """Take a bundle in."""
    return hq.bundles.take(path, progress=Unwatched())


def test_inv16_a_stick_brings_what_a_line_would(hq: Headquarters, sender: Sender, tmp_path: Path) -> None:
    report = take(hq, sender.bundle(tmp_path / "one.isb"))
    assert (report.runs, report.blobs, report.bad) == (1, 1, ())
    assert hq.desk.chain("d-1").have == 3
    assert hq.blobs.read(NAME, 0, None) == PICTURE


def test_f24_a_stick_read_twice_changes_nothing(hq: Headquarters, sender: Sender, tmp_path: Path) -> None:
    path = sender.bundle(tmp_path / "one.isb")
    take(hq, path)
    before = hq.store.read.digest(STREAM)
    assert take(hq, path).bad == ()
    assert hq.store.read.digest(STREAM) == before


def test_a_run_behind_a_hole_is_named_and_the_rest_goes_in(hq: Headquarters, sender: Sender, tmp_path: Path) -> None:
    report = take(hq, sender.bundle(tmp_path / "one.isb", first=2))
    assert [one.why for one in report.bad] == ["sync.run_gap", "sync.blob_unnamed"]
    assert hq.desk.chain("d-1").have == 0


def test_the_answer_tells_what_is_held_and_brings_what_is_lacking(
    hq: Headquarters, sender: Sender, tmp_path: Path
) -> None:
    take(hq, sender.bundle(tmp_path / "one.isb"))
    hq.bundles.answer(tmp_path / "answer.isb", "d-1", progress=Unwatched())
    manifest, pages = sender.pages(tmp_path / "answer.isb", hq)
    assert (manifest.chains[-1].have, manifest.chains[-1].head) == (3, sender.author.chains[-1])
    assert manifest.digest is not None
    assert manifest.digest.streams[0].seq == 4
    assert [page.stream for page in pages] == [STREAM]
    assert pages[0].lines[1:] == tuple(sender.author.lines)


def test_the_answer_begins_where_the_station_stands(hq: Headquarters, sender: Sender, tmp_path: Path) -> None:
    take(hq, sender.bundle(tmp_path / "one.isb"))
    head = hq.store.read.head_at(STREAM, 3)
    assert head is not None
    here = Cursor(stream=STREAM, epoch=hq.store.epoch(), seq=3, head=head)
    # The run it stands in is given from there on.
    take(hq, sender.bundle(tmp_path / "two.isb", cursors=(here,)))
    hq.bundles.answer(tmp_path / "answer.isb", "d-1", progress=Unwatched())
    manifest, pages = sender.pages(tmp_path / "answer.isb", hq)
    assert (manifest.sequence, pages[0].first, len(pages[0].lines)) == (1, 4, 1)


def test_answers_are_counted(hq: Headquarters, sender: Sender, tmp_path: Path) -> None:
    reports = [hq.bundles.answer(tmp_path / f"{n}.isb", "d-1", progress=Unwatched()) for n in range(3)]
    assert [report.sequence for report in reports] == [1, 2, 3]


def test_inv15_an_answer_holds_no_stream_of_another_body(hq: Headquarters, sender: Sender, tmp_path: Path) -> None:
    other = Sender(hq, "d-2", "440301")
    other.author.answers(2)
    hq.desk.push(other.author.run())
    told = (Cursor(stream=home_stream("440301")),)
    take(hq, sender.bundle(tmp_path / "one.isb", cursors=told))
    hq.bundles.answer(tmp_path / "answer.isb", "d-1", progress=Unwatched())
    _, pages = sender.pages(tmp_path / "answer.isb", hq)
    assert {page.stream for page in pages} == {STREAM}


def test_nobody_else_opens_the_answer(hq: Headquarters, sender: Sender, tmp_path: Path) -> None:
    hq.bundles.answer(tmp_path / "answer.isb", "d-1", progress=Unwatched())
    thief = Sender(hq, "d-2")
    thief.author.device = "d-1"
    with pytest.raises(Fault) as fault:
        thief.pages(tmp_path / "answer.isb", hq)
    assert fault.value.code in ("bundle.damaged", "crypto.damaged")


def test_a_stranger_and_a_wrong_receiver_are_refused(hq: Headquarters, sender: Sender, tmp_path: Path) -> None:
    with pytest.raises(Fault) as fault:
        take(hq, sender.bundle(tmp_path / "one.isb", recipient="d-2"))
    assert fault.value.code == "bundle.not_for_us"
    sender.author.device = "d-unknown"
    with pytest.raises(Fault) as fault:
        take(hq, sender.bundle(tmp_path / "two.isb"))
    assert fault.value.code == "bundle.sender_unknown"


def test_f23_a_stick_pulled_early_is_refused_whole(hq: Headquarters, sender: Sender, tmp_path: Path) -> None:
    content = sender.bundle(tmp_path / "one.isb").read_bytes()
    cut = tmp_path / "cut.isb"
    for at in range(0, len(content) - 1, 97):
        cut.write_bytes(content[:at])
        with pytest.raises(Fault) as fault:
            take(hq, cut)
        assert fault.value.code in ("bundle.unreadable", "bundle.damaged")
    assert hq.desk.chain("d-1").have == 0


def test_a_zip_that_is_no_bundle_is_refused(hq: Headquarters, tmp_path: Path) -> None:
    path = tmp_path / "bad.isb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../service.key", b"x")
    with pytest.raises(Fault) as fault:
        take(hq, path)
    assert fault.value.code.startswith("bundle.")


def parts_in(path: Path, sender: Sender, hq: Headquarters) -> tuple[str, ...]:
    """Return the names of the media in an answer."""
    manifest, _ = sender.pages(path, hq)
    return tuple(member.about for member in manifest.members if member.kind is MemberKind.BLOB)


def test_an_answer_brings_the_lists_that_a_station_lacks_as_changes_where_it_can(
    hq: Headquarters, sender: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ref_delta, "LARGE_ROWS", 10)
    subjects = tmp_path / "subjects.csv"
    rows = [f"S{number:03d},第{number}局,法定行政机关" for number in range(60)]
    made: list[Publication] = []
    for count in (59, 60):
        subjects.write_text("\n".join(("检查主体编码,检查主体名称,主体类型", *rows[:count])) + "\n", "utf-8")
        done = hq.publishing.publish(ListKind.SUBJECTS, subjects, by="甲")
        assert done.publication is not None
        made.append(done.publication)
    first, second = made
    assert second.changes is not None
    ways = {(): second.whole.parts, (first.version,): second.changes.parts, (second.version,): ()}
    for number, (held, expected) in enumerate(ways.items()):
        cursors = (Cursor(stream=STREAM),)
        lists = {"subjects": held} if held else {}
        take(hq, sender.bundle(tmp_path / f"{number}.isb", cursors=cursors, lists=lists))
        hq.bundles.answer(tmp_path / f"back-{number}.isb", "d-1", progress=Unwatched())
        assert parts_in(tmp_path / f"back-{number}.isb", sender, hq) == expected
