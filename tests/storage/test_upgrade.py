"""Every released schema stays as a file and is brought to this program's schema, with nothing lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.crypto import signing
from core.domain.prepared_papers import PreparedPaper, PreparedState
from core.storage import migrate
from core.storage.engine import writer_engine
from core.storage.main_store import MainStore
from tests.helpers.house import ROOT
from tests.helpers.stores import KEY, opener, write_answers
from tests.helpers.synced import sync_of

DATABASES = ROOT / "tests" / "data" / "databases"


def upgraded(folder: Path, name: str) -> MainStore:
    path = folder / "main.db"
    shutil.copyfile(DATABASES / name, path)
    return MainStore(path, KEY)


def test_schema_0001_is_brought_here_with_a_copy_kept(tmp_path: Path) -> None:
    store = upgraded(tmp_path, "main-0001.db")
    assert store.verify_log(check=signing.verify).bad == ()
    assert store.differing_rows() == ()
    assert store.head().n == 4
    kept = writer_engine(tmp_path / "main-before-0001.db", KEY)
    assert migrate.stored_revision(kept) == "0001"
    kept.dispose()
    store.close()


def test_past_entries_of_schema_0001_can_be_found_by_what_they_are_about(tmp_path: Path) -> None:
    store = upgraded(tmp_path, "main-0001.db")
    engine = writer_engine(store.path, KEY)
    with engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT fam, ent, confirmed_seq FROM past_entry ORDER BY n").all()
    engine.dispose()
    assert [tuple(row) for row in rows[1:]] == [
        ("visit", "v-1", None),
        *(("answer", f"a-{number}", None) for number in range(4)),
    ]
    sync = sync_of(store)
    past, living = sync.own_devices()
    assert (sync.tail(past).n, sync.tail(living).n, sync.unconfirmed()) == (6, 4, 10)
    store.close()


def test_a_prepared_paper_of_a_newer_colleague_waits_in_schema_0002_until_it_can_be_read(tmp_path: Path) -> None:
    store = upgraded(tmp_path, "main-0002.db")
    sync = sync_of(store)
    assert (sync.pending(), sync.clash_count(), store.differing_rows()) == (1, 1, ())
    assert sync.judge_again() == 1
    with opener(store)() as work:
        (paper,) = work.table(PreparedPaper).where(state=PreparedState.WAITING)
    assert (paper.id, sync.pending(), store.differing_rows()) == ("pp-1", 0, ())
    store.close()


@pytest.mark.parametrize("released", ["main-0001.db", "main-0002.db"])
def test_work_goes_on_after_the_upgrade(tmp_path: Path, released: str) -> None:
    store = upgraded(tmp_path, released)
    before = store.head().n
    write_answers(store, 3)
    assert (store.head().n - before, store.differing_rows()) == (3, ())
    store.close()
