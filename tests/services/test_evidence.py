"""Evidence: kept by hash, described, voided with a reason, never lost."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from core.domain.evidence import Evidence, EvidenceKind
from core.domain.visits import VisitState
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal, Trouble
from core.services.evidence import EvidenceFiles, check_size, kind_of
from core.services.photo_notes import photo_note
from tests.helpers.builders import NOW, account, visit
from tests.helpers.fakes import FakeBlobs, FakeStore

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


class Desk:
    def __init__(self, state: VisitState = VisitState.INSPECTING) -> None:
        self.store = FakeStore()
        self.store.seed(visit(state=state))
        self.blobs = FakeBlobs()
        self.files = EvidenceFiles(self.store, self.blobs, FixedClock(NOW), account(), photo_note)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_photo_is_kept_by_the_hash_of_its_bytes(desk: Desk) -> None:
    piece = desk.files.attach("v-1", PNG, file_name="C:\\photos\\门头.png", proves="门头与地址").value
    assert piece.blob == hashlib.sha256(PNG).hexdigest()
    assert (piece.kind, piece.media_type, piece.file_name) == (EvidenceKind.PHOTO, "image/png", "门头.png")
    assert (piece.made_at, piece.made_by, piece.proves) == (NOW, "officer-1", "门头与地址")
    assert piece.is_imported
    assert desk.files.content(piece.id) == PNG


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0", EvidenceKind.PHOTO),
        (b"%PDF-1.7", EvidenceKind.DOCUMENT),
        (b"\x00\x00\x00\x20ftypisom", EvidenceKind.VIDEO),
        (b"RIFF\x00\x00\x00\x00WAVE", EvidenceKind.AUDIO),
        (b"anything", EvidenceKind.DOCUMENT),
    ],
)
def test_the_bytes_say_what_a_file_is(content: bytes, kind: EvidenceKind) -> None:
    assert kind_of(content)[1] is kind


def test_the_same_file_for_the_same_thing_is_attached_once(desk: Desk) -> None:
    first = desk.files.attach("v-1", PNG, answer="a-1").value
    with pytest.raises(Refusal) as refusal:
        desk.files.attach("v-1", PNG, answer="a-1")
    assert refusal.value.code == "evidence.already_attached"
    assert desk.files.attach("v-1", PNG, answer="a-2").value.blob == first.blob
    desk.files.void(first.id, reason="模糊")
    assert desk.files.attach("v-1", PNG, answer="a-1").value.id != first.id


def test_voiding_keeps_the_record_and_the_bytes(desk: Desk) -> None:
    piece = desk.files.attach("v-1", PNG).value
    after = desk.files.void(piece.id, reason="拍错了").value
    assert after.is_void
    assert after.void_reason == "拍错了"
    assert desk.files.content(piece.id) == PNG
    assert len(desk.store.all(Evidence)) == 1
    with pytest.raises(Refusal) as refusal:
        desk.files.void(piece.id, reason="再来")
    assert refusal.value.code == "evidence.already_void"


def test_voiding_needs_a_reason(desk: Desk) -> None:
    piece = desk.files.attach("v-1", PNG).value
    with pytest.raises(Refusal) as refusal:
        desk.files.void(piece.id, reason=" ")
    assert refusal.value.code == "evidence.reason_missing"


@pytest.mark.parametrize(("size", "code"), [(0, "evidence.empty"), (30_000_001, "evidence.too_large")])
def test_a_file_is_stopped_by_its_size_before_it_is_read(size: int, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_size(size, EvidenceKind.PHOTO)
    assert refusal.value.code == code


def test_a_photo_of_exactly_the_limit_is_taken() -> None:
    assert check_size(30_000_000, EvidenceKind.PHOTO) is None


def test_an_archived_visit_takes_no_more_evidence() -> None:
    desk = Desk(VisitState.ARCHIVED)
    with pytest.raises(Refusal) as refusal:
        desk.files.attach("v-1", PNG)
    assert refusal.value.code == "evidence.visit_archived"
    assert desk.blobs.kept == {}


def test_missing_bytes_are_trouble_and_not_silence(desk: Desk) -> None:
    piece = desk.files.attach("v-1", PNG).value
    desk.blobs.kept.clear()
    with pytest.raises(Trouble) as trouble:
        desk.files.content(piece.id)
    assert trouble.value.code == "blobs.missing"


def test_what_a_photo_says_about_itself_is_noted(desk: Desk) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Model X"
    exif.get_ifd(0x8769)[0x9003] = "2026:03:09 08:00:00"
    raw = io.BytesIO()
    Image.new("RGB", (4, 4)).save(raw, "JPEG", exif=exif)
    piece = desk.files.attach("v-1", raw.getvalue()).value
    assert "Model: Model X" in piece.file_note
    assert "DateTimeOriginal: 2026:03:09 08:00:00" in piece.file_note
    assert piece.made_at == NOW


@pytest.mark.parametrize("content", [b"", b"no picture", PNG, b"\xff\xd8\xff\xe1\x00"])
def test_a_damaged_picture_says_nothing_and_stops_nothing(content: bytes) -> None:
    assert photo_note(content) == ""
