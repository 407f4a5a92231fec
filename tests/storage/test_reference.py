"""Reference files: versions, search, and nothing half-written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.domain.catalog import Item
from core.domain.enterprises import Enterprise
from core.domain.initials import initials_of
from core.domain.lists import ListKind, ListVersion
from core.kernel.errors import Cancelled, Refusal
from core.kernel.progress import Stoppable, Unwatched
from core.kernel.records import Record, changed
from core.storage.reference import FileReference
from tests.helpers.stores import KEY, NOW

NAMES = {
    "91430104MA4XJT0158": ("湖南长沙麓谷餐饮管理有限公司", "麓谷街道", "长沙市岳麓区麓谷街道文轩路27号"),
    "92430104MA4XJT0230": ("长沙市岳麓区湘味小吃店", "西湖街道", "长沙市岳麓区西湖街道玉兰路220号"),
    "91430100MA4XJT0314": ("长沙银城药店", "望岳街道", "长沙市岳麓区望岳街道杜鹃路9号"),
    "91430112MA4XJT04X8": ("湖南重庆火锅餐饮有限公司(麓谷店)", "雷锋街道", "长沙市望城区雷锋街道真人桥路1号"),
}


def enterprises() -> list[Enterprise]:
    return [
        Enterprise(id=code, uscc=code, name=name, initials=initials_of(name), street=street, address=address)
        for code, (name, street, address) in NAMES.items()
    ]


def version_of(kind: ListKind, *, effective_on: date = date(2026, 1, 1)) -> ListVersion:
    return ListVersion(
        id="",
        kind=kind,
        version=0,
        effective_on=effective_on,
        imported_at=NOW,
        imported_by="o-1",
        file_name="list.xlsx",
        file_sha256="",
        row_count=0,
        rows_sha256="",
    )


class Shelf:
    """A reference over a folder, with the versions kept in memory."""

    def __init__(self, folder: Path) -> None:
        self.known: list[ListVersion] = []
        self.reference = FileReference(
            folder, KEY, read_versions=lambda kind: [one for one in self.known if one.kind == kind]
        )

    def add(self, kind: ListKind, rows: list[Record], *, upsert: bool = True) -> ListVersion:
        made = self.reference.replace(version_of(kind), iter(rows), progress=Unwatched(), upsert=upsert)
        self.known.append(made)
        return made


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    made.add(ListKind.ENTERPRISES, list(enterprises()))
    yield made
    made.reference.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("麓谷餐饮", "91430104MA4XJT0158"),
        ("药店", "91430100MA4XJT0314"),
        ("药", "91430100MA4XJT0314"),
        ("湘味 岳麓", "92430104MA4XJT0230"),
        ("餐饮 重庆", "91430112MA4XJT04X8"),
        ("YCYD", "91430100MA4XJT0314"),
        ("csyc", "91430100MA4XJT0314"),
        ("92430104", "92430104MA4XJT0230"),
        ("MA4XJT031", "91430100MA4XJT0314"),
        ("04X8", "91430112MA4XJT04X8"),
        ("玉兰路220号", "92430104MA4XJT0230"),
        ("杜鹃路 药店", "91430100MA4XJT0314"),
        ("91430112 MA4X JT04 X8", "91430112MA4XJT04X8"),
        ("(麓谷店)", "91430112MA4XJT04X8"),
    ],
)
def test_search_finds_by_name_words_initials_code_and_address(shelf: Shelf, query: str, expected: str) -> None:
    assert [hit.id for hit in shelf.reference.search_enterprises(query)][:1] == [expected]


@pytest.mark.parametrize("query", ["", " ", "没有这一家", "ZZZZ", "99999999", "%", '"', "* AND", "药店 没有"])
def test_search_that_fits_nothing_gives_nothing(shelf: Shelf, query: str) -> None:
    assert shelf.reference.search_enterprises(query) == ()


def test_a_name_comes_before_an_address(shelf: Shelf) -> None:
    hits = [hit.id for hit in shelf.reference.search_enterprises("麓谷")]
    assert hits[0] in ("91430104MA4XJT0158", "91430112MA4XJT04X8")


def test_a_new_version_over_the_old_keeps_the_other_rows_and_finds_the_new_name(shelf: Shelf) -> None:
    one = changed(enterprises()[2], name="长沙金城药店", initials="CSJCYD")
    second = shelf.add(ListKind.ENTERPRISES, [one])
    assert (second.version, second.row_count) == (2, 4)
    assert [hit.id for hit in shelf.reference.search_enterprises("金城")] == [one.id]
    assert shelf.reference.search_enterprises("银城") == ()
    assert shelf.reference.get(Enterprise, one.id, version=1).name == "长沙银城药店"


def test_a_visit_sees_the_version_of_its_day(shelf: Shelf) -> None:
    shelf.known.append(changed(shelf.known[0], id="enterprises-2", version=2, effective_on=date(2026, 6, 1)))
    before = shelf.reference.in_force(ListKind.ENTERPRISES, on=date(2026, 5, 31))
    after = shelf.reference.in_force(ListKind.ENTERPRISES, on=date(2026, 6, 1))
    assert before is not None
    assert after is not None
    assert (before.version, after.version) == (1, 2)
    assert shelf.reference.in_force(ListKind.ENTERPRISES, on=date(2025, 12, 31)) is None


def test_a_cancelled_import_leaves_no_file(shelf: Shelf, tmp_path: Path) -> None:
    watch = Stoppable()
    watch.stop = True
    with pytest.raises(Cancelled):
        shelf.reference.replace(version_of(ListKind.ENTERPRISES), enterprises(), progress=watch, upsert=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ref-enterprises-1.db"]


def test_a_file_without_its_record_is_written_over(shelf: Shelf) -> None:
    shelf.reference.replace(version_of(ListKind.ENTERPRISES), [], progress=Unwatched(), upsert=False)
    assert shelf.add(ListKind.ENTERPRISES, []).row_count == 4


def test_equal_rows_have_equal_digests(shelf: Shelf) -> None:
    assert shelf.add(ListKind.ENTERPRISES, list(enterprises()), upsert=False).rows_sha256 == shelf.known[0].rows_sha256


def test_small_lists_filter_by_any_field_in_list_order(shelf: Shelf) -> None:
    items = [Item(id=f"i-{n}", subject="甲" if n % 2 else "乙", name=f"事项{n}") for n in range(5)]
    shelf.add(ListKind.ITEMS, list(items))
    assert [item.id for item in shelf.reference.where(Item, subject="甲")] == ["i-1", "i-3"]
    with pytest.raises(Refusal) as refusal:
        shelf.reference.get(Item, "i-9")
    assert refusal.value.code == "lists.row_missing"


def test_a_list_that_was_never_loaded_is_empty(shelf: Shelf) -> None:
    assert shelf.reference.where(Item) == ()
    assert shelf.reference.find(Item, "i-1") is None


def test_no_name_is_readable_in_a_reference_file(shelf: Shelf, tmp_path: Path) -> None:
    raw = (tmp_path / "ref-enterprises-1.db").read_bytes()
    assert b"SQLite format" not in raw
    assert "麓谷".encode() not in raw
