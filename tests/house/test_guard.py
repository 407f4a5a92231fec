"""What a gesture costs, counted and never timed: statements, plans, modules, bytes. A number here may go down."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from core.cli.bench.queries import typed_queries
from core.domain.checklists import Answer
from core.domain.evidence import Evidence
from core.domain.lists import ListKind, ListVersion
from core.domain.visits import Visit
from core.kernel.progress import Unwatched
from core.kernel.records import changed
from core.services.demo.enterprises import generate
from core.services.gate_loading import DayLists
from core.storage.engine import reader_engine
from core.storage.main_store import MainStore
from core.storage.ref_delta import apply_delta, make_delta
from core.storage.ref_search import search
from core.storage.ref_writer import write_file
from core.storage.reference import FileReference
from tests.helpers.builders import evidence
from tests.helpers.house import ROOT
from tests.helpers.station_town import Town, put_answer
from tests.helpers.stores import KEY, answer, fresh_store, opener, write_answers

STATEMENTS_A_SAVE = 6
"""Begin, head of the chain, the row before, entry, row, seal."""
PAGES_A_SAVE = 11
TRANSACTIONS_A_STATUS = 1
PAGE_BYTES = 4096 + 24
"""A page in the write-ahead log with its header."""
ENTERPRISES = 500
MODULES_BEFORE_PAINT = 150
"""Ours and the window library's, without what Python itself loads."""
HEAVY = {
    *("sqlalchemy", "alembic", "sqlcipher3", "cryptography", "reportlab", "pypinyin", "numpy", "PIL", "openpyxl"),
    *("qrcode", "pyzbar", "zxingcpp", "yaml", "tqdm", "pikepdf", "pyhanko", "fontTools"),
    *("core.station", "core.storage", "core.papers", "core.codes", "core.crypto", "core.sheets", "core.services"),
}
# SQLite says SCAN for the one pass over an index that answers a MATCH and over the list of found places.
HARMLESS = re.compile(
    r"^SCAN (?:(?:later_)?pieces VIRTUAL TABLE INDEX 0:M|json_each VIRTUAL TABLE|CONSTANT ROW"
    # A file's dozen of tables, to see whether rows changed since it was made.
    r"|sqlite_schema: SELECT 1 FROM sqlite_schema WHERE name = 'later'"
    # The end of the chain: one row in the order of its key.
    r"|entry: SELECT entry\.n, entry\.chain, entry\.hlc \nFROM entry ORDER BY entry\.n DESC\n LIMIT)"
)

# What waits or is in doubt is counted whole: it is what a station has not handed over yet.
_WHAT_WAITS = re.compile(
    r"^SCAN (?:me USING COVERING|\(subquery-1\)|clash USING COVERING|entry USING INDEX outbox"
    r"|past_entry USING INDEX past_outbox|blob_state USING INDEX blob_waiting)"
)


@contextmanager
def statements_of(engine: Any) -> Generator[list[tuple[str, Any]]]:
    """Collect every statement that the engine sends, with its values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def scans(engine: Any, sent: list[tuple[str, Any]]) -> list[str]:
    """Return the steps of the statements' plans that look at every row of a table."""
    found: list[str] = []
    with engine.connect() as connection:
        for statement, values in sent:
            if statement.startswith(("SELECT", "WITH")):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                found += [f"{row[3]}: {statement}" for row in plan if row[3].startswith("SCAN")]
    return [one for one in found if not HARMLESS.match(one)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MainStore]:
    made = fresh_store(tmp_path)
    write_answers(made, 3)
    yield made
    made.close()


@pytest.fixture(scope="module", params=["as made", "changed since"])
def enterprises(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path = tmp_path_factory.mktemp("guard") / "ref.db"
    write_file(path, KEY, ListKind.ENTERPRISES, generate(ENTERPRISES), over=None, progress=Unwatched(), version=1)
    if request.param == "changed since":
        parts: list[bytes] = []
        rows = [changed(row, name=row.name + "分店") for row in generate(ENTERPRISES // 10)]
        file = make_delta(path, KEY, ListKind.ENTERPRISES, 2, rows, put_part=parts.append, progress=Unwatched())
        apply_delta(path, KEY, file, parts, progress=Unwatched())
    engine = reader_engine(path, KEY)
    yield engine
    engine.dispose()


def test_a_save_takes_no_more_statements_than_it_needs(store: MainStore) -> None:
    open_work = opener(store)
    with statements_of(open_work.engine) as sent, open_work() as work:
        work.table(Answer).put(answer(7))
    assert len(sent) <= STATEMENTS_A_SAVE, [statement for statement, _ in sent]


def test_a_save_looks_at_no_whole_table(store: MainStore) -> None:
    open_work = opener(store)
    with statements_of(open_work.engine) as sent, open_work() as work:
        work.table(Answer).put(answer(8))
    assert scans(open_work.engine, sent) == []


def test_opening_a_visit_looks_at_no_whole_table(store: MainStore) -> None:
    open_work = opener(store)
    with statements_of(open_work.engine) as sent, open_work() as work:
        assert work.table(Visit).find("v-1") is None
        assert len(work.table(Answer).where(visit="v-1")) == 3
    assert scans(open_work.engine, sent) == []


def test_the_latest_visits_are_read_backwards_along_their_index(store: MainStore) -> None:
    open_work = opener(store)
    with statements_of(open_work.engine) as sent, open_work() as work:
        assert work.table(Visit).newest("planned_from", limit=1_000) == ()
    (statement, values) = next(one for one in sent if one[0].startswith("SELECT"))
    with open_work.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert plan == ["SCAN f_visit USING INDEX f_visit_by_planned_from"]
    assert "LIMIT" in statement


def test_no_key_in_the_search_looks_at_every_enterprise(enterprises: Any) -> None:
    texts = [text for query in typed_queries(ENTERPRISES, 4) for text in query.prefixes()]
    with statements_of(enterprises) as sent, enterprises.begin() as connection:
        found = [search(connection, text, limit=20) for text in texts]
    assert sum(map(bool, found)) > len(texts) / 2
    assert scans(enterprises, sent) == []


def test_a_search_asks_whole_pieces_and_never_a_beginning(enterprises: Any) -> None:
    with statements_of(enterprises) as sent, enterprises.begin() as connection:
        for text in ("长", "S", "9", "CS", "麓谷 海"):
            search(connection, text, limit=20)
    asked = [values[0] for statement, values in sent if "MATCH" in statement]
    assert asked
    assert [one for one in asked if "*" in one] == []


def test_a_save_writes_few_pages(store: MainStore) -> None:
    log = store.path.with_name(f"{store.path.name}-wal")
    open_work = opener(store)
    before, saves = log.stat().st_size, 40
    for number in range(saves):
        with open_work() as work:
            work.table(Answer).put(answer(100 + number))
    assert (log.stat().st_size - before) / saves <= PAGES_A_SAVE * PAGE_BYTES


def test_asking_how_sync_stands_after_a_save_writes_nothing_and_looks_at_no_whole_table(town: Town) -> None:
    session = town.station("one")
    session.sync.status()
    put_answer(session, 1)
    with statements_of(session.store.writer) as written, statements_of(session.store.reading) as read:
        status = session.sync.status()
    assert status.unconfirmed == session.unsynced_count()
    assert written == []
    assert sum(statement.startswith("BEGIN") for statement, _ in read) == TRANSACTIONS_A_STATUS
    assert [one for one in scans(session.store.reading, read) if not _WHAT_WAITS.search(one)] == []


def test_media_named_since_the_last_time_are_counted_at_once(town: Town) -> None:
    session = town.station("one")
    assert session.sync.status().blobs_waiting == 0
    with session.open_work() as work:
        work.table(Evidence).put(evidence("aa"))
    assert session.sync.status().blobs_waiting == 1


def test_the_lists_of_a_day_take_one_statement(store: MainStore, tmp_path: Path) -> None:
    open_work = opener(store)

    def versions(*kinds: ListKind) -> Any:
        with open_work() as work:
            return work.table(ListVersion).where(kind=kinds)

    with statements_of(open_work.engine) as sent:
        DayLists(FileReference(tmp_path, KEY, read_versions=versions), now=datetime.now(UTC))
    assert sum(statement.startswith("SELECT") for statement, _ in sent) == 1


BEFORE_FIRST_PAINT = """
import json, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from pathlib import Path
before = set(sys.modules)
from PySide6.QtWidgets import QApplication
from ui.app import Application
class NoJobs:
    def run(self, *_args, **_kwargs): pass
    def shut(self): pass
app = QApplication([])
window = Application(app, Path("no-home"), jobs=NoJobs(), door=None)
window.start()
window.stack.grab()
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_the_first_paint_waits_for_no_heavy_room() -> None:
    command = [sys.executable, "-c", BEFORE_FIRST_PAINT]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    loaded: list[str] = json.loads(ran.stdout.splitlines()[-1])
    assert [name for name in loaded if any(name == one or name.startswith(f"{one}.") for one in HEAVY)] == []
    assert len(loaded) <= MODULES_BEFORE_PAINT, len(loaded)
