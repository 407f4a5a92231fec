"""Changes of a large list: applied in its file they give what a whole replacement gives, and older versions stay."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.crypto.pages import PageCipher
from core.domain.catalog import Item
from core.domain.enterprises import Enterprise
from core.domain.initials import initials_of
from core.domain.list_files import ListFile
from core.domain.lists import ListKind, ListVersion
from core.kernel.errors import Cancelled, Refusal, Trouble
from core.kernel.progress import Stoppable, Unwatched
from core.kernel.records import Record, canonical_bytes, changed
from core.services.demo.enterprises import generate
from core.storage import ref_delta
from core.storage.engine import reader_engine
from core.storage.ref_delta import apply_delta, is_worth, make_delta
from core.storage.ref_snapshot import make_snapshot, parts_of
from core.storage.ref_writer import digest_of, write_file
from core.storage.reference import FileReference
from tests.helpers.stores import KEY
from tests.storage.test_reference import version_of

ROWS = tuple(generate(40))
POOL = tuple(generate(12))
NAMES = ("长沙银城药店", "湘味小吃店", "麓谷餐饮管理有限公司", "岳麓火锅店")
QUERIES = ("药店", "餐饮", "CSYC", "湘味", "火锅", POOL[0].uscc[:8], POOL[3].name[2:6], POOL[5].uscc[-4:], "岳麓")


@dataclass
class Place:
    """A folder of reference files with its records."""

    folder: Path
    known: list[ListVersion] = field(default_factory=list[ListVersion])

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.reference = FileReference(
            self.folder, KEY, read_versions=lambda kind: [one for one in self.known if one.kind is kind]
        )

    @property
    def path(self) -> Path:
        return self.folder / "ref-enterprises-1.db"

    def begin(self, rows: Sequence[Record], kind: ListKind = ListKind.ENTERPRISES) -> None:
        parts: list[bytes] = []
        file = make_snapshot(
            self.folder / "made.tmp", kind, 1, rows, new_pages=PageCipher, put_part=parts.append, progress=Unwatched()
        )
        self.take(file, parts)

    def take(self, file: ListFile, parts: Sequence[bytes]) -> None:
        self.reference.take_in(file, parts, new_pages=PageCipher, progress=Unwatched())
        self.known.append(changed(version_of(file.kind), version=file.version))

    def made(
        self, rows: Sequence[Record], removed: Sequence[str] = (), kind: ListKind = ListKind.ENTERPRISES
    ) -> tuple[ListFile, list[bytes]]:
        parts: list[bytes] = []
        file = make_delta(
            self.folder / f"ref-{kind}-1.db",
            KEY,
            kind,
            self.known[-1].version + 1,
            rows,
            removed=removed,
            put_part=parts.append,
            progress=Unwatched(),
        )
        return file, parts

    def change(self, rows: Sequence[Record], removed: Sequence[str] = ()) -> ListFile:
        file, parts = self.made(rows, removed)
        self.take(file, parts)
        return file


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "station")
    made.begin(ROWS)
    yield made
    made.reference.close()


def renamed(row: Enterprise, name: str) -> Enterprise:
    return changed(row, name=name, initials=initials_of(name))


def test_a_change_reaches_rows_search_and_digest_in_the_same_file(place: Place) -> None:
    new = renamed(changed(ROWS[0], id="x-new", uscc=""), "全新茶馆")
    file = place.change([renamed(ROWS[3], "蓝鲸钟表行"), new, ROWS[5]], [ROWS[4].id])
    reference = place.reference
    assert (file.base, file.version, file.row_count) == (1, 2, 40)
    assert reference.get(Enterprise, ROWS[3].id).name == "蓝鲸钟表行"
    assert reference.find(Enterprise, ROWS[4].id) is None
    assert [hit.id for hit in reference.search_enterprises("蓝鲸")] == [ROWS[3].id]
    assert [hit.id for hit in reference.search_enterprises("全新茶馆")] == ["x-new"]
    assert ROWS[4].id not in [hit.id for hit in reference.search_enterprises(ROWS[4].name)]
    assert [path.name for path in place.folder.iterdir()] == ["ref-enterprises-1.db"]


def test_older_versions_read_as_they_were(place: Place) -> None:
    place.change([renamed(ROWS[3], "第二版")], [ROWS[4].id])
    place.change([renamed(ROWS[3], "第三版"), ROWS[4]], [ROWS[6].id])
    reference = place.reference
    assert [reference.get(Enterprise, ROWS[3].id, version=number).name for number in (1, 2, 3)] == [
        ROWS[3].name,
        "第二版",
        "第三版",
    ]
    assert tuple(reference.each_enterprise(version=1)) == ROWS
    assert [reference.find(Enterprise, ROWS[4].id, version=number) for number in (1, 2, 3)] == [ROWS[4], None, ROWS[4]]
    assert [reference.find(Enterprise, ROWS[6].id, version=number) for number in (1, 2, 3)] == [ROWS[6], ROWS[6], None]
    with pytest.raises(Refusal):
        reference.get(Enterprise, ROWS[4].id, version=2)


def test_small_lists_change_alike_and_filter_by_version(place: Place) -> None:
    items = [Item(id=f"i-{number}", subject="甲", name=f"事项{number}") for number in range(5)]
    place.known.clear()
    place.begin(items, ListKind.ITEMS)
    place.take(*place.made([changed(items[1], subject="乙")], ["i-3"], ListKind.ITEMS))
    assert [item.id for item in place.reference.where(Item, subject="甲")] == ["i-0", "i-2", "i-4"]
    assert list(place.reference.where(Item, version=1, subject="甲")) == items


def test_a_later_whole_file_and_a_version_in_an_older_one_are_both_found(place: Place) -> None:
    place.change([renamed(ROWS[3], "第二版")])
    place.change(
        [renamed(changed(ROWS[0], id="x-new", uscc=""), "全新茶馆"), renamed(ROWS[5], "蓝鲸钟表行")], [ROWS[4].id]
    )
    stored = place.reference.replace(
        version_of(ListKind.ENTERPRISES), [renamed(ROWS[3], "第四版")], progress=Unwatched(), upsert=True
    )
    place.known.append(stored)
    reference = place.reference
    assert (stored.version, stored.row_count) == (4, 40)
    assert [reference.get(Enterprise, ROWS[3].id, version=number).name for number in (1, 2, 3, 4)] == [
        ROWS[3].name,
        "第二版",
        "第二版",
        "第四版",
    ]
    assert reference.find(Enterprise, ROWS[4].id) is None
    assert [
        [hit.id for hit in reference.search_enterprises(text)] for text in ("第四版", "全新茶馆", "蓝鲸", "第二版")
    ] == [
        [ROWS[3].id],
        ["x-new"],
        [ROWS[5].id],
        [],
    ]
    assert [reference.holds(ListKind.ENTERPRISES, number) for number in (3, 4, 5)] == [True, True, False]


def test_a_version_that_is_nowhere_is_told(place: Place) -> None:
    with pytest.raises(Trouble) as trouble:
        place.reference.find(Enterprise, ROWS[0].id, version=7)
    assert trouble.value.code == "lists.file_missing"


def test_applied_twice_it_changes_nothing(place: Place) -> None:
    file, parts = place.made([renamed(ROWS[3], "第二版")])
    place.take(file, parts)
    before = place.path.read_bytes()
    place.take(file, parts)
    assert place.path.read_bytes() == before


def test_a_change_of_nothing_is_a_version_all_the_same(place: Place) -> None:
    file = place.change(list(ROWS), ["x-unknown"])
    assert (file.version, file.row_count) == (2, 40)
    assert tuple(place.reference.each_enterprise(version=2)) == ROWS


def refused(place: Place, file: ListFile, parts: Sequence[bytes]) -> str:
    before = place.path.read_bytes()
    with pytest.raises(Trouble) as trouble:
        apply_delta(place.path, KEY, file, parts, progress=Unwatched())
    assert place.path.read_bytes() == before
    return f"{trouble.value.code} {trouble.value.params.get('why', '')}".strip()


def hostile(file: ListFile, plain: bytes) -> tuple[ListFile, list[bytes]]:
    parts = list(parts_of([plain]))
    digests = tuple(sha256(part).hexdigest() for part in parts)
    return changed(file, size=len(plain), sha256=sha256(plain).hexdigest(), parts=digests), parts


def test_without_its_base_a_whole_file_is_asked_for(place: Place) -> None:
    file, parts = place.made([renamed(ROWS[3], "第二版")])
    later = changed(file, version=3, base=2)
    assert refused(place, later, parts) == "lists.publication_base"
    with pytest.raises(Trouble) as trouble:
        apply_delta(place.folder / "none.db", KEY, file, parts, progress=Unwatched())
    assert trouble.value.code == "lists.publication_base"


def test_what_is_not_as_published_changes_nothing(place: Place) -> None:
    file, parts = place.made([renamed(ROWS[3], "第二版")], [ROWS[4].id])
    assert refused(place, changed(file, rows_sha256="00" * 32), parts) == "lists.publication_damaged rows"
    assert refused(place, changed(file, row_count=7), parts) == "lists.publication_damaged rows"
    assert refused(place, changed(file, sha256="00" * 32), parts) == "lists.publication_damaged hash"
    assert refused(place, file, parts[:-1]) == "lists.publication_damaged parts"
    head = canonical_bytes({"base": 1, "base_sha256": "00", "kind": "enterprises", "version": 2}) + b"\n"
    assert refused(place, *hostile(file, head)) == "lists.publication_damaged base"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (b"{}\n", "line"),
        (b"[[[[\n", "line"),
        (b"\xff\n", "line"),
        (b'"no end', "line"),
        (b'"x-unknown"\n', "removed"),
        (b'{"id":"x"}\n{"id":"x"}\n', "twice"),
        (b'{"id":"x"}\n', "row"),
        (b"{" + b" " * (2**20 + 600 * 4096), "line"),
    ],
)
def test_bad_lines_change_nothing(place: Place, lines: bytes, why: str) -> None:
    file, _ = place.made([])
    head = canonical_bytes({"base": 1, "base_sha256": file.rows_sha256, "kind": "enterprises", "version": 2})
    assert refused(place, *hostile(file, head + b"\n" + lines)) == f"lists.publication_damaged {why}"


def test_a_newer_program_s_changes_are_refused_and_a_stopped_one_leaves_the_base(place: Place) -> None:
    file, parts = place.made([renamed(ROWS[3], "第二版")])
    with pytest.raises(Refusal) as refusal:
        apply_delta(place.path, KEY, changed(file, schema=2), parts, progress=Unwatched())
    assert refusal.value.code == "lists.publication_newer"
    watch = Stoppable()
    watch.stop = True
    with pytest.raises(Cancelled):
        apply_delta(place.path, KEY, file, parts, progress=watch)
    assert tuple(place.reference.each_enterprise()) == ROWS


KILLED = """
import os, sys
from pathlib import Path
from core.kernel.progress import Unwatched
from core.storage import engine, ref_delta
import msgspec
from core.domain.list_files import ListFile
path, folder, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
file = msgspec.json.decode((folder / "file.json").read_bytes(), type=ListFile)
engine.PATCHER_CACHE_KB = 40
real = ref_delta._Patch.take
def take(self, lines):
    if step == "before":
        os._exit(9)
    real(self, lines)
    os._exit(9)
ref_delta._Patch.take = take
ref_delta.apply_delta(path, bytes(range(32)), file, [(folder / "part").read_bytes()], progress=Unwatched())
"""


@pytest.mark.parametrize("step", ["before", "after"])
def test_f21_a_process_killed_while_it_changes_the_file_leaves_the_base_in_use(tmp_path: Path, step: str) -> None:
    place = Place(tmp_path / "station")
    place.begin(tuple(generate(400)))
    rows = [changed(row, phone="139" * 60) for row in generate(400)]
    file, parts = place.made(rows, [])
    (tmp_path / "file.json").write_bytes(canonical_bytes(file))
    (tmp_path / "part").write_bytes(parts[0])
    place.reference.close()
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(place.path), str(tmp_path), step],
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == 9
    if step == "after":
        assert place.path.with_name(place.path.name + "-journal").exists()
    assert tuple(place.reference.each_enterprise()) == tuple(generate(400))
    place.take(file, parts)
    assert list(place.reference.each_enterprise()) == rows
    place.reference.close()


def test_a_copy_is_made_while_nobody_changes_the_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.storage.engine.PATCHER_PATIENCE_MS", 10)
    file, parts = place.made([renamed(ROWS[3], "第二版")])
    with place.reference.held_still():
        assert refused(place, file, parts) == "storage.busy"
    place.take(file, parts)
    assert place.reference.get(Enterprise, ROWS[3].id).name == "第二版"


def test_changes_are_sent_for_large_lists_that_change_little() -> None:
    assert [is_worth(*pair) for pair in ((99_999, 1), (100_000, 5_000), (100_000, 5_001))] == [False, True, False]


Step = tuple[dict[int, int], frozenset[int]]
"""Places of the pool by the name they take; places that go."""

steps = st.lists(
    st.tuples(
        st.dictionaries(st.integers(0, len(POOL) - 1), st.integers(0, len(NAMES) - 1), max_size=5),
        st.frozensets(st.integers(0, len(POOL) - 1), max_size=3),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(begun=st.frozensets(st.integers(0, len(POOL) - 1), max_size=8), plan=steps, batch=st.integers(1, 4))
def test_changes_in_place_equal_whole_replacement(
    tmp_path_factory: pytest.TempPathFactory, begun: frozenset[int], plan: list[Step], batch: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ref_delta, "BATCH", batch)
        place = Place(tmp_path_factory.mktemp("delta"))
        now = {POOL[number].id: POOL[number] for number in sorted(begun)}
        stages = [dict(now)]
        place.begin(list(now.values()))
        for changes, gone in plan:
            fresh = {POOL[number].id: renamed(POOL[number], NAMES[name]) for number, name in changes.items()}
            removed = {POOL[number].id for number in gone} - fresh.keys()
            place.change(list(fresh.values()), sorted(removed))
            now = {identifier: row for identifier, row in (now | fresh).items() if identifier not in removed}
            stages.append(dict(now))
        check_against_whole(place, stages)
        place.reference.close()


def check_against_whole(place: Place, stages: list[dict[str, Enterprise]]) -> None:
    """Compare every version with the rows it should have, and the newest with a file written whole."""
    reference = place.reference
    for number, rows in enumerate(stages, start=1):
        assert {row.id: row for row in reference.each_enterprise(version=number)} == rows
        for one in POOL:
            assert reference.find(Enterprise, one.id, version=number) == rows.get(one.id)
    whole = Place(place.folder / "whole")
    newest = tuple(reference.each_enterprise())
    counted = write_file(
        whole.path, KEY, ListKind.ENTERPRISES, newest, over=None, progress=Unwatched(), version=len(stages)
    )
    whole.known.append(changed(version_of(ListKind.ENTERPRISES), version=1))
    engine = reader_engine(place.path, KEY)
    with engine.begin() as connection:
        assert digest_of(connection) == counted
        noted = connection.exec_driver_sql("SELECT row_count, digest FROM held ORDER BY version DESC").first()
        assert noted == counted
    engine.dispose()
    other = FileReference(
        whole.folder, KEY, read_versions=lambda kind: [changed(version_of(kind), version=len(stages))]
    )
    whole.path.rename(whole.folder / f"ref-enterprises-{len(stages)}.db")
    for query in QUERIES:
        assert reference.search_enterprises(query) == other.search_enterprises(query)
    other.close()
    whole.reference.close()
