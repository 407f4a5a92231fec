"""Whole reference files: made at headquarters, taken in at a station, and never half there (sync.md 3.9, F21)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crypto.pages import PageCipher
from core.domain.catalog import Item
from core.domain.enterprises import Enterprise
from core.domain.list_files import ListFile
from core.domain.lists import ListKind, ListVersion
from core.kernel.errors import Cancelled, Refusal, Trouble
from core.kernel.progress import Stoppable, Unwatched
from core.kernel.records import Record, changed
from core.services.demo.enterprises import generate
from core.storage import ref_snapshot
from core.storage.ref_snapshot import make_snapshot, parts_of, take_in
from core.storage.reference import FileReference
from tests.helpers.stores import KEY
from tests.storage.test_reference import version_of

ROWS = tuple(generate(60))


def made(
    folder: Path, rows: Iterable[Record] = ROWS, kind: ListKind = ListKind.ENTERPRISES
) -> tuple[ListFile, list[bytes]]:
    parts: list[bytes] = []
    file = make_snapshot(
        folder / "made.tmp", kind, 1, rows, new_pages=PageCipher, put_part=parts.append, progress=Unwatched()
    )
    return file, parts


def repacked(file: ListFile, plain: bytes) -> tuple[ListFile, list[bytes]]:
    parts = list(parts_of([plain]))
    digests = tuple(sha256(part).hexdigest() for part in parts)
    return changed(file, size=len(plain), sha256=sha256(plain).hexdigest(), parts=digests), parts


def plain_of(parts: list[bytes]) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(b"".join(parts))


def reference(folder: Path, *versions: ListVersion) -> FileReference:
    return FileReference(folder, KEY, read_versions=lambda kind: [one for one in versions if one.kind is kind])


def numbered(file: ListFile) -> ListVersion:
    return changed(version_of(file.kind), version=file.version, row_count=file.row_count)


def test_a_file_made_is_taken_in_with_its_rows_and_its_search(tmp_path: Path) -> None:
    file, parts = made(tmp_path)
    take_in(tmp_path / "ref-enterprises-1.db", KEY, file, parts, new_pages=PageCipher, progress=Unwatched())
    taken = reference(tmp_path, numbered(file))
    assert tuple(taken.each_enterprise()) == ROWS
    assert [hit.id for hit in taken.search_enterprises(ROWS[7].name, limit=1)] == [ROWS[7].id]
    assert taken.search_enterprises(ROWS[7].initials[:4])
    taken.close()
    assert [path.name for path in tmp_path.iterdir()] == ["ref-enterprises-1.db"]


def test_a_small_list_travels_alike(tmp_path: Path) -> None:
    rows = [Item(id=f"i-{number}", subject="甲", name=f"事项{number}") for number in range(5)]
    file, parts = made(tmp_path, rows, ListKind.ITEMS)
    take_in(tmp_path / "ref-items-1.db", KEY, file, parts, new_pages=PageCipher, progress=Unwatched())
    taken = reference(tmp_path, numbered(file))
    assert list(taken.where(Item)) == rows
    taken.close()


def test_the_plain_form_is_never_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, parts = made(tmp_path)
    seen: list[bytes] = []

    def watched(path: Path, key: bytes, asked: ListFile) -> None:
        seen.extend(one.read_bytes() for one in path.parent.iterdir())

    monkeypatch.setattr(ref_snapshot, "_check", watched)
    take_in(tmp_path / "ref-enterprises-1.db", KEY, file, parts, new_pages=PageCipher, progress=Unwatched())
    assert len(seen) == 1
    assert not any(b"SQLite format" in content or ROWS[0].name.encode() in content for content in seen)


def test_equal_rows_give_equal_digests_whatever_their_order(tmp_path: Path) -> None:
    first, _ = made(tmp_path)
    second, _ = made(tmp_path, reversed(ROWS))
    other, _ = made(tmp_path, [*ROWS[:-1], changed(ROWS[-1], phone="1")])
    assert first.rows_sha256 == second.rows_sha256
    assert first.rows_sha256 != other.rows_sha256


class Died(BaseException):
    """The process ends here."""


def dying_parts(parts: list[bytes], at: int) -> Iterator[bytes]:
    for number, part in enumerate(parts):
        if number == at:
            raise Died
        yield part


@pytest.mark.parametrize("step", ["first part", "last part", "sync", "check", "rename"])
def test_f21_a_snapshot_cut_at_any_step_leaves_the_old_file_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(ref_snapshot, "PART_BYTES", 1000)
    target = tmp_path / "ref-enterprises-1.db"
    file, parts = made(tmp_path, ROWS[:10])
    take_in(target, KEY, file, parts, new_pages=PageCipher, progress=Unwatched())
    before = target.read_bytes()
    file, parts = made(tmp_path)
    given = iter(parts)

    def die(*_: object, **__: object) -> None:
        raise Died

    if step in ("first part", "last part"):
        given = dying_parts(parts, 0 if step == "first part" else len(parts) - 1)
    elif step == "sync":
        monkeypatch.setattr(os, "fsync", die)
    elif step == "check":
        monkeypatch.setattr(ref_snapshot, "_check", die)
    else:
        monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(Died):
        take_in(target, KEY, file, given, new_pages=PageCipher, progress=Unwatched())
    assert target.read_bytes() == before
    monkeypatch.undo()
    # A killed process cleans nothing up: what it left is no hindrance to the next.
    target.with_suffix(".new").write_bytes(b"half a file")
    take_in(target, KEY, file, parts, new_pages=PageCipher, progress=Unwatched())
    taken = reference(tmp_path, numbered(file))
    assert tuple(taken.each_enterprise()) == ROWS
    taken.close()
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    file, parts = made(tmp_path)
    watch = Stoppable()
    watch.stop = True
    with pytest.raises(Cancelled):
        take_in(tmp_path / "ref-enterprises-1.db", KEY, file, parts, new_pages=PageCipher, progress=watch)
    assert list(tmp_path.iterdir()) == []


def refused(folder: Path, file: ListFile, parts: Iterable[bytes]) -> str:
    with pytest.raises(Trouble) as trouble:
        take_in(folder / "ref-enterprises-1.db", KEY, file, parts, new_pages=PageCipher, progress=Unwatched())
    assert list(folder.iterdir()) == []
    return f"{trouble.value.code} {trouble.value.params.get('why', '')}"


def test_parts_that_are_not_those_published_are_refused(tmp_path: Path) -> None:
    file, parts = made(tmp_path)
    wrong = bytearray(parts[0])
    wrong[100] ^= 1
    assert refused(tmp_path, file, [bytes(wrong)]) == "lists.publication_damaged part 0"
    assert refused(tmp_path, file, []) == "lists.publication_damaged parts"
    assert refused(tmp_path, changed(file, size=file.size - 1), parts) == "lists.publication_damaged size"
    assert refused(tmp_path, changed(file, size=file.size + 1), parts) == "lists.publication_damaged size"
    assert refused(tmp_path, changed(file, sha256="00" * 32), parts) == "lists.publication_damaged hash"


def test_a_file_that_is_not_the_version_published_is_refused(tmp_path: Path) -> None:
    file, parts = made(tmp_path)
    assert refused(tmp_path, changed(file, row_count=61), parts) == "lists.publication_damaged version"
    assert refused(tmp_path, changed(file, kind=ListKind.ITEMS), parts) == "lists.publication_damaged schema"
    plain = plain_of(parts)
    assert refused(tmp_path, *repacked(file, plain[:-1])) == "lists.publication_damaged pages"
    assert refused(tmp_path, *repacked(file, plain[:18] + b"\x02" + plain[19:])) == "lists.publication_damaged pages"
    assert refused(tmp_path, *repacked(file, b"")) == "lists.publication_damaged schema"


def test_a_bomb_is_stopped_at_the_size_that_was_published(tmp_path: Path) -> None:
    file, _ = made(tmp_path)
    bomb = list(parts_of([bytes(2**20)] * 64))
    digests = tuple(sha256(part).hexdigest() for part in bomb)
    assert refused(tmp_path, changed(file, parts=digests), bomb) == "lists.publication_damaged size"


def test_a_file_of_a_newer_program_is_refused_with_words(tmp_path: Path) -> None:
    file, parts = made(tmp_path)
    with pytest.raises(Refusal) as refusal:
        take_in(tmp_path / "x.db", KEY, changed(file, schema=2), parts, new_pages=PageCipher, progress=Unwatched())
    assert refusal.value.code == "lists.publication_newer"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[ListFile, list[bytes]]:
    return made(tmp_path_factory.mktemp("published"), ROWS[:3])


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=400), keep=st.integers(0, 2000))
def test_no_bytes_make_anything_but_trouble(
    published: tuple[ListFile, list[bytes]], tmp_path_factory: pytest.TempPathFactory, content: bytes, keep: int
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    file, parts = published
    part = parts[0][:keep] + content
    hostile = changed(file, parts=(sha256(part).hexdigest(),))
    with pytest.raises(Trouble):
        take_in(folder / "x.db", KEY, hostile, [part], new_pages=PageCipher, progress=Unwatched())
    assert list(folder.iterdir()) == []


def test_parts_are_of_one_size_and_rows_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ref_snapshot, "PART_BYTES", 4096)
    file, parts = made(tmp_path)
    assert {len(part) for part in parts[:-1]} == {4096}
    take_in(tmp_path / "ref-enterprises-1.db", KEY, file, parts, new_pages=PageCipher, progress=Unwatched())
    taken = reference(tmp_path, numbered(file))
    assert taken.get(Enterprise, ROWS[3].id) == ROWS[3]
    taken.close()
