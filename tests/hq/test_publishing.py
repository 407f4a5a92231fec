"""Publishing lists: what stations will fetch, versions one after the other, and the second person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.crypto.pages import PageCipher
from core.crypto.slots import CHEAP_COST_FOR_TESTS
from core.domain.catalog import Subject
from core.domain.lists import ListKind
from core.domain.publications import HQ_VERSIONS_FROM, Publication
from core.hq.headquarters import Headquarters, begin
from core.kernel.clock import FixedClock
from core.kernel.errors import Refusal
from core.kernel.progress import Unwatched
from core.storage import ref_delta
from core.storage.ref_snapshot import take_in
from core.storage.reference import FileReference
from core.sync.entries import decode
from core.sync.streams import reference_stream

SUBJECTS = ListKind.SUBJECTS
STATION_KEY = bytes(32)
HEADINGS = "检查主体编码,检查主体名称,主体类型"


@pytest.fixture
def hq(tmp_path: Path, clock: FixedClock) -> Iterator[Headquarters]:
    """Give a headquarters in a folder of its own."""
    headquarters, _ = begin(tmp_path / "hq", clock=clock, cost=CHEAP_COST_FOR_TESTS)
    yield headquarters
    headquarters.close()


def sheet(folder: Path, *numbers: int, name: str = "subjects.csv", sort: str = "法定行政机关") -> Path:
    """Write a list of bodies."""
    rows = [f"S{number:03d},第{number}局,{sort}" for number in numbers]
    path = folder / name
    path.write_text("\n".join((HEADINGS, *rows)) + "\n", "utf-8")
    return path


def rows_of(hq: Headquarters, publication: Publication, folder: Path) -> list[str]:
    """Return the names of the bodies of a version, taken in as a station does."""
    reference = FileReference(folder, STATION_KEY, read_versions=lambda _: [publication])
    target = reference.path(publication.kind, publication.version)
    parts = [hq.blobs.read(name, 0, None) for name in publication.whole.parts]
    assert sum(map(len, parts)) == publication.whole.packed_size
    take_in(target, STATION_KEY, publication.whole, parts, new_pages=PageCipher, progress=Unwatched())
    found = [one.name for one in reference.where(Subject)]
    reference.close()
    return found


def test_a_published_list_is_an_entry_and_a_file_in_parts(hq: Headquarters, tmp_path: Path) -> None:
    done = hq.publishing.publish(SUBJECTS, sheet(tmp_path, 1, 2, 3), by="甲")
    assert (done.state, done.report.accepted) == ("published", 3)
    assert done.publication is not None
    assert (done.publication.version, done.publication.row_count) == (HQ_VERSIONS_FROM, 3)
    _, (line,) = hq.store.read.page(reference_stream("subjects"), 0, limit=10)
    entry = decode(line)
    assert (entry.fam, entry.ent, entry.actor) == ("list_version", f"subjects-{HQ_VERSIONS_FROM}", "甲")
    assert entry.blobs == done.publication.parts
    assert rows_of(hq, done.publication, tmp_path) == ["第1局", "第2局", "第3局"]


def test_the_next_version_lies_over_the_one_before(hq: Headquarters, tmp_path: Path) -> None:
    hq.publishing.publish(SUBJECTS, sheet(tmp_path, 1, 2), by="甲")
    done = hq.publishing.publish(SUBJECTS, sheet(tmp_path, 3), by="甲", effective_on=date(2026, 5, 1))
    assert done.publication is not None
    assert (done.publication.version, done.publication.effective_on) == (HQ_VERSIONS_FROM + 1, date(2026, 5, 1))
    assert rows_of(hq, done.publication, tmp_path) == ["第1局", "第2局", "第3局"]
    assert [one.version for one in hq.publishing.versions(SUBJECTS)] == [HQ_VERSIONS_FROM, HQ_VERSIONS_FROM + 1]


def test_a_file_that_changes_nothing_publishes_nothing(hq: Headquarters, tmp_path: Path) -> None:
    hq.publishing.publish(SUBJECTS, sheet(tmp_path, 1, 2), by="甲")
    assert hq.publishing.publish(SUBJECTS, sheet(tmp_path, 2), by="甲").state == "nothing_new"
    assert len(hq.publishing.versions(SUBJECTS)) == 1


def test_a_dry_run_publishes_nothing(hq: Headquarters, tmp_path: Path) -> None:
    done = hq.publishing.publish(SUBJECTS, sheet(tmp_path, 1), by="甲", dry_run=True)
    assert (done.state, done.report.accepted) == ("dry_run", 1)
    assert hq.publishing.versions(SUBJECTS) == ()


def test_dropping_many_rows_waits_for_a_second_person(hq: Headquarters, tmp_path: Path) -> None:
    hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(40)), by="甲")
    done = hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(30)), by="甲", replace=True)
    assert (done.state, done.removed) == ("waiting", 10)
    assert len(hq.publishing.versions(SUBJECTS)) == 1
    with pytest.raises(Refusal) as refused:
        hq.publishing.approve(done.approval, by="甲")
    assert refused.value.code == "hq.approval_own"
    published = hq.publishing.approve(done.approval, by="乙")
    assert (published.row_count, published.note) == (30, "甲 + 乙")
    assert hq.publishing.waiting() == ()
    assert hq.publishing.newest(SUBJECTS) == published


def test_dropping_few_rows_does_not_wait(hq: Headquarters, tmp_path: Path) -> None:
    hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(40)), by="甲")
    done = hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(39)), by="甲", replace=True)
    assert (done.state, done.removed) == ("published", 1)


def test_changed_rows_are_not_dropped_ones(hq: Headquarters, tmp_path: Path) -> None:
    hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(40)), by="甲")
    done = hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(40), sort="受委托组织"), by="甲", replace=True)
    assert (done.state, done.removed, done.report.accepted) == ("published", 0, 40)


def test_a_rejected_version_is_gone(hq: Headquarters, tmp_path: Path) -> None:
    hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(40)), by="甲")
    done = hq.publishing.publish(SUBJECTS, sheet(tmp_path, 1), by="甲", replace=True)
    hq.publishing.reject(done.approval, by="乙", reason="wrong file")
    with pytest.raises(Refusal) as refused:
        hq.publishing.approve(done.approval, by="乙")
    assert refused.value.code == "hq.approval_unknown"


def test_a_version_that_was_overtaken_is_not_published(hq: Headquarters, tmp_path: Path) -> None:
    hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(40)), by="甲")
    done = hq.publishing.publish(SUBJECTS, sheet(tmp_path, 1), by="甲", replace=True)
    hq.publishing.publish(SUBJECTS, sheet(tmp_path, 99), by="乙")
    with pytest.raises(Refusal) as refused:
        hq.publishing.approve(done.approval, by="乙")
    assert refused.value.code == "hq.version_passed"


def test_bad_rows_are_told_and_good_ones_published(hq: Headquarters, tmp_path: Path) -> None:
    path = sheet(tmp_path, 1, 2)
    path.write_text(path.read_text("utf-8") + ",没有编码的局,法定行政机关\n", "utf-8")
    done = hq.publishing.publish(SUBJECTS, path, by="甲")
    assert done.state == "published"
    assert (done.report.accepted + done.report.rejected_rows, done.report.rejected_rows <= 1) == (3, True)


def changed_rows(hq: Headquarters, base: Publication, after: Publication, folder: Path) -> list[str]:
    """Return the names of the bodies of a version that was made of the one before by what changed."""
    folder.mkdir()
    reference = FileReference(folder, STATION_KEY, read_versions=lambda _: [base, after])
    for file in (base.whole, after.changes):
        assert file is not None
        parts = [hq.blobs.read(name, 0, None) for name in file.parts]
        reference.take_in(file, parts, new_pages=PageCipher, progress=Unwatched())
    found = sorted(one.name for one in reference.where(Subject, version=after.version))
    reference.close()
    return found


@pytest.mark.parametrize(("replace", "numbers", "rows"), [(False, (40,), 41), (True, range(1, 41), 40)])
def test_a_large_list_that_changed_little_is_published_as_its_changes_too(
    hq: Headquarters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replace: bool, numbers: range, rows: int
) -> None:
    monkeypatch.setattr(ref_delta, "LARGE_ROWS", 10)
    base = hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(40)), by="甲").publication
    after = hq.publishing.publish(SUBJECTS, sheet(tmp_path, *numbers), by="甲", replace=replace).publication
    assert base is not None
    assert base.changes is None
    assert after is not None
    assert after.changes is not None
    assert (after.changes.base, after.changes.version) == (base.version, after.version)
    assert after.changes.packed_size < after.whole.packed_size
    lines = hq.store.read.page(reference_stream("subjects"), 0, limit=10)[1]
    assert decode(lines[1]).blobs == after.whole.parts + after.changes.parts
    by_changes = changed_rows(hq, base, after, tmp_path / "station")
    assert len(by_changes) == rows
    assert by_changes == sorted(rows_of(hq, after, tmp_path))


def test_a_list_that_changed_much_is_published_whole_alone(
    hq: Headquarters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ref_delta, "LARGE_ROWS", 10)
    hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(40)), by="甲")
    after = hq.publishing.publish(SUBJECTS, sheet(tmp_path, *range(5), sort="受委托组织"), by="甲").publication
    assert after is not None
    assert after.changes is None
