"""`bench firstload`: a published list into a new station, encrypted and searchable, against its rows through Core."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from core.cli.bench.figures import Result, at_least, machine, median, rounded, seconds, settle
from core.cli.bench.list_matter import KEY, ListMatter, ready_list
from core.cli.bench.setting import Setting
from core.crypto.pages import PageCipher
from core.domain.enterprises import Enterprise
from core.kernel.progress import Unwatched
from core.storage.engine import reader_engine, writer_engine
from core.storage.ref_pieces import row_pieces
from core.storage.ref_schema import HISTORY_TABLES, ROW_INDEX, ROW_TABLE, SEARCH_INDEXES, SEARCH_TABLES
from core.storage.ref_search import search
from core.storage.ref_snapshot import take_in
from core.storage.ref_writer import digest_of

FASTER = 10
BATCH = 5_000
ROUNDS = 3
BASELINE_ROWS_MAX = 100_000
"""Row by row takes minutes; a part of the rows is counted up by its number, which flatters it, as later rows are
slower. It is given the whole list where `--rows` asks for no more than this."""
QUESTION = "长沙"

_rows = msgspec.json.Decoder(Enterprise)


def run(setting: Setting) -> Result:
    """Take the list in from its parts, and put the same rows in by statements."""
    matter = ready_list(setting.base, setting.rows, setting.progress)
    rounds = 1 if setting.is_quick else ROUNDS
    with TemporaryDirectory(dir=matter.folder) as folder:
        target = Path(folder) / "ref-enterprises-1.db"
        settle()
        loads = [seconds(partial(load, matter, target)) for _ in range(rounds)]
        size, counted = target.stat().st_size, _question(target)
        sample = min(matter.rows, BASELINE_ROWS_MAX)
        rowwise = Path(folder) / "rows.db"
        slow = seconds(partial(row_by_row, matter, rowwise, sample)) * matter.rows / sample
        if sample == matter.rows:
            assert _question(rowwise) == counted, "both ways lead to the same state"
    ratio = slow / median(loads)
    return Result(
        bench="firstload",
        rows=matter.rows,
        figure=rounded(median(loads)),
        unit="s",
        baseline=rounded(slow),
        ratio=rounded(ratio),
        runs=len(loads),
        machine=machine(),
        what="a published list of enterprises taken into a new station, encrypted, checked and searchable",
        baseline_what=f"rows through Core, {BATCH:,} a transaction, into the same tables, indexes and search"
        f" ({sample:,} rows measured)",
        ratio_means="times faster",
        lowest=rounded(min(loads)),
        highest=rounded(max(loads)),
        aims=(at_least("times faster", ratio, FASTER),),
        details={
            "MB on the line": rounded(sum(map(len, matter.parts())) / 2**20),
            "MB in the station": rounded(size / 2**20),
            "rows/s": rounded(matter.rows / median(loads)),
            "found": counted,
        },
    )


def load(matter: ListMatter, target: Path) -> None:
    """Do what a station does once it has the parts."""
    take_in(target, KEY, matter.file, matter.parts(), new_pages=PageCipher, progress=Unwatched())


def row_by_row(matter: ListMatter, target: Path, count: int) -> None:
    """Do what a station would do that is sent rows: unpack, decode, and insert durably with indexes in place."""
    engine = writer_engine(target, KEY)
    with engine.begin() as connection:
        for statement in (ROW_TABLE, *SEARCH_TABLES, ROW_INDEX, *SEARCH_INDEXES, *HISTORY_TABLES):
            connection.exec_driver_sql(statement)
    numbered = enumerate(islice(matter.bodies(), count), start=1)
    for batch in _batches(numbered):
        rows = [(pos, _rows.decode(body), body) for pos, body in batch]
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO row(pos, id, body) VALUES (?, ?, ?)", [(pos, row.id, body) for pos, row, body in rows]
            )
            connection.exec_driver_sql(
                "INSERT INTO pieces(rowid, t) VALUES (?, ?)", [(pos, row_pieces(row)) for pos, row, _ in rows]
            )
    with engine.begin() as connection:
        digest_of(connection)
    engine.dispose()


def _batches(rows: Iterator[tuple[int, bytes]]) -> Iterator[Sequence[tuple[int, bytes]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _question(path: Path) -> int:
    engine = reader_engine(path, KEY)
    with engine.begin() as connection:
        found = len(search(connection, QUESTION, limit=20))
    engine.dispose()
    return found
