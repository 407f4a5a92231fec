"""The journal: any single changed, removed or reordered entry is found, and rows are what the entries give."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from core.crypto import signing
from core.domain.checklists import Answer, Verdict
from core.storage import tables
from core.storage.engine import writer_engine
from core.storage.main_store import MainStore
from tests.helpers.stores import KEY, answer, fresh_store, new_chain, opener, write_answers

COUNT = 6


@pytest.fixture
def store(tmp_path: Path) -> MainStore:
    made = fresh_store(tmp_path)
    write_answers(made, COUNT)
    return made


def tamper(store: MainStore, *statements: str) -> None:
    """Change the file behind the journal's back."""
    engine = writer_engine(store.path, KEY)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_an_untouched_log_is_intact(store: MainStore) -> None:
    report = store.verify_log(check=signing.verify)
    assert (report.verdict, report.entries, report.bad) == ("intact", COUNT, ())


@pytest.mark.parametrize("n", range(1, COUNT + 1))
def test_a_changed_entry_is_named(store: MainStore, n: int) -> None:
    tamper(store, f"UPDATE entry SET raw = CAST(replace(CAST(raw AS TEXT), 'pass', 'fail') AS BLOB) WHERE n = {n}")
    report = store.verify_log(check=signing.verify)
    assert report.verdict == "broken"
    assert n in {found.n for found in report.bad if found.why == "changed"}


@pytest.mark.parametrize("n", range(1, COUNT))
def test_a_removed_entry_is_named(store: MainStore, n: int) -> None:
    tamper(store, f"DELETE FROM entry WHERE n = {n}")
    report = store.verify_log(check=signing.verify)
    assert n + 1 in {found.n for found in report.bad if found.why == "missing"}


@pytest.mark.parametrize("n", range(1, COUNT))
def test_two_entries_that_change_places_are_named(store: MainStore, n: int) -> None:
    tamper(
        store,
        f"UPDATE entry SET n = -1 WHERE n = {n}",
        f"UPDATE entry SET n = {n} WHERE n = {n + 1}",
        f"UPDATE entry SET n = {n + 1} WHERE n = -1",
    )
    report = store.verify_log(check=signing.verify)
    assert n in {found.n for found in report.bad}


def test_a_removed_last_entry_is_found_by_its_seal(store: MainStore) -> None:
    tamper(store, f"DELETE FROM entry WHERE n = {COUNT}")
    report = store.verify_log(check=signing.verify)
    assert "cut_off" in {found.why for found in report.bad}


def test_a_tail_cut_off_with_its_seal_shows_against_the_head_on_a_paper(store: MainStore) -> None:
    head_on_paper = store.head().chain.hex()[:16]
    tamper(store, f"DELETE FROM entry WHERE n = {COUNT}", f"DELETE FROM run WHERE first = {COUNT}")
    assert store.verify_log(check=signing.verify).verdict == "intact"
    report = store.verify_log(check=signing.verify, expected_head=head_on_paper)
    assert [found.why for found in report.bad] == ["head_not_on_chain"]


def test_an_old_copy_of_the_whole_file_shows_against_the_head_on_a_paper(store: MainStore, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    store.copy_to(old)
    with opener(store)() as work:
        work.table(Answer).put(answer(99))
    newer_head = store.head().chain.hex()
    assert store.verify_log(check=signing.verify, expected_head=newer_head).verdict == "intact"
    assert MainStore(old, KEY).verify_log(check=signing.verify, expected_head=newer_head).verdict == "broken"


def test_a_seal_made_with_another_key_is_found(store: MainStore) -> None:
    other = signing.new_signing_key()
    forged = signing.sign(other, b"anything").hex()
    tamper(store, f"UPDATE run SET seal = x'{forged}' WHERE first = 3")
    assert ("seal_forged", 3) in {(found.why, found.n) for found in store.verify_log(check=signing.verify).bad}


def test_a_column_that_tells_something_else_than_its_entry_is_found(store: MainStore) -> None:
    tamper(store, "UPDATE entry SET visit = 'v-2' WHERE n = 2")
    assert ("column", 2) in {(found.why, found.n) for found in store.verify_log(check=signing.verify).bad}


def test_rows_rebuilt_from_the_entries_equal_the_live_ones(store: MainStore) -> None:
    with opener(store)() as work:
        work.table(Answer).put(answer(1, verdict=Verdict.FAIL))
    assert store.differing_rows() == ()


def test_a_row_changed_behind_the_journal_is_named(store: MainStore) -> None:
    changed = "CAST(replace(CAST(record AS TEXT), 'pass', 'fail') AS BLOB)"
    tamper(store, f"UPDATE f_answer SET record = {changed} WHERE id = 'a-2'")
    assert store.differing_rows() == ("answer/a-2",)


def test_a_row_removed_behind_the_journal_is_named(store: MainStore) -> None:
    tamper(store, "DELETE FROM f_answer WHERE id = 'a-4'")
    assert store.differing_rows() == ("answer/a-4",)


def test_a_restored_store_keeps_the_old_chain_and_counts_from_one_again(store: MainStore) -> None:
    new_chain(store)
    with opener(store)() as work:
        work.table(Answer).put(answer(2, verdict=Verdict.FAIL))
    report = store.verify_log(check=signing.verify)
    assert (report.verdict, report.entries, store.head().n) == ("intact", COUNT + 1, 1)
    assert store.differing_rows() == ()


def test_an_entry_changed_in_the_chain_before_a_restore_is_found(store: MainStore) -> None:
    new_chain(store)
    tamper(store, "UPDATE past_entry SET raw = CAST(replace(CAST(raw AS TEXT), 'pass', 'fail') AS BLOB) WHERE n = 2")
    assert ("changed", 2) in {(found.why, found.n) for found in store.verify_log(check=signing.verify).bad}


def test_restoring_one_backup_twice_never_gives_two_entries_of_one_device_and_number(
    store: MainStore, tmp_path: Path
) -> None:
    seen: set[tuple[str, int]] = set()
    for name in ("first.db", "second.db"):
        store.copy_to(tmp_path / name)
        restored = MainStore(tmp_path / name, KEY)
        new_chain(restored)
        write_answers(restored, 2)
        device = (restored.value("device") or b"").decode()
        engine = writer_engine(restored.path, KEY)
        with engine.begin() as connection:
            numbers = {(device, row.n) for row in connection.execute(sa.select(tables.entry.c.n))}
        engine.dispose()
        assert not seen & numbers
        seen |= numbers
    assert len(seen) == 4
