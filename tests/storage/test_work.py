"""The unit of work: all of it or nothing, and what comes back is what was put."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.crypto import signing
from core.domain.checklists import Answer
from core.domain.documents import Document, DocumentKind, DocumentState, Signature
from core.kernel.clock import SystemClock
from core.kernel.errors import Refusal, Trouble
from core.storage import migrate
from core.storage.engine import writer_engine
from core.storage.main_store import MainStore, device_of
from core.storage.work import blobs_of
from core.sync.entries import decode
from tests.helpers.stores import KEY, NOW, answer, fresh_store, opener, write_answers


@pytest.fixture
def store(tmp_path: Path) -> MainStore:
    return fresh_store(tmp_path)


def test_what_is_put_comes_back_equal(store: MainStore) -> None:
    with opener(store)() as work:
        work.table(Answer).put(answer(1))
    with opener(store)() as work:
        assert work.table(Answer).get("a-1") == answer(1)
        assert work.table(Answer).where(visit="v-1") == (answer(1),)
        assert work.table(Answer).where(visit="v-2") == ()


def test_a_work_that_fails_leaves_neither_row_nor_entry(store: MainStore) -> None:
    def fail_half_way() -> None:
        with opener(store)() as work:
            work.table(Answer).put(answer(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert store.head().n == 0
    assert store.differing_rows() == ()


def test_a_work_that_only_reads_writes_no_seal(store: MainStore) -> None:
    with opener(store)() as work:
        assert work.table(Answer).find("a-1") is None
    assert store.verify_log(check=signing.verify).entries == 0


def test_a_missing_record_is_refused_by_name(store: MainStore) -> None:
    with pytest.raises(Refusal) as refusal, opener(store)() as work:
        work.table(Answer).get("a-9")
    assert refusal.value.code == "store.not_found"


def test_the_second_version_names_the_first_as_its_parent(store: MainStore) -> None:
    write_answers(store, 1)
    with opener(store)() as work:
        work.table(Answer).put(answer(0))
    engine = writer_engine(store.path, KEY)
    with engine.begin() as connection:
        first, second = (decode(row[0]) for row in connection.exec_driver_sql("SELECT raw FROM entry ORDER BY n"))
    engine.dispose()
    assert second.parents == (first.id,)
    assert (first.parents, first.actor, first.visit) == ((), "o-1", "v-1")


def test_a_reader_may_not_write(store: MainStore) -> None:
    read = store.reader(device_of(store, sign=signing.sign), clock=SystemClock(), actor="o-1")
    with pytest.raises(Trouble) as trouble, read() as work:
        work.table(Answer).put(answer(1))
    assert trouble.value.code == "storage.read_only"


def test_nothing_of_a_record_is_readable_in_the_file(store: MainStore, tmp_path: Path) -> None:
    write_answers(store, 3)
    for path in tmp_path.iterdir():
        assert b"SQLite format" not in path.read_bytes()
        assert b"answered_by" not in path.read_bytes()


def test_a_wrong_key_is_trouble_and_leaves_the_file_alone(store: MainStore, tmp_path: Path) -> None:
    store.close()
    before = (tmp_path / "main.db").read_bytes()
    with pytest.raises(Trouble) as trouble:
        MainStore(tmp_path / "main.db", bytes(32))
    assert trouble.value.code == "storage.damaged"
    assert (tmp_path / "main.db").read_bytes() == before


def test_a_store_from_a_newer_version_is_refused(store: MainStore, tmp_path: Path) -> None:
    engine = writer_engine(store.path, KEY)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(Refusal) as refusal:
        MainStore(tmp_path / "main.db", KEY)
    assert refusal.value.code == "storage.newer_version"
    assert refusal.value.params["known"] == migrate.HEAD_REVISION


def test_a_full_disk_loses_nothing_that_was_saved(store: MainStore) -> None:
    write_answers(store, 2)

    def fill() -> None:
        with opener(store)() as work:
            # The smallest limit SQLite takes is the size of now: the next page does not fit, as on a full disk.
            work._connection.exec_driver_sql("PRAGMA max_page_count = 1")  # pyright: ignore[reportPrivateUsage]  # the limit belongs to the connection
            for number in range(3, 400):
                work.table(Answer).put(answer(number))

    with pytest.raises(Trouble) as trouble:
        fill()
    assert trouble.value.code == "storage.disk_full"
    assert (store.head().n, store.differing_rows()) == (2, ())


def test_an_entry_names_every_blob_of_its_record_and_of_the_records_inside_it() -> None:
    signature = Signature(role="party", media=("bb", "cc"))
    document = Document(
        id="d-1",
        visit="v-1",
        kind=DocumentKind.SCENE_RECORD,
        number="",
        state=DocumentState.DRAFT,
        short_code="AAAAA-BBBBB",
        title="现场检查笔录",
        facts_blob="aa",
        earlier_facts=("dd",),
        pdf_blob="",
        signatures=(signature, signature),
        made_at=NOW,
        made_by="o-1",
    )
    assert sorted(blobs_of(document)) == ["aa", "bb", "cc", "dd"]
