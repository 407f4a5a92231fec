"""Bundles: written whole or not at all, read by their receiver only, a bad member set aside."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crypto import signing
from core.kernel.errors import Fault, Refusal, Trouble
from core.sync.bundle import MANIFEST, BadMember, BundleReader, BundleWriter, Manifest, MemberKind
from tests.sync.chains import NOW

PRIVATE = bytes(range(32))
PUBLIC = signing.public_key_of(PRIVATE)
MASK = 0x5A


def seal(content: bytes) -> bytes:
    """Seal for tests: a mark and the bytes turned, so that nothing readable stands in the file."""
    return b"S" + bytes(byte ^ MASK for byte in content)


def unseal(sealed: bytes) -> bytes:
    if sealed[:1] != b"S":
        raise Trouble("crypto.damaged")
    return bytes(byte ^ MASK for byte in sealed[1:])


def manifest(recipient: str = "hq") -> Manifest:
    return Manifest(
        format=1, id="b-1", sender="d-1", recipient=recipient, sequence=1, made_at=NOW, epoch="", members=()
    )


def written(folder: Path, contents: tuple[bytes, ...] = (b"one", b"two", b"three")) -> Path:
    path = folder / "out.isb"
    writer = BundleWriter(path, seal)
    for number, content in enumerate(contents):
        writer.add(MemberKind.RUN, f"d-1:{number}", content)
    writer.close(manifest(), lambda message: signing.sign(PRIVATE, message))
    return path


def read(path: Path, *, recipient: str = "hq", public: bytes | None = PUBLIC) -> list[object]:
    with BundleReader(
        path, unseal=unseal, verify=signing.verify, public_of=lambda _: public, recipient=recipient
    ) as reader:
        return [item if isinstance(item, BadMember) else item[1] for item in reader.members()]


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write the file anew with members changed; None leaves one out."""
    with zipfile.ZipFile(path) as old:
        parts = [(name, change(name, old.read(name))) for name in old.namelist()]
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts:
            if content is not None:
                new.writestr(name, content)


def test_a_bundle_gives_its_members_in_order(tmp_path: Path) -> None:
    assert read(written(tmp_path)) == [b"one", b"two", b"three"]


def test_nothing_readable_stands_in_the_file(tmp_path: Path) -> None:
    raw = written(tmp_path, ("湖南某某商贸有限公司".encode(),)).read_bytes()
    assert "湖南".encode() not in raw
    assert b"d-1:0" not in raw


def test_f23_a_bundle_that_was_not_closed_has_no_name(tmp_path: Path) -> None:
    writer = BundleWriter(tmp_path / "out.isb", seal)
    writer.add(MemberKind.RUN, "d-1:1", b"one")
    writer.drop()
    assert list(tmp_path.iterdir()) == []


def test_f23_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        BundleWriter(tmp_path / "gone" / "out.isb", seal)
    assert trouble.value.code == "bundle.not_written"


def test_f23_a_file_cut_anywhere_is_refused_whole(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    for end in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:end])
        with pytest.raises(Trouble) as trouble:
            read(path)
        assert trouble.value.code in ("bundle.unreadable", "bundle.damaged")


def test_a_damaged_member_is_named_and_the_others_are_given(tmp_path: Path) -> None:
    path = written(tmp_path)
    rewritten(path, lambda name, content: content[:-1] + b"!" if name == "m000001.age" else content)
    first, second, third = read(path)
    assert (first, third) == (b"one", b"three")
    assert second == BadMember(name="m000001.age", about="d-1:1", why="bundle.damaged")


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    rewritten(path, lambda name, content: None if name == "m000002.age" else content)
    assert next(item for item in read(path) if isinstance(item, BadMember)).about == "d-1:2"


def test_swapped_members_are_both_set_aside(tmp_path: Path) -> None:
    path = written(tmp_path)
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    swap = {"m000000.age": "m000001.age", "m000001.age": "m000000.age"}
    rewritten(path, lambda name, _: contents[swap.get(name, name)])
    assert [isinstance(item, BadMember) for item in read(path)] == [True, True, False]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipient": "d-2"}, "bundle.not_for_us"),
        ({"public": None}, "bundle.sender_unknown"),
        ({"public": signing.public_key_of(bytes(32))}, "bundle.forged"),
    ],
)
def test_a_bundle_for_somebody_else_or_from_nobody_known_is_refused(
    tmp_path: Path, change: dict[str, object], code: str
) -> None:
    path = written(tmp_path)
    with pytest.raises(Refusal) as refusal:
        read(path, **change)  # pyright: ignore[reportArgumentType]  # two keyword arguments of two types
    assert refusal.value.code == code


def test_inv20_a_compressed_member_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.isb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, bytes(50_000_000))
    with pytest.raises(Trouble) as trouble:
        read(path)
    assert trouble.value.code == "bundle.damaged"


@given(st.binary(max_size=400))
def test_inv20_any_bytes_are_refused_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "x.isb"
    path.write_bytes(content)
    with pytest.raises(Fault):
        read(path)


@given(st.data())
@settings(max_examples=200)
def test_inv12_a_changed_byte_is_refused_or_changes_nothing_that_is_given(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = written(tmp_path_factory.mktemp("flip"))
    whole = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(whole))
    try:
        given_now = read(path)
    except Fault:
        return
    wanted = (b"one", b"two", b"three")
    assert all(isinstance(item, BadMember) or item == wanted[at] for at, item in enumerate(given_now))
    assert len(given_now) == 3
