"""The lists service over real reference files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.enterprises import Enterprise
from core.domain.lists import ListKind, ListVersion
from core.kernel.clock import FixedClock
from core.kernel.errors import Cancelled
from core.kernel.progress import Unwatched
from core.services.lists import Lists
from core.sheets.room import SpreadsheetFiles
from core.storage.reference import FileReference
from tests.helpers.fakes import FakeStore
from tests.helpers.sheet_books import NOW, book
from tests.services.test_lists import big_csv


class OnDisk:
    """A lists service over encrypted reference files in a folder."""

    def __init__(self, folder: Path) -> None:
        store = FakeStore()
        self.reference = FileReference(
            folder,
            bytes(range(32)),
            read_versions=lambda kind: [one for one in store.all(ListVersion) if one.kind is kind],
        )
        self.lists = Lists(open_work=store, reference=self.reference, sheets=SpreadsheetFiles(), clock=FixedClock(NOW))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[OnDisk]:
    made = OnDisk(tmp_path)
    yield made
    made.reference.close()


def test_rows_are_searchable_and_a_second_import_makes_no_file(disk: OnDisk, tmp_path: Path) -> None:
    path = big_csv(tmp_path / "big.csv", 300)
    report = disk.lists.import_file(ListKind.ENTERPRISES, path).value
    assert (report.accepted, report.version) == (300, 1)
    assert [hit.name for hit in disk.reference.search_enterprises("第77店")] == ["第77店"]
    files = sorted(one.name for one in tmp_path.iterdir())
    again = disk.lists.import_file(ListKind.ENTERPRISES, path).value
    assert (again.accepted, again.unchanged, again.version) == (0, 300, None)
    assert sorted(one.name for one in tmp_path.iterdir()) == files


def test_a_list_on_disk_goes_out_and_comes_back_equal(disk: OnDisk, tmp_path: Path) -> None:
    disk.lists.import_file(ListKind.ENTERPRISES, big_csv(tmp_path / "big.csv", 50))
    assert disk.lists.export(ListKind.ENTERPRISES, tmp_path / "out.xlsx").value == 50
    before = list(disk.reference.each_enterprise())
    report = disk.lists.import_file(ListKind.ENTERPRISES, tmp_path / "out.xlsx", replace=True).value
    assert (report.unchanged, report.version) == (50, None)
    assert list(disk.reference.each_enterprise()) == before
    assert all(isinstance(one, Enterprise) for one in before)


def test_an_import_stopped_half_way_leaves_no_trace(disk: OnDisk, tmp_path: Path) -> None:
    class Stopper(Unwatched):
        def step(self, done: int, total: int | None = None, note: str = "") -> None:
            if done >= 1000:
                raise Cancelled

    path = big_csv(tmp_path / "big.csv", 2_000)
    files = sorted(one.name for one in tmp_path.iterdir())
    with pytest.raises(Cancelled):
        disk.lists.import_file(ListKind.ENTERPRISES, path, progress=Stopper())
    assert disk.reference.versions(ListKind.ENTERPRISES) == []
    assert sorted(one.name for one in tmp_path.iterdir()) == files


def test_an_older_version_stays_readable(disk: OnDisk, tmp_path: Path) -> None:
    head = ["企业名称", "地址", "无代码原因", "信用等级"]
    first = book(tmp_path / "a.xlsx", [head, ["甲店", "麓山路", "个体", "A"]])
    second = book(tmp_path / "b.xlsx", [head, ["甲店", "麓山路", "个体", "B"]])
    disk.lists.import_file(ListKind.ENTERPRISES, first)
    assert disk.lists.import_file(ListKind.ENTERPRISES, second).value.version == 2
    grades = [[one.grade for one in disk.reference.each_enterprise(version=number)] for number in (1, 2)]
    assert grades == [["A"], ["B"]]
