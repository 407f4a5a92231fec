"""Killed at any moment while a page is taken in or an answer saved, the store is whole when it is opened again."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.crypto import signing
from core.storage.main_store import MainStore
from tests.helpers.house import ROOT
from tests.helpers.stores import KEY, write_answers
from tests.helpers.synced import Synced, sync_of, writes
from tests.sync.chains import STREAM, Author

KILLS = 4
LINES = 1_000

CHILD = """
import sys
from pathlib import Path
from core.crypto import signing
from core.storage.main_store import MainStore
from core.sync.pull import checked_runs
from core.sync.streams import decode_page
from tests.helpers.stores import KEY, answer, opener
from tests.helpers.synced import sync_of
from core.domain.checklists import Answer
folder = Path(sys.argv[1])
store = MainStore(folder / "main.db", KEY)
sync = sync_of(store)
print("ready", flush=True)
for number, path in enumerate(sorted(folder.glob("page-*"))):
    page = decode_page(path.read_bytes())
    cursor = sync.cursors()[0]
    if page.first <= cursor.seq:
        continue
    sync.apply_page(page, checked_runs(sync, page, cursor, signing.verify))
    with opener(store)() as work:
        work.table(Answer).put(answer(10_000 + cursor.seq))
    print(f"saved {cursor.seq}", flush=True)
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a store that reads a stream, and pages to come."""
    from core.sync.streams import encode_page
    from tests.sync.chains import page

    folder = tmp_path_factory.mktemp("crash")
    synced = Synced(folder)
    author = Author("d-2")
    synced.introduce(author)
    for number in range(LINES):
        writes(author, number, note="现场已拍照")
    cursor = synced.sync.cursors()[0]
    seq, head = cursor.seq + 1, cursor.head
    for first in range(1, LINES + 1, 100):
        given = page(author.run(first, first + 99), first=seq, prev=head, epoch=cursor.epoch)
        (folder / f"page-{first:06d}").write_bytes(encode_page(given))
        seq, head = seq + 100, given.head
    synced.store.close()
    return folder


def whole(folder: Path, said: list[str]) -> int:
    """Check a store after a kill; return how far the stream was read."""
    store = MainStore(folder / "main.db", KEY)
    sync = sync_of(store)
    try:
        report = store.verify_log(check=signing.verify)
        assert report.bad == ()
        assert store.differing_rows() == ()
        cursor = sync.cursors()[0]
        assert sum(sync.digest(STREAM).families.values()) == cursor.seq
        saved = [line for line in said if line.startswith("saved")]
        # What was told as saved is there: at most the one that was under way came beside it.
        assert len(saved) <= store.head().n <= len(saved) + 1
        return cursor.seq
    finally:
        store.close()


@pytest.mark.parametrize("seed", range(KILLS))
def test_f01_f02_f10_inv01_a_kill_at_any_moment_leaves_cursor_and_entries_together(
    prepared: Path, tmp_path: Path, seed: int
) -> None:
    folder = tmp_path / "home"
    shutil.copytree(prepared, folder)
    command = [sys.executable, "-c", CHILD, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        # Somewhere in the work behind that many pages: where, the machine decides.
        said = [child.stdout.readline().strip() for _ in range(random.Random(seed).randrange(8))]
        child.kill()
        said += child.stdout.read().splitlines()
    before = whole(folder, said)
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=environment)
    again = finished.stdout.splitlines()
    assert again[-1] == "done"
    assert before <= whole(folder, [*said, *again]) == LINES + 1


@pytest.mark.parametrize("cut", [1, 700, 4_096, 9_000, 20_000])
def test_f03_a_torn_end_of_the_log_file_leaves_a_prefix_of_what_was_saved(tmp_path: Path, cut: int) -> None:
    folder = tmp_path / "live"
    folder.mkdir()
    synced = Synced(folder)
    write_answers(synced.store, 12)
    torn = tmp_path / "torn"
    torn.mkdir()
    shutil.copyfile(synced.store.path, torn / "main.db")
    log = synced.store.path.with_name("main.db-wal").read_bytes()
    synced.store.close()
    (torn / "main.db-wal").write_bytes(log[: max(0, len(log) - cut)])
    store = MainStore(torn / "main.db", KEY)
    assert store.verify_log(check=signing.verify).bad == ()
    assert store.differing_rows() == ()
    assert store.head().n <= 12
    store.close()
